import { describe, expect, it } from "vitest";
import type { PartitionState } from "../../../src/client/consumer/fetch-state.ts";
import { Hands } from "../../../src/client/consumer/hands.ts";

const partition = (n: number): PartitionState => ({ topic: "t", partition: n }) as PartitionState;
const at = (offset: bigint) => ({ offset, leaderEpoch: 3 });

/** Whether a promise has resolved, once all that is ready has run. */
async function isResolved(promise: Promise<unknown>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => {
    resolved = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return resolved;
}

describe("what is in hand", () => {
  it("is committed up to the first record of it, until the application is done", () => {
    const hands = new Hands();
    const state = partition(0);
    hands.give(state, at(5n));
    hands.give(state, at(6n));
    expect(hands.placeOf(state)).toEqual(at(5n));
    hands.advance(state, at(8n));
    expect(hands.placeOf(state)).toEqual(at(8n));
    hands.allDone();
    expect(hands.placeOf(state)).toBeUndefined();
    hands.advance(state, at(9n));
    expect(hands.has(state)).toBe(false);
  });

  it("counts as processed as far as it was committed, and never less than that", () => {
    const hands = new Hands();
    const state = partition(0);
    hands.processed(state, at(9n));
    expect(hands.has(state)).toBe(false);
    hands.give(state, at(5n));
    hands.look(100);
    hands.processed(state, at(6n));
    hands.processed(state, at(4n));
    expect(hands.placeOf(state)).toEqual(at(6n));
    // It is in hand still, and has been for as long.
    expect(hands.look(300)).toBe(200);
  });

  it("lets go of those who wait for their partitions only", async () => {
    const hands = new Hands();
    const [a, b, c] = [partition(0), partition(1), partition(2)];
    hands.give(a, at(0n));
    hands.give(b, at(0n));
    const both = hands.empty([a, b]);
    const other = hands.empty([c]);
    expect(await isResolved(other)).toBe(true);
    hands.done(a);
    expect(await isResolved(both)).toBe(false);
    hands.done(b);
    expect(await isResolved(both)).toBe(true);
  });

  it("is waited for no longer once it is released, and keeps its place for the commit", async () => {
    const hands = new Hands();
    const state = partition(0);
    hands.give(state, at(7n));
    const waiting = hands.empty([state]);
    hands.release();
    expect(await isResolved(waiting)).toBe(true);
    expect(await isResolved(hands.empty([state]))).toBe(true);
    expect(hands.placeOf(state)).toEqual(at(7n));
    hands.reset();
    hands.give(state, at(9n));
    expect(await isResolved(hands.empty([state]))).toBe(false);
  });

  it("is as old as the oldest of it that was not touched since it was last looked at", () => {
    const hands = new Hands();
    const [a, b] = [partition(0), partition(1)];
    hands.give(a, at(0n));
    expect(hands.look(1000)).toBe(0);
    hands.give(b, at(0n));
    expect(hands.look(1500)).toBe(500);
    hands.advance(a, at(1n));
    expect(hands.look(2000)).toBe(500);
    hands.done(b);
    expect(hands.look(2600)).toBe(600);
  });
});
