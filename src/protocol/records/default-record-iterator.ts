import { DecodeError } from "../errors.ts";
import { RecordIterator } from "./record-iterator.ts";
import { type RecordSource, RecordView } from "./record-view.ts";
import { VarintReader } from "./varint-reader.ts";

/** Walks the records of a batch of magic 2. */
export class DefaultRecordIterator extends RecordIterator {
  readonly #source: RecordSource;
  readonly #reader: VarintReader;
  readonly #end: number;
  readonly #count: number;
  #read = 0;
  #done = false;

  /**
   * @param count how many records the batch says that it has
   * @param origin where the source's bytes stand in what the caller gave, for errors
   */
  constructor(source: RecordSource, count: number, origin: number) {
    super();
    this.#source = source;
    this.#reader = new VarintReader(source.bytes, 0, origin);
    this.#end = source.bytes.byteLength;
    this.#count = count;
  }

  override nextRecord(): RecordView | null {
    if (this.#done) return null;
    if (this.#read === this.#count) {
      this.#done = true;
      const left = this.#end - this.#reader.at;
      if (left === 0) return null;
      throw this.#reader.fail(`${left} bytes are left over after ${this.#count} records`);
    }
    try {
      const record = this.#readRecord();
      this.#read++;
      return record;
    } catch (error) {
      this.#done = true;
      throw error instanceof DecodeError ? error.within(this.#read).within("records") : error;
    }
  }

  #readRecord(): RecordView {
    const reader = this.#reader;
    const length = reader.varint();
    const start = reader.at;
    const end = start + length;
    if (length < 0 || end > this.#end) throw this.#misfit(`a record has ${length} bytes`, this.#end);
    reader.at = start + 1; // its attributes, of which Kafka has defined none
    const timestampDelta = reader.varlong();
    const offsetDelta = reader.varint();
    const keySize = reader.varint();
    const keyAt = reader.at;
    if (keySize > 0) this.#skip(keySize, end, "key");
    const valueSize = reader.varint();
    const valueAt = reader.at;
    if (valueSize > 0) this.#skip(valueSize, end, "value");
    const headerCount = reader.varint();
    const headersAt = reader.at;
    if (headerCount !== 0) this.#skipHeaders(headerCount, end);
    if (reader.at !== end) {
      throw reader.fail(`a record says that it has ${length} bytes and its fields have ${reader.at - start}`);
    }
    return new RecordView(
      this.#source,
      timestampDelta,
      offsetDelta,
      keyAt,
      keySize,
      valueAt,
      valueSize,
      headersAt,
      headerCount,
    );
  }

  #skip(size: number, end: number, what: string): void {
    const reader = this.#reader;
    if (size > end - reader.at) throw this.#misfit(`a ${what} has ${size} bytes`, end);
    reader.at += size;
  }

  #skipHeaders(count: number, end: number): void {
    const reader = this.#reader;
    // A header takes at least two bytes, so more of them than bytes is hostile.
    if (count < 0 || count > end - reader.at) throw this.#misfit(`a record has ${count} headers`, end);
    for (let i = 0; i < count; i++) {
      const keySize = reader.varint();
      if (keySize < 0) throw reader.fail("the key of a header is null");
      this.#skip(keySize, end, "header key");
      const valueSize = reader.varint();
      if (valueSize > 0) this.#skip(valueSize, end, "header value");
    }
  }

  #misfit(problem: string, end: number): DecodeError {
    return this.#reader.fail(`${problem}, and ${Math.max(end - this.#reader.at, 0)} bytes are left`);
  }
}
