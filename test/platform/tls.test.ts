import { describe, expect, it } from "vitest";
import { Connection } from "../../src/client/connection.ts";
import { platform } from "../../src/platform/node.ts";
import type { TlsOptions } from "../../src/platform/platform.ts";
import { FakeLogger } from "../support/fake-kafka.ts";
import { certificate, connected, serve } from "./support.ts";

const { ca } = certificate;
const echo = { tls: true, onConnection: (socket: import("node:net").Socket) => void socket.pipe(socket) };

async function roundTrip(port: number, tls: TlsOptions, host?: string): Promise<string> {
  const { stream, recorder } = await connected(port, tls, host);
  stream.write([Buffer.from("hello")]);
  await recorder.until(({ received }) => received.length === 5);
  stream.close();
  return recorder.received.toString();
}

/** How the client explains a connection that fails. */
async function explained(port: number, tls: TlsOptions | null, host = "127.0.0.1"): Promise<unknown> {
  const options = {
    platform,
    tls,
    clientId: "test",
    setupTimeoutMs: 5000,
    maxInFlight: 5,
    maxFrameSize: 1000,
    logger: new FakeLogger(),
  };
  try {
    (await Connection.open({ host, port }, options)).close();
  } catch (error) {
    return error;
  }
  throw new Error("It succeeded");
}

describe("TLS", () => {
  it("carries bytes where the authority is trusted and the name is right", async () => {
    await using server = await serve(echo);
    expect(await roundTrip(server.port, { ca })).toBe("hello");
    expect(await roundTrip(server.port, { ca }, "localhost")).toBe("hello");
    // The address that was resolved, checked against the name that was configured.
    expect(await roundTrip(server.port, { ca, serverName: "localhost" })).toBe("hello");
  });

  it("refuses an authority that is not trusted", async () => {
    await using server = await serve(echo);
    expect(await explained(server.port, {})).toMatchObject({
      code: "TLS_FAILED",
      retriable: false,
      message: expect.stringContaining("give its PEM as sslTruststoreCertificates"),
    });
  });

  it("refuses a certificate for another name, unless that is not to be checked", async () => {
    await using server = await serve(echo);
    expect(await explained(server.port, { ca, serverName: "kafka.example.com" })).toMatchObject({
      code: "TLS_FAILED",
      message: expect.stringContaining("the certificate is for another host name"),
    });
    const unchecked = { ca, serverName: "kafka.example.com", verifyHostname: false };
    expect(await roundTrip(server.port, unchecked)).toBe("hello");
    // The authority still counts.
    await expect(roundTrip(server.port, { verifyHostname: false })).rejects.toThrow();
  });

  it("says that a port does not speak TLS", async () => {
    await using http = await serve({
      onConnection: (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    });
    expect(await explained(http.port, { ca })).toMatchObject({
      code: "TLS_FAILED",
      message: expect.stringContaining("the port does not speak TLS"),
    });
    await using mute = await serve({ onConnection: (socket) => void socket.destroy() });
    expect(await explained(mute.port, { ca })).toMatchObject({
      code: "CONNECTION_FAILED",
      retriable: true,
      message: expect.stringContaining("may not speak TLS"),
    });
  });

  it("ends with the signal when the handshake is never answered", async () => {
    await using server = await serve();
    const abort = new AbortController();
    const reason = new Error("enough");
    const tls = { ca };
    const handler = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
    const connecting = platform.connect(
      { host: "127.0.0.1", port: server.port, tls, signal: abort.signal },
      handler,
    );
    const socket = await server.connection();
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve).once("end", resolve));
  });
});
