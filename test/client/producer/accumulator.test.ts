import { describe, expect, it } from "vitest";
import { Accumulator } from "../../../src/client/producer/accumulator.ts";
import { BatchBuffers } from "../../../src/client/producer/batch-buffers.ts";
import { BufferMemory } from "../../../src/client/producer/buffer-memory.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const BATCH_SIZE = 64 * 1024;
const VALUE = new Uint8Array(1000);

function setUp() {
  const memory = new BufferMemory(1024 * 1024, new FakeClock(), () => new Error("full"));
  let allocated = 0;
  const accumulator = new Accumulator({
    batchSize: BATCH_SIZE,
    memory,
    nowMs: () => 0,
    allocate: (size) => {
      allocated += size;
      return new Uint8Array(size);
    },
  });
  const queue = accumulator.queue(accumulator.topic("t"), 0);
  /** A batch of so many records that is sent and acknowledged. */
  const deliver = (records: number): void => {
    for (let i = 0; i < records; i++) accumulator.append(queue, 1, null, VALUE, undefined, null, 0);
    for (const batch of [...queue.batches]) {
      batch.encode(null);
      accumulator.remove(queue, batch, true);
    }
  };
  return { memory, deliver, allocated: () => allocated };
}

describe("the memory of batches", () => {
  it("is used again, also that which a batch has outgrown", () => {
    const { memory, deliver, allocated } = setUp();
    // From small to large, and from the start again.
    const grow = (): void => {
      for (let i = 0; i < 10; i++) deliver(1);
      deliver(60);
    };
    for (let i = 0; i < 5; i++) grow();
    const before = allocated();
    for (let i = 0; i < 20; i++) grow();
    expect(allocated()).toBe(before);
    expect(memory.used).toBe(0);
  });

  it("has the size of the batches before at once, whatever small one came between", () => {
    const { memory, deliver } = setUp();
    deliver(60);
    deliver(1);
    const taken: number[] = [];
    const take = memory.take.bind(memory);
    memory.take = (bytes) => {
      if (bytes > 2000) taken.push(bytes);
      take(bytes);
    };
    deliver(25);
    expect(taken).toHaveLength(1);
  });

  it("is kept where it is large, rather than where it is small", () => {
    const buffers = new BatchBuffers(BATCH_SIZE, 2 * BATCH_SIZE);
    const small = Array.from({ length: 200 }, () => buffers.take(1024));
    const large = [1, 2].map(() => buffers.take(BATCH_SIZE));
    for (const buffer of [...small, ...large]) buffers.giveBack(buffer);
    const again = [1, 2, 3].map(() => buffers.take(BATCH_SIZE));
    expect(again.map((buffer) => large.includes(buffer))).toEqual([true, true, false]);
    // What was handed out is in nobody else's hands.
    expect(new Set(again).size).toBe(3);
  });
});
