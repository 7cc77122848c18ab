/** What a field of type `records` holds: record batches one after the other, of any magic. */

import { int8At, int32At, uint32At } from "../records/big-endian.ts";
import { crc32c } from "../records/crc32c.ts";
import {
  ATTRIBUTES_AT,
  CRC_AT,
  LEGACY_OVERHEAD,
  LENGTH_AT,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_AT,
  RECORD_BATCH_OVERHEAD,
  SMALLEST_LENGTH,
} from "../records/layout.ts";
import type { SpanBuilder } from "./span-builder.ts";
import { type WrappedIn, walkLegacyRecord } from "./walk-legacy-record.ts";
import type { WalkEmbedded } from "./walk-record.ts";
import { walkRecordBatch } from "./walk-record-batch.ts";

/** The size in bytes of an entry with nothing in it, by magic. */
const OVERHEAD: readonly number[] = [...LEGACY_OVERHEAD, RECORD_BATCH_OVERHEAD];

/**
 * Makes the spans of all batches in the region of `spans`.
 *
 * @param wrapper the legacy record that this set was wrapped in; null for a set that was not
 */
export function walkRecordSet(
  spans: SpanBuilder,
  path: string,
  walkEmbedded: WalkEmbedded,
  wrapper: WrappedIn | null = null,
): void {
  const { reader } = spans;
  for (let i = 0; reader.remaining > 0; i++) {
    const batchPath = `${path}.batches[${i}]`;
    if (reader.remaining < LOG_OVERHEAD) {
      spans.cutOff(batchPath, "the start of a batch");
      return;
    }
    const { bytes, offset, remaining } = reader;
    const length = int32At(bytes, offset + LENGTH_AT);
    // Nothing that follows such a length is in a place that is known.
    if (length < SMALLEST_LENGTH) throw tooShort(spans, batchPath, length);
    const size = LOG_OVERHEAD + length;
    const magic = remaining > MAGIC_AT ? int8At(bytes, offset + MAGIC_AT) : null;
    const isLegacy = magic === 0 || magic === 1;
    const overhead = magic === null ? 0 : OVERHEAD[magic];
    const walk = (): undefined => {
      // The end of a fetch cuts through a batch wherever its bound falls.
      if (size > remaining && overhead !== undefined && size >= overhead) {
        readPlace(spans, batchPath);
        spans.cutOff(batchPath, `${remaining} of ${size} bytes are here`);
        return;
      }
      spans.region(Math.min(size, remaining), batchPath, (inner) => {
        if (overhead === undefined) throw unknownMagic(inner, batchPath, magic);
        if (size < overhead) throw tooShort(inner, batchPath, length);
        if (isLegacy) {
          walkLegacyRecord(inner, batchPath, magic, walkEmbedded, wrapper, (wrapped, wrappedPath, within) =>
            walkRecordSet(wrapped, wrappedPath, walkEmbedded, within),
          );
        } else {
          walkRecordBatch(inner, batchPath, walkEmbedded);
        }
      });
    };
    const type = isLegacy ? "legacy record" : "record batch";
    spans.group("struct", batchPath, type, walk, magic === null ? {} : { note: `magic ${magic}` });
  }
}

/** Whether bytes that may be cut out of the middle of anything begin with a whole batch: its CRC says so. */
export function beginsWithBatch(bytes: Uint8Array): boolean {
  if (bytes.byteLength < RECORD_BATCH_OVERHEAD || bytes[MAGIC_AT] !== MAGIC) return false;
  const size = LOG_OVERHEAD + int32At(bytes, LENGTH_AT);
  if (size < RECORD_BATCH_OVERHEAD || size > bytes.byteLength) return false;
  return crc32c(bytes, ATTRIBUTES_AT, size) === uint32At(bytes, CRC_AT);
}

/** The two fields that every magic begins with. */
function readPlace(spans: SpanBuilder, path: string): void {
  spans.leaf("value", `${path}.baseOffset`, "int64", (from) => from.int64());
  spans.leaf("framing", `${path}.batchLength`, "int32", (from) => from.int32());
}

function tooShort(spans: SpanBuilder, path: string, length: number): Error {
  readPlace(spans, path);
  return spans.fail(`${path}.batchLength`, `a record batch of length ${length} is shorter than its header`);
}

function unknownMagic(spans: SpanBuilder, path: string, magic: number | null): Error {
  readPlace(spans, path);
  spans.leaf("value", `${path}.partitionLeaderEpoch`, "int32", (from) => from.int32());
  spans.leaf("value", `${path}.magic`, "int8", (from) => from.int8());
  return spans.fail(`${path}.magic`, `a record batch has magic ${magic}, which does not exist`);
}
