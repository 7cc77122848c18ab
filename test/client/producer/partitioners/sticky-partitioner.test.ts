import { describe, expect, it } from "vitest";
import { StickyPartitioner } from "../../../../src/client/producer/partitioners/sticky-partitioner.ts";
import { leastBodySize } from "../../../../src/protocol/records/record-encoding.ts";
import { chiSquared, counted, seeded, topicOf } from "./support.ts";

/** What a record takes beside its value. */
const OVERHEAD = leastBodySize(0, 0, null, "", undefined);

interface Queues {
  /** Partitions whose batch would take another record. */
  readonly open: Set<number>;
  readonly waiting: number[];
  readonly heldUp: Set<number>;
}

function setUp({ stickyBytes = 100, isAdaptive = true, waiting = [] as number[], random = seeded() } = {}) {
  const queues: Queues = { open: new Set(), waiting, heldUp: new Set() };
  const sticky = new StickyPartitioner({
    stickyBytes,
    isAdaptive,
    random,
    queues: {
      isComplete: (partition) => !queues.open.has(partition),
      waitingBatches: (partition) => queues.waiting[partition] ?? 0,
      isHeldUp: (partition) => queues.heldUp.has(partition),
    },
  });
  return { sticky, queues };
}

/** Gives 0 to 1 in steps, so that each of `count` equal shares is drawn as often as another. */
function evenly(count: number): () => number {
  let next = 0;
  return () => (next++ % count) / count;
}

function picks(sticky: StickyPartitioner, times: number, topic = topicOf(5), size = 100): number[] {
  const value = "x".repeat(size - OVERHEAD);
  return Array.from({ length: times }, () => sticky.partition(topic, null, value, undefined));
}

/** Bytes that went to one partition after another. */
function runs(partitions: readonly number[], size: number): number[] {
  const bytes: number[] = [];
  partitions.forEach((partition, i) => {
    if (i > 0 && partition === partitions[i - 1]) bytes[bytes.length - 1] = (bytes.at(-1) as number) + size;
    else bytes.push(size);
  });
  return bytes;
}

describe("how long a partition is stuck to", () => {
  // Draws that are never the same twice in a row.
  const turning = () => evenly(5);

  it("is a batch's worth of bytes, where batches are complete by then", () => {
    const { sticky } = setUp({ random: turning() });
    expect(runs(picks(sticky, 12, topicOf(5), 30), 30)).toEqual([120, 120, 120]);
    expect(runs(picks(setUp({ random: turning() }).sticky, 4, topicOf(5), 100), 100)).toEqual([
      100, 100, 100, 100,
    ]);
  });

  it("goes on until the batch is complete: sent, or full", () => {
    const { sticky, queues } = setUp({ random: turning() });
    queues.open.add(0);
    expect(picks(sticky, 5, topicOf(5), 30)).toEqual([0, 0, 0, 0, 0]);
    queues.open.delete(0);
    expect(picks(sticky, 1, topicOf(5), 30)).toEqual([1]);
  });

  it("ends at twice the bytes in any case", () => {
    const { sticky, queues } = setUp({ random: turning() });
    for (const partition of [0, 1, 2, 3, 4]) queues.open.add(partition);
    expect(runs(picks(sticky, 21, topicOf(5), 30), 30)).toEqual([210, 210, 210]);
  });

  it("is no longer than the partition has a leader, and than it exists", () => {
    const { sticky } = setUp({ random: turning() });
    expect(picks(sticky, 1, topicOf(5), 10)).toEqual([0]);
    expect(picks(sticky, 2, topicOf(5, [0]), 10)).toEqual([1, 1]);
    expect(picks(sticky, 2, topicOf(1), 10)).toEqual([0, 0]);
  });

  it("is not cut short by news of the topic that do not concern the partition", () => {
    const { sticky } = setUp({ random: turning() });
    expect(picks(sticky, 1, topicOf(5), 10)).toEqual([0]);
    expect(picks(sticky, 3, topicOf(6, [3]), 10)).toEqual([0, 0, 0]);
  });
});

describe("the partition that is drawn next", () => {
  const DRAWS = 21_000;
  /** Exceeded by chance once in 10,000 times, with four degrees of freedom. */
  const LIMIT = 23.5;

  it("is any with the same chance, while all queues are equal", () => {
    for (const waiting of [[], [2, 2, 2, 2, 2]]) {
      const counts = counted(5, picks(setUp({ waiting }).sticky, DRAWS));
      expect(chiSquared(counts, [1, 1, 1, 1, 1])).toBeLessThan(LIMIT);
    }
  });

  it("is one with a short queue more often: 5, 0, 3, 0, 1 batches waiting give 1:6:3:6:5", () => {
    const waiting = [5, 0, 3, 0, 1];
    expect(counted(5, picks(setUp({ waiting, random: evenly(21) }).sticky, 2100))).toEqual([
      100, 600, 300, 600, 500,
    ]);
    for (const seed of [1, 2, 3]) {
      const counts = counted(5, picks(setUp({ waiting, random: seeded(seed) }).sticky, DRAWS));
      expect(chiSquared(counts, [1, 6, 3, 6, 5])).toBeLessThan(LIMIT);
    }
  });

  it("goes by how long the queues are now", () => {
    const { sticky, queues } = setUp({ waiting: [9, 9, 0] });
    expect(chiSquared(counted(3, picks(sticky, DRAWS, topicOf(3))), [1, 1, 10])).toBeLessThan(LIMIT);
    queues.waiting.splice(0, 3, 0, 9, 9);
    picks(sticky, 1, topicOf(3));
    expect(chiSquared(counted(3, picks(sticky, DRAWS, topicOf(3))), [10, 1, 1])).toBeLessThan(LIMIT);
  });

  it("is any that has a leader, without adaptive partitioning", () => {
    const { sticky } = setUp({ waiting: [50, 0, 3, 0, 1], isAdaptive: false });
    const counts = counted(5, picks(sticky, DRAWS, topicOf(5, [3])));
    expect(counts[3]).toBe(0);
    expect(chiSquared(counts.toSpliced(3, 1), [1, 1, 1, 1])).toBeLessThan(LIMIT);
  });

  it("has a leader, while one has", () => {
    const { sticky } = setUp({ waiting: [5, 0, 3, 0, 1] });
    const counts = counted(5, picks(sticky, DRAWS, topicOf(5, [1, 4])));
    expect([counts[1], counts[4]]).toEqual([0, 0]);
    expect(chiSquared([counts[0] ?? 0, counts[2] ?? 0, counts[3] ?? 0], [1, 3, 6])).toBeLessThan(LIMIT);
    expect(new Set(picks(setUp().sticky, 200, topicOf(3, [0, 1, 2])))).toEqual(new Set([0, 1, 2]));
  });

  it("has a leader that takes batches, while one does; one for whom nothing waits may be asked again", () => {
    const { sticky, queues } = setUp({ waiting: [1, 1, 0, 1, 1] });
    for (const partition of [0, 2, 3]) queues.heldUp.add(partition);
    const counts = counted(5, picks(sticky, DRAWS));
    expect([counts[0], counts[3]]).toEqual([0, 0]);
    expect(chiSquared([counts[1] ?? 0, counts[2] ?? 0, counts[4] ?? 0], [1, 2, 1])).toBeLessThan(LIMIT);
    // One is as good as another once none takes any.
    queues.waiting.splice(2, 1, 1);
    for (const partition of [1, 4]) queues.heldUp.add(partition);
    expect(chiSquared(counted(5, picks(sticky, DRAWS)), [1, 1, 1, 1, 1])).toBeLessThan(LIMIT);
  });

  it("may be one that was added while the producer was at work", () => {
    const { sticky } = setUp({ waiting: [1, 1] });
    expect(new Set(picks(sticky, 100, topicOf(2)))).toEqual(new Set([0, 1]));
    expect(chiSquared(counted(3, picks(sticky, DRAWS, topicOf(3))), [1, 1, 2])).toBeLessThan(LIMIT);
  });
});
