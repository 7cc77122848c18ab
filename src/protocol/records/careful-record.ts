import { Reader } from "../reader.ts";
import type { RecordSource } from "./record-source.ts";
import { RecordView } from "./record-view.ts";

/**
 * The record of magic 2 at `start`, with every check at the place where it belongs.
 *
 * @param end where the records end
 * @returns the record, and where the next one starts
 * @throws DecodeError when the bytes are no record, at the byte where that shows.
 */
export function carefulRecord(source: RecordSource, start: number, end: number): [RecordView, number] {
  const { bytes } = source.memory;
  const batch = new Reader(bytes.subarray(0, end));
  batch.view(start);
  const length = batch.varint();
  if (length < 0 || length > batch.remaining) {
    throw batch.fail(`a record has ${length} bytes, and ${batch.remaining} bytes are left`);
  }
  const recordEnd = batch.offset + length;
  const reader = new Reader(bytes.subarray(0, recordEnd));
  reader.view(batch.offset);
  reader.int8(); // its attributes, of which Kafka has defined none
  const timestampDelta = Number(reader.varlong());
  const offsetDelta = reader.varint();
  const [keyAt, keySize] = field(reader, "key");
  const [valueAt, valueSize] = field(reader, "value");
  const headerCount = reader.varint();
  const headersAt = reader.offset;
  // A header takes at least two bytes, so more of them than bytes is hostile.
  if (headerCount < 0 || headerCount > reader.remaining) {
    throw reader.fail(`a record has ${headerCount} headers, and ${reader.remaining} bytes are left`);
  }
  for (let i = 0; i < headerCount; i++) {
    if (field(reader, "header key")[1] < 0) throw reader.fail("the key of a header is null");
    field(reader, "header value");
  }
  reader.expectEnd();
  return [
    new RecordView(
      source,
      timestampDelta,
      offsetDelta,
      keyAt,
      keySize,
      valueAt,
      valueSize,
      headersAt,
      headerCount,
    ),
    recordEnd,
  ];
}

/** Where a key or a value stands, and its size, which is negative for null. */
function field(reader: Reader, name: string): [number, number] {
  const size = reader.varint();
  const at = reader.offset;
  if (size > reader.remaining) {
    throw reader.fail(`a ${name} has ${size} bytes, and ${reader.remaining} bytes are left`);
  }
  reader.view(Math.max(size, 0));
  return [at, size];
}
