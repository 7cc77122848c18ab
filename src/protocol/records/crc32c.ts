import { foldedRegister } from "./crc32c-folding.ts";
import { registerAfter } from "./crc32c-tables.ts";

/**
 * The CRC-32C (Castagnoli) of `bytes[start, end)`, as an unsigned 32-bit number: the checksum of record batches
 * since magic 2.
 *
 * @param previous the CRC of what came before, to go on from there
 * @example
 * ```ts
 * import { crc32c } from "kafkawire/protocol";
 *
 * console.log(crc32c(new TextEncoder().encode("123456789")).toString(16)); // e3069283
 * ```
 */
export function crc32c(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.byteLength,
  previous: number = 0,
): number {
  const register =
    foldedRegister(bytes, start, end, ~previous) ?? registerAfter(bytes, start, end, ~previous);
  return ~register >>> 0;
}
