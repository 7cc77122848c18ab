/**
 * The records that every client sends: keys of 10 to 14 bytes and values of one size, from pools made beforehand, so
 * that what is measured is the client and not the making of data. The program in franz-go/ makes the same.
 */

const KEYS = 4096;
const VALUES = 512;

export interface Workload {
  /** As text, for clients that want it so. */
  readonly keyTexts: readonly string[];
  readonly keys: readonly Buffer[];
  readonly valueTexts: readonly string[];
  readonly values: readonly Buffer[];
}

/** Pools have sizes that are powers of two: `pool[i & (pool.length - 1)]`. */
export function makeWorkload(valueSize: number): Workload {
  const keyTexts = Array.from({ length: KEYS }, (_, i) => `customer-${i}`);
  const valueTexts = Array.from({ length: VALUES }, (_, i) => makeValue(i, valueSize));
  return {
    keyTexts,
    keys: keyTexts.map((text) => Buffer.from(text)),
    valueTexts,
    values: valueTexts.map((text) => Buffer.from(text)),
  };
}

function makeValue(seed: number, size: number): string {
  let text = `{"order":${seed},"items":"`;
  let state = seed + 1;
  while (text.length < size - 2) {
    state = (state * 48_271) % 0x7fff_ffff;
    text += String.fromCharCode(97 + (state % 26));
  }
  return `${text}"}`;
}
