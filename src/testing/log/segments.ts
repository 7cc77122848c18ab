/**
 * The segments of a log: stretches that are rolled, deleted and compacted as a whole. The last one is active, which is
 * the one that is appended to.
 */

import type { LogSettings } from "./log-settings.ts";
import type { StoredBatch } from "./stored-batch.ts";

export interface Segment {
  /** It holds the batches from here to the base offset of the next. */
  readonly baseOffset: bigint;
  readonly sizeInBytes: number;
  /** The largest timestamp of its first batch; -1 for none. Its time to be rolled is counted from there. */
  readonly firstTimestamp: number;
  /** The largest of all; -1 for none. */
  readonly maxTimestamp: number;
  /** When something was appended first and last, by the cluster's clock. */
  readonly firstAppendedMs: number;
  readonly lastAppendedMs: number;
}

export class Segments {
  #all: Segment[] = [emptyAt(0n)];

  /** In their order, at least one. */
  get all(): readonly Segment[] {
    return this.#all;
  }

  get active(): Segment {
    return this.#all.at(-1) as Segment;
  }

  /** Whether the batch begins a new segment. */
  isFullFor(size: number, timestamp: number, nowMs: number, settings: LogSettings): boolean {
    const { active } = this;
    if (active.sizeInBytes === 0) return false;
    if (active.sizeInBytes + size > settings.segmentBytes) return true;
    const ageMs =
      active.firstTimestamp >= 0 ? timestamp - active.firstTimestamp : nowMs - active.firstAppendedMs;
    const { segmentMs, isCompacted, maxCompactionLagMs } = settings;
    return ageMs > (isCompacted ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs);
  }

  /** Begins a new segment; one that is empty is left. */
  roll(baseOffset: bigint): void {
    if (this.active.sizeInBytes === 0) this.#all.pop();
    this.#all.push(emptyAt(baseOffset));
  }

  /** Takes note of a batch at the end of the log. */
  appended(batch: StoredBatch): void {
    this.#all[this.#all.length - 1] = withBatch(this.active, batch);
  }

  /** Forgets the first ones. */
  drop(count: number): void {
    this.#all.splice(0, count);
  }

  /** Makes them anew where batches have gone from the end of the log; `endOffset` is where it ends now. */
  truncateTo(endOffset: bigint, batches: readonly StoredBatch[]): void {
    const bases = this.#all.map(({ baseOffset }) => baseOffset).filter((base) => base < endOffset);
    this.set(bases.length === 0 ? [endOffset] : bases, batches);
  }

  /** Makes them anew, with these base offsets, from all batches of the log. */
  set(bases: readonly bigint[], batches: readonly StoredBatch[]): void {
    let next = 0;
    this.#all = bases.map((baseOffset, index) => {
      const end = bases[index + 1];
      let segment = emptyAt(baseOffset);
      for (; next < batches.length; next++) {
        const batch = batches[next] as StoredBatch;
        if (end !== undefined && batch.baseOffset >= end) break;
        segment = withBatch(segment, batch);
      }
      return segment;
    });
  }
}

function emptyAt(baseOffset: bigint): Segment {
  return {
    baseOffset,
    sizeInBytes: 0,
    firstTimestamp: -1,
    maxTimestamp: -1,
    firstAppendedMs: -1,
    lastAppendedMs: -1,
  };
}

function withBatch(segment: Segment, { size, maxTimestamp, appendedMs }: StoredBatch): Segment {
  const isFirst = segment.sizeInBytes === 0;
  return {
    baseOffset: segment.baseOffset,
    sizeInBytes: segment.sizeInBytes + size,
    firstTimestamp: isFirst ? maxTimestamp : segment.firstTimestamp,
    maxTimestamp: Math.max(segment.maxTimestamp, maxTimestamp),
    firstAppendedMs: isFirst ? appendedMs : segment.firstAppendedMs,
    lastAppendedMs: appendedMs,
  };
}

/** The time by which a segment is too old or not. */
export function ageOf({ maxTimestamp, lastAppendedMs }: Segment): number {
  return maxTimestamp >= 0 ? maxTimestamp : lastAppendedMs;
}
