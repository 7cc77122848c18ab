import { describe, expect, it } from "vitest";
import { type Api, Metadata, Produce } from "../../src/client/api.ts";
import { Connection, type ConnectionOptions, type SendOptions } from "../../src/client/connection.ts";
import { ConnectionError, TimeoutError } from "../../src/client/errors.ts";
import type { Fields } from "../../src/protocol/schema.ts";
import {
  altered,
  cutShort,
  FakeBroker,
  hangUp,
  noAnswer,
  raw,
  responseFrame,
  silence,
  when,
} from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { connectionOptions } from "../support/fake-kafka.ts";
import type { FakePeer } from "../support/fake-peer.ts";
import { FakePlatform } from "../support/fake-platform.ts";
import { countedSignal } from "../support/fake-signal.ts";

const VERSION = 12;

/** A connection to a broker that answers each Metadata request with the name of the topic as cluster id. */
async function connected(options: Partial<ConnectionOptions> = {}) {
  const platform = new FakePlatform();
  const broker = new FakeBroker(platform, "b1:9092");
  broker.handle(Metadata, ({ body }) => ({ clusterId: body.topics?.[0]?.name ?? null }));
  const open = Connection.open({ host: "b1", port: 9092 }, connectionOptions(platform, options));
  const connection = await platform.run(open);
  const ask = async (name: string, send: Partial<SendOptions> = {}): Promise<string | null> => {
    const request = { topics: [{ name }] };
    return (await connection.send(Metadata, VERSION, request, { timeoutMs: 1000, ...send })).clusterId;
  };
  const peer = platform.peers[0] as FakePeer;
  return { platform, broker, connection, ask, peer };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const names = (broker: FakeBroker): (string | null | undefined)[] =>
  broker.of(Metadata).map(({ body }) => body.topics?.[0]?.name);

const frameOf = (correlationId: number, clusterId: string): Uint8Array =>
  responseFrame(Metadata.response, VERSION, correlationId, { clusterId });

describe("requests and responses", () => {
  it.each([false, true])(
    "pipelines, and gives each request its own response (byte by byte: %s)",
    async (byte) => {
      const { platform, broker, ask, peer } = await connected();
      peer.byteByByte = byte;
      const answers = ["a", "b", "c"].map((name) => ask(name));
      await settle();
      expect(names(broker)).toEqual(["a", "b", "c"]);
      expect(await platform.run(Promise.all(answers))).toEqual(["a", "b", "c"]);
      expect(broker.requests.map(({ correlationId }) => correlationId)).toEqual([0, 1, 2]);
      expect(broker.requests[0]?.clientId).toBe("test");
    },
  );

  it("finds requests by correlation id when answers come in another order", async () => {
    const { broker, ask, peer } = await connected();
    broker.handle(Metadata, () => noAnswer);
    const answers = Promise.all([ask("a"), ask("b")]);
    await settle();
    peer.send(frameOf(1, "B"));
    peer.send(frameOf(0, "A"));
    expect(await answers).toEqual(["A", "B"]);
  });

  it("sends no more than maxInFlight at once, and the rest in order", async () => {
    const { platform, broker, connection, ask } = await connected({ maxInFlight: 2 });
    const { opened, open } = gate();
    broker.script(Metadata, when(opened, { clusterId: "first" }));
    const answers = ["a", "b", "c", "d"].map((name) => ask(name));
    await settle();
    expect([names(broker), connection.inFlightCount]).toEqual([["a", "b"], 2]);
    open();
    expect(await platform.run(Promise.all(answers))).toEqual(["first", "b", "c", "d"]);
    expect(names(broker)).toEqual(["a", "b", "c", "d"]);
    expect(connection.inFlightCount).toBe(0);
  });

  it("waits while the stream is full", async () => {
    const { platform, broker, ask, peer } = await connected();
    peer.isFull = true;
    const answers = ["a", "b", "c"].map((name) => ask(name));
    await settle();
    expect(names(broker)).toEqual(["a"]);
    peer.drain();
    expect(await platform.run(Promise.all(answers))).toEqual(["a", "b", "c"]);
  });

  it("does not wait for an answer where none is to come", async () => {
    const { platform, broker, connection, ask } = await connected();
    broker.handle(Produce, () => noAnswer);
    const value = { acks: 0, topicData: [] };
    const sent = connection.send(Produce, 9, value, { timeoutMs: 1000, withoutResponse: true });
    expect(await sent).toBeUndefined();
    expect(connection.inFlightCount).toBe(0);
    expect(await platform.run(ask("a"))).toBe("a");
  });

  it("starts again at 0 after the largest correlation id", async () => {
    const { platform, broker, ask } = await connected({ firstCorrelationId: 0x7fff_ffff });
    expect(await platform.run(Promise.all([ask("a"), ask("b")]))).toEqual(["a", "b"]);
    expect(broker.requests.map(({ correlationId }) => correlationId)).toEqual([0x7fff_ffff, 0]);
  });

  it("sends nothing of a request that does not fit its schema", async () => {
    const { platform, connection, ask, peer } = await connected();
    const wrong = connection.send(
      Metadata as unknown as Api<Fields, Fields>,
      VERSION,
      { topics: [{ name: 5 }] } as never,
      { timeoutMs: 1000 },
    );
    await expect(wrong).rejects.toMatchObject({ code: "ENCODE_ERROR" });
    expect(peer.received).toHaveLength(0);
    expect(await platform.run(ask("a"))).toBe("a");
  });
});

describe("the process", () => {
  it("is kept alive while an answer is awaited, and not by a connection that is merely open", async () => {
    const { platform, broker, ask, peer } = await connected({ maxInFlight: 1 });
    expect([peer.isIdle, platform.isAlive]).toEqual([true, false]);
    const { opened, open } = gate();
    broker.script(Metadata, when(opened, { clusterId: "first" }));
    const abort = new AbortController();
    const answers = [ask("a"), ask("b")];
    const given = ask("c", { signal: abort.signal });
    expect(peer.isIdle).toBe(false);
    open();
    expect(await platform.run(Promise.all(answers))).toEqual(["first", "b"]);
    await platform.run(given);
    expect(peer.isIdle).toBe(true);
  });

  it("is not kept alive by a request that was given up before it was sent", async () => {
    const { broker, connection, ask, peer } = await connected({ maxInFlight: 1 });
    broker.handle(Produce, () => noAnswer);
    peer.isFull = true;
    await connection.send(Produce, 9, { acks: 0 }, { timeoutMs: 1000, withoutResponse: true });
    expect(peer.isIdle).toBe(true);
    const abort = new AbortController();
    const given = ask("a", { signal: abort.signal });
    expect(peer.isIdle).toBe(false);
    abort.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    expect(peer.isIdle).toBe(true);
  });
});

describe("deadlines", () => {
  it("gives the connection up when an answer is overdue, since all later ones would come after it", async () => {
    const { platform, broker, connection, ask, peer } = await connected({ maxInFlight: 2 });
    broker.script(Metadata, { clusterId: "a" }, silence);
    await platform.run(ask("a"));
    const closed: Error[] = [];
    connection.onClose((cause) => closed.push(cause));
    const overdue = platform.failure(ask("slow", { timeoutMs: 500 }));
    const others = ["b", "c"].map((name) => platform.failure(ask(name, { timeoutMs: 5000 })));
    const error = await overdue;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      code: "REQUEST_TIMED_OUT",
      retriable: true,
      message: "b1:9092 did not answer Metadata v12 within 500 ms",
    });
    // One cause, and it reaches who was sent, who waited, who listened and who comes later.
    const cause = connection.failure;
    expect(cause).toMatchObject({ code: "CONNECTION_CLOSED", retriable: true, cause: error });
    expect([...(await Promise.all(others)), ...closed]).toEqual([cause, cause, cause]);
    await expect(ask("d")).rejects.toBe(cause);
    await settle();
    expect(peer.isClosed).toBe(true);
    expect(platform.keepsAlive).toBe(false);
  });

  it("says so when a peer has never sent anything", async () => {
    const { platform, broker, ask } = await connected();
    broker.handle(Metadata, () => silence);
    expect(await platform.failure(ask("a"))).toMatchObject({
      message: expect.stringContaining("has sent nothing since: is it a Kafka broker?"),
    });
  });

  it("rejects a request that could not even be sent in time, and keeps the connection", async () => {
    const { platform, broker, connection, ask } = await connected({ maxInFlight: 1 });
    const { opened, open } = gate();
    broker.script(Metadata, when(opened, { clusterId: "first" }));
    const first = ask("a", { timeoutMs: 5000 });
    await expect(platform.failure(ask("b", { timeoutMs: 500 }))).resolves.toMatchObject({
      code: "REQUEST_TIMED_OUT",
    });
    open();
    expect(await platform.run(first)).toBe("first");
    expect(connection.failure).toBeNull();
    expect(names(broker)).toEqual(["a"]);
  });

  it("gives the connection up when a peer takes no bytes for as long as a request may take", async () => {
    const { platform, broker, connection, peer } = await connected();
    broker.handle(Produce, () => noAnswer);
    peer.isFull = true;
    const options = { timeoutMs: 1000, withoutResponse: true };
    await connection.send(Produce, 9, { acks: 0 }, options);
    const stuck = connection.send(Produce, 9, { acks: 0 }, options);
    expect(await platform.failure(stuck)).toMatchObject({ code: "REQUEST_TIMED_OUT" });
    expect(connection.failure).not.toBeNull();
  });

  it.each([
    ["before", [100, 3000]],
    ["after", [3000, 100]],
  ])("takes the earliest deadline first, when its request came %s the others", async (_, timeouts) => {
    const { platform, broker, ask } = await connected();
    broker.handle(Metadata, () => silence);
    const startMs = platform.clock.monotonicMs();
    const outcomes = timeouts.map((timeoutMs) => ask("a", { timeoutMs }).catch((error: unknown) => error));
    const first = await platform.run(Promise.race(outcomes));
    expect(platform.clock.monotonicMs() - startMs).toBe(100);
    expect(first).toBeInstanceOf(TimeoutError);
    expect(await outcomes[timeouts.indexOf(3000)]).toBeInstanceOf(ConnectionError);
  });

  it("holds for each request by itself, also behind ones that were answered or timed out", async () => {
    const { platform, broker, ask } = await connected({ maxInFlight: 1 });
    const failsAfter = async (name: string, timeoutMs: number): Promise<number> => {
      const startMs = platform.clock.monotonicMs();
      await expect(ask(name, { timeoutMs })).rejects.toBeInstanceOf(Error);
      return platform.clock.monotonicMs() - startMs;
    };
    await platform.run(ask("answered", { timeoutMs: 1000 }));
    broker.handle(Metadata, () => silence);
    await platform.clock.advance(400);
    const ends = [failsAfter("sent", 3000), failsAfter("waiting", 800), failsAfter("waiting too", 1300)];
    await platform.clock.advance(3000);
    expect(await Promise.all(ends)).toEqual([3000, 800, 1300]);
  });

  it("leaves no timer behind once it is closed", async () => {
    const { platform, ask, connection } = await connected();
    await platform.run(ask("a", { timeoutMs: 60_000 }));
    connection.close();
    await settle();
    expect([platform.keepsAlive, platform.clock.timers]).toEqual([false, 0]);
  });
});

describe("signals", () => {
  const reason = new Error("enough");

  it("sends nothing when the signal is aborted already", async () => {
    const { ask, peer } = await connected();
    await expect(ask("a", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await settle();
    expect(peer.received).toHaveLength(0);
  });

  it("takes back what was not sent yet", async () => {
    const { platform, broker, ask } = await connected({ maxInFlight: 1 });
    const { opened, open } = gate();
    broker.script(Metadata, when(opened, { clusterId: "first" }));
    const abort = new AbortController();
    const first = ask("a");
    const second = ask("b", { signal: abort.signal });
    const third = ask("c");
    abort.abort(reason);
    await expect(second).rejects.toBe(reason);
    open();
    expect(await platform.run(Promise.all([first, third]))).toEqual(["first", "c"]);
    expect(names(broker)).toEqual(["a", "c"]);
  });

  it("drops the answer to what was given up, and goes on", async () => {
    const { platform, broker, connection, ask } = await connected();
    const { opened, open } = gate();
    broker.script(Metadata, when(opened, { clusterId: "late" }));
    const abort = new AbortController();
    const given = ask("a", { signal: abort.signal });
    const next = ask("b");
    await settle();
    abort.abort(reason);
    await expect(given).rejects.toBe(reason);
    open();
    expect(await platform.run(next)).toBe("b");
    expect([connection.failure, connection.inFlightCount]).toEqual([null, 0]);
  });

  it("lets go of the signal when the request has settled", async () => {
    const { platform, ask } = await connected();
    const { signal, listeners } = countedSignal();
    await platform.run(ask("a", { signal }));
    expect(listeners()).toBe(0);
  });
});

describe("a peer that misbehaves", () => {
  const int32 = (value: number): Uint8Array => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  };

  it.each([
    ["an answer nobody asked for", frameOf(77, "x"), "PROTOCOL_ERROR", "never sent (correlation id 77)"],
    ["a frame that is too large", int32(1_000_001), "NOT_A_KAFKA_BROKER", "announces 1000001 bytes"],
    ["a frame of negative size", int32(-2), "NOT_A_KAFKA_BROKER", 'starts with "\\xff\\xff\\xff\\xfe"'],
    ["a frame without a correlation id", Uint8Array.of(0, 0, 0, 2, 0, 0), "PROTOCOL_ERROR", "cannot be read"],
    ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), "NOT_A_KAFKA_BROKER", "answers in HTTP"],
    [
      "TLS's alert",
      Uint8Array.of(21, 3, 3, 0, 2, 2, 70),
      "NOT_A_KAFKA_BROKER",
      "wants TLS: set securityProtocol",
    ],
  ])("fails the connection with one cause after %s", async (_, bytes, code, message) => {
    for (const byteByByte of [false, true]) {
      const { platform, broker, connection, ask, peer } = await connected();
      peer.byteByByte = byteByByte;
      broker.handle(Metadata, () => raw(bytes));
      const [first, second] = await Promise.all([platform.failure(ask("a")), platform.failure(ask("b"))]);
      expect(first).toBeInstanceOf(ConnectionError);
      expect(first).toMatchObject({ code, broker: "b1:9092", message: expect.stringContaining(message) });
      expect([second, connection.failure]).toEqual([first, first]);
      await settle();
      expect(peer.isClosed).toBe(true);
    }
  });

  it("takes an alert for one of TLS also where responses may be that large", async () => {
    const { platform, broker, ask } = await connected({ maxFrameSize: 0x4000_0000 });
    broker.handle(Metadata, ({ peer }) => {
      peer.send(Uint8Array.of(21, 3, 1, 0, 2, 2, 40));
      return hangUp();
    });
    expect(await platform.failure(ask("a"))).toMatchObject({ code: "NOT_A_KAFKA_BROKER" });
  });

  it("loses only the response that cannot be decoded", async () => {
    const { platform, broker, connection, ask } = await connected();
    const damage = (frame: Uint8Array): Uint8Array => frame.fill(0xff, 12);
    const longer = (frame: Uint8Array): Uint8Array => {
      const bytes = Uint8Array.from([...frame, 0]);
      new DataView(bytes.buffer).setInt32(0, bytes.byteLength - 4);
      return bytes;
    };
    broker.script(Metadata, altered({ clusterId: "a" }, damage), altered({ clusterId: "b" }, longer));
    const answers = await Promise.allSettled([ask("a"), ask("b"), ask("c")]);
    const rejected = {
      status: "rejected",
      reason: expect.objectContaining({
        code: "PROTOCOL_ERROR",
        message: expect.stringMatching(
          /^The response of b1:9092 to Metadata v12 cannot be read: .* at byte \d+$/,
        ),
      }),
    };
    expect(answers).toEqual([rejected, rejected, { status: "fulfilled", value: "c" }]);
    expect(connection.failure).toBeNull();
    expect(platform.keepsAlive).toBe(true);
  });

  it("survives no cut of an answer, and every cut is a closed connection", async () => {
    const whole = frameOf(0, "a").byteLength;
    for (let length = 0; length < whole; length++) {
      const { platform, broker, ask } = await connected();
      broker.handle(Metadata, () => cutShort({ clusterId: "a" }, length));
      expect(await platform.failure(ask("a"))).toMatchObject({ code: "CONNECTION_CLOSED", retriable: true });
    }
  });

  it.each([
    [null, "b1:9092 closed the connection without ever answering: check that its security protocol is"],
    [new Error("read ECONNRESET"), "is the one configured (read ECONNRESET)"],
  ])("reports a peer that hangs up (%s)", async (error, message) => {
    const { platform, broker, ask } = await connected();
    broker.handle(Metadata, () => hangUp(error));
    const failure = await platform.failure(ask("a"));
    expect(failure).toMatchObject({ code: "CONNECTION_CLOSED", retriable: true });
    expect((failure as Error).message).toContain(message);
    expect((failure as Error).cause).toBe(error ?? undefined);
  });
});

describe("closing", () => {
  it("rejects all that waits with the cause given, and is closed once", async () => {
    const { platform, broker, connection, ask } = await connected({ maxInFlight: 1 });
    broker.handle(Metadata, () => silence);
    const waiting = Promise.all(["a", "b"].map((name) => ask(name).catch((error: unknown) => error)));
    await settle();
    const causes: Error[] = [];
    connection.onClose((error) => causes.push(error));
    const cause = new Error("over");
    connection.close(cause);
    connection.close(new Error("again"));
    expect(await waiting).toEqual([cause, cause]);
    connection.onClose((error) => causes.push(error));
    expect(causes).toEqual([cause, cause]);
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("has a cause of its own where none is given", async () => {
    const { connection, ask } = await connected();
    connection.close();
    await expect(ask("a")).rejects.toMatchObject({ code: "CONNECTION_CLOSED", retriable: false });
  });
});

describe("a gate", () => {
  it("holds requests back in their order, and lets those in front pass", async () => {
    const { platform, broker, connection, ask } = await connected({ maxInFlight: 1 });
    let isOpen = true;
    connection.setGate(() => isOpen);
    const { opened, open } = gate();
    broker.script(Metadata, when(opened, { clusterId: "before" }));
    const before = ask("before");
    await settle();
    isOpen = false;
    const held = ["a", "b", "c"].map((name) => ask(name));
    const ahead = ask("ahead", { ahead: true });
    await settle();
    // It does not wait for its turn among the others, but its answer stands behind what was asked before.
    expect(connection.inFlightCount).toBe(2);
    open();
    expect(await platform.run(Promise.all([before, ahead]))).toEqual(["before", "ahead"]);
    expect(names(broker)).toEqual(["before", "ahead"]);
    isOpen = true;
    connection.resume();
    expect(await platform.run(Promise.all(held))).toEqual(["a", "b", "c"]);
    expect(names(broker)).toEqual(["before", "ahead", "a", "b", "c"]);
  });

  it("that stays shut fails each request at its deadline, and not the connection", async () => {
    const { platform, broker, connection, ask } = await connected();
    connection.setGate(() => false);
    const failed = [ask("a", { timeoutMs: 50 }), ask("b", { timeoutMs: 100 })];
    for (const each of failed) {
      expect(await platform.failure(each)).toMatchObject({ code: "REQUEST_TIMED_OUT" });
    }
    expect(connection.failure).toBeNull();
    connection.setGate(() => true);
    expect(await platform.run(ask("c"))).toBe("c");
    expect(names(broker)).toEqual(["c"]);
  });

  it("can tell how long the answers may take that are under way", async () => {
    const { platform, broker, connection, ask } = await connected();
    expect(connection.longestWaitMs).toBe(0);
    broker.handle(Metadata, () => noAnswer);
    const asked = [ask("a", { timeoutMs: 500 }), ask("b", { timeoutMs: 200 })].map((each) =>
      each.catch((error: unknown) => error),
    );
    await platform.clock.advance(100);
    expect(connection.longestWaitMs).toBe(400);
    connection.close();
    await Promise.all(asked);
  });
});
