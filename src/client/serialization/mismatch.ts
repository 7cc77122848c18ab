/** Why data cannot be serialized or read. Never what it is: records may hold what no log should show. */

/** Data of another type than it has to be, as in "takes a string, not a number". */
export function mismatch(expected: string, data: unknown): TypeError {
  return new TypeError(`it takes ${expected}, not ${typeName(data)}`);
}

/** A number that is of the right type and that has no place in the bytes. */
export function outOfRange(expected: string): RangeError {
  return new RangeError(`it takes ${expected}, and the number is none`);
}

/** @throws RangeError when `data` is not as long as everything of that type. */
export function checkSize(data: Uint8Array, size: number): void {
  if (data.byteLength !== size) {
    throw new RangeError(
      `it reads ${size} ${size === 1 ? "byte" : "bytes"}, and there are ${data.byteLength}`,
    );
  }
}

/** The type of anything, with its article. */
export function typeName(data: unknown): string {
  if (data === null || data === undefined) return String(data);
  const name = typeof data === "object" ? (data.constructor?.name ?? "object") : typeof data;
  return `${/^[aeiou]/i.test(name) && !/^u[^n]/i.test(name) ? "an" : "a"} ${name}`;
}
