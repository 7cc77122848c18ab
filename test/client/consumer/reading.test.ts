import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Fetch, ListOffsets } from "../../../src/client/api.ts";
import { gzipCodec } from "../../../src/compression/gzip.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { withCrc } from "../../protocol/records/support.ts";
import { later } from "../../support/fake-broker.ts";
import { batchOf } from "../../support/fake-log.ts";
import { numbered, setUp, take, textOf } from "./support.ts";

const partition0 = (from: unknown) => ({ topic: "t", partition: 0, from }) as never;

describe("where reading starts", () => {
  it.each([
    ["earliest", "v-2"],
    [5n, "v-5"],
    [{ timestamp: 1004 }, "v-4"],
    [{ timestamp: 1 }, "v-2"],
    ["latest", "new"],
    [{ timestamp: 9_999_999 }, "new"],
    [undefined, "new"],
  ])("is as `from` says: %o", async (from, first) => {
    const { cluster, platform, consumer, append } = setUp();
    cluster.append("t", 0, batchOf(numbered(10), 0n, 1000));
    cluster.log("t").startOffset = 2n;
    consumer.assign([partition0(from)]);
    const read = take(consumer, 1);
    await platform.clock.advance(50);
    append(["new"]);
    expect(await platform.run(read)).toEqual([first]);
  });

  it("is autoOffsetReset where nothing is said", async () => {
    const { platform, consumer, append } = setUp({ config: { autoOffsetReset: "earliest" } });
    append(["a"]);
    consumer.assign([{ topic: "t", partition: 0 }]);
    expect(consumer.position({ topic: "t", partition: 0 })).toBeNull();
    expect(await platform.run(take(consumer, 1))).toEqual(["a"]);
    expect(consumer.position({ topic: "t", partition: 0 })).toBe(1n);
  });

  it("is what partitionsFor was told", async () => {
    const { platform, consumer } = setUp({ brokers: 2, partitions: 2 });
    const found = await platform.run(consumer.partitionsFor("t", { from: "earliest" }));
    expect(found).toEqual([
      { topic: "t", partition: 0, leader: 1, replicas: [1], inSyncReplicas: [1], from: "earliest" },
      { topic: "t", partition: 1, leader: 2, replicas: [2], inSyncReplicas: [2], from: "earliest" },
    ]);
    consumer.assign(found);
    expect(consumer.assignment()).toEqual([
      { topic: "t", partition: 0 },
      { topic: "t", partition: 1 },
    ]);
  });
});

describe("assign", () => {
  it.each([
    ["A partition to read needs a topic", [{ topic: "", partition: 0 }]],
    ["partition -1 is not a number from 0 up", [{ topic: "t", partition: -1 }]],
    ["partition 1.5 is not", [{ topic: "t", partition: 1.5 }]],
    ["from is -1; give", [partition0(-1n)]],
    ["from is 5; give", [partition0(5)]],
    ["from is newest; give", [partition0("newest")]],
    ["from is { timestamp: -1 }; give", [partition0({ timestamp: -1 })]],
    ["from is { timestamp: 5 }; give", [partition0({ timestamp: 5n })]],
    ["from is null; give", [partition0(null)]],
    ["t-0 is assigned twice", [partition0(1n), partition0(2n)]],
  ])("refuses what cannot be right: %s", (message, partitions) => {
    const { consumer } = setUp();
    expect(() => consumer.assign(partitions)).toThrow(message);
    expect(consumer.assignment()).toEqual([]);
  });

  it("wants a start where autoOffsetReset is none", () => {
    const { consumer } = setUp({ config: { autoOffsetReset: "none" } });
    expect(() => consumer.assign([{ topic: "t", partition: 0 }])).toThrow("say where to start");
    consumer.assign([partition0(0n)]);
    expect(() => consumer.position({ topic: "t", partition: 1 })).toThrow("t-1 is not assigned");
  });

  it("has to come before reading", async () => {
    const { platform, consumer } = setUp();
    expect(await platform.failure(take(consumer, 1))).toMatchObject({ code: "INVALID_CONFIG" });
  });

  it("of a partition that does not exist is an error when it is read", async () => {
    const { platform, consumer } = setUp();
    for (const from of [0n, "earliest"]) {
      consumer.assign([{ topic: "t", partition: 3, from } as never]);
      expect(await platform.failure(take(consumer, 1))).toMatchObject({
        message: 'Topic "t" has 1 partitions (0 to 0), and partition 3 is asked for',
      });
    }
  });
});

describe("batches", () => {
  it("may start before the position", async () => {
    const { platform, consumer, append } = setUp();
    append(numbered(10));
    consumer.assign([partition0(7n)]);
    expect(await platform.run(take(consumer, 3))).toEqual(["v-7", "v-8", "v-9"]);
  });

  it("may have lost records at their end, or all of them, to compaction", async () => {
    const { cluster, platform, broker, consumer } = setUp();
    // Offsets 0 to 9 of which two are left, an empty batch for 10 to 19, and one more.
    const gaps = batchOf(["a", "b"], 0n);
    new DataView(gaps.buffer).setInt32(23, 9);
    const empty = batchOf(["x"], 10n).slice(0, 61);
    new DataView(empty.buffer).setInt32(8, 49);
    new DataView(empty.buffer).setInt32(23, 9);
    new DataView(empty.buffer).setInt32(57, 0);
    cluster.log("t").put(withCrc(gaps), 9n);
    cluster.log("t").put(withCrc(empty), 19n);
    consumer.assign([partition0(0n)]);
    expect(await platform.run(take(consumer, 2))).toEqual(["a", "b"]);
    const next = take(consumer, 1);
    await platform.clock.advance(100);
    expect(consumer.position({ topic: "t", partition: 0 })).toBe(20n);
    cluster.append("t", 0, batchOf(["c"], 20n));
    expect(await platform.run(next)).toEqual(["c"]);
    expect(broker.of(Fetch).at(-1)?.body.topics[0]?.partitions[0]?.fetchOffset).toBeGreaterThanOrEqual(20n);
  });

  it("of control records are passed over", async () => {
    const { cluster, platform, consumer, append } = setUp();
    append(["a"]);
    const builder = new RecordBatchBuilder();
    builder.append(1, Uint8Array.of(0, 0, 0, 1), Uint8Array.of(0, 0, 0, 0, 0, 0));
    cluster.append(
      "t",
      0,
      builder.build({ isControl: true, producerId: 1n, producerEpoch: 0, baseSequence: 0 }),
    );
    append(["b"]);
    consumer.assign([partition0(0n)]);
    expect(await platform.run(take(consumer, 2))).toEqual(["a", "b"]);
    expect(consumer.position({ topic: "t", partition: 0 })).toBe(3n);
  });

  it("may be compressed, also where the platform takes its time over it", async () => {
    const { cluster, platform, consumer, append } = setUp();
    const { gunzip } = platform.zlib;
    platform.zlib.gunzip = async (bytes, maxSize) => {
      await Promise.resolve();
      return gunzip(bytes, maxSize);
    };
    const gzip = gzipCodec({ gzip: (bytes) => gzipSync(bytes), gunzip });
    const builder = new RecordBatchBuilder();
    for (const value of numbered(3)) builder.append(1, null, value);
    cluster.append("t", 0, builder.build({ compression: gzip }) as Uint8Array);
    append(["plain"]);
    consumer.assign([partition0("earliest")]);
    expect(await platform.run(take(consumer, 4))).toEqual([...numbered(3), "plain"]);
  });

  it("give records with all that they carry", async () => {
    const { cluster, platform, consumer } = setUp();
    const builder = new RecordBatchBuilder();
    builder.append(77, "key", null, [{ key: "h", value: "1" }]);
    const bytes = builder.build();
    new DataView(bytes.buffer).setInt32(12, 4);
    cluster.append("t", 0, bytes);
    consumer.assign([partition0(0n)]);
    const record = (await platform.run(consumer[Symbol.asyncIterator]().next())).value;
    expect(record).toMatchObject({
      topic: "t",
      partition: 0,
      offset: 0n,
      timestamp: 77,
      timestampType: "CREATE_TIME",
      leaderEpoch: 4,
      value: null,
    });
    expect(Buffer.from(record?.key ?? []).toString()).toBe("key");
    expect(record?.headers).toHaveLength(1);
  });
});

describe("fetching ahead", () => {
  it("stops while two answers of a broker are unread", async () => {
    const { platform, broker, consumer, append } = setUp({ config: { maxPartitionFetchBytes: 10 } });
    for (const value of numbered(20)) append([value]);
    consumer.assign([partition0(0n)]);
    const records = consumer[Symbol.asyncIterator]();
    const read = [textOf((await platform.run(records.next())).value as never)];
    await platform.clock.advance(5000);
    // The answer that is being read, and the next.
    expect(broker.of(Fetch)).toHaveLength(2);
    while (read.length < 20) {
      read.push(textOf((await platform.run(records.next())).value as never));
      await platform.clock.advance(1000);
      expect(broker.of(Fetch).length).toBeLessThanOrEqual(read.length + 1 + (read.length >= 19 ? 100 : 0));
    }
    expect(read).toEqual(numbered(20));
  });

  it("has one fetch at a broker at a time, short while the start of a partition is looked up", async () => {
    const { platform, broker, consumer, append } = setUp({ partitions: 2 });
    append(["a"], 1);
    broker.script(ListOffsets, later(20, undefined));
    consumer.assign([partition0(0n), { topic: "t", partition: 1, from: "earliest" }]);
    const read = take(consumer, 1);
    await platform.clock.advance(30);
    expect(broker.of(Fetch)).toHaveLength(1);
    expect(await platform.run(read, 50)).toEqual(["a"]);
    const asked = broker
      .of(Fetch)
      .map(({ body }) => body.topics[0]?.partitions.map(({ partition }) => partition));
    // The session knows of the first partition by then.
    expect(asked.slice(0, 2)).toEqual([[0], [1]]);
  });

  it("polls an idle partition as often as fetchMaxWaitMs says", async () => {
    const { platform, broker, consumer, append } = setUp({ config: { fetchMaxWaitMs: 400 } });
    consumer.assign([partition0(0n)]);
    const read = take(consumer, 1);
    await platform.clock.advance(4000);
    expect(broker.of(Fetch).length).toBeGreaterThanOrEqual(10);
    expect(broker.of(Fetch).length).toBeLessThanOrEqual(12);
    append(["a"]);
    expect(await platform.run(read, 0)).toEqual(["a"]);
  });

  it("reads all partitions of all brokers, each in its order", async () => {
    const { platform, consumer, append } = setUp({
      brokers: 3,
      partitions: 7,
      config: { maxPartitionFetchBytes: 60 },
    });
    for (let partition = 0; partition < 7; partition++) {
      for (const value of numbered(9, `p${partition}`)) append([value], partition);
    }
    consumer.assign(await platform.run(consumer.partitionsFor("t", { from: "earliest" })));
    const read = await platform.run(take(consumer, 63));
    for (let partition = 0; partition < 7; partition++) {
      expect(read.filter((value) => value.startsWith(`p${partition}-`))).toEqual(
        numbered(9, `p${partition}`),
      );
    }
  });
});
