import { bigIntOf } from "./big-endian.ts";
import type { RecordHeader } from "./header-reader.ts";
import type { RecordBatchHeader } from "./record-batch-header.ts";
import type { RecordSource } from "./record-source.ts";

/**
 * A record as a view on its batch: it knows where its parts are and makes them when they are asked for, anew
 * each time. It was checked when it was made, so no part can fail.
 *
 * Keys and values share the memory of the fetch, and keep all of it alive: copy what is to be kept for long.
 */
export class RecordView {
  readonly #source: RecordSource;
  readonly #timestampDelta: number;
  readonly #offsetDelta: number;
  readonly #keyAt: number;
  readonly #keySize: number;
  readonly #valueAt: number;
  readonly #valueSize: number;
  readonly #headersAt: number;
  readonly #headerCount: number;

  constructor(
    source: RecordSource,
    timestampDelta: number,
    offsetDelta: number,
    keyAt: number,
    keySize: number,
    valueAt: number,
    valueSize: number,
    headersAt: number,
    headerCount: number,
  ) {
    this.#source = source;
    this.#timestampDelta = timestampDelta;
    this.#offsetDelta = offsetDelta;
    this.#keyAt = keyAt;
    this.#keySize = keySize;
    this.#valueAt = valueAt;
    this.#valueSize = valueSize;
    this.#headersAt = headersAt;
    this.#headerCount = headerCount;
  }

  /** The batch that it came in. */
  get batch(): RecordBatchHeader {
    return this.#source.batch;
  }

  get offset(): bigint {
    const delta = this.#offsetDelta;
    const { baseOffsetHigh, baseOffsetLow } = this.#source;
    const low = (baseOffsetLow + delta) | 0;
    const carry = low >>> 0 < baseOffsetLow >>> 0 ? 1 : 0;
    return bigIntOf(baseOffsetHigh + (delta >> 31) + carry, low);
  }

  /** In milliseconds since 1970; -1 for none. Exact in the safe range of numbers. */
  get timestamp(): number {
    return this.#source.logAppendTime ?? this.#source.baseTimestamp + this.#timestampDelta;
  }

  get key(): Uint8Array | null {
    return this.#keySize < 0 ? null : this.#source.memory.view(this.#keyAt, this.#keySize);
  }

  get value(): Uint8Array | null {
    return this.#valueSize < 0 ? null : this.#source.memory.view(this.#valueAt, this.#valueSize);
  }

  /** In the order in which they were written; several may share a key. */
  get headers(): readonly RecordHeader[] {
    // A new array each time: one that all share would have to be frozen, and V8 walks an array by calls where it has
    // seen a frozen one.
    if (this.#headerCount === 0) return [];
    return this.#source.memory.headers(this.#headersAt, this.#headerCount);
  }
}
