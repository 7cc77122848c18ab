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
import { getInt64 } from "./varints.ts";

/** Who sets the timestamp of a record: its producer, or the broker when it appends it to the log. */
export type TimestampType = "CREATE_TIME" | "LOG_APPEND_TIME";

/** What a batch of magic 2 says of itself, read from its bytes when it is asked for. */
export class RecordBatchHeader {
  /** The whole batch. */
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

  /** It stays when compaction removes the last records, so there may be no record that has it. */
  get lastOffset(): bigint {
    return this.baseOffset + BigInt(this.#lastOffsetDelta);
  }

  /** The epoch of the leader that appended the batch; -1 if it is not known. */
  get partitionLeaderEpoch(): number {
    return this.#view.getInt32(PARTITION_LEADER_EPOCH_AT);
  }

  get magic(): number {
    return this.#view.getInt8(MAGIC_AT);
  }

  /** The CRC-32C that the batch carries. */
  get crc(): number {
    return this.#view.getUint32(CRC_AT);
  }

  /** All sixteen bits as a signed number; the getters below say what those in use mean. */
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

  /** Whether the records are markers, such as the end of a transaction, that an application never sees. */
  get isControl(): boolean {
    return (this.attributes & CONTROL_FLAG) !== 0;
  }

  /** Whether `baseTimestamp` holds the time after which the batch's tombstones may be deleted (KIP-534). */
  get hasDeleteHorizon(): boolean {
    return (this.attributes & DELETE_HORIZON_FLAG) !== 0;
  }

  /** What the records' timestamps are counted from, in milliseconds; the first one's where no broker changed it. */
  get baseTimestamp(): number {
    return getInt64(this.#view, BASE_TIMESTAMP_AT);
  }

  /** The largest timestamp of the records in milliseconds, or when they were appended. */
  get maxTimestamp(): number {
    return getInt64(this.#view, MAX_TIMESTAMP_AT);
  }

  /** -1 for none. */
  get producerId(): bigint {
    return this.#view.getBigInt64(PRODUCER_ID_AT);
  }

  /** -1 for none. */
  get producerEpoch(): number {
    return this.#view.getInt16(PRODUCER_EPOCH_AT);
  }

  /** The sequence of the record at the base offset; -1 for none. */
  get baseSequence(): number {
    return this.#view.getInt32(BASE_SEQUENCE_AT);
  }

  /** How many records are left in the batch: 0 after compaction removed them all. */
  get recordCount(): number {
    return this.#view.getInt32(RECORD_COUNT_AT);
  }

  /** The size of the whole batch in bytes, as it was fetched. */
  get sizeInBytes(): number {
    return this.bytes.byteLength;
  }

  get #lastOffsetDelta(): number {
    return this.#view.getInt32(LAST_OFFSET_DELTA_AT);
  }
}
