import { describe, expect, it } from "vitest";
import { AbortedTransactions } from "../../../src/client/consumer/aborted-transactions.ts";
import { DecodeError } from "../../../src/protocol/errors.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../../src/protocol/records/record-batch.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";

const ABORT = 0;
const COMMIT = 1;

function batch(baseOffset: bigint, producerId: bigint, isTransactional = true, count = 1): RecordBatch {
  const builder = new RecordBatchBuilder();
  for (let i = 0; i < count; i++) builder.append(1, null, "x");
  const producer = producerId < 0n ? {} : { producerId, producerEpoch: 0, baseSequence: 0 };
  return first(builder.build({ ...producer, isTransactional, baseOffset }));
}

function marker(baseOffset: bigint, producerId: bigint, type: number): RecordBatch {
  return controlBatch(baseOffset, producerId, Uint8Array.of(0, 0, 0, type));
}

function controlBatch(baseOffset: bigint, producerId: bigint, key: Uint8Array | null): RecordBatch {
  const builder = new RecordBatchBuilder();
  builder.append(1, key, Uint8Array.of(0, 0, 0, 0, 0, 0));
  const producer = { producerId, producerEpoch: 0, baseSequence: -1 };
  return first(builder.build({ ...producer, isTransactional: true, isControl: true, baseOffset }));
}

function first(bytes: Uint8Array): RecordBatch {
  const [only] = readRecordBatches(bytes);
  return only as RecordBatch;
}

/** Which of these are seen, by their base offsets. */
function seen(
  aborted: readonly (readonly [producerId: bigint, firstOffset: bigint])[],
  batches: readonly RecordBatch[],
): bigint[] {
  const filter = new AbortedTransactions(
    aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
  );
  return batches.filter((each) => !filter.isHidden(each)).map(({ baseOffset }) => baseOffset);
}

describe("of the batches of an answer", () => {
  it("those of aborted transactions are passed over, up to the marker, and markers too", () => {
    const batches = [
      batch(0n, 1n),
      batch(1n, 2n),
      marker(2n, 1n, ABORT),
      batch(3n, 1n),
      marker(4n, 2n, COMMIT),
      marker(5n, 1n, COMMIT),
    ];
    expect(seen([[1n, 0n]], batches)).toEqual([1n, 3n]);
  });

  it("those in front of an aborted transaction of the same producer are seen", () => {
    const batches = [
      batch(0n, 1n),
      marker(1n, 1n, COMMIT),
      batch(2n, 1n),
      marker(3n, 1n, ABORT),
      batch(4n, 1n),
    ];
    expect(seen([[1n, 2n]], batches)).toEqual([0n, 4n]);
  });

  it("several aborted transactions of a producer are told apart, in whatever order they are listed", () => {
    const batches = [
      batch(0n, 1n),
      marker(1n, 1n, ABORT),
      batch(2n, 1n),
      marker(3n, 1n, COMMIT),
      batch(4n, 1n),
      batch(5n, 2n),
      marker(6n, 1n, ABORT),
      batch(7n, 2n),
    ];
    // Brokers list them by where they end.
    const aborted = [
      [1n, 4n],
      [1n, 0n],
    ] as const;
    expect(seen(aborted, batches)).toEqual([2n, 5n, 7n]);
  });

  it("a transaction that began before the answer, or ends after it, is passed over as well", () => {
    expect(seen([[1n, 0n]], [batch(10n, 1n), batch(11n, 1n)])).toEqual([]);
    expect(seen([[1n, 0n]], [batch(10n, 1n), marker(11n, 1n, ABORT), batch(12n, 1n)])).toEqual([12n]);
  });

  it("one that begins within a batch is that batch's: compaction may have moved its start", () => {
    expect(seen([[1n, 2n]], [batch(0n, 1n, true, 5)])).toEqual([]);
  });

  it("records outside of transactions are seen, of the same producer id too", () => {
    expect(seen([[1n, 0n]], [batch(0n, -1n, false), batch(1n, 1n, false)])).toEqual([0n, 1n]);
  });

  it("control batches that have lost their marker to compaction, or know another type, end nothing", () => {
    const bytes = Uint8Array.from(marker(1n, 1n, ABORT).bytes).slice(0, 61);
    const view = new DataView(bytes.buffer);
    view.setInt32(8, 49);
    view.setInt32(57, 0);
    const [empty] = readRecordBatches(bytes, { checkCrc: false });
    const batches = [batch(0n, 1n), empty as RecordBatch, marker(2n, 1n, 99), batch(3n, 1n)];
    expect(seen([[1n, 0n]], batches)).toEqual([]);
  });

  it.each([
    ["no key", null],
    ["half a key", Uint8Array.of(0, 0, 0)],
    ["a key of a version below 0", Uint8Array.of(255, 255, 0, 0)],
  ])("a marker with %s cannot be read", (_, key) => {
    expect(() => seen([], [controlBatch(0n, 1n, key)])).toThrow(DecodeError);
  });
});
