import { describe, expect, it } from "vitest";
import { type ProducerConfig, resolveProducerConfig } from "../../../../src/client/config/producer-config.ts";
import { ConfigError } from "../../../../src/client/errors.ts";
import type { TopicMetadata } from "../../../../src/client/metadata.ts";
import { partitionForKey } from "../../../../src/client/producer/partitioners/partition-for-key.ts";
import type { PartitionedTopic } from "../../../../src/client/producer/partitioners/partitioned-topic.ts";
import type {
  Partitioner,
  PartitionerTopic,
} from "../../../../src/client/producer/partitioners/partitioner.ts";
import { Partitioners } from "../../../../src/client/producer/partitioners/partitioners.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { chiSquared, counted, seeded, utf8 } from "./support.ts";

const VALUE = "x".repeat(90);
const KEYS = Array.from({ length: 500 }, (_, i) => `key-${i}`);

function metadataOf(
  partitionCount: number,
  withoutLeader: readonly number[] = [],
  name = "t",
): TopicMetadata {
  const partitions = Array.from({ length: partitionCount }, (_, partition) => ({
    partition,
    leaderId: withoutLeader.includes(partition) ? -1 : 1,
    leaderEpoch: 0,
    replicas: [1],
    inSyncReplicas: [1],
    errorCode: 0,
  }));
  return { name, topicId: null, isInternal: false, partitions };
}

function setUp(config: ProducerConfig, random = seeded()) {
  const clock = new FakeClock();
  clock.nextRandom = random;
  const queues = { isComplete: () => true, waitingBatches: () => 0, isHeldUp: () => false };
  const partitioners = new Partitioners({
    config: resolveProducerConfig(config, { requestTimeoutMs: 30_000, maxInFlightRequestsPerConnection: 5 }),
    clock,
  });
  const topics = new Map<string, PartitionedTopic>();
  const topicNamed = (name: string): PartitionedTopic => {
    const topic = topics.get(name) ?? partitioners.newTopic(queues);
    topics.set(name, topic);
    return topic;
  };
  const pick = (
    key: string | Uint8Array | null,
    metadata = metadataOf(7),
    partition: number | undefined = undefined,
  ): number => topicNamed(metadata.name).partitionOf(metadata, partition, key, VALUE, undefined, 17);
  return { clock, pick };
}

describe("an explicit partition", () => {
  it.each(["default", "round_robin", "random", "consistent_random", () => 5] as const)(
    "counts for more than the partitioner: %s",
    (partitioner) => {
      const { pick } = setUp({ partitioner });
      expect([0, 3, 6].map((partition) => pick("k", metadataOf(7), partition))).toEqual([0, 3, 6]);
    },
  );

  it("has to exist", () => {
    const { pick } = setUp({});
    expect(() => pick(null, metadataOf(7), 7)).toThrow(ConfigError);
    expect(() => pick(null, metadataOf(7), 7)).toThrow(
      'Topic "t" has 7 partitions (0 to 6), and the record names partition 7',
    );
  });
});

describe('"default"', () => {
  it("goes by the key as Java does, and by all partitions, with or without leaders", () => {
    const { pick } = setUp({});
    for (const key of [...KEYS, "", "é", utf8("abc"), new Uint8Array(0)]) {
      expect(pick(key, metadataOf(7, [0, 1, 2, 3, 4]))).toBe(partitionForKey(key, 7));
    }
  });

  it("counts partitions that were added from the next record on", () => {
    const { pick } = setUp({});
    for (const count of [3, 7, 12]) {
      const metadata = metadataOf(count);
      expect(KEYS.map((key) => pick(key, metadata))).toEqual(KEYS.map((key) => partitionForKey(key, count)));
    }
  });

  it("keeps to a partition without a key, for each topic by itself", () => {
    const { pick } = setUp({ batchSize: 250 });
    const one = metadataOf(50, [], "one");
    const other = metadataOf(50, [], "other");
    const picks = Array.from({ length: 6 }, () => [pick(null, one), pick(null, other)] as const);
    for (const side of [0, 1] as const) {
      const [a, b, c, d, e, f] = picks.map((pair) => pair[side]);
      expect([b, c]).toEqual([a, a]);
      expect([e, f]).toEqual([d, d]);
      expect(d).not.toBe(a);
    }
    expect(picks[0]?.[0]).not.toBe(picks[0]?.[1]);
  });

  it("does not look at keys with partitionerIgnoreKeys", () => {
    const { pick } = setUp({ partitionerIgnoreKeys: true, batchSize: 1000 });
    const picks = KEYS.map((key) => pick(key));
    for (let i = 0; i < picks.length; i += 10) expect(new Set(picks.slice(i, i + 10)).size).toBe(1);
    expect(new Set(picks)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  });

  it("goes elsewhere with every record where batchSize is 0", () => {
    const { pick } = setUp({ batchSize: 0 }, seeded(5));
    const picks = Array.from({ length: 7000 }, () => pick(null));
    expect(chiSquared(counted(7, picks), [1, 1, 1, 1, 1, 1, 1])).toBeLessThan(28);
  });
});

describe('"round_robin"', () => {
  it("takes one partition after another, whatever the key, for each topic by itself", () => {
    const { pick } = setUp({ partitioner: "round_robin" });
    const one = metadataOf(3, [], "one");
    const other = metadataOf(2, [], "other");
    const picks = KEYS.slice(0, 5).map((key) => [pick(key, one), pick(null, other)]);
    expect(picks).toEqual([
      [0, 0],
      [1, 1],
      [2, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it("leaves out partitions without a leader, while one has a leader", () => {
    const { pick } = setUp({ partitioner: "round_robin" });
    const some = metadataOf(4, [1, 2]);
    expect(Array.from({ length: 4 }, () => pick(null, some))).toEqual([0, 3, 0, 3]);
    const none = metadataOf(3, [0, 1, 2]);
    expect(Array.from({ length: 3 }, () => pick(null, none))).toEqual([1, 2, 0]);
  });

  it("takes in partitions that were added", () => {
    const { pick } = setUp({ partitioner: "round_robin" });
    const [before, after] = [metadataOf(2), metadataOf(4)];
    expect([pick(null, before), pick(null, before)]).toEqual([0, 1]);
    expect(Array.from({ length: 4 }, () => pick(null, after))).toEqual([2, 3, 0, 1]);
  });
});

describe('"random"', () => {
  it("takes any partition that has a leader, whatever the key, each time anew", () => {
    const { pick } = setUp({ partitioner: "random" });
    const metadata = metadataOf(5, [2]);
    const picks = Array.from({ length: 20_000 }, () => pick("same", metadata));
    const counts = counted(5, picks);
    expect(counts[2]).toBe(0);
    expect(chiSquared(counts.toSpliced(2, 1), [1, 1, 1, 1])).toBeLessThan(22);
    const repeats = picks.filter((pick, i) => pick === picks[i - 1]).length;
    expect(repeats / picks.length).toBeGreaterThan(0.23);
    expect(repeats / picks.length).toBeLessThan(0.27);
  });
});

describe("partitioners of librdkafka", () => {
  // Hashes by zlib's crc32, and from the test of librdkafka's own rd_fnv1a.
  it.each([
    ["consistent", "kafka", 0x5bbc7517],
    ["consistent_random", "kafka", 0x5bbc7517],
    ["consistent", "", 0],
    ["murmur2_random", "abc", 479_470_107],
    ["murmur2_random", "", 275_646_681],
    ["fnv1a_random", "kafka", 0xd33c4e1],
    ["fnv1a_random", "1234", 0x23bdd03],
    ["fnv1a_random", "PreAmbleWillBeRemoved,ThePrePartThatIs", 0x65cbd69c],
    ["fnv1a_random", "", 0x7ee3623b],
  ] as const)("%s puts %j by its hash", (partitioner, key, hash) => {
    const { pick } = setUp({ partitioner });
    for (const count of [1, 2, 3, 7, 100, 1009]) {
      const metadata = metadataOf(count);
      expect(pick(key, metadata)).toBe(hash % count);
      expect(pick(utf8(key), metadata)).toBe(hash % count);
    }
  });

  it.each([
    ["consistent", [null]],
    ["consistent_random", [null, "", new Uint8Array(0)]],
    ["murmur2_random", [null]],
    ["fnv1a_random", [null]],
  ] as const)("%s leaves %j to chance, for twice lingerMs at a time", async (partitioner, keys) => {
    const { clock, pick } = setUp({ partitioner, lingerMs: 5 });
    const metadata = metadataOf(9, [4]);
    const picks: number[] = [];
    for (let draw = 0; draw < 800; draw++) {
      const first = pick(keys[0], metadata);
      await clock.advance(10);
      expect(keys.map((key) => pick(key, metadata))).toEqual(keys.map(() => first));
      picks.push(first);
      await clock.advance(1);
    }
    const counts = counted(9, picks);
    expect(counts[4]).toBe(0);
    expect(chiSquared(counts.toSpliced(4, 1), new Array(8).fill(1))).toBeLessThan(31);
  });

  it("draw for every record without a key where nothing lingers", () => {
    const { pick } = setUp({ partitioner: "consistent_random", lingerMs: 0 });
    const picks = Array.from({ length: 7000 }, () => pick(null));
    expect(chiSquared(counted(7, picks), [1, 1, 1, 1, 1, 1, 1])).toBeLessThan(28);
  });

  it("leave a partition that lost its leader", () => {
    const { pick } = setUp({ partitioner: "consistent_random", lingerMs: 1000 });
    const first = pick(null, metadataOf(2));
    expect(pick(null, metadataOf(2, [first]))).toBe(1 - first);
  });
});

describe("a function", () => {
  it("is given the record and its topic, and has the say", () => {
    const seen: Parameters<Partitioner>[] = [];
    const { pick } = setUp({
      partitioner: (record, topic) => {
        seen.push([record, topic]);
        return topic.partitionCount - 1;
      },
    });
    const key = utf8("k");
    expect([pick(key, metadataOf(4, [1])), pick(null, metadataOf(6))]).toEqual([3, 5]);
    const topics: PartitionerTopic[] = [
      { name: "t", partitionCount: 4, availablePartitions: [0, 2, 3] },
      { name: "t", partitionCount: 6, availablePartitions: [0, 1, 2, 3, 4, 5] },
    ];
    expect(seen).toMatchObject([
      [{ topic: "t", key, value: VALUE, headers: [], timestamp: 17 }, topics[0]],
      [{ key: null }, topics[1]],
    ]);
  });

  it.each([
    [7, "returned 7 "],
    [-1, "returned -1 "],
    [1.5, "returned 1.5 "],
    [Number.NaN, "returned NaN "],
    ["1", 'returned "1" '],
    [undefined, "returned undefined "],
    [null, "returned null "],
    [1n, "returned 1 "],
    [{}, "returned an object "],
    [Promise.resolve(1), "returned a promise "],
    ["x".repeat(100), `returned "${"x".repeat(59)} `],
  ])("must return a partition of the topic, and not %s", (returned, words) => {
    const { pick } = setUp({ partitioner: () => returned as number });
    expect(() => pick("k")).toThrow(ConfigError);
    expect(() => pick("k")).toThrow(words);
    expect(() => pick("k")).toThrow('for a record of topic "t": it must return a whole number from 0 to 6');
    expect(() => pick("k")).toThrow(/^.{0,250}$/);
  });

  it("that throws fails the record with its own error", () => {
    const failure = new Error("mine");
    const { pick } = setUp({
      partitioner: () => {
        throw failure;
      },
    });
    expect(() => pick("k")).toThrow(failure);
  });
});
