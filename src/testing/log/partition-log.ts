/**
 * The log of one partition: record batches as they came, one behind the other, and what is known of them. All
 * replicas of a partition share one, and know how far each of them has got.
 *
 * Owner of: batches, segments, log start and end offset, leader epochs, producer states, aborted transactions. The high
 * watermark belongs to the partition.
 */

import { decodeControlRecord } from "../../protocol/control-records.ts";
import { putInt16, putInt32, putInt64 } from "../../protocol/records/big-endian.ts";
import { crc32c } from "../../protocol/records/crc32c.ts";
import {
  ATTRIBUTES_AT,
  CRC_AT,
  LOG_APPEND_TIME_FLAG,
  MAX_TIMESTAMP_AT,
} from "../../protocol/records/layout.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import { Refusal } from "../error-code.ts";
import { AbortedTransactions } from "./aborted-transactions.ts";
import { checkBatch, checkRecords, type ForReading } from "./check-batch.ts";
import { type EpochStart, LeaderEpochs } from "./leader-epochs.ts";
import type { LogSettings } from "./log-settings.ts";
import type { LogWatcher, SegmentContent } from "./log-watcher.ts";
import { type AppendOrigin, ProducerStates } from "./producer-states.ts";
import { type Segment, Segments } from "./segments.ts";
import { Slab } from "./slab.ts";
import { headerOf, type StoredBatch, store } from "./stored-batch.ts";

export interface AppendOptions {
  readonly origin: AppendOrigin;
  readonly leaderEpoch: number;
  readonly settings: LogSettings;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Where a batch is now. */
export interface Appended {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  /** -1 where the producer sets the timestamps, unless the batch was there before. */
  readonly logAppendTimeMs: number;
  /** Whether it was there before, and was not written again. */
  readonly isDuplicate: boolean;
}

const NOTHING = new Uint8Array(0);

export class PartitionLog {
  readonly epochs = new LeaderEpochs();
  readonly producers = new ProducerStates();
  readonly aborted = new AbortedTransactions();
  /** Up to where it was compacted. */
  firstDirtyOffset = 0n;
  /** Topic and partition, as messages have them. */
  readonly #name: string;
  readonly #forReading: ForReading;
  /** Transactions whose markers may not be on all in-sync replicas yet: what they end is not decided before. */
  #ended: { readonly firstOffset: bigint; readonly lastOffset: bigint }[] = [];
  readonly #watchers: LogWatcher[] = [];
  readonly #segments = new Segments();
  #batches: StoredBatch[] = [];
  #slab: Slab | null = null;
  #startOffset = 0n;
  #endOffset = 0n;
  #sizeInBytes = 0;

  constructor(name: string, forReading: ForReading) {
    this.#name = name;
    this.#forReading = forReading;
  }

  /** The first offset that can be read. */
  get startOffset(): bigint {
    return this.#startOffset;
  }

  /** The offset that the next record gets. */
  get endOffset(): bigint {
    return this.#endOffset;
  }

  get sizeInBytes(): number {
    return this.#sizeInBytes;
  }

  /**
   * Where the first transaction begins of which it is not decided how it ends, or not on all in-sync replicas; null
   * where there is none.
   */
  firstUnstableOffset(highWatermark: bigint): bigint | null {
    if (this.#ended.length > 0) {
      this.#ended = this.#ended.filter(({ lastOffset }) => lastOffset >= highWatermark);
    }
    let first = this.producers.firstUnstableOffset;
    for (const { firstOffset } of this.#ended) if (first === null || firstOffset < first) first = firstOffset;
    return first;
  }

  /** In the order of their offsets. */
  get batches(): readonly StoredBatch[] {
    return this.#batches;
  }

  /** In their order; the last is the one that is appended to. */
  get segments(): readonly Segment[] {
    return this.#segments.all;
  }

  /** Has `watcher` told of what happens from now on. */
  watch(watcher: LogWatcher): void {
    this.#watchers.push(watcher);
  }

  /** The batches of a segment. */
  batchesOf({ baseOffset }: Segment): StoredBatch[] {
    const segments = this.#segments.all;
    const next = segments[segments.findIndex((segment) => segment.baseOffset === baseOffset) + 1];
    const end = next === undefined ? this.#batches.length : this.indexOf(next.baseOffset);
    return this.#batches.slice(this.indexOf(baseOffset), end);
  }

  /**
   * Appends one batch.
   *
   * @throws Refusal when it may not be appended; the log is then as it was.
   */
  append(batch: RecordBatch, { origin, leaderEpoch, settings, nowMs }: AppendOptions): Appended {
    const name = this.#name;
    if (origin === "client") {
      checkBatch(batch, settings, name);
      checkRecords(batch, settings, this.#forReading, nowMs, name);
    }
    if (batch.producerId >= 0n) {
      const known = origin === "client" ? this.producers.duplicateOf(batch) : null;
      if (known !== null) {
        // Kafka tells the batch's own time here, whoever set it.
        const { baseOffset, lastOffset, timestamp } = known;
        return { baseOffset, lastOffset, logAppendTimeMs: timestamp, isDuplicate: true };
      }
      this.producers.check(batch, origin, `offset ${this.#endOffset} in ${name}`);
    }
    const isStamped = settings.timestampType === "LogAppendTime" && !batch.isControl;
    const bytes = isStamped ? stamped(batch.bytes, nowMs) : batch.bytes;
    const timestamp = isStamped ? nowMs : batch.maxTimestamp;
    if (this.#segments.isFullFor(bytes.byteLength, timestamp, nowMs, settings)) this.roll();
    if (this.epochs.begin(leaderEpoch, this.#endOffset)) this.#tell((watcher) => watcher.onEpochsChanged?.());
    const stored = this.#put(bytes, this.#endOffset, leaderEpoch, nowMs);
    this.#takeNote(stored);
    const segment = this.#segments.active;
    try {
      this.#tell((watcher) => watcher.onAppended?.(segment, stored));
    } catch (error) {
      // What cannot be kept was not appended.
      this.#takeBack(stored);
      throw error;
    }
    const { baseOffset, lastOffset } = stored;
    return { baseOffset, lastOffset, logAppendTimeMs: isStamped ? nowMs : -1, isDuplicate: false };
  }

  /**
   * Batches from the one that holds `offset`. As in Kafka the last may be cut off, and the first is whole.
   *
   * @param maxBytes that they may take together
   * @param before the offset of the first record that may not be read
   * @param atLeastOne whether the first batch is read however large it is
   */
  read(offset: bigint, maxBytes: number, before: bigint, atLeastOne: boolean): Uint8Array {
    const batches = this.#batches;
    const start = this.indexOf(offset);
    const first = batches[start];
    if (first === undefined || first.lastOffset >= before) return NOTHING;
    if (first.size > maxBytes) {
      return atLeastOne ? first.slab.bytes.subarray(first.at, first.at + first.size) : NOTHING;
    }
    // Those that stand behind each other in memory are one view; a read ends where they do not, as at a segment's end.
    const most = first.at + maxBytes;
    let end = first.at;
    for (let index = start; end < most && index < batches.length; index++) {
      const { slab, at, size, lastOffset } = batches[index] as StoredBatch;
      if (slab !== first.slab || at !== end || lastOffset >= before) break;
      end += size;
    }
    return first.slab.bytes.subarray(first.at, Math.min(end, most));
  }

  /** The index of the first batch whose last offset is at or behind `offset`. */
  indexOf(offset: bigint): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle] as StoredBatch).lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Has the next batch begin a new segment. */
  roll(): void {
    if (this.#segments.active.sizeInBytes === 0) return;
    this.#segments.roll(this.#endOffset);
    const { active } = this.#segments;
    this.#tell((watcher) => watcher.onRolled?.(active));
  }

  /** Cuts off what lies at or behind `offset`: another replica that did not have it leads now. */
  truncateTo(offset: bigint): void {
    if (offset >= this.#endOffset) return;
    this.#replaceBatches(this.#batches.filter(({ lastOffset }) => lastOffset < offset));
    const end = (this.#batches.at(-1)?.lastOffset ?? -1n) + 1n;
    this.#endOffset = end > this.#startOffset ? end : this.#startOffset;
    if (this.firstDirtyOffset > this.#endOffset) this.firstDirtyOffset = 0n;
    this.#segments.truncateTo(this.#endOffset, this.#batches);
    this.epochs.truncateTo(this.#endOffset);
    this.#readProducersAgain();
    const { active } = this.#segments;
    this.#tell((watcher) => watcher.onTruncated?.(active));
    this.#tell((watcher) => watcher.onEpochsChanged?.());
  }

  /** Moves the start of the log forward. Segments that lie in front of it go with the next look at what is kept. */
  startAt(offset: bigint): void {
    if (offset <= this.#startOffset) return;
    this.#startOffset = offset;
    if (offset > this.#endOffset) this.#endOffset = offset;
    this.epochs.startAt(offset);
    this.aborted.startAt(offset);
    this.#tell((watcher) => watcher.onStartMoved?.(offset));
    this.#tell((watcher) => watcher.onEpochsChanged?.());
  }

  /** Deletes the first segments; where they are all, an empty one takes their place. */
  deleteSegments(count: number): void {
    if (count <= 0) return;
    if (count >= this.#segments.all.length) this.roll();
    const gone = this.#segments.all.slice(0, count);
    const start = this.#segments.all[count]?.baseOffset ?? this.#endOffset;
    this.#segments.drop(count);
    this.#replaceBatches(this.#batches.slice(this.indexOf(start)));
    this.startAt(start);
    this.#tell((watcher) => watcher.onDeleted?.(gone));
  }

  /** Puts one segment in the place of some that stand behind each other: what compaction has left of them. */
  replaceSegments(
    old: readonly Segment[],
    left: readonly { readonly bytes: Uint8Array; readonly of: StoredBatch }[],
  ): void {
    const first = old[0] as Segment;
    const from = this.indexOf(first.baseOffset);
    const bases = this.#segments.all.map(({ baseOffset }) => baseOffset);
    const behind = bases[bases.indexOf((old.at(-1) as Segment).baseOffset) + 1];
    const to = behind === undefined ? this.#batches.length : this.indexOf(behind);
    let slab: Slab | null = null;
    const batches = left.map(({ bytes, of }) => {
      if (bytes === of.header.bytes) return of;
      if (slab?.hasRoomFor(bytes.byteLength) !== true) slab = Slab.after(slab, bytes.byteLength);
      return store(slab, bytes, of.baseOffset, of.leaderEpoch, of.appendedMs);
    });
    this.#replaceBatches([...this.#batches.slice(0, from), ...batches, ...this.#batches.slice(to)]);
    const gone = new Set(old.slice(1).map(({ baseOffset }) => baseOffset));
    this.#segments.set(
      bases.filter((base) => !gone.has(base)),
      this.#batches,
    );
    const content: SegmentContent = { baseOffset: first.baseOffset, batches };
    this.#tell((watcher) => watcher.onReplaced?.(old, content));
  }

  /**
   * Takes what was kept elsewhere, as the whole log. It has to be empty, and nobody is told.
   *
   * @param epochs that are known; of others the batches tell
   */
  restore(segments: readonly SegmentContent[], startOffset: bigint, epochs: readonly EpochStart[]): void {
    this.#replaceBatches(segments.flatMap(({ batches }) => [...batches]));
    const ends = [
      startOffset,
      segments.at(-1)?.baseOffset ?? 0n,
      (this.#batches.at(-1)?.lastOffset ?? -1n) + 1n,
    ];
    const firstKept = segments[0]?.baseOffset ?? 0n;
    this.#startOffset = startOffset > firstKept ? startOffset : firstKept;
    this.#endOffset = ends.reduce((most, end) => (end > most ? end : most));
    this.#segments.set(segments.length === 0 ? [this.#endOffset] : segments.map(baseOf), this.#batches);
    for (const known of epochs) {
      if (known.startOffset <= this.#endOffset) this.epochs.begin(known.epoch, known.startOffset);
    }
    for (const { leaderEpoch, baseOffset } of this.#batches) this.epochs.begin(leaderEpoch, baseOffset);
    this.epochs.startAt(this.#startOffset);
    this.#readProducersAgain();
    this.aborted.startAt(this.#startOffset);
  }

  #put(bytes: Uint8Array, baseOffset: bigint, leaderEpoch: number, nowMs: number): StoredBatch {
    if (this.#slab?.hasRoomFor(bytes.byteLength) !== true) {
      this.#slab = Slab.after(this.#slab, bytes.byteLength);
    }
    const stored = store(this.#slab, bytes, baseOffset, leaderEpoch, nowMs);
    this.#batches.push(stored);
    this.#segments.appended(stored);
    this.#sizeInBytes += stored.size;
    if (stored.lastOffset >= this.#endOffset) this.#endOffset = stored.lastOffset + 1n;
    return stored;
  }

  #takeBack({ baseOffset }: StoredBatch): void {
    this.#replaceBatches(this.#batches.slice(0, -1));
    this.#endOffset = baseOffset;
    this.#segments.truncateTo(baseOffset, this.#batches);
    this.#readProducersAgain();
  }

  #tell(what: (watcher: LogWatcher) => void): void {
    for (const watcher of this.#watchers) what(watcher);
  }

  #replaceBatches(batches: StoredBatch[]): void {
    this.#batches = batches;
    this.#sizeInBytes = 0;
    for (const { size } of batches) this.#sizeInBytes += size;
  }

  #takeNote({ header, baseOffset, lastOffset }: StoredBatch): void {
    const { producerId } = header;
    if (producerId < 0n) return;
    if (!header.isControl) {
      this.producers.appended(header, baseOffset, lastOffset);
      return;
    }
    const marker = markerOf(header);
    if (marker === null) return;
    const firstOffset = this.producers.ended(header, marker.coordinatorEpoch);
    if (firstOffset === null) return;
    this.#ended.push({ firstOffset, lastOffset });
    if (!marker.isAbort) return;
    const lastStableOffset = this.producers.firstUnstableOffset ?? this.#endOffset;
    this.aborted.add({ producerId, firstOffset, lastOffset, lastStableOffset });
  }

  #readProducersAgain(): void {
    this.producers.clear();
    this.aborted.clear();
    this.#ended = [];
    for (const batch of this.#batches) this.#takeNote(batch);
  }
}

function baseOf({ baseOffset }: SegmentContent): bigint {
  return baseOffset;
}

/** What a control batch says of a transaction's end; null where it says nothing of that. */
export function markerOf(
  batch: RecordBatch,
): { readonly isAbort: boolean; readonly coordinatorEpoch: number } | null {
  const record = batch.records().nextRecord();
  if (record === null) return null;
  const marker = decodeControlRecord(record.key, record.value);
  if (marker.type !== "ABORT" && marker.type !== "COMMIT") return null;
  return { isAbort: marker.type === "ABORT", coordinatorEpoch: marker.value.coordinatorEpoch };
}

/** A copy of the batch with the broker's time in it. */
function stamped(batch: Uint8Array, nowMs: number): Uint8Array {
  const bytes = Uint8Array.from(batch);
  const view = new DataView(bytes.buffer);
  putInt16(bytes, ATTRIBUTES_AT, view.getInt16(ATTRIBUTES_AT) | LOG_APPEND_TIME_FLAG);
  putInt64(bytes, MAX_TIMESTAMP_AT, nowMs);
  putInt32(bytes, CRC_AT, crc32c(bytes, ATTRIBUTES_AT, bytes.byteLength));
  return bytes;
}

/** Reads bytes that are one whole batch, for those who make batches themselves. */
export function ownBatch(bytes: Uint8Array): RecordBatch {
  const batch = headerOf(bytes);
  if (batch.sizeInBytes !== bytes.byteLength) {
    throw new Refusal("CORRUPT_MESSAGE", "There is more than one batch in these bytes");
  }
  return batch;
}
