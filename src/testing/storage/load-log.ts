/**
 * Reads a partition's log back from its directory. What is torn or damaged is cut off there, with all that lies behind
 * it, as Kafka does it when it has not stopped in order; what lies in front stays.
 */

import type { Storage } from "../../platform/storage.ts";
import type { SegmentContent } from "../log/log-watcher.ts";
import type { PartitionLog } from "../log/partition-log.ts";
import { checkpointLines, epochsIn } from "./checkpoints.ts";
import { baseOffsetIn, CLEANED, EPOCHS_FILE, SWAP } from "./partition-files.ts";
import { readSegment } from "./read-segment.ts";

/** @returns what was cut off, in words; nothing where all was well. */
export function loadLog(
  log: PartitionLog,
  directory: string,
  startOffset: bigint,
  storage: Storage,
): string[] {
  const warnings: string[] = [];
  const path = (name: string): string => storage.within(directory, name);
  finishSwaps(directory, storage);
  const names = storage
    .list(directory)
    .filter((name) => baseOffsetIn(name) !== null)
    .sort();
  const segments: SegmentContent[] = [];
  let next = 0n;
  let isCut = false;
  for (const name of names) {
    if (isCut) {
      warnings.push(`${path(name)} was removed, since what lies in front of it is damaged`);
      storage.remove(path(name));
      continue;
    }
    const baseOffset = baseOffsetIn(name) as bigint;
    const bytes = storage.read(path(name)) ?? new Uint8Array(0);
    const from = baseOffset > next ? baseOffset : next;
    const { batches, size, problem } = readSegment(bytes, from, storage.writtenMs(path(name)));
    if (problem !== null) {
      warnings.push(
        `${path(name)} was cut off at byte ${size}, and lost ${bytes.byteLength - size} bytes: ${problem}`,
      );
      storage.truncate(path(name), size);
      isCut = true;
    }
    segments.push({ baseOffset, batches });
    next = (batches.at(-1)?.lastOffset ?? from - 1n) + 1n;
  }
  const epochs = epochsIn(checkpointLines(storage.read(path(EPOCHS_FILE))));
  log.restore(segments, startOffset, epochs);
  return warnings;
}

/** Ends what compaction had begun: a swap file takes the place of the segments that it was made of. */
function finishSwaps(directory: string, storage: Storage): void {
  const names = storage.list(directory);
  const path = (name: string): string => storage.within(directory, name);
  for (const name of names) {
    if (name.endsWith(CLEANED) || name.endsWith(".tmp")) storage.remove(path(name));
    if (!name.endsWith(SWAP)) continue;
    const ownName = name.slice(0, -SWAP.length);
    const baseOffset = baseOffsetIn(ownName) ?? 0n;
    const { batches } = readSegment(storage.read(path(name)) ?? new Uint8Array(0), baseOffset, 0);
    const last = batches.at(-1)?.lastOffset ?? baseOffset;
    for (const other of names) {
      const theirs = baseOffsetIn(other);
      if (theirs !== null && theirs >= baseOffset && theirs <= last) storage.remove(path(other));
    }
    storage.rename(path(name), path(ownName));
  }
}
