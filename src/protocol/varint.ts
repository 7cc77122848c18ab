/**
 * Lengths of Kafka's variable-length integers: seven bits a byte, the lowest first, the high bit set on all
 * but the last byte. Signed ones are zigzag-encoded first. Reading and writing live in the cursors.
 */

/** Bytes that an unsigned varint takes; `value` counts as 32 unsigned bits. */
export function unsignedVarintLength(value: number): number {
  const bits = 32 - Math.clz32(value);
  return bits === 0 ? 1 : Math.ceil(bits / 7);
}

/** Bytes that a zigzag varint takes. */
export function varintLength(value: number): number {
  return unsignedVarintLength(zigzag32(value));
}

/** Folds the sign of an int32 into its lowest bit, so that small negative numbers stay short. */
export function zigzag32(value: number): number {
  return (value << 1) ^ (value >> 31);
}

/** Undoes {@link zigzag32}. */
export function unzigzag32(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
