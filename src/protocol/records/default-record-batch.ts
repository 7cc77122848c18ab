import type { Decompressor } from "./compression-type.ts";
import { crc32c } from "./crc32c.ts";
import { decompressed, ensureReadable } from "./decompressed.ts";
import { DefaultRecordBatchHeader } from "./default-record-batch-header.ts";
import { DefaultRecordIterator } from "./default-record-iterator.ts";
import { CorruptRecordBatchError } from "./errors.ts";
import { ATTRIBUTES_AT, RECORD_BATCH_OVERHEAD } from "./layout.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { RecordIterator } from "./record-iterator.ts";
import { recordSource } from "./record-view.ts";

/** A record batch of magic 2: what Kafka writes since 0.11 (KIP-98). */
export class DefaultRecordBatch extends DefaultRecordBatchHeader implements RecordBatch {
  readonly #origin: number;

  /**
   * @param bytes a whole batch and nothing else
   * @param origin where it stands in what the caller gave, for errors
   * @throws DecodeError when the header says what no batch can be.
   */
  constructor(bytes: Uint8Array, origin: number) {
    super(bytes, origin);
    this.#origin = origin;
  }

  ensureValid(): void {
    const actual = crc32c(this.bytes, ATTRIBUTES_AT);
    if (actual !== this.crc) throw new CorruptRecordBatchError(this.baseOffset, this.crc, actual);
  }

  decompress(codec: Decompressor | null, maxSize: number): Uint8Array | Promise<Uint8Array> {
    return decompressed(this, this.#payload(), codec, maxSize);
  }

  records(payload?: Uint8Array): RecordIterator {
    if (payload === undefined) ensureReadable(this);
    const source = recordSource(
      this,
      payload ?? this.#payload(),
      this.baseOffset,
      this.baseTimestamp,
      this.timestampType === "LOG_APPEND_TIME" ? this.maxTimestamp : null,
    );
    const origin = this.compressionType === "none" ? this.#origin + RECORD_BATCH_OVERHEAD : 0;
    return new DefaultRecordIterator(source, this.recordCount, origin);
  }

  #payload(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.bytes;
    return new Uint8Array(buffer, byteOffset + RECORD_BATCH_OVERHEAD, byteLength - RECORD_BATCH_OVERHEAD);
  }
}
