import { DecodeError } from "../errors.ts";
import { bigInt64At, int8At, int32At } from "./big-endian.ts";
import {
  BASE_OFFSET_AT,
  LEGACY_ATTRIBUTES_AT,
  LEGACY_OVERHEAD,
  LENGTH_AT,
  LOG_OVERHEAD,
  MAGIC_AT,
} from "./layout.ts";
import { type Crc32, LegacyMessage } from "./legacy-message.ts";
import { Memory } from "./memory.ts";
import type { RecordBatchHeader } from "./record-batch-header.ts";
import { RecordIterator } from "./record-iterator.ts";
import { RecordSource } from "./record-source.ts";
import { RecordView } from "./record-view.ts";

/**
 * Walks a message set of magic 0 and 1, whose messages become records without headers.
 *
 * Inside a compressed message there are two rules for offsets. Magic 0: they are absolute. Magic 1: they count
 * from the first, and the compressed message around them carries the last one, so that a broker need not
 * compress anew to assign offsets (KIP-31). Where that message has LOG_APPEND_TIME, its timestamp is that of
 * all inside it (KIP-32).
 */
export class LegacyRecordIterator extends RecordIterator {
  readonly #batch: RecordBatchHeader;
  readonly #set: Uint8Array;
  readonly #crc32: Crc32 | null;
  readonly #origin: number;
  /** What the offsets in the set count from; null until the first step finds it. */
  #base: bigint | null = null;
  #at = 0;
  #read = 0;
  #done = false;

  /**
   * @param batch the message itself, or the compressed one around the set
   * @param crc32 checks every message when it is reached; null leaves that out
   * @param origin where the set stands in what the caller gave, for errors
   */
  constructor(batch: RecordBatchHeader, set: Uint8Array, crc32: Crc32 | null, origin: number) {
    super();
    this.#batch = batch;
    this.#set = set;
    this.#crc32 = crc32;
    this.#origin = origin;
  }

  override nextRecord(): RecordView | null {
    if (this.#done) return null;
    try {
      this.#base ??= this.#findBase();
      const size = this.#sizeAt(this.#at);
      if (size !== null) {
        const record = this.#recordAt(this.#at, size, this.#base);
        this.#at += size;
        this.#read++;
        return record;
      }
      this.#done = true;
      return null;
    } catch (error) {
      this.#done = true;
      throw error instanceof DecodeError ? error.within(this.#read).within("records") : error;
    }
  }

  /** Magic 1 wants the last message's offset before the first record, so this walks the whole set. */
  #findBase(): bigint {
    const { compressionType, lastOffset, magic } = this.#batch;
    if (compressionType === "none") return 0n;
    let lastAt: number | null = null;
    let at = 0;
    for (let size = this.#sizeAt(at); size !== null; size = this.#sizeAt(at)) {
      lastAt = at;
      at += size;
    }
    if (lastAt === null) throw new DecodeError("a compressed message has no messages in it", this.#origin);
    // As in Kafka: 0 comes from a librdkafka that did not set it, so it says nothing of the first offset.
    if (magic === 0 || lastOffset === 0n) return 0n;
    const last = bigInt64At(this.#set, lastAt + BASE_OFFSET_AT);
    if (last > lastOffset) {
      throw new DecodeError(
        `a compressed message at offset ${lastOffset} has a message at ${last} in it`,
        this.#origin + lastAt,
      );
    }
    return lastOffset - last;
  }

  /** The size of the message at `at`; null where there is none, or one that is cut off, which Kafka leaves out. */
  #sizeAt(at: number): number | null {
    const set = this.#set;
    const available = set.byteLength - at;
    if (available <= MAGIC_AT) return null;
    const magic = int8At(set, at + MAGIC_AT);
    if (magic !== 0 && magic !== 1) {
      throw new DecodeError(
        `a message inside a compressed one has magic ${magic}`,
        this.#origin + at + MAGIC_AT,
      );
    }
    const length = int32At(set, at + LENGTH_AT);
    const size = LOG_OVERHEAD + length;
    if (size < LEGACY_OVERHEAD[magic]) {
      throw new DecodeError(
        `a message of length ${length} is shorter than magic ${magic} allows`,
        this.#origin + at + LENGTH_AT,
      );
    }
    return size > available ? null : size;
  }

  #recordAt(at: number, size: number, base: bigint): RecordView {
    const batch = this.#batch;
    const bytes = new Uint8Array(this.#set.buffer, this.#set.byteOffset + at, size);
    const message = new LegacyMessage(bytes, this.#origin + at);
    const offset = base + message.offset;
    if (this.#crc32 !== null) message.ensureValid(this.#crc32, offset);
    if (message.compressionType !== "none") {
      throw message.fail("a message inside a compressed one is compressed too", LEGACY_ATTRIBUTES_AT);
    }
    const { key, value } = message;
    const isAppendTime = batch.timestampType === "LOG_APPEND_TIME" && message.magic === 1;
    const logAppendTime = isAppendTime ? batch.maxTimestamp : null;
    const source = new RecordSource(
      batch,
      new Memory(bytes),
      Number(BigInt.asIntN(32, offset >> 32n)),
      Number(BigInt.asIntN(32, offset)),
      message.timestamp,
      logAppendTime,
    );
    return new RecordView(source, 0, 0, key.at, key.size, value.at, value.size, 0, 0);
  }
}
