import type { DecodeError } from "../errors.ts";
import type { RecordSource } from "./record-source.ts";
import { RecordView } from "./record-view.ts";
import type { VarintReader } from "./varint-reader.ts";

/**
 * The record of magic 2 at the reader, which moves behind it.
 *
 * @param end where the records end
 * @throws DecodeError when the bytes are no record, at the byte where that shows.
 */
export function carefulRecord(source: RecordSource, reader: VarintReader, end: number): RecordView {
  const length = reader.varint();
  const start = reader.at;
  const recordEnd = start + length;
  if (length < 0 || recordEnd > end) throw misfit(reader, `a record has ${length} bytes`, end);
  reader.at = start + 1; // its attributes, of which Kafka has defined none
  const timestampDelta = reader.varlong();
  const offsetDelta = reader.varint();
  const keySize = reader.varint();
  const keyAt = reader.at;
  if (keySize > 0) skip(reader, keySize, recordEnd, "key");
  const valueSize = reader.varint();
  const valueAt = reader.at;
  if (valueSize > 0) skip(reader, valueSize, recordEnd, "value");
  const headerCount = reader.varint();
  const headersAt = reader.at;
  if (headerCount !== 0) skipHeaders(reader, headerCount, recordEnd);
  if (reader.at !== recordEnd) {
    throw reader.fail(`a record says that it has ${length} bytes and its fields have ${reader.at - start}`);
  }
  return new RecordView(
    source,
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

function skip(reader: VarintReader, size: number, end: number, what: string): void {
  if (size > end - reader.at) throw misfit(reader, `a ${what} has ${size} bytes`, end);
  reader.at += size;
}

function skipHeaders(reader: VarintReader, count: number, end: number): void {
  // A header takes at least two bytes, so more of them than bytes is hostile.
  if (count < 0 || count > end - reader.at) throw misfit(reader, `a record has ${count} headers`, end);
  for (let i = 0; i < count; i++) {
    const keySize = reader.varint();
    if (keySize < 0) throw reader.fail("the key of a header is null");
    skip(reader, keySize, end, "header key");
    const valueSize = reader.varint();
    if (valueSize > 0) skip(reader, valueSize, end, "header value");
  }
}

function misfit(reader: VarintReader, problem: string, end: number): DecodeError {
  return reader.fail(`${problem}, and ${Math.max(end - reader.at, 0)} bytes are left`);
}
