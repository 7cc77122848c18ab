import { readRecordBatches } from "../../src/protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../src/protocol/records/record-batch.ts";
import { RecordBatchBuilder } from "../../src/protocol/records/record-batch-builder.ts";
import { FakeProducerState, type RefusalOfBatch } from "./fake-producer-state.ts";

interface StoredBatch {
  readonly bytes: Uint8Array;
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
}

const ERROR_CODES: Readonly<Record<RefusalOfBatch, number>> = {
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  INVALID_PRODUCER_EPOCH: 47,
  UNKNOWN_PRODUCER_ID: 59,
};

/** Why a log refuses a batch. */
export class AppendError extends Error {
  readonly errorCode: number;

  constructor(refusal: RefusalOfBatch) {
    super(refusal);
    this.errorCode = ERROR_CODES[refusal];
  }
}

/** The records of one partition, as a broker keeps them: in the batches in which they came. */
export class FakeLog {
  startOffset = 0n;
  nextOffset = 0n;
  /** Written into what is appended. */
  leaderEpoch = 0;
  /** Transactions by producer: where the open one began, and those that were aborted. */
  readonly #open = new Map<bigint, bigint>();
  readonly #aborted: { producerId: bigint; firstOffset: bigint; lastOffset: bigint }[] = [];
  /** What it knows of producers. */
  readonly producers = new FakeProducerState();
  readonly #batches: StoredBatch[] = [];

  /**
   * Appends what a producer sent, as a broker does that knows its last batches again, and gives the offset of its
   * first record.
   *
   * @throws AppendError when the producer's epoch or the sequence is none to go on with.
   */
  append(records: Uint8Array): bigint {
    const baseOffset = this.nextOffset;
    for (const batch of readRecordBatches(records)) {
      const known = this.#check(batch);
      if (known !== null) return known;
      const bytes = Uint8Array.from(batch.bytes);
      const view = new DataView(bytes.buffer);
      view.setBigInt64(0, this.nextOffset);
      const LEADER_EPOCH_AT = 12;
      if (batch.partitionLeaderEpoch < 0) view.setInt32(LEADER_EPOCH_AT, this.leaderEpoch);
      if (batch.isTransactional && !batch.isControl && !this.#open.has(batch.producerId)) {
        this.#open.set(batch.producerId, this.nextOffset);
      }
      this.put(bytes, this.nextOffset + (batch.lastOffset - batch.baseOffset));
    }
    return baseOffset;
  }

  /** The offset at which the batch is already; null where it can be appended. */
  #check(batch: RecordBatch): bigint | null {
    if (batch.producerId < 0n) return null;
    const judgement = this.producers.judge(batch);
    if (judgement.verdict === "refuse") throw new AppendError(judgement.error);
    if (judgement.verdict === "duplicate") return judgement.baseOffset;
    this.producers.appended(batch, this.nextOffset);
    return null;
  }

  /** Puts a batch at the end as it is; the offset after it is free to choose, as after compaction. */
  put(bytes: Uint8Array, lastOffset: bigint): void {
    const baseOffset = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0);
    this.#batches.push({ bytes, baseOffset, lastOffset });
    this.nextOffset = lastOffset + 1n;
  }

  /** Ends the producer's transaction, with the marker that says how. */
  endTransaction(producerId: bigint, outcome: "commit" | "abort"): void {
    const firstOffset = this.#open.get(producerId);
    this.#open.delete(producerId);
    if (firstOffset !== undefined && outcome === "abort") {
      this.#aborted.push({ producerId, firstOffset, lastOffset: this.nextOffset });
    }
    const builder = new RecordBatchBuilder();
    const type = outcome === "abort" ? 0 : 1;
    builder.append(1, Uint8Array.of(0, 0, 0, type), Uint8Array.of(0, 0, 0, 0, 0, 0));
    const producer = { producerId, producerEpoch: 0, baseSequence: -1 };
    const marker = builder.build({
      ...producer,
      isControl: true,
      isTransactional: true,
      baseOffset: this.nextOffset,
    });
    this.put(marker, this.nextOffset);
  }

  /** In front of the first transaction that is open. */
  get lastStableOffset(): bigint {
    let first = this.nextOffset;
    for (const offset of this.#open.values()) if (offset < first) first = offset;
    return first;
  }

  /** As a broker lists them: by where they end. */
  abortedFrom(offset: bigint): { producerId: bigint; firstOffset: bigint }[] {
    return this.#aborted
      .filter(({ lastOffset }) => lastOffset >= offset)
      .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }));
  }

  /** The last epoch that is not above the one given, and where it ends. */
  endOf(leaderEpoch: number): { leaderEpoch: number; endOffset: bigint } {
    let found = -1;
    for (const { bytes, lastOffset } of this.#batches) {
      const [batch] = readRecordBatches(bytes, { checkCrc: false });
      const epoch = batch?.partitionLeaderEpoch ?? -1;
      if (epoch > leaderEpoch) return { leaderEpoch: found, endOffset: batch?.baseOffset ?? lastOffset };
      found = Math.max(found, epoch);
    }
    // The leader's own epoch begins with it, whether it has written something or not.
    const isKnown = leaderEpoch >= this.leaderEpoch;
    return { leaderEpoch: isKnown ? Math.max(found, this.leaderEpoch) : found, endOffset: this.nextOffset };
  }

  /** Drops everything from the batch on that holds `offset`, as a replica does that follows an unclean leader. */
  truncate(offset: bigint): void {
    while ((this.#batches.at(-1)?.lastOffset ?? -1n) >= offset) this.#batches.pop();
    this.nextOffset = (this.#batches.at(-1)?.lastOffset ?? -1n) + 1n;
  }

  /** Whole batches from the one that holds `offset`, up to `maxBytes` and `end` but at least one. */
  read(offset: bigint, maxBytes: number, end?: bigint): Uint8Array {
    const chosen: Uint8Array[] = [];
    let size = 0;
    for (const { bytes, lastOffset } of this.#batches) {
      if (lastOffset < offset) continue;
      if (end !== undefined && lastOffset >= end) break;
      size += bytes.byteLength;
      if (chosen.length > 0 && size > maxBytes) break;
      chosen.push(bytes);
    }
    return Uint8Array.from(Buffer.concat(chosen));
  }

  /** The offset of the first record that is as late as `timestamp`; -1 where none is. */
  offsetAt(timestamp: number): bigint {
    for (const batch of readRecordBatches(this.read(this.startOffset, Number.POSITIVE_INFINITY))) {
      for (const { offset, timestamp: theirs } of batch.records()) {
        if (offset >= this.startOffset && theirs >= timestamp) return offset;
      }
    }
    return -1n;
  }

  /** The values of all records, as text. */
  values(): string[] {
    const all = this.read(this.startOffset, Number.POSITIVE_INFINITY);
    if (all.byteLength === 0) return [];
    return [...readRecordBatches(all)].flatMap((batch) =>
      Array.from(batch.records(), ({ value }) => Buffer.from(value ?? []).toString()),
    );
  }
}

/** A batch of records with these values, one millisecond after another. */
export function batchOf(values: readonly (string | null)[], baseOffset = 0n, timestamp = 1): Uint8Array {
  const builder = new RecordBatchBuilder();
  values.forEach((value, index) => void builder.append(timestamp + index, null, value));
  return builder.build({ baseOffset });
}
