import fc from "fast-check";

/** What decides a partition. */
export type Key = string | Uint8Array;

/** Bytes and text of all kinds, in all lengths modulo four, where murmur2 differs. */
export function randomKeys(count: number, seed: number): Key[] {
  const anyUnits = fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
    .map((units) => String.fromCharCode(...units));
  const key = fc.oneof<fc.Arbitrary<Key>[]>(
    fc.uint8Array({ maxLength: 70 }),
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
    // Lone surrogates too.
    anyUnits,
  );
  const long = fc.oneof<fc.Arbitrary<Key>[]>(
    fc.uint8Array({ minLength: 300, maxLength: 5000 }),
    fc.string({ unit: "grapheme", minLength: 300, maxLength: 2000 }),
    fc.string({ unit: "grapheme-ascii", minLength: 300, maxLength: 5000 }),
  );
  const always: Key[] = [
    "",
    new Uint8Array(0),
    "\0",
    "\u00e9",
    "日本",
    "👍",
    "\ud83d",
    `${"x".repeat(100)}\ud83d`,
    Uint8Array.of(0x80, 0xff),
    "k".repeat(20_000),
    "é".repeat(20_000),
    ...fc.sample(long, { seed, numRuns: 100 }),
  ];
  return [...always, ...fc.sample(key, { seed, numRuns: count - always.length })];
}
