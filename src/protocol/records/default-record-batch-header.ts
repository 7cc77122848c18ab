import { DecodeError } from "../errors.ts";
import { type CompressionType, compressionTypes } from "./compression-type.ts";
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  COMPRESSION_MASK,
  CONTROL_FLAG,
  CRC_AT,
  DELETE_HORIZON_FLAG,
  LAST_OFFSET_DELTA_AT,
  LOG_APPEND_TIME_FLAG,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PARTITION_LEADER_EPOCH_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORD_COUNT_AT,
  TRANSACTIONAL_FLAG,
} from "./layout.ts";
import type { RecordBatchHeader, TimestampType } from "./record-batch-header.ts";
import { getInt64 } from "./varints.ts";

/** What a batch of magic 2 says of itself, read from its bytes when it is asked for. */
export class DefaultRecordBatchHeader implements RecordBatchHeader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /**
   * @param bytes a whole batch and nothing else
   * @param origin where it stands in what the caller gave, for errors
   * @throws DecodeError when the header says what no batch can be.
   */
  constructor(bytes: Uint8Array, origin: number) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const code = this.attributes & COMPRESSION_MASK;
    if (code >= compressionTypes.length) {
      throw new DecodeError(`there is no compression type ${code}`, origin + ATTRIBUTES_AT);
    }
    if (this.recordCount < 0) {
      throw new DecodeError(`a record batch has ${this.recordCount} records`, origin + RECORD_COUNT_AT);
    }
    // A consumer goes on after the last offset: one before the first would send it back, for ever.
    if (this.#lastOffsetDelta < 0) {
      throw new DecodeError(
        `the last offset of a record batch is ${-this.#lastOffsetDelta} before its first`,
        origin + LAST_OFFSET_DELTA_AT,
      );
    }
  }

  get baseOffset(): bigint {
    return this.#view.getBigInt64(BASE_OFFSET_AT);
  }

  get lastOffset(): bigint {
    return this.baseOffset + BigInt(this.#lastOffsetDelta);
  }

  get partitionLeaderEpoch(): number {
    return this.#view.getInt32(PARTITION_LEADER_EPOCH_AT);
  }

  get magic(): number {
    return this.#view.getInt8(MAGIC_AT);
  }

  get crc(): number {
    return this.#view.getUint32(CRC_AT);
  }

  get attributes(): number {
    return this.#view.getInt16(ATTRIBUTES_AT);
  }

  get compressionType(): CompressionType {
    return compressionTypes[this.attributes & COMPRESSION_MASK] as CompressionType;
  }

  get timestampType(): TimestampType {
    return this.attributes & LOG_APPEND_TIME_FLAG ? "LOG_APPEND_TIME" : "CREATE_TIME";
  }

  get isTransactional(): boolean {
    return (this.attributes & TRANSACTIONAL_FLAG) !== 0;
  }

  get isControl(): boolean {
    return (this.attributes & CONTROL_FLAG) !== 0;
  }

  get hasDeleteHorizon(): boolean {
    return (this.attributes & DELETE_HORIZON_FLAG) !== 0;
  }

  get baseTimestamp(): number {
    return getInt64(this.#view, BASE_TIMESTAMP_AT);
  }

  get maxTimestamp(): number {
    return getInt64(this.#view, MAX_TIMESTAMP_AT);
  }

  get producerId(): bigint {
    return this.#view.getBigInt64(PRODUCER_ID_AT);
  }

  get producerEpoch(): number {
    return this.#view.getInt16(PRODUCER_EPOCH_AT);
  }

  get baseSequence(): number {
    return this.#view.getInt32(BASE_SEQUENCE_AT);
  }

  get recordCount(): number {
    return this.#view.getInt32(RECORD_COUNT_AT);
  }

  get sizeInBytes(): number {
    return this.bytes.byteLength;
  }

  get #lastOffsetDelta(): number {
    return this.#view.getInt32(LAST_OFFSET_DELTA_AT);
  }
}
