import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodeError } from "../../../src/protocol/errors.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import {
  type ProducerState,
  rewriteProducerState,
} from "../../../src/protocol/records/rewrite-producer-state.ts";
import { seed } from "../../support/seed.ts";
import { gzip, toHex } from "./support.ts";

function builderOf(count: number): RecordBatchBuilder {
  const builder = new RecordBatchBuilder();
  for (let i = 0; i < count; i++)
    builder.append(1_700_000_000_000 + i, `key ${i}`, "value", [{ key: "h", value: null }]);
  return builder;
}

const state: ProducerState = { producerId: 4000n, producerEpoch: 3, baseSequence: 7 };

describe("rewriteProducerState", () => {
  it("gives the batch that would have been built with that state, whatever it said before", () => {
    const anyState = fc.record(
      {
        producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        producerEpoch: fc.nat({ max: 0x7fff }),
        baseSequence: fc.nat({ max: 0x7fff_ffff }),
        isTransactional: fc.boolean(),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.option(anyState, { nil: {} }),
        anyState,
        fc.constantFrom(null, gzip),
        (count, before, after, compression) => {
          const batch = builderOf(count).build({ ...before, compression }) as Uint8Array;
          rewriteProducerState(batch, after);
          expect(toHex(batch)).toBe(toHex(builderOf(count).build({ ...after, compression }) as Uint8Array));
        },
      ),
      { seed, numRuns: 200 },
    );
  });

  it("leaves the batch in its transaction, unless told otherwise", () => {
    const batch = builderOf(1).build({ ...state, isTransactional: true });
    const read = () => [...readRecordBatches(batch, { checkCrc: true })][0];
    rewriteProducerState(batch, { ...state, producerEpoch: 4 });
    expect(read()).toMatchObject({ isTransactional: true, producerEpoch: 4 });
    rewriteProducerState(batch, { ...state, isTransactional: false });
    expect(read()).toMatchObject({ isTransactional: false, producerEpoch: 3 });
    rewriteProducerState(batch, { producerId: -1n, producerEpoch: -1, baseSequence: -1 });
    expect(toHex(batch)).toBe(toHex(builderOf(1).build()));
  });

  it("keeps to the batch's part of larger memory", () => {
    const memory = new Uint8Array(500).fill(0xaa);
    const builder = new RecordBatchBuilder({ buffer: memory.subarray(100, 400) });
    builder.append(1, "k", "v");
    const batch = builder.build();
    rewriteProducerState(batch, state);
    expect([...readRecordBatches(batch, { checkCrc: true })]).toMatchObject([{ producerId: 4000n }]);
    const around = [...memory.subarray(0, 100), ...memory.subarray(100 + batch.byteLength)];
    expect(around.every((byte) => byte === 0xaa)).toBe(true);
  });

  it.each([
    ["producerId", { ...state, producerId: -1n, isTransactional: true }],
    ["producerId", { ...state, producerId: 2n ** 63n }],
    ["producerEpoch", { ...state, producerEpoch: -1 }],
    ["producerEpoch", { ...state, producerEpoch: 32768 }],
    ["baseSequence", { ...state, baseSequence: -1 }],
  ])("refuses a state that no producer has, and leaves the batch alone: %s of %o", (path, wrong) => {
    const batch = builderOf(2).build();
    const before = toHex(batch);
    let thrown: unknown;
    try {
      rewriteProducerState(batch, wrong);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EncodeError);
    expect((thrown as EncodeError).path).toBe(path);
    expect(toHex(batch)).toBe(before);
  });

  it("refuses what is not one whole batch of magic 2", () => {
    const batch = builderOf(2).build();
    const older = batch.slice();
    older[16] = 1;
    const two = new Uint8Array(2 * batch.byteLength);
    two.set(batch);
    two.set(batch, batch.byteLength);
    for (const bytes of [batch.subarray(0, 60), batch.subarray(0, batch.byteLength - 1), older, two]) {
      expect(() => rewriteProducerState(bytes, state)).toThrow(/are not one whole record batch of magic 2/);
    }
  });
});
