/**
 * The files of one partition, as Kafka has them: a `.log` for each segment, `partition.metadata` and
 * `leader-epoch-checkpoint`. They follow what happens to the log, each time before it is answered.
 */

import type { Storage } from "../../platform/storage.ts";
import { Refusal } from "../error-code.ts";
import type { LogWatcher, SegmentContent } from "../log/log-watcher.ts";
import type { PartitionLog } from "../log/partition-log.ts";
import type { Segment } from "../log/segments.ts";
import type { StoredBatch } from "../log/stored-batch.ts";
import { checkpoint, epochLines, text } from "./checkpoints.ts";
import type { OpenFiles } from "./open-files.ts";

export const EPOCHS_FILE = "leader-epoch-checkpoint";
/** What compaction has made, before and after it is whole. */
export const CLEANED = ".cleaned";
export const SWAP = ".swap";

const NOTHING = new Uint8Array(0);
const OFFSET_DIGITS = 20;

/** Such as `00000000000000000042.log`. */
export function segmentFile(baseOffset: bigint): string {
  return `${String(baseOffset).padStart(OFFSET_DIGITS, "0")}.log`;
}

export class PartitionFiles implements LogWatcher {
  readonly #storage: Storage;
  readonly #files: OpenFiles;
  readonly #log: PartitionLog;
  readonly #onStart: () => void;
  #directory: string;
  /** Set once a file could not be brought back to where it has to end: nothing more is written then. */
  #isBroken = false;

  /** @param onStart told when the log begins elsewhere, which is kept for all partitions of a broker together */
  constructor(directory: string, log: PartitionLog, storage: Storage, files: OpenFiles, onStart: () => void) {
    this.#directory = directory;
    this.#log = log;
    this.#storage = storage;
    this.#files = files;
    this.#onStart = onStart;
  }

  get directory(): string {
    return this.#directory;
  }

  /** Makes the directory of a new partition; what was left there goes. */
  make(topicId: string): void {
    this.#storage.remove(this.#directory);
    this.#storage.makeDirectory(this.#directory);
    this.#storage.replace(this.#path("partition.metadata"), text(`version: 0\ntopic_id: ${topicId}`));
    this.onEpochsChanged();
  }

  /** Has the partition be in another directory. */
  moveTo(directory: string): void {
    this.#forgetAll();
    this.#storage.remove(directory);
    this.#storage.rename(this.#directory, directory);
    this.#directory = directory;
  }

  /** Removes everything. */
  remove(): void {
    this.#forgetAll();
    this.#storage.remove(this.#directory);
  }

  onAppended(segment: Segment, { header, size }: StoredBatch): void {
    if (this.#isBroken) throw this.#failed("an earlier write has failed");
    const path = this.#segmentPath(segment);
    try {
      this.#files.append(path, header.bytes);
    } catch (error) {
      this.#takeBack(path, segment.sizeInBytes - size);
      throw this.#failed(error instanceof Error ? error.message : String(error));
    }
  }

  onRolled(segment: Segment): void {
    // Its name says where the log goes on, when all segments in front of it have gone.
    this.#files.append(this.#segmentPath(segment), NOTHING);
  }

  onTruncated(active: Segment): void {
    for (const name of this.#storage.list(this.#directory)) {
      const baseOffset = baseOffsetIn(name);
      if (baseOffset === null || baseOffset <= active.baseOffset) continue;
      this.#removeFile(this.#path(name));
    }
    const path = this.#segmentPath(active);
    this.#files.append(path, NOTHING);
    this.#files.forget(path);
    this.#storage.truncate(path, active.sizeInBytes);
  }

  onDeleted(segments: readonly Segment[]): void {
    for (const segment of segments) this.#removeFile(this.#segmentPath(segment));
  }

  onReplaced(segments: readonly Segment[], { baseOffset, batches }: SegmentContent): void {
    // As in Kafka: once the swap file has its name it counts, and whoever starts in between goes on from there.
    const path = this.#path(segmentFile(baseOffset));
    const bytes = joined(batches);
    this.#storage.replace(`${path}${CLEANED}`, bytes);
    this.#storage.rename(`${path}${CLEANED}`, `${path}${SWAP}`);
    for (const segment of segments) this.#removeFile(this.#segmentPath(segment));
    this.#storage.rename(`${path}${SWAP}`, path);
  }

  onStartMoved(): void {
    this.#onStart();
  }

  onEpochsChanged(): void {
    this.#storage.replace(this.#path(EPOCHS_FILE), checkpoint(epochLines(this.#log.epochs.all)));
  }

  /** Without the beginning of what could not be written, so that what follows can be read again. */
  #takeBack(path: string, size: number): void {
    try {
      this.#files.forget(path);
      this.#storage.truncate(path, size);
    } catch {
      this.#isBroken = true;
    }
  }

  #failed(problem: string): Refusal {
    return new Refusal("KAFKA_STORAGE_ERROR", `Could not write to ${this.#directory}: ${problem}`);
  }

  #removeFile(path: string): void {
    this.#files.forget(path);
    this.#storage.remove(path);
  }

  #forgetAll(): void {
    for (const segment of this.#log.segments) this.#files.forget(this.#segmentPath(segment));
  }

  #segmentPath({ baseOffset }: Segment): string {
    return this.#path(segmentFile(baseOffset));
  }

  #path(name: string): string {
    return this.#storage.within(this.#directory, name);
  }
}

/** The offset that the name of a segment's file says; null for another file. */
export function baseOffsetIn(name: string): bigint | null {
  const [, digits] = /^(\d{20})\.log$/.exec(name) ?? [];
  return digits === undefined ? null : BigInt(digits);
}

function joined(batches: readonly StoredBatch[]): Uint8Array {
  const bytes = new Uint8Array(batches.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const { header, size } of batches) {
    bytes.set(header.bytes, at);
    at += size;
  }
  return bytes;
}
