import { putText } from "../../../protocol/records/put-text.ts";
import { crc32 } from "./crc32.ts";
import { positiveFnv1a } from "./fnv1a.ts";
import { murmur2, positiveMurmur2OfAscii } from "./murmur2.ts";

/** Most bytes that a unit of UTF-16 takes as UTF-8. */
const BYTES_PER_UNIT = 3;
/** What is kept from one key to the next: room for any key but odd ones. */
const KEPT = 16 * 1024;

/** Hashes of keys as they will be sent, none of which is negative. Nothing is allocated but for very long text. */
export class KeyHashes {
  #scratch = new Uint8Array(1024);

  /** Java's: murmur2 without its highest bit. */
  murmur2(key: string | Uint8Array): number {
    if (typeof key !== "string") return murmur2(key) & 0x7fff_ffff;
    // Nearly every key is short and ASCII, and its bytes need not be written down to be hashed.
    const hash = positiveMurmur2OfAscii(key);
    if (hash >= 0) return hash;
    const bytes = this.#roomFor(key);
    return murmur2(bytes, putText(bytes, 0, key)) & 0x7fff_ffff;
  }

  crc32(key: string | Uint8Array): number {
    if (typeof key !== "string") return crc32(key);
    const bytes = this.#roomFor(key);
    return crc32(bytes, putText(bytes, 0, key));
  }

  fnv1a(key: string | Uint8Array): number {
    if (typeof key !== "string") return positiveFnv1a(key);
    const bytes = this.#roomFor(key);
    return positiveFnv1a(bytes, putText(bytes, 0, key));
  }

  #roomFor(text: string): Uint8Array {
    const size = text.length * BYTES_PER_UNIT;
    if (size <= this.#scratch.byteLength) return this.#scratch;
    const larger = new Uint8Array(size);
    if (size <= KEPT) this.#scratch = larger;
    return larger;
  }
}
