import type { CompressionType, Decompressor } from "./compression-type.ts";
import { decompressed, notDecompressed } from "./decompressed.ts";
import { type Crc32, LegacyMessage } from "./legacy-message.ts";
import { LegacyRecordIterator } from "./legacy-record-iterator.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { TimestampType } from "./record-batch-header.ts";
import type { RecordIterator } from "./record-iterator.ts";

/**
 * A message of magic 0 or 1 as a batch: of itself, or where it is compressed, of the message set that is its
 * value.
 */
export class LegacyRecordBatch implements RecordBatch {
  readonly compressionType: CompressionType;
  readonly #message: LegacyMessage;
  readonly #crc32: Crc32 | null;
  readonly #origin: number;

  /**
   * @param bytes a whole message and nothing else, of magic 0 or 1
   * @param crc32 checks the messages that are compressed inside this one; null leaves that out
   * @param origin where it stands in what the caller gave, for errors
   * @throws DecodeError when the header says what no message can be.
   */
  constructor(bytes: Uint8Array, crc32: Crc32 | null, origin: number) {
    this.#message = new LegacyMessage(bytes, origin);
    this.compressionType = this.#message.compressionType;
    this.#crc32 = crc32;
    this.#origin = origin;
  }

  get bytes(): Uint8Array {
    return this.#message.bytes;
  }

  get baseOffset(): bigint {
    return this.#message.offset;
  }

  get lastOffset(): bigint {
    return this.#message.offset;
  }

  get partitionLeaderEpoch(): number {
    return -1;
  }

  get magic(): number {
    return this.#message.magic;
  }

  get crc(): number {
    return this.#message.crc;
  }

  get attributes(): number {
    return this.#message.attributes;
  }

  get timestampType(): TimestampType {
    return this.#message.timestampType;
  }

  get isTransactional(): boolean {
    return false;
  }

  get isControl(): boolean {
    return false;
  }

  get hasDeleteHorizon(): boolean {
    return false;
  }

  get baseTimestamp(): number {
    return this.#message.timestamp;
  }

  get maxTimestamp(): number {
    return this.#message.timestamp;
  }

  get producerId(): bigint {
    return -1n;
  }

  get producerEpoch(): number {
    return -1;
  }

  get baseSequence(): number {
    return -1;
  }

  get recordCount(): number {
    return this.compressionType === "none" ? 1 : -1;
  }

  get sizeInBytes(): number {
    return this.bytes.byteLength;
  }

  ensureValid(): void {
    if (this.#crc32 === null) {
      throw new TypeError(
        `A message of magic ${this.magic} is checked by its CRC-32: hand in \`crc32\`, or read with \`checkCrc: false\``,
      );
    }
    this.#message.ensureValid(this.#crc32, this.baseOffset);
  }

  decompress(codec: Decompressor | null, maxSize: number): Uint8Array | Promise<Uint8Array> {
    if (this.compressionType === "none") return this.bytes;
    const { at, size } = this.#message.value;
    if (size < 0) throw this.#message.fail("a compressed message has no value", at);
    const { buffer, byteOffset } = this.bytes;
    return decompressed(this, new Uint8Array(buffer, byteOffset + at, size), codec, maxSize);
  }

  records(payload?: Uint8Array): RecordIterator {
    // A message that is not compressed is a message set by itself, and was checked when it was reached.
    if (this.compressionType === "none") {
      return new LegacyRecordIterator(this, this.bytes, null, this.#origin);
    }
    if (payload === undefined) throw notDecompressed(this);
    return new LegacyRecordIterator(this, payload, this.#crc32, 0);
  }
}
