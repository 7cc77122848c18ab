/** Random records, with the odd ones often enough. */

import fc from "fast-check";

export interface InputRecord {
  readonly timestamp: number;
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers:
    | readonly { readonly key: string; readonly value: string | Uint8Array | null }[]
    | undefined;
}

const anyTimestamp = fc.oneof(
  fc.constant(-1),
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_001_000 }),
  fc.maxSafeNat(),
);

/** Any sixteen-bit units, so surrogates of both kinds come alone and in pairs, some of them past 32 units. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary", maxLength: 100 }),
  fc
    .array(fc.integer({ min: 0xd700, max: 0xe100 }), { maxLength: 50 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .tuple(fc.constantFrom("a", "é", "世", "😀"), fc.nat({ max: 9_000 }))
    .map(([unit, count]) => unit.repeat(count)),
);

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.nat({ max: 20_000 }).map((size) => new Uint8Array(size).fill(size)),
);

const anyField = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: anyText },
  { weight: 3, arbitrary: anyBytes },
);

// Few keys, so that they repeat.
const anyHeader = fc.record({ key: fc.oneof(fc.constantFrom("", "a", "é"), anyText), value: anyField });

export const anyRecord: fc.Arbitrary<InputRecord> = fc.record({
  timestamp: anyTimestamp,
  key: anyField,
  value: anyField,
  headers: fc.oneof(fc.constant(undefined), fc.array(anyHeader, { maxLength: 4 })),
});
