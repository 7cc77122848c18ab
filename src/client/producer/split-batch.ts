import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import { readRecordBatches } from "../../protocol/records/read-record-batches.ts";
import type { ProducerBatch } from "./batch.ts";

/** The records of a batch were compressed here, so nobody has made them larger than that. */
const ANY_SIZE = 0x7fff_ffff;

/**
 * The records of a batch in two, each of which a broker may take that found the whole too large (KIP-126). Nobody
 * waits for them until the batch hands over.
 *
 * @param newBatch makes an empty batch with room for so many bytes, for the same partition and of the same age.
 */
export async function splitBatch(
  batch: ProducerBatch,
  codec: CompressionCodec | null,
  newBatch: (size: number) => ProducerBatch,
): Promise<readonly ProducerBatch[]> {
  const parts: ProducerBatch[] = [];
  const most = Math.ceil(batch.recordCount / 2);
  const size = Math.ceil(batch.plainSize / 2);
  for (const encoded of readRecordBatches(batch.bytes)) {
    const payload = codec === null ? undefined : await encoded.decompress(codec, ANY_SIZE);
    let part: ProducerBatch | undefined;
    for (const { timestamp, key, value, headers } of encoded.records(payload)) {
      if (part === undefined || part.recordCount === most) {
        part = newBatch(size);
        parts.push(part);
      }
      part.append(timestamp, key, value, headers, null, 0);
    }
  }
  return parts;
}
