import type { Decompressor } from "./compression-type.ts";
import { crc32c } from "./crc32c.ts";
import { decompressed, ensureReadable } from "./decompressed.ts";
import { DefaultRecordBatchHeader } from "./default-record-batch-header.ts";
import { DefaultRecordIterator } from "./default-record-iterator.ts";
import { CorruptRecordBatchError } from "./errors.ts";
import { ATTRIBUTES_AT, RECORD_BATCH_OVERHEAD } from "./layout.ts";
import { Memory } from "./memory.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { RecordIterator } from "./record-iterator.ts";
import { RecordSource } from "./record-source.ts";

/** A record batch of magic 2: what Kafka writes since 0.11 (KIP-98). */
export class DefaultRecordBatch extends DefaultRecordBatchHeader implements RecordBatch {
  ensureValid(): void {
    const actual = crc32c(this.fetched.bytes, this.at + ATTRIBUTES_AT, this.at + this.sizeInBytes);
    if (actual !== this.crc) throw new CorruptRecordBatchError(this.baseOffset, this.crc, actual);
  }

  decompress(codec: Decompressor | null, maxSize: number): Uint8Array | Promise<Uint8Array> {
    const payload = this.fetched.view(
      this.at + RECORD_BATCH_OVERHEAD,
      this.sizeInBytes - RECORD_BATCH_OVERHEAD,
    );
    return decompressed(this, payload, codec, maxSize);
  }

  records(payload?: Uint8Array): RecordIterator {
    if (payload === undefined) ensureReadable(this);
    const logAppendTime = this.timestampType === "LOG_APPEND_TIME" ? this.maxTimestamp : null;
    const walk = (memory: Memory, start: number, end: number): RecordIterator => {
      const source = new RecordSource(this, memory, this.baseOffset, this.baseTimestamp, logAppendTime);
      return new DefaultRecordIterator(source, start, end, this.recordCount);
    };
    // Where nothing is compressed, the payload is this part of what was fetched.
    return payload === undefined || this.compressionType === "none"
      ? walk(this.fetched, this.at + RECORD_BATCH_OVERHEAD, this.at + this.sizeInBytes)
      : walk(new Memory(payload), 0, payload.byteLength);
  }
}
