/**
 * Where the fields of a record batch of magic 2 stand, in bytes from its start.
 *
 * The length counts what follows it, so a batch takes 12 bytes more. The CRC covers everything from the
 * attributes on: a broker sets the base offset and the leader epoch without touching it.
 */

export const BASE_OFFSET_AT = 0;
export const LENGTH_AT = 8;
export const PARTITION_LEADER_EPOCH_AT = 12;
export const MAGIC_AT = 16;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const BASE_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const RECORD_COUNT_AT = 57;
/** The size of the header in bytes; records follow. */
export const RECORD_BATCH_OVERHEAD = 61;

/** Base offset and length, which every magic has: what stands in front of the bytes that the length counts. */
export const LOG_OVERHEAD = 12;

/** The smallest length of magic 0: its CRC, magic, attributes and two lengths. */
export const SMALLEST_LENGTH = 14;

/** The magic that is written, in Kafka since 0.11 (KIP-98). */
export const MAGIC = 2;

/**
 * Where the fields of a message of magic 0 or 1 stand. Offset, length and magic have the same places as in a
 * batch; magic 1 puts a timestamp (KIP-32) in front of the key. The CRC covers everything from the magic on.
 */
export const LEGACY_CRC_AT = 12;
export const LEGACY_ATTRIBUTES_AT = 17;
export const LEGACY_TIMESTAMP_AT = 18;
/** Where the key's length stands, by magic. The value's follows the key. */
export const LEGACY_KEY_SIZE_AT: readonly [number, number] = [18, 26];
/** The size in bytes of a message with neither key nor value, by magic. */
export const LEGACY_OVERHEAD: readonly [number, number] = [26, 34];

export const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME_FLAG = 0x08;
export const TRANSACTIONAL_FLAG = 0x10;
export const CONTROL_FLAG = 0x20;
export const DELETE_HORIZON_FLAG = 0x40;
