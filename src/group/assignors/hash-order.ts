/**
 * The order in which Java goes through a hash map. Kafka's assignors leave some ties to it: which of several members
 * keeps one partition more than the others, which of several partitions moves back. Java's hashes of text are the
 * same in every program, so that order can be followed, and a group is assigned the same whoever leads it.
 *
 * A bucket that holds nine keys or more becomes a tree in Java, whose order is not followed here: of good keys that
 * happens to nobody, and the assignment is as valid in any order.
 */

/** Buckets of a new map. They are doubled when more than three quarters as many keys are there, and never fewer. */
const LEAST_BUCKETS = 16;

/** `String.hashCode()`. */
export function hashOfText(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

/** `TopicPartition.hashCode()`. */
export function hashOfPartition(hashOfTopic: number, partition: number): number {
  return (Math.imul(31 + partition, 31) + hashOfTopic) | 0;
}

/** The keys, each there once, in the order of a map that they were `put` in one after the other. */
export function inHashOrder(keys: readonly string[]): string[] {
  return byBucket(keys, bucketsFor(keys.length, LEAST_BUCKETS));
}

/**
 * The same where each was looked up by `computeIfAbsent`, and again for each further value under it. That puts keys in
 * front of those that share their bucket, and counts before it adds a key and not after.
 */
export function inHashOrderOfComputed(valuesByKey: ReadonlyMap<string, readonly unknown[]>): string[] {
  const keys = [...valuesByKey.keys()].reverse();
  const counted = (valuesByKey.get(keys[0] ?? "")?.length ?? 0) > 1 ? keys.length : keys.length - 1;
  return byBucket(keys, bucketsFor(counted, LEAST_BUCKETS));
}

/** A `HashSet` as far as its first key goes. */
export class HashOrderedSet<Key> {
  readonly #hashes = new Map<Key, number>();
  #buckets = LEAST_BUCKETS;

  get size(): number {
    return this.#hashes.size;
  }

  add(key: Key, hash: number): void {
    this.#hashes.set(key, hash);
    this.#buckets = bucketsFor(this.#hashes.size, this.#buckets);
  }

  delete(key: Key): void {
    this.#hashes.delete(key);
  }

  /** The first in the lowest bucket; undefined when the set is empty. */
  first(): Key | undefined {
    let first: Key | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [key, hash] of this.#hashes) {
      const bucket = bucketOf(hash, this.#buckets);
      if (bucket >= lowest) continue;
      lowest = bucket;
      first = key;
    }
    return first;
  }
}

function byBucket(keys: readonly string[], buckets: number): string[] {
  return keys
    .map((key) => ({ key, bucket: bucketOf(hashOfText(key), buckets) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ key }) => key);
}

function bucketsFor(keys: number, atLeast: number): number {
  let buckets = atLeast;
  while (keys > buckets * 0.75) buckets *= 2;
  return buckets;
}

function bucketOf(hash: number, buckets: number): number {
  return (hash ^ (hash >>> 16)) & (buckets - 1);
}
