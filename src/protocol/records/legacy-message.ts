/**
 * One message of magic 0 or 1: offset, length, CRC-32, magic, attributes, in magic 1 a timestamp, then key and
 * value, each after its length as an int32, -1 for null. Kafka wrote them until 0.11; brokers may still have
 * them on their disks.
 */

import { DecodeError } from "../errors.ts";
import { bigInt64At, int8At, int32At, int64At, uint32At } from "./big-endian.ts";
import { type CompressionType, compressionTypes } from "./compression-type.ts";
import { CorruptRecordBatchError } from "./errors.ts";
import {
  BASE_OFFSET_AT,
  COMPRESSION_MASK,
  LEGACY_ATTRIBUTES_AT,
  LEGACY_CRC_AT,
  LEGACY_KEY_SIZE_AT,
  LEGACY_TIMESTAMP_AT,
  LOG_APPEND_TIME_FLAG,
  MAGIC_AT,
} from "./layout.ts";
import type { TimestampType } from "./record-batch-header.ts";

/** CRC-32 as zip and gzip have it (ISO 3309), as an unsigned number. It is handed in from outside. */
export type Crc32 = (bytes: Uint8Array) => number;

/** Where a key or a value stands in its message; a size below 0 stands for null. */
export interface LegacyField {
  readonly at: number;
  readonly size: number;
}

/** A view on one message. */
export class LegacyMessage {
  /** The message and nothing else, large enough for the fixed part of its magic. */
  readonly bytes: Uint8Array;
  readonly magic: 0 | 1;
  readonly #origin: number;

  /**
   * @param bytes as {@link bytes}; its magic is known to be 0 or 1
   * @param origin where it stands in what the caller gave, for errors
   */
  constructor(bytes: Uint8Array, origin: number) {
    this.bytes = bytes;
    this.#origin = origin;
    this.magic = int8At(bytes, MAGIC_AT) as 0 | 1;
  }

  /** The offset as it is written, which in a compressed message of magic 1 counts from an unknown base. */
  get offset(): bigint {
    return bigInt64At(this.bytes, BASE_OFFSET_AT);
  }

  get crc(): number {
    return uint32At(this.bytes, LEGACY_CRC_AT);
  }

  get attributes(): number {
    return int8At(this.bytes, LEGACY_ATTRIBUTES_AT);
  }

  /** @throws DecodeError when there is no such type; zstd came with magic 2. */
  get compressionType(): CompressionType {
    const code = this.attributes & COMPRESSION_MASK;
    const type = compressionTypes[code];
    if (type === undefined || type === "zstd") {
      throw this.fail(`there is no compression type ${code} in magic ${this.magic}`, LEGACY_ATTRIBUTES_AT);
    }
    return type;
  }

  get timestampType(): TimestampType {
    if (this.magic === 0) return "NO_TIMESTAMP_TYPE";
    return this.attributes & LOG_APPEND_TIME_FLAG ? "LOG_APPEND_TIME" : "CREATE_TIME";
  }

  /** -1 for none. */
  get timestamp(): number {
    return this.magic === 0 ? -1 : int64At(this.bytes, LEGACY_TIMESTAMP_AT);
  }

  /** @throws DecodeError when it does not fit the message. */
  get key(): LegacyField {
    return this.#field(LEGACY_KEY_SIZE_AT[this.magic], "key");
  }

  /** @throws DecodeError when it, or the key in front of it, does not fit the message. */
  get value(): LegacyField {
    const { at, size } = this.key;
    return this.#field(at + Math.max(size, 0), "value");
  }

  /** @throws CorruptRecordBatchError naming `offset` when the bytes have another CRC than the one they carry. */
  ensureValid(crc32: Crc32, offset: bigint): void {
    const actual = crc32(this.bytes.subarray(MAGIC_AT));
    if (actual !== this.crc) throw new CorruptRecordBatchError(offset, this.crc, actual, "CRC-32");
  }

  /** An error at the message's byte `at`. */
  fail(problem: string, at: number): DecodeError {
    return new DecodeError(problem, this.#origin + at);
  }

  #field(sizeAt: number, name: string): LegacyField {
    const at = sizeAt + 4;
    const left = this.bytes.byteLength - at;
    if (left < 0) throw this.fail(`a message ends in front of the length of its ${name}`, sizeAt);
    const size = int32At(this.bytes, sizeAt);
    if (size > left) throw this.fail(`a ${name} has ${size} bytes, and ${left} bytes are left`, at);
    return { at, size };
  }
}
