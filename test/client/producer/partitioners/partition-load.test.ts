import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PartitionLoad } from "../../../../src/client/producer/partitioners/partition-load.ts";
import { counted } from "./support.ts";

/** How many of the shares each partition has. */
function shares(load: PartitionLoad, partitionCount: number): number[] {
  const owners = Array.from({ length: load.shares }, (_, share) => load.partitionOf(share));
  return counted(partitionCount, owners);
}

function loadOf(
  queueSizes: readonly number[],
  {
    partitions = [...queueSizes.keys()],
    length = queueSizes.length,
    partitionCount = queueSizes.length,
  }: { partitions?: number[]; length?: number; partitionCount?: number } = {},
): PartitionLoad {
  const load = new PartitionLoad();
  load.update(queueSizes, partitions, length, partitionCount);
  return load;
}

describe("PartitionLoad", () => {
  it("gives the shorter queue more, one share for each batch: 5, 0, 3, 0, 1 make 1:6:3:6:5", () => {
    expect(shares(loadOf([5, 0, 3, 0, 1]), 5)).toEqual([1, 6, 3, 6, 5]);
  });

  it("has shares in the order of the partitions", () => {
    const load = loadOf([0, 3, 1]);
    expect(Array.from({ length: load.shares }, (_, i) => load.partitionOf(i))).toEqual([
      0, 0, 0, 0, 1, 2, 2, 2,
    ]);
  });

  it("leaves out what may not be drawn, also when only one is left or the others are equal", () => {
    const partitions = [4, 0, 2];
    const five = { partitions, partitionCount: 5 };
    expect(shares(loadOf([1, 1, 1], five), 5)).toEqual([1, 0, 1, 0, 1]);
    expect(shares(loadOf([7, 1, 1], { ...five, length: 1 }), 5)).toEqual([0, 0, 0, 0, 1]);
    expect(shares(loadOf([7, 1, 1], { ...five, length: 2 }), 5)).toEqual([7, 0, 0, 0, 1]);
  });

  it("prefers nobody where all are equal, where none may be drawn, and where there is one partition", () => {
    expect(loadOf([2, 2, 2]).shares).toBe(0);
    expect(loadOf([1, 2], { length: 0 }).shares).toBe(0);
    expect(loadOf([3]).shares).toBe(0);
  });

  it("forgets what was before", () => {
    const load = loadOf([5, 0, 3, 0, 1]);
    load.update([0, 1], [0, 1], 2, 2);
    expect(shares(load, 5)).toEqual([2, 1, 0, 0, 0]);
    load.update([1, 1], [0, 1], 2, 2);
    expect(load.shares).toBe(0);
  });

  it("gives every partition the longest queue's length and one, less its own", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 2, maxLength: 30 }),
        (queueSizes) => {
          const longest = Math.max(...queueSizes);
          const load = loadOf(queueSizes);
          if (new Set(queueSizes).size === 1) expect(load.shares).toBe(0);
          else {
            const expected = queueSizes.map((size) => longest + 1 - size);
            expect(shares(load, queueSizes.length)).toEqual(expected);
          }
        },
      ),
    );
  });
});
