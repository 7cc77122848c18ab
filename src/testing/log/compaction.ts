/**
 * Compaction of one log (`cleanup.policy=compact`): of each key the last record stays, and a tombstone stays for
 * `delete.retention.ms` from when it was first come across. Offsets stay as they are. A batch that has lost all its
 * records stays without them where it holds the last sequence of a producer, or is the last of what was compacted; the
 * marker of a transaction goes once its records have, after the time of a tombstone.
 *
 * Differs from Kafka: all keys are in memory at once; records are written back uncompressed where the runtime
 * compresses only asynchronously, and stay where it decompresses only so.
 */

import type { CompressionType, Compressor } from "../../protocol/records/compression-type.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { AbortedTransaction } from "./aborted-transactions.ts";
import { type ForReading, recordsOf } from "./check-batch.ts";
import { CleanedTransactions } from "./cleaned-transactions.ts";
import type { LogSettings } from "./log-settings.ts";
import type { PartitionLog } from "./partition-log.ts";
import { type RetainedRecord, retainedBatch } from "./retained-batch.ts";
import { ageOf, type Segment } from "./segments.ts";
import type { StoredBatch } from "./stored-batch.ts";

/** What of a log can be compacted. */
export interface Compactable {
  /** All segments in front of what cannot be. */
  readonly segments: readonly Segment[];
  /** Where what was not compacted before begins. */
  readonly firstDirtyOffset: bigint;
  /** Where what cannot be compacted yet begins. */
  readonly endOffset: bigint;
  /** How much of it was not compacted before, from 0 to 1. */
  readonly dirtyRatio: number;
  /** Whether some of it has waited for `max.compaction.lag.ms`. */
  readonly isDue: boolean;
}

/** What compaction does not decide by itself. */
export interface CompactionOptions {
  readonly nowMs: number;
  readonly settings: LogSettings;
  readonly forReading: ForReading;
  readonly forWriting: (type: CompressionType) => Compressor | null;
}

/**
 * What can be compacted now: nothing of the active segment, nothing that is not stable, and nothing younger than
 * `min.compaction.lag.ms`.
 */
export function compactable(
  log: PartitionLog,
  lastStableOffset: bigint,
  nowMs: number,
  { minCompactionLagMs, maxCompactionLagMs }: LogSettings,
): Compactable {
  const { segments } = log;
  const firstDirtyOffset = log.firstDirtyOffset < log.startOffset ? log.startOffset : log.firstDirtyOffset;
  const isDirty = (index: number): boolean =>
    (segments[index + 1]?.baseOffset ?? log.endOffset) > firstDirtyOffset;
  const end = segments.findIndex((segment, index) => {
    const next = segments[index + 1];
    if (next === undefined || next.baseOffset > lastStableOffset) return true;
    return minCompactionLagMs > 0 && isDirty(index) && ageOf(segment) > nowMs - minCompactionLagMs;
  });
  const chosen = segments.slice(0, end);
  const dirty = chosen.filter((_, index) => isDirty(index));
  const sizeOf = (some: readonly Segment[]): number =>
    some.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0);
  const total = sizeOf(chosen);
  return {
    segments: chosen,
    firstDirtyOffset,
    endOffset: segments[end]?.baseOffset ?? log.endOffset,
    dirtyRatio: total === 0 ? 0 : sizeOf(dirty) / total,
    isDue: dirty.some((segment) => nowMs - segment.firstAppendedMs > maxCompactionLagMs),
  };
}

/** Compacts what can be; returns whether there was something. */
export function compact(log: PartitionLog, what: Compactable, options: CompactionOptions): boolean {
  const { segments, firstDirtyOffset, endOffset } = what;
  if (segments.length === 0 || firstDirtyOffset >= endOffset) return false;
  const batches = segments.flatMap((segment) => log.batchesOf(segment));
  const latest = latestOffsets(batches, firstDirtyOffset, log, options.forReading);
  const cleaner = new Cleaner(log, latest, endOffset, options);
  for (const group of grouped(segments, options.settings.segmentBytes)) {
    const left = group.flatMap((segment) =>
      log.batchesOf(segment).flatMap((batch) => cleaner.clean(batch) ?? []),
    );
    log.replaceSegments(group, left);
  }
  // A reader that were told of them would wait in vain for markers that have gone too.
  log.aborted.forget(cleaner.transactionsGone);
  log.firstDirtyOffset = endOffset;
  return true;
}

/** Where the last record of each key is, among those that were not compacted before. */
function latestOffsets(
  batches: readonly StoredBatch[],
  firstDirtyOffset: bigint,
  log: PartitionLog,
  forReading: ForReading,
): Map<string, bigint> {
  const latest = new Map<string, bigint>();
  const transactions = new CleanedTransactions(log.aborted.all);
  for (const { header, lastOffset } of batches) {
    if (header.isControl) transactions.isEmpty(header);
    else if (!transactions.isAborted(header) && lastOffset >= firstDirtyOffset) {
      for (const { key, offset } of recordsOf(header, forReading) ?? []) {
        if (key !== null) latest.set(textOf(key), offset);
      }
    }
  }
  return latest;
}

class Cleaner {
  readonly #latest: ReadonlyMap<string, bigint>;
  readonly #endOffset: bigint;
  readonly #options: CompactionOptions;
  readonly #transactions: CleanedTransactions;
  /** The last data batch of each producer, or -1 where only a marker is known. */
  readonly #lastOfProducers: ReadonlyMap<bigint, { readonly lastOffset: bigint; readonly epoch: number }>;

  constructor(
    log: PartitionLog,
    latest: ReadonlyMap<string, bigint>,
    endOffset: bigint,
    options: CompactionOptions,
  ) {
    this.#latest = latest;
    this.#endOffset = endOffset;
    this.#options = options;
    this.#transactions = new CleanedTransactions(log.aborted.all);
    this.#lastOfProducers = new Map(
      Array.from(log.producers.all, ({ producerId, producerEpoch, batches }) => [
        producerId,
        { lastOffset: batches.at(-1)?.lastOffset ?? -1n, epoch: producerEpoch },
      ]),
    );
  }

  get transactionsGone(): ReadonlySet<AbortedTransaction> {
    return this.#transactions.gone;
  }

  /** What is left of the batch; null for nothing. */
  clean(of: StoredBatch): { readonly bytes: Uint8Array; readonly of: StoredBatch } | null {
    const { header } = of;
    const { nowMs, settings, forReading, forWriting } = this.#options;
    const isDiscarded = header.isControl
      ? this.#transactions.isEmpty(header)
      : this.#transactions.isAborted(header);
    const horizonMs = header.hasDeleteHorizon ? header.baseTimestamp : null;
    const isPast = horizonMs !== null && horizonMs <= nowMs;
    const records = header.recordCount === 0 ? [] : recordsOf(header, forReading);
    if (records === null) return { bytes: header.bytes, of };
    const losesAll = header.isControl ? isDiscarded && isPast : isDiscarded;
    const kept: RetainedRecord[] = [];
    let hasTombstones = false;
    for (const { offset, timestamp, key, value, headers } of records) {
      if (losesAll) continue;
      if (!header.isControl && !this.#stays(offset, key, value, isPast)) continue;
      kept.push({ offset, timestamp, key, value, headers });
      if (value === null) hasTombstones = true;
    }
    const needsHorizon = horizonMs === null && (hasTombstones || (header.isControl && isDiscarded));
    if (kept.length === header.recordCount && !needsHorizon) {
      return kept.length > 0 || this.#isNeeded(of) ? { bytes: header.bytes, of } : null;
    }
    if (kept.length === 0 && !this.#isNeeded(of)) return null;
    const until = needsHorizon ? nowMs + settings.deleteRetentionMs : horizonMs;
    const compressor = header.compressionType === "none" ? null : forWriting(header.compressionType);
    return { bytes: retainedBatch(header, kept, until, compressor), of };
  }

  #stays(offset: bigint, key: Uint8Array | null, value: Uint8Array | null, isPast: boolean): boolean {
    if (offset >= this.#endOffset) return true;
    if (key === null) return false;
    const latest = this.#latest.get(textOf(key));
    if (latest !== undefined && offset < latest) return false;
    return value !== null || !isPast;
  }

  /** Whether the batch stays even without records. */
  #isNeeded({ header, lastOffset }: StoredBatch): boolean {
    if (lastOffset + 1n === this.#endOffset) return true;
    return header.producerId >= 0n && this.#isLastOfProducer(header, lastOffset);
  }

  #isLastOfProducer({ producerId, producerEpoch, isControl }: RecordBatch, lastOffset: bigint): boolean {
    const last = this.#lastOfProducers.get(producerId);
    if (last === undefined) return false;
    if (last.lastOffset >= 0n) return last.lastOffset === lastOffset;
    return isControl && producerEpoch === last.epoch;
  }
}

/** Segments that together are no larger than one may be become one. */
function grouped(segments: readonly Segment[], mostBytes: number): Segment[][] {
  const groups: Segment[][] = [];
  let size = 0;
  for (const segment of segments) {
    const group = groups.at(-1);
    if (group !== undefined && size + segment.sizeInBytes <= mostBytes) {
      group.push(segment);
      size += segment.sizeInBytes;
    } else {
      groups.push([segment]);
      size = segment.sizeInBytes;
    }
  }
  return groups;
}

/** A key as something that can be looked up: one character for each byte. */
function textOf(key: Uint8Array): string {
  let text = "";
  for (const byte of key) text += String.fromCharCode(byte);
  return text;
}
