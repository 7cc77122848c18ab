import { DecodeError } from "../errors.ts";
import { bigInt64At, int8At, int16At, int32At, int64At, uint32At } from "./big-endian.ts";
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
import type { Memory } from "./memory.ts";
import type { RecordBatchHeader, TimestampType } from "./record-batch-header.ts";

/** What a batch of magic 2 says of itself, read from its bytes when it is asked for. */
export class DefaultRecordBatchHeader implements RecordBatchHeader {
  /** What was fetched, of which the batch is a part. */
  protected readonly fetched: Memory;
  /** Where in it the batch begins, which is also what errors count from. */
  protected readonly at: number;
  readonly sizeInBytes: number;

  /**
   * @param size of the whole batch in bytes, all of which are there
   * @throws DecodeError when the header says what no batch can be.
   */
  constructor(fetched: Memory, at: number, size: number) {
    this.fetched = fetched;
    this.at = at;
    this.sizeInBytes = size;
    // A batch is made of these three checks and little else, so they read single bytes: the low one, or the sign's.
    const { bytes } = fetched;
    const code = (bytes[at + ATTRIBUTES_AT + 1] as number) & COMPRESSION_MASK;
    if (code >= compressionTypes.length) {
      throw new DecodeError(`there is no compression type ${code}`, at + ATTRIBUTES_AT);
    }
    if ((bytes[at + RECORD_COUNT_AT] as number) > 0x7f) {
      throw new DecodeError(`a record batch has ${this.recordCount} records`, at + RECORD_COUNT_AT);
    }
    // A consumer goes on after the last offset: one before the first would send it back, for ever.
    if ((bytes[at + LAST_OFFSET_DELTA_AT] as number) > 0x7f) {
      throw new DecodeError(
        `the last offset of a record batch is ${-this.#lastOffsetDelta} before its first`,
        at + LAST_OFFSET_DELTA_AT,
      );
    }
  }

  get bytes(): Uint8Array {
    return this.fetched.view(this.at, this.sizeInBytes);
  }

  get baseOffset(): bigint {
    return bigInt64At(this.fetched.bytes, this.at + BASE_OFFSET_AT);
  }

  get lastOffset(): bigint {
    return this.baseOffset + BigInt(this.#lastOffsetDelta);
  }

  get partitionLeaderEpoch(): number {
    return int32At(this.fetched.bytes, this.at + PARTITION_LEADER_EPOCH_AT);
  }

  get magic(): number {
    return int8At(this.fetched.bytes, this.at + MAGIC_AT);
  }

  get crc(): number {
    return uint32At(this.fetched.bytes, this.at + CRC_AT);
  }

  get attributes(): number {
    return int16At(this.fetched.bytes, this.at + ATTRIBUTES_AT);
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
    return int64At(this.fetched.bytes, this.at + BASE_TIMESTAMP_AT);
  }

  get maxTimestamp(): number {
    return int64At(this.fetched.bytes, this.at + MAX_TIMESTAMP_AT);
  }

  get producerId(): bigint {
    return bigInt64At(this.fetched.bytes, this.at + PRODUCER_ID_AT);
  }

  get producerEpoch(): number {
    return int16At(this.fetched.bytes, this.at + PRODUCER_EPOCH_AT);
  }

  get baseSequence(): number {
    return int32At(this.fetched.bytes, this.at + BASE_SEQUENCE_AT);
  }

  get recordCount(): number {
    return int32At(this.fetched.bytes, this.at + RECORD_COUNT_AT);
  }

  get #lastOffsetDelta(): number {
    return int32At(this.fetched.bytes, this.at + LAST_OFFSET_DELTA_AT);
  }
}
