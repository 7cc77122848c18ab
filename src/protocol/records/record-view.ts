import { decodeUtf8 } from "../utf8.ts";
import type { RecordBatchHeader } from "./record-batch-header.ts";
import { VarintReader } from "./varint-reader.ts";

/** A header as it was read. */
export interface RecordHeader {
  readonly key: string;
  /** A view on the fetched memory. */
  readonly value: Uint8Array | null;
}

/** What all records of a batch share. */
export interface RecordSource {
  readonly batch: RecordBatchHeader;
  /** The records, decompressed. */
  readonly bytes: Uint8Array;
  /** Where `bytes` lie, looked up once: asking a `Uint8Array` for each view costs half of what the view costs. */
  readonly memory: ArrayBufferLike;
  readonly memoryStart: number;
  readonly baseOffset: bigint;
  readonly baseTimestamp: number;
  /** The timestamp of every record, where the broker sets it (LOG_APPEND_TIME); else null. */
  readonly logAppendTime: number | null;
}

/** What records in `bytes` share. */
export function recordSource(
  batch: RecordBatchHeader,
  bytes: Uint8Array,
  baseOffset: bigint,
  baseTimestamp: number,
  logAppendTime: number | null,
): RecordSource {
  const { buffer: memory, byteOffset: memoryStart } = bytes;
  return { batch, bytes, memory, memoryStart, baseOffset, baseTimestamp, logAppendTime };
}

const NO_HEADERS: readonly RecordHeader[] = /* @__PURE__ */ Object.freeze([]);

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
    return this.#source.baseOffset + BigInt(this.#offsetDelta);
  }

  /** In milliseconds since 1970; -1 for none. Exact in the safe range of numbers. */
  get timestamp(): number {
    return this.#source.logAppendTime ?? this.#source.baseTimestamp + this.#timestampDelta;
  }

  get key(): Uint8Array | null {
    return this.#keySize < 0 ? null : viewOf(this.#source, this.#keyAt, this.#keySize);
  }

  get value(): Uint8Array | null {
    return this.#valueSize < 0 ? null : viewOf(this.#source, this.#valueAt, this.#valueSize);
  }

  /** In the order in which they were written; several may share a key. */
  get headers(): readonly RecordHeader[] {
    if (this.#headerCount === 0) return NO_HEADERS;
    const { bytes } = this.#source;
    const reader = new VarintReader(bytes, this.#headersAt, 0);
    const headers: RecordHeader[] = [];
    while (headers.length < this.#headerCount) {
      const keySize = reader.varint();
      const key = decodeUtf8(bytes, reader.at, reader.at + keySize);
      reader.at += keySize;
      const valueSize = reader.varint();
      headers.push({ key, value: valueSize < 0 ? null : viewOf(this.#source, reader.at, valueSize) });
      if (valueSize > 0) reader.at += valueSize;
    }
    return headers;
  }
}

/** Twice as fast as `subarray`, and a plain `Uint8Array` whatever `bytes` is a subclass of. */
function viewOf({ memory, memoryStart }: RecordSource, at: number, size: number): Uint8Array {
  return new Uint8Array(memory, memoryStart + at, size);
}
