import { describe, expect, it } from "vitest";
import { Fetch } from "../../../src/client/api.ts";
import { withCrc } from "../../protocol/records/support.ts";
import { batchOf } from "../../support/fake-log.ts";
import { numbered, setUp, take } from "./support.ts";

const FROM_START = { topic: "t", partition: 0, from: 0n };

/** A batch whose record at `index` claims to be longer than it is; its CRC is right. */
function undecodable(values: readonly string[], baseOffset: bigint, index: number): Uint8Array {
  const bytes = batchOf(values, baseOffset);
  let at = 61;
  for (let i = 0; i < index; i++) at += 1 + ((bytes[at] as number) >> 1);
  bytes[at] = 0x7e;
  return withCrc(bytes);
}

function corrupt(bytes: Uint8Array): Uint8Array {
  const damaged = Uint8Array.from(bytes);
  const last = damaged.byteLength - 1;
  damaged[last] = (damaged[last] as number) ^ 1;
  return damaged;
}

describe("a corrupt batch", () => {
  it("is an error that names its place; what stands before it is read", async () => {
    const { cluster, platform, consumer, append } = setUp();
    append(["a", "b"]);
    cluster.log("t").put(corrupt(batchOf(["c"], 2n)), 2n);
    consumer.assign([FROM_START]);
    expect(await platform.run(take(consumer, 2))).toEqual(["a", "b"]);
    const error = await platform.failure(take(consumer, 1));
    expect(error).toMatchObject({
      name: "UnreadableBatchError",
      code: "CORRUPT_MESSAGE",
      topic: "t",
      partition: 0,
      offset: 2n,
      nextOffset: 3n,
      cause: { name: "CorruptRecordBatchError", baseOffset: 2n },
      message: expect.stringContaining("batch at offset 2 of partition t-0 is corrupt"),
    });
    // Every further try ends the same way, and the position stays in front of it.
    expect(await platform.failure(take(consumer, 1))).toMatchObject({ code: "CORRUPT_MESSAGE" });
    expect(consumer.position(FROM_START)).toBe(2n);
    append(["d"]);
    consumer.assign([{ ...FROM_START, from: 3n }]);
    expect(await platform.run(take(consumer, 1))).toEqual(["d"]);
  });

  it("does not keep other partitions from being read", async () => {
    const { cluster, platform, consumer, append } = setUp({ partitions: 2 });
    cluster.log("t", 0).put(corrupt(batchOf(["x"])), 0n);
    append(numbered(3), 1);
    consumer.assign([FROM_START, { topic: "t", partition: 1, from: 0n }]);
    const read: string[] = [];
    let errors = 0;
    // The other partition always has something to read, and the error still comes through.
    while (read.length < 30 || errors === 0) {
      if (read.length % 3 === 0) append(numbered(3), 1);
      await platform.clock.advance(50);
      try {
        read.push(...(await platform.run(take(consumer, 1))));
      } catch (error) {
        expect(error).toMatchObject({ code: "CORRUPT_MESSAGE", partition: 0 });
        errors++;
      }
    }
    expect(read.slice(0, 30)).toEqual(Array(10).fill(numbered(3)).flat());
    expect(read.length).toBe(30);
  });

  it("is waited on between the tries, so that the broker is not asked without end", async () => {
    const { cluster, platform, broker, consumer } = setUp();
    cluster.log("t").put(corrupt(batchOf(["x"])), 0n);
    consumer.assign([FROM_START]);
    await platform.failure(take(consumer, 1));
    await platform.clock.advance(2000);
    expect(broker.of(Fetch).length).toBeLessThan(8);
  });

  it("is read all the same where checkCrcs is false", async () => {
    const { cluster, platform, consumer } = setUp({ config: { checkCrcs: false } });
    const bytes = batchOf(["x"]);
    bytes[17] = (bytes[17] as number) ^ 1;
    cluster.log("t").put(bytes, 0n);
    consumer.assign([FROM_START]);
    expect(await platform.run(take(consumer, 1))).toEqual(["x"]);
  });
});

describe("a record that cannot be decoded", () => {
  it("is an error that names its place, each time, until another offset is assigned", async () => {
    const { cluster, platform, consumer, append } = setUp();
    append(["a"]);
    cluster.log("t").put(undecodable(["b", "c", "d", "e"], 1n, 2), 4n);
    append(["f", "g"]);
    consumer.assign([FROM_START]);
    expect(await platform.run(take(consumer, 3))).toEqual(["a", "b", "c"]);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await platform.failure(take(consumer, 1))).toMatchObject({
        name: "UnreadableBatchError",
        code: "DECODE_ERROR",
        offset: 3n,
        nextOffset: 5n,
        cause: { name: "DecodeError" },
        message: expect.stringContaining("t-0.records[2]"),
      });
      expect(consumer.position(FROM_START)).toBe(3n);
      // Time for a fetch that was under way to be answered.
      await platform.clock.advance(attempt * 700);
      append([`late-${attempt}`]);
    }
    consumer.assign([{ ...FROM_START, from: 5n }]);
    expect(await platform.run(take(consumer, 2))).toEqual(["f", "g"]);
  });

  it("is not jumped over by an answer to a fetch that was under way", async () => {
    const { cluster, platform, consumer, append } = setUp();
    cluster.log("t").put(undecodable(["a", "b"], 0n, 1), 1n);
    consumer.assign([FROM_START]);
    // The next fetch is at the broker while this one is read.
    expect(await platform.run(take(consumer, 1))).toEqual(["a"]);
    await platform.clock.advance(100);
    await platform.failure(take(consumer, 1));
    append(["c"]);
    expect(await platform.failure(take(consumer, 1))).toMatchObject({ code: "DECODE_ERROR" });
  });

  it("is not jumped over by an answer that was there already", async () => {
    const { cluster, platform, consumer, append } = setUp({ config: { maxPartitionFetchBytes: 10 } });
    cluster.log("t").put(undecodable(["a", "b"], 0n, 1), 1n);
    append(["c"]);
    consumer.assign([FROM_START]);
    expect(await platform.run(take(consumer, 1))).toEqual(["a"]);
    await platform.clock.advance(100);
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await platform.failure(take(consumer, 1))).toMatchObject({ code: "DECODE_ERROR" });
    }
  });

  it("may be one in a batch that cannot be decompressed", async () => {
    const { cluster, platform, consumer } = setUp();
    const bytes = batchOf(["a"]);
    const GZIP = 1;
    bytes[22] = GZIP;
    cluster.log("t").put(withCrc(bytes), 0n);
    consumer.assign([FROM_START]);
    expect(await platform.failure(take(consumer, 1))).toMatchObject({
      code: "DECODE_ERROR",
      offset: 0n,
      nextOffset: 1n,
      message: expect.stringMatching(/^t-0 cannot be read on from offset 0: .*gzip.* seek to 1$/),
    });
  });
});
