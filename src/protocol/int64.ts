/**
 * 64-bit integers as they are given to us. Everything that we give out is a bigint; programs that still keep
 * their offsets in the objects of the package `long` need not convert them.
 */

import type Long from "long";

/** A 64-bit integer: a bigint, or a `Long` of the package `long`, of any of its versions. */
export type Int64Input = bigint | Long;

/** The bigint of an {@link Int64Input}; null when `value` is anything else. */
export function toBigInt(value: unknown): bigint | null {
  if (typeof value === "bigint") return value;
  if (!isLong(value)) return null;
  const { high, low, unsigned } = value;
  return (BigInt(unsigned ? high >>> 0 : high) << 32n) | BigInt(low >>> 0);
}

/** As `Long.isLong`, which goes by this mark too, so that the package is needed for its type only. */
function isLong(value: unknown): value is Long {
  return (
    typeof value === "object" && value !== null && (value as { __isLong__?: unknown }).__isLong__ === true
  );
}
