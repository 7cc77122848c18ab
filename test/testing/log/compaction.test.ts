/** Topics of which the last record of each key is kept. */

import { describe, expect, it } from "vitest";
import { compressionCodecs } from "../../../src/compression/codecs.ts";
import { platform } from "../../../src/platform/node.ts";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import type { CompressionType } from "../../../src/protocol/records/compression-type.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";

const codecs = compressionCodecs(platform.zlib);
const DAY_MS = 86_400_000;

type Pair = readonly [key: string, value: string | null];

interface Producer {
  readonly producerId: bigint;
  readonly baseSequence: number;
}

class Compacted implements AsyncDisposable {
  readonly cluster: TestCluster;
  readonly client: RawClient;

  private constructor(cluster: TestCluster, client: RawClient) {
    this.cluster = cluster;
    this.client = client;
  }

  static async start(configs: Readonly<Record<string, string>> = {}): Promise<Compacted> {
    const topics = { state: { configs: { "cleanup.policy": "compact", ...configs } } };
    const cluster = await TestCluster.start({ network: "memory", time: "manual", topics });
    return new Compacted(cluster, await RawClient.to(cluster));
  }

  /** Produces a batch, and gives its offset or the error. */
  async produce(
    pairs: readonly Pair[],
    { producer, type = "none" }: { producer?: Producer; type?: CompressionType } = {},
  ): Promise<bigint | string> {
    const builder = new RecordBatchBuilder();
    const nowMs = this.cluster.clock.wallMs();
    for (const [key, value] of pairs) builder.append(nowMs, key, value, [{ key: "h", value: "1" }]);
    const header = producer === undefined ? {} : { ...producer, producerEpoch: 0 };
    const compressor = codecs.forWriting(type);
    const records = await builder.build({ ...header, compression: compressor });
    const { responses } = await this.client.ask(ProduceRequest, ProduceResponse, 9, {
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: "state", partitionData: [{ index: 0, records }] }],
    });
    const answer = responses[0]?.partitionResponses[0];
    if (answer?.errorCode === 0) return answer.baseOffset;
    return errorCodeOf(answer?.errorCode ?? -1).name;
  }

  /** What consumers read: batches as their records. */
  async read(): Promise<string[][]> {
    const read: string[][] = [];
    const end = this.cluster.partition("state", 0).highWatermark;
    let offset = 0n;
    while (offset < end) {
      const { responses } = await this.client.ask(FetchRequest, FetchResponse, 12, {
        topics: [
          {
            topic: "state",
            partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1_000_000 }],
          },
        ],
      });
      const { records = null } = responses[0]?.partitions[0] ?? {};
      for (const batch of readRecordBatches(records ?? new Uint8Array(0), { checkCrc: true })) {
        batch.ensureValid();
        const codec = codecs.forReading(batch.compressionType);
        const found: string[] = [];
        for (const { offset: at, key, value, headers } of batch.records(
          codec === null ? undefined : await batch.decompress(codec, 1_000_000),
        )) {
          expect(headers.map((header) => header.key)).toEqual(["h"]);
          found.push(`${at} ${textOf(key)}=${textOf(value)}`);
        }
        read.push(found);
        offset = batch.lastOffset + 1n;
      }
    }
    return read;
  }

  compact(): void {
    this.cluster.partition("state", 0).compact();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    expect(this.cluster.failures).toEqual([]);
    this.client[Symbol.dispose]();
    await this.cluster.close();
  }
}

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

describe("compaction", () => {
  it.each(["none", "gzip", "snappy", "lz4"] as const)(
    "keeps the last record of each key, at its offset (%s)",
    async (type) => {
      await using topic = await Compacted.start();
      await topic.produce(
        [
          ["a", "1"],
          ["b", "1"],
          ["a", "2"],
        ],
        { type },
      );
      await topic.produce([["b", "2"]], { type });
      await topic.produce(
        [
          ["c", "1"],
          ["a", "3"],
        ],
        { type },
      );
      topic.compact();
      expect(await topic.read()).toEqual([["3 b=2"], ["4 c=1", "5 a=3"]]);
      expect(await topic.produce([["a", "4"]], { type })).toBe(6n);
      topic.compact();
      expect(await topic.read()).toEqual([["3 b=2"], ["4 c=1"], ["6 a=4"]]);
      expect(topic.cluster.partition("state", 0)).toMatchObject({ logStartOffset: 0n, logEndOffset: 7n });
    },
  );

  it("keeps a tombstone for a time", async () => {
    await using topic = await Compacted.start({ "delete.retention.ms": "1000" });
    await topic.produce([["a", "1"]]);
    await topic.produce([["a", null]]);
    await topic.produce([["b", "1"]]);
    topic.compact();
    expect(await topic.read()).toEqual([["1 a=null"], ["2 b=1"]]);
    await topic.cluster.clock.advance(999);
    topic.compact();
    expect(await topic.read()).toEqual([["1 a=null"], ["2 b=1"]]);
    await topic.cluster.clock.advance(1);
    topic.compact();
    expect(await topic.read()).toEqual([["2 b=1"]]);
  });

  it("leaves the last batch of a producer without records, so that its sequence stays known", async () => {
    await using topic = await Compacted.start();
    await topic.produce([["a", "1"]], { producer: { producerId: 7n, baseSequence: 0 } });
    await topic.produce(
      [
        ["a", "2"],
        ["b", "1"],
      ],
      { producer: { producerId: 7n, baseSequence: 1 } },
    );
    await topic.produce([
      ["a", "3"],
      ["b", "2"],
    ]);
    topic.compact();
    expect(await topic.read()).toEqual([[], ["3 a=3", "4 b=2"]]);
    expect(
      await topic.produce(
        [
          ["a", "2"],
          ["b", "1"],
        ],
        { producer: { producerId: 7n, baseSequence: 1 } },
      ),
    ).toBe(1n);
    expect(await topic.produce([["a", "5"]], { producer: { producerId: 7n, baseSequence: 9 } })).toBe(
      "OUT_OF_ORDER_SEQUENCE_NUMBER",
    );
  });

  it("leaves the last batch in place, so that the log ends where it did", async () => {
    await using topic = await Compacted.start({ "delete.retention.ms": "0" });
    await topic.produce([["a", "1"]]);
    await topic.produce([["a", null]]);
    topic.compact();
    topic.compact();
    expect(await topic.read()).toEqual([[]]);
    expect(topic.cluster.partition("state", 0).logEndOffset).toBe(2n);
  });

  it("goes on by itself where enough is new, and not with the active segment", async () => {
    await using topic = await Compacted.start({ "segment.ms": "1000" });
    for (let round = 1; round <= 3; round++) {
      await topic.produce([["a", String(round)]]);
      await topic.cluster.clock.advance(1001);
    }
    await topic.produce([["a", "4"]]);
    await topic.cluster.clock.advance(60_000);
    expect(await topic.read()).toEqual([["2 a=3"], ["3 a=4"]]);
  });

  it("waits until enough is new", async () => {
    await using topic = await Compacted.start({ "segment.ms": "1000" });
    const round = async (key: string): Promise<void> => {
      await topic.produce([[key, "1"]]);
      await topic.cluster.clock.advance(60_000);
    };
    // The third makes two of three that are new, and those behind it at most one half.
    for (const key of ["a", "b", "c", "a", "b", "c", "d"]) await round(key);
    expect((await topic.read())[0]).toEqual(["0 a=1"]);
    await round("e");
    expect((await topic.read()).flat()).toEqual(["3 a=1", "4 b=1", "5 c=1", "6 d=1", "7 e=1"]);
  });

  it("spares what is younger than min.compaction.lag.ms", async () => {
    await using topic = await Compacted.start({
      "segment.ms": "1000",
      "min.compaction.lag.ms": String(DAY_MS),
      "min.cleanable.dirty.ratio": "0",
    });
    for (const value of ["1", "2", "3"]) {
      await topic.produce([["a", value]]);
      await topic.cluster.clock.advance(60_000);
    }
    expect((await topic.read()).flat()).toEqual(["0 a=1", "1 a=2", "2 a=3"]);
    await topic.cluster.clock.advance(DAY_MS);
    expect((await topic.read()).flat()).toEqual(["1 a=2", "2 a=3"]);
  });

  it("comes beside deletion", async () => {
    await using topic = await Compacted.start({
      "cleanup.policy": "compact,delete",
      "retention.ms": String(DAY_MS),
      "segment.ms": "1000",
    });
    await topic.produce([["a", "1"]]);
    await topic.cluster.clock.advance(DAY_MS / 2);
    await topic.produce([["b", "1"]]);
    await topic.cluster.clock.advance(DAY_MS / 2 + 600_000);
    await topic.produce([["c", "1"]]);
    expect(topic.cluster.partition("state", 0).logStartOffset).toBe(1n);
  });

  it("is refused for a topic that is not compacted", async () => {
    await using topic = await Compacted.start({ "cleanup.policy": "delete" });
    expect(() => topic.compact()).toThrow(RangeError);
  });
});
