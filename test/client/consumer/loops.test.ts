import { describe, expect, it } from "vitest";
import { Fetch } from "../../../src/client/api.ts";
import { later } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import type { FakePeer } from "../../support/fake-peer.ts";
import { numbered, setUp, take, textOf } from "./support.ts";

const EARLIEST = [{ topic: "t", partition: 0, from: "earliest" as const }];

describe("leaving a loop and entering another", () => {
  it("neither loses nor repeats a record, wherever the loop is left", async () => {
    const values = numbered(30);
    for (let first = 0; first <= 12; first++) {
      const { platform, consumer, append } = setUp({ config: { maxPartitionFetchBytes: 100 } });
      for (let i = 0; i < values.length; i += 4) append(values.slice(i, i + 4));
      consumer.assign(EARLIEST);
      const read = await platform.run(take(consumer, first));
      expect(consumer.position({ topic: "t", partition: 0 })).toBe(first === 0 ? null : BigInt(first));
      read.push(...(await platform.run(take(consumer, 5))));
      read.push(...(await platform.run(take(consumer, values.length - read.length))));
      expect(read).toEqual(values);
    }
  });

  it("is ended by a signal before the next record, and loses none to it", async () => {
    const { platform, consumer, append } = setUp();
    append(numbered(10));
    consumer.assign(EARLIEST);
    const read: string[] = [];
    while (read.length < 10) {
      const abort = new AbortController();
      const loop = (async () => {
        for await (const record of consumer.records({ signal: abort.signal })) {
          read.push(textOf(record));
          abort.abort(new Error("enough"));
        }
      })();
      const before = read.length;
      expect(await platform.failure(loop)).toMatchObject({ message: "enough" });
      expect(read.length).toBe(before + 1);
    }
    expect(read).toEqual(numbered(10));
  });

  it("is ended by a signal while it waits, with the signal's reason, and the next one goes on", async () => {
    const { platform, consumer, append } = setUp();
    append(["a"]);
    consumer.assign(EARLIEST);
    const abort = new AbortController();
    const loop = take(consumer, 2, abort.signal).catch((error: unknown) => error);
    await platform.clock.advance(3000);
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await loop).toBe(reason);
    append(["b"]);
    expect(await platform.run(take(consumer, 1))).toEqual(["b"]);
    expect(await platform.failure(take(consumer, 1, AbortSignal.abort(reason)))).toBe(reason);
  });

  it("is one at a time", async () => {
    const { platform, consumer, append } = setUp();
    append(["a", "b"]);
    consumer.assign(EARLIEST);
    const first = consumer[Symbol.asyncIterator]();
    await platform.run(first.next());
    await expect(take(consumer, 1)).rejects.toMatchObject({
      message: expect.stringContaining("being read already"),
    });
    await first.return();
    expect(await platform.run(take(consumer, 1))).toEqual(["b"]);
  });
});

describe("assigning anew in mid-loop", () => {
  it("drops what was fetched, and goes on with the new assignment", async () => {
    const { platform, consumer, append } = setUp({ partitions: 2 });
    append(numbered(5, "a"), 0);
    append(numbered(5, "b"), 1);
    consumer.assign(EARLIEST);
    const read: string[] = [];
    const loop = (async () => {
      for await (const record of consumer) {
        read.push(textOf(record));
        if (read.length === 2) consumer.assign([{ topic: "t", partition: 1, from: 3n }]);
        if (read.length === 4) consumer.assign([{ topic: "t", partition: 0, from: 4n }]);
        if (read.length === 5) break;
      }
    })();
    await platform.run(loop);
    expect(read).toEqual(["a-0", "a-1", "b-3", "b-4", "a-4"]);
  });

  it("ends a wait for records of the former assignment", async () => {
    const { platform, consumer, append } = setUp({ partitions: 2 });
    append(["b"], 1);
    consumer.assign([{ topic: "t", partition: 0, from: 0n }]);
    const read = take(consumer, 1);
    await platform.clock.advance(200);
    consumer.assign([{ topic: "t", partition: 1, from: 0n }]);
    // The broker still holds the former fetch: nobody waits for it.
    expect(await platform.run(read, 100)).toEqual(["b"]);
  });

  it("drops an answer that comes after it", async () => {
    const { platform, consumer, broker, append } = setUp();
    append(numbered(4));
    broker.script(Fetch, later(300, undefined));
    consumer.assign([{ topic: "t", partition: 0, from: 0n }]);
    const read = take(consumer, 2);
    await platform.clock.advance(100);
    consumer.assign([{ topic: "t", partition: 0, from: 2n }]);
    expect(await platform.run(read)).toEqual(["v-2", "v-3"]);
  });

  it("ends the loop with an error where nothing is assigned any more", async () => {
    const { platform, consumer, append } = setUp();
    append(["a"]);
    consumer.assign(EARLIEST);
    const loop = (async () => {
      for await (const _ of consumer) consumer.assign([]);
    })();
    expect(await platform.failure(loop)).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("call subscribe() or assign() first"),
    });
  });
});

describe("closing", () => {
  it("ends a loop after the record that it is at", async () => {
    const { platform, consumer, append } = setUp();
    append(numbered(5));
    consumer.assign(EARLIEST);
    const read: string[] = [];
    const loop = (async () => {
      for await (const record of consumer) {
        read.push(textOf(record));
        if (read.length === 2) await consumer.close();
      }
    })();
    await platform.run(loop);
    expect(read).toEqual(["v-0", "v-1"]);
  });

  it("ends a loop that waits, and leaves nothing behind that keeps a process alive", async () => {
    const { platform, consumer, kafka } = setUp();
    consumer.assign(EARLIEST);
    const loop = take(consumer, 1);
    await platform.clock.advance(1234);
    await consumer.close();
    await consumer.close();
    expect(await platform.run(loop, 0)).toEqual([]);
    await kafka.close();
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("ends its connections, also one that is still being set up", async () => {
    const { platform, consumer } = setUp();
    await platform.run(consumer.partitionsFor("t"));
    const before = platform.openConnections;
    const accepted: FakePeer[] = [];
    platform.listeners.set("b1:9092", { accept: (peer) => accepted.push(peer), delayMs: 500 });
    consumer.assign([{ topic: "t", partition: 0, from: 0n }]);
    const loop = take(consumer, 1);
    await platform.clock.advance(100);
    await consumer.close();
    await platform.run(loop, 0);
    await platform.clock.advance(1000);
    expect(accepted.filter(({ isClosed }) => !isClosed)).toEqual([]);
    expect(platform.openConnections).toBe(before);
    expect(platform.clock.foregroundTimers).toBe(0);
  });

  it("refuses everything after it", async () => {
    const { platform, consumer } = setUp();
    await consumer.close();
    const closed = { code: "CLOSED", message: "The consumer is closed: make a new one" };
    expect(() => consumer.assign(EARLIEST)).toThrow(expect.objectContaining(closed));
    expect(await platform.failure(take(consumer, 1))).toMatchObject(closed);
    expect(await platform.failure(consumer.partitionsFor("t"))).toMatchObject(closed);
  });
});
