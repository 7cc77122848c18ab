import {
  type ReadRecordBatchesOptions,
  readRecordBatches,
} from "../../protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { FrameMemory } from "../frame-memory.ts";

/** Batches share memory of this size; one that needs more than half of it has its own. */
const SHARED = 64 * 1024;

/**
 * Gives batches memory of their own, where that of the answer that they came in is used for another. It is fresh memory:
 * the application may keep what it likes of it, and keeps no more alive than the batches around.
 */
export class BatchCopies {
  readonly #memory: FrameMemory;
  readonly #options: ReadRecordBatchesOptions;
  #shared = new Uint8Array(0);
  #used = 0;

  /** @param options how the batches were read, which has made sure of their CRCs */
  constructor(memory: FrameMemory, options: ReadRecordBatchesOptions) {
    this.#memory = memory;
    this.#options = options;
  }

  of(batch: RecordBatch): RecordBatch {
    const { bytes, magic } = batch;
    if (!this.#memory.isLent(bytes.buffer)) return batch;
    const copy = this.#take(bytes.byteLength);
    copy.set(bytes);
    // Messages inside a compressed one are checked when they are reached.
    const options = magic < 2 ? this.#options : { checkCrc: false };
    return readRecordBatches(copy, options).next().value as RecordBatch;
  }

  #take(size: number): Uint8Array {
    if (size > SHARED / 2) return new Uint8Array(size);
    if (this.#used + size > this.#shared.byteLength) {
      this.#shared = new Uint8Array(SHARED);
      this.#used = 0;
    }
    this.#used += size;
    return this.#shared.subarray(this.#used - size, this.#used);
  }
}
