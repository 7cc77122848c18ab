/** 16 buckets for each power of two, so a bucket is at most a sixteenth of its lower end wide. */
const SUB_BITS = 4;
const SUB_BUCKETS = 1 << SUB_BITS;
/** Longest duration that has a bucket of its own, in microseconds: close to 36 minutes. */
const HIGHEST_US = 0x7fff_ffff;
const BUCKETS = (31 - SUB_BITS + 1) * SUB_BUCKETS;

/** A histogram as plain data. Durations are milliseconds; all are 0 while nothing was recorded. */
export interface LatencySnapshot {
  readonly count: number;
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Half of all were no longer than this; at most a thirty-second (3.2 %) off, as the other two are. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Buckets that hold something, shortest first. A bucket holds what is longer than the one before reaches. */
  readonly buckets: readonly { readonly upToMs: number; readonly count: number }[];
}

/**
 * Counts durations in buckets whose width grows with the duration (log-linear): recording takes the same few
 * steps whatever was recorded before, and memory is fixed, at 3.5 KiB. Resolution is a microsecond.
 */
export class LatencyHistogram {
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #sumMs = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;

  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    const us = Math.max(0, Math.round(ms * 1000));
    const index = bucketOf(us > HIGHEST_US ? HIGHEST_US : us);
    this.#buckets[index] = (this.#buckets[index] as number) + 1;
    this.#count++;
    this.#sumMs += ms;
    if (us < this.#minUs) this.#minUs = us;
    if (us > this.#maxUs) this.#maxUs = us;
  }

  /** Adds what another one has counted. */
  add(other: LatencyHistogram): void {
    other.#buckets.forEach((count, index) => {
      this.#buckets[index] = (this.#buckets[index] as number) + count;
    });
    this.#count += other.#count;
    this.#sumMs += other.#sumMs;
    this.#minUs = Math.min(this.#minUs, other.#minUs);
    this.#maxUs = Math.max(this.#maxUs, other.#maxUs);
  }

  /** The duration that the share `q` (0 to 1) of all recorded ones did not exceed. */
  quantileMs(q: number): number {
    if (this.#count === 0) return 0;
    const rank = Math.min(this.#count, Math.max(1, Math.ceil(q * this.#count)));
    let seen = 0;
    let index = -1;
    while (seen < rank) seen += this.#buckets[++index] as number;
    const middleUs = (lowestOf(index) + highestOf(index)) / 2;
    // The last bucket also holds what has none of its own.
    const us = index === BUCKETS - 1 ? this.#maxUs : middleUs;
    return Math.min(Math.max(us, this.#minUs), this.#maxUs) / 1000;
  }

  snapshot(): LatencySnapshot {
    const buckets: { upToMs: number; count: number }[] = [];
    this.#buckets.forEach((count, index) => {
      if (count === 0) return;
      const upToUs = index === BUCKETS - 1 ? Math.max(this.#maxUs, HIGHEST_US) : highestOf(index);
      buckets.push({ upToMs: upToUs / 1000, count });
    });
    return {
      count: this.#count,
      sumMs: this.#sumMs,
      minMs: this.#count === 0 ? 0 : this.#minUs / 1000,
      maxMs: this.#maxUs / 1000,
      p50Ms: this.quantileMs(0.5),
      p95Ms: this.quantileMs(0.95),
      p99Ms: this.quantileMs(0.99),
      buckets,
    };
  }
}

/** The first sixteen microseconds have a bucket each; so has every sixteenth of a power of two after that. */
function bucketOf(us: number): number {
  if (us < SUB_BUCKETS) return us;
  const exponent = 31 - Math.clz32(us);
  const shift = exponent - SUB_BITS;
  return ((shift + 1) << SUB_BITS) + ((us >>> shift) & (SUB_BUCKETS - 1));
}

function lowestOf(index: number): number {
  if (index < SUB_BUCKETS) return index;
  const shift = (index >> SUB_BITS) - 1;
  return (SUB_BUCKETS + (index & (SUB_BUCKETS - 1))) * 2 ** shift;
}

function highestOf(index: number): number {
  return index + 1 < BUCKETS ? lowestOf(index + 1) - 1 : HIGHEST_US;
}
