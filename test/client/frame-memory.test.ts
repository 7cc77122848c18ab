import { describe, expect, it } from "vitest";
import { FrameMemory } from "../../src/client/frame-memory.ts";

const MIB = 1024 * 1024;

describe("memory of large answers", () => {
  it("is used again once it was given back, and not before", () => {
    const memory = new FrameMemory();
    const first = memory.take(6 * MIB);
    const second = memory.take(6 * MIB);
    expect(second.buffer).not.toBe(first.buffer);
    expect(memory.isLent(first.buffer)).toBe(true);
    memory.giveBack(first.buffer);
    expect(memory.isLent(first.buffer)).toBe(false);
    // Answers differ by a batch or so.
    const third = memory.take(6 * MIB - 5000);
    expect(third.buffer).toBe(first.buffer);
    expect(third.byteLength).toBe(6 * MIB - 5000);
    expect(memory.take(6 * MIB).buffer).not.toBe(first.buffer);
  });

  it("is lent to one at a time, however often it is given back", () => {
    const memory = new FrameMemory();
    const { buffer } = memory.take(MIB);
    memory.giveBack(buffer);
    memory.giveBack(buffer);
    expect(memory.take(MIB).buffer).toBe(buffer);
    expect(memory.take(MIB).buffer).not.toBe(buffer);
  });

  it("that comes from elsewhere is nobody's business here", () => {
    const memory = new FrameMemory();
    const { buffer } = new Uint8Array(MIB);
    expect(memory.isLent(buffer)).toBe(false);
    memory.giveBack(buffer);
    expect(memory.take(MIB).buffer).not.toBe(buffer);
  });

  it("is kept for the next ones, and not for more than are needed", () => {
    const memory = new FrameMemory();
    const taken = [5, 4, 1, 2].map((size) => memory.take(size * MIB).buffer);
    for (const buffer of taken) memory.giveBack(buffer);
    expect(memory.take(2 * MIB).buffer).toBe(taken[3]);
    expect(memory.take(MIB).buffer).toBe(taken[2]);
    expect(taken).not.toContain(memory.take(MIB).buffer);
  });

  it("of small ones is made anew each time", () => {
    const memory = new FrameMemory();
    const { buffer, byteLength } = memory.take(1000);
    expect(byteLength).toBe(1000);
    expect(memory.isLent(buffer)).toBe(false);
    memory.giveBack(buffer);
    expect(memory.take(1000).buffer).not.toBe(buffer);
  });
});
