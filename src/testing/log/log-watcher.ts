import type { Segment } from "./segments.ts";
import type { StoredBatch } from "./stored-batch.ts";

/** What compaction or the start of a log makes of some segments. */
export interface SegmentContent {
  readonly baseOffset: bigint;
  readonly batches: readonly StoredBatch[];
}

/** Who is told of what happens to a log, at once and in the order in which it happens: what keeps it on disk. */
export interface LogWatcher {
  /** A batch was put at the end of the active segment. */
  onAppended?(segment: Segment, batch: StoredBatch): void;
  /** A new segment is active. */
  onRolled?(segment: Segment): void;
  /** What lay behind the end of the log has gone, from `active` on. */
  onTruncated?(active: Segment): void;
  /** These segments have gone from the start of the log. */
  onDeleted?(segments: readonly Segment[]): void;
  /** These segments have given way to that one. */
  onReplaced?(segments: readonly Segment[], content: SegmentContent): void;
  /** The start of the log is another, with or without segments that have gone. */
  onStartMoved?(startOffset: bigint): void;
  /** Leader epochs are others. */
  onEpochsChanged?(): void;
}
