import { encodeUtf8, utf8Length } from "../../protocol/utf8.ts";
import { murmur2 } from "./murmur2.ts";

/**
 * The partition of a record with a key: the same as with Kafka's Java client, for any key (empty ones included)
 * and any number of partitions.
 *
 * @example
 * ```ts
 * import { partitionForKey } from "kafkawire";
 *
 * console.log(partitionForKey("order-42", 12));
 * ```
 */
export function partitionForKey(key: string | Uint8Array, partitionCount: number): number {
  let hash: number;
  if (typeof key === "string") {
    const bytes = new Uint8Array(utf8Length(key));
    encodeUtf8(key, bytes, 0);
    hash = murmur2(bytes);
  } else {
    hash = murmur2(key);
  }
  return (hash & 0x7fff_ffff) % partitionCount;
}

/**
 * Where records without a key go: to one partition until about a batch's worth of bytes went there, then to
 * another one by chance. Batches fill up, and over time partitions get equal shares (KIP-480, KIP-794).
 */
export class StickyPartitioner {
  readonly #stickyBytes: number;
  readonly #random: () => number;
  #partition = -1;
  #bytes = 0;

  /** @param stickyBytes Bytes to send to a partition before another is drawn. */
  constructor(stickyBytes: number, random: () => number) {
    this.#stickyBytes = stickyBytes;
    this.#random = random;
  }

  /** The partition for a record of `size` bytes, one of `candidates`. */
  partition(candidates: readonly number[], size: number): number {
    if (this.#bytes >= this.#stickyBytes || !candidates.includes(this.#partition)) {
      this.#partition = this.#draw(candidates);
      this.#bytes = 0;
    }
    this.#bytes += size;
    return this.#partition;
  }

  #draw(candidates: readonly number[]): number {
    // Never the same twice in a row where there is a choice.
    const others = candidates.filter((candidate) => candidate !== this.#partition);
    const pool = others.length > 0 ? others : candidates;
    return pool[Math.floor(this.#random() * pool.length)] as number;
  }
}
