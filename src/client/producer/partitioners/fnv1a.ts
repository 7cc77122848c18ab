const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1a of 32 bits of the first `length` bytes, read as a signed number whose sign is dropped: the hash by which
 * Sarama's default partitioner and librdkafka's `fnv1a_random` go.
 */
export function positiveFnv1a(bytes: Uint8Array, length: number = bytes.byteLength): number {
  let hash = OFFSET_BASIS;
  for (let at = 0; at < length; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
  return Math.abs(hash | 0);
}
