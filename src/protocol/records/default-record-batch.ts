import { int32At } from "./big-endian.ts";
import type { Decompressor } from "./compression-type.ts";
import { crc32c } from "./crc32c.ts";
import { decompressed, notDecompressed } from "./decompressed.ts";
import { DefaultRecordBatchHeader } from "./default-record-batch-header.ts";
import { DefaultRecordIterator } from "./default-record-iterator.ts";
import { CorruptRecordBatchError } from "./errors.ts";
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  COMPRESSION_MASK,
  LOG_APPEND_TIME_FLAG,
  RECORD_BATCH_OVERHEAD,
} from "./layout.ts";
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
    const { at, attributes } = this;
    const logAppendTime = attributes & LOG_APPEND_TIME_FLAG ? this.maxTimestamp : null;
    const isCompressed = (attributes & COMPRESSION_MASK) !== 0;
    if (isCompressed && payload === undefined) throw notDecompressed(this);
    // Where nothing is compressed, the payload is this part of what was fetched.
    const memory = isCompressed ? new Memory(payload as Uint8Array) : this.fetched;
    const start = isCompressed ? 0 : at + RECORD_BATCH_OVERHEAD;
    const end = isCompressed ? memory.bytes.byteLength : at + this.sizeInBytes;
    const { bytes } = this.fetched;
    const source = new RecordSource(
      this,
      memory,
      int32At(bytes, at + BASE_OFFSET_AT),
      int32At(bytes, at + BASE_OFFSET_AT + 4),
      this.baseTimestamp,
      logAppendTime,
    );
    return new DefaultRecordIterator(source, start, end, this.recordCount);
  }
}
