import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { platform } from "../../src/platform/node.ts";
import { connected, Recorder, serve } from "./support.ts";

const text = (value: string): Uint8Array => Buffer.from(value);
const reason = new Error("enough");

describe("connect", () => {
  it("rejects with the system's error when nothing listens", async () => {
    const server = await serve();
    const { port } = server;
    await server[Symbol.asyncDispose]();
    await expect(connected(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("rejects with the signal's reason, before and meanwhile", async () => {
    const recorder = new Recorder();
    const abort = new AbortController();
    // An address of TEST-NET-1 that nobody has; where the network refuses it at once, the abort is still first.
    const options = { host: "192.0.2.1", port: 9, tls: null, signal: abort.signal };
    const connecting = platform.connect(options, recorder);
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    await expect(platform.connect(options, recorder)).rejects.toBe(reason);
    expect(recorder.closes).toEqual([]);
  });

  it("takes an abort for nothing once it is connected", async () => {
    await using server = await serve({ onConnection: (socket) => void socket.pipe(socket) });
    const recorder = new Recorder();
    const abort = new AbortController();
    const stream = await platform.connect(
      { host: "127.0.0.1", port: server.port, tls: null, signal: abort.signal },
      recorder,
    );
    abort.abort(reason);
    stream.write([text("still there")]);
    await recorder.until(({ received }) => received.length === 11);
    stream.close();
  });

  it("gives what the peer sent before anyone asked", async () => {
    await using server = await serve({ onConnection: (socket) => void socket.end("early") });
    const { recorder } = await connected(server.port);
    await recorder.until(({ closes }) => closes.length > 0);
    expect([recorder.received.toString(), recorder.closes]).toEqual(["early", [null]]);
  });
});

describe("a stream", () => {
  it("carries bytes both ways, in order", async () => {
    await using server = await serve({ onConnection: (socket) => void socket.pipe(socket) });
    const { stream, recorder } = await connected(server.port);
    expect(stream.write([text("a"), text("bc"), new Uint8Array(), text("def")])).toBe(true);
    stream.write([text("ghi")]);
    await recorder.until(({ received }) => received.length === 9);
    expect(recorder.received.toString()).toBe("abcdefghi");
    stream.close();
  });

  it("gives chunks that may be kept", async () => {
    await using server = await serve({ onConnection: (socket) => void socket.pipe(socket) });
    const kept: Uint8Array[] = [];
    const recorder = new Recorder();
    const keep = recorder.onData.bind(recorder);
    recorder.onData = (chunk) => {
      kept.push(chunk);
      keep(chunk);
    };
    const { signal } = new AbortController();
    const stream = await platform.connect(
      { host: "127.0.0.1", port: server.port, tls: null, signal },
      recorder,
    );
    for (let i = 0; i < 50; i++) {
      const before = recorder.received.length;
      stream.write([Buffer.alloc(1000, i)]);
      await recorder.until(({ received }) => received.length === before + 1000);
    }
    expect(Buffer.concat(kept).equals(recorder.received)).toBe(true);
    stream.close();
  });

  it("says when it is full, and when it can take more", async () => {
    await using server = await serve();
    const { stream, recorder } = await connected(server.port);
    const socket = await server.connection();
    socket.pause();
    const chunk = Buffer.alloc(256 * 1024, 7);
    let sent = 0;
    let more = true;
    while (more && sent < 512) {
      more = stream.write([chunk]);
      sent++;
    }
    expect(more).toBe(false);
    expect(recorder.drains).toBe(0);
    const all = new Promise<void>((resolve) => {
      let left = sent * chunk.length;
      socket.on("data", (data) => {
        left -= data.length;
        if (left === 0) resolve();
      });
    });
    socket.resume();
    await recorder.until(({ drains }) => drains > 0);
    await all;
    stream.close();
  });

  it("gives nothing while it is paused", async () => {
    await using server = await serve();
    const { stream, recorder } = await connected(server.port);
    const socket = await server.connection();
    stream.pause();
    socket.write("held");
    // A round trip through another connection: by then the bytes would have been there.
    await using other = await serve({ onConnection: (echo) => void echo.pipe(echo) });
    const probe = await connected(other.port);
    probe.stream.write([text("x")]);
    await probe.recorder.until(({ received }) => received.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(recorder.received).toHaveLength(0);
    stream.resume();
    await recorder.until(({ received }) => received.length === 4);
    probe.stream.close();
    stream.close();
  });
});

describe("the end of a stream", () => {
  it("is in order when the peer closes its half, and takes our half with it", async () => {
    await using server = await serve();
    const { recorder } = await connected(server.port);
    const socket = await server.connection();
    const peerSawEnd = once(socket, "close");
    socket.resume();
    socket.end("last words");
    await recorder.until(({ closes }) => closes.length > 0);
    expect([recorder.received.toString(), recorder.closes]).toEqual(["last words", [null]]);
    await peerSawEnd;
  });

  it("carries what broke when the peer resets", async () => {
    await using server = await serve();
    const { recorder } = await connected(server.port);
    const socket = await server.connection();
    socket.resetAndDestroy();
    await recorder.until(({ closes }) => closes.length > 0);
    expect(recorder.closes).toMatchObject([{ code: "ECONNRESET" }]);
  });

  it("comes once, also when both sides close, and takes later calls for nothing", async () => {
    await using server = await serve();
    const { stream, recorder } = await connected(server.port);
    const socket = await server.connection();
    socket.destroy();
    stream.close();
    stream.close();
    await recorder.until(({ closes }) => closes.length > 0);
    stream.write([text("late")]);
    stream.pause();
    stream.resume();
    stream.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(recorder.closes).toHaveLength(1);
  });
});
