import type { CompressionType } from "./compression-type.ts";

/**
 * Who sets the timestamp of a record: its producer, or the broker when it appends it to the log. Records of
 * magic 0 have none.
 */
export type TimestampType = "NO_TIMESTAMP_TYPE" | "CREATE_TIME" | "LOG_APPEND_TIME";

/**
 * What a batch says of itself. A message of magic 0 or 1 counts as a batch too: of one record, or of those that
 * are compressed inside it. It has no producer, no control records and no leader epoch.
 */
export interface RecordBatchHeader {
  /** The whole batch. */
  readonly bytes: Uint8Array;
  /** A compressed message of magic 0 or 1 does not say where it begins: there this is its last offset. */
  readonly baseOffset: bigint;
  /** It stays when compaction removes the last records, so there may be no record that has it. */
  readonly lastOffset: bigint;
  /** The epoch of the leader that appended the batch; -1 if it is not known. */
  readonly partitionLeaderEpoch: number;
  /** The version of the format: 2, or 0 or 1 for what Kafka wrote before 0.11. */
  readonly magic: number;
  /** The checksum that the batch carries: a CRC-32C, in magic 0 and 1 a CRC-32. */
  readonly crc: number;
  /** All bits as a signed number, sixteen of them in magic 2 and else eight; what is in use has a name below. */
  readonly attributes: number;
  readonly compressionType: CompressionType;
  readonly timestampType: TimestampType;
  readonly isTransactional: boolean;
  /** Whether the records are markers, such as the end of a transaction, that an application never sees. */
  readonly isControl: boolean;
  /** Whether `baseTimestamp` holds the time after which the batch's tombstones may be deleted (KIP-534). */
  readonly hasDeleteHorizon: boolean;
  /** What the records' timestamps are counted from, in milliseconds; the first one's where no broker changed it. */
  readonly baseTimestamp: number;
  /** The largest timestamp of the records in milliseconds, or when they were appended; -1 for none. */
  readonly maxTimestamp: number;
  /** -1 for none. */
  readonly producerId: bigint;
  /** -1 for none. */
  readonly producerEpoch: number;
  /** The sequence of the record at the base offset; -1 for none. */
  readonly baseSequence: number;
  /**
   * How many records are left in the batch: 0 after compaction removed them all, and -1 for a compressed message
   * of magic 0 or 1, which does not say.
   */
  readonly recordCount: number;
  /** The size of the whole batch in bytes, as it was fetched. */
  readonly sizeInBytes: number;
}
