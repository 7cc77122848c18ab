/**
 * The primitive types of Kafka's schemas, under Kafka's names. Each knows how to read and write one value;
 * those with a length have a second form, "compact", for flexible versions (KIP-482): the length plus one as
 * an unsigned varint, so that 0 stands for null.
 */

import { EncodeError } from "./errors.ts";
import { type Int64Input, toBigInt } from "./int64.ts";
import type { Reader } from "./reader.ts";
import { type Uuid, ZERO_UUID } from "./uuid.ts";
import type { Writer } from "./writer.ts";

/** How a value of type `T` is read and written, where null has no place. */
export interface ValueCodec<T, Input = T> {
  readonly read: (reader: Reader) => T;
  readonly write: (writer: Writer, value: Input) => void;
}

/** The type of values that only need their bytes. */
export interface ScalarType<T, Input = T> extends ValueCodec<T, Input> {
  readonly kind: "scalar";
  /** Kafka's name of the type. */
  readonly name: string;
  /** The default of a field that names no other. */
  readonly zero: T;
  /** Whether the input stands for `value`; absent where it does when it is that same value. */
  readonly equals?: (input: unknown, value: T) => boolean;
}

/** The type of values that follow their own length. */
export interface SizedType<T, Input = T> {
  readonly kind: "sized";
  /** Kafka's name of the type. */
  readonly name: string;
  /** The default of a field that names no other. */
  readonly zero: T | null;
  /** Widest length in bytes; compact forms keep it. */
  readonly limit: number;
  /** Reads the length of the form that is not compact: negative for null. */
  readonly readLength: (reader: Reader) => number;
  readonly writeLength: (writer: Writer, length: number) => void;
  /** Reads a value of `length` bytes. */
  readonly read: (reader: Reader, length: number) => T;
  /** Writes the value after its length. */
  readonly write: (
    writer: Writer,
    value: Input,
    writeLength: (writer: Writer, length: number) => void,
    limit: number,
  ) => void;
}

function scalar<T>(
  name: string,
  zero: T,
  read: (reader: Reader) => T,
  write: (writer: Writer, value: T) => void,
): ScalarType<T> {
  return { kind: "scalar", name, zero, read, write };
}

/** An error that says which value cannot be of which type. */
export function mismatch(type: string, value: unknown): EncodeError {
  // A large byte array would be megabytes as text, and an object may have no text at all.
  const shown =
    typeof value === "string"
      ? JSON.stringify(value.slice(0, 80))
      : (typeof value === "object" && value !== null) || typeof value === "function"
        ? Object.prototype.toString.call(value)
        : String(value);
  return new EncodeError(`${shown.slice(0, 80)} (${value === null ? "null" : typeof value}) is not ${type}`);
}

export const bool: ScalarType<boolean> = scalar(
  "bool",
  false,
  (r) => r.boolean(),
  (w, value) => {
    if (typeof value !== "boolean") throw mismatch("bool", value);
    w.boolean(value);
  },
);

// The checks also fail for what is no number at all: writing 70,000 as an int16 would silently send 4,464.

export const int8: ScalarType<number> = scalar(
  "int8",
  0,
  (r) => r.int8(),
  (w, value) => {
    if (typeof value !== "number" || (value << 24) >> 24 !== value) throw mismatch("int8", value);
    w.int8(value);
  },
);

export const int16: ScalarType<number> = scalar(
  "int16",
  0,
  (r) => r.int16(),
  (w, value) => {
    if (typeof value !== "number" || (value << 16) >> 16 !== value) throw mismatch("int16", value);
    w.int16(value);
  },
);

export const uint16: ScalarType<number> = scalar(
  "uint16",
  0,
  (r) => r.uint16(),
  (w, value) => {
    if (typeof value !== "number" || (value & 0xffff) !== value) throw mismatch("uint16", value);
    w.uint16(value);
  },
);

export const int32: ScalarType<number> = scalar(
  "int32",
  0,
  (r) => r.int32(),
  (w, value) => {
    if (typeof value !== "number" || (value | 0) !== value) throw mismatch("int32", value);
    w.int32(value);
  },
);

export const uint32: ScalarType<number> = scalar(
  "uint32",
  0,
  (r) => r.uint32(),
  (w, value) => {
    if (typeof value !== "number" || value >>> 0 !== value) throw mismatch("uint32", value);
    w.uint32(value);
  },
);

export const int64: ScalarType<bigint, Int64Input> = {
  kind: "scalar",
  name: "int64",
  zero: 0n,
  read: (r) => r.int64(),
  write: (w, input) => {
    const value = toBigInt(input);
    if (value === null || BigInt.asIntN(64, value) !== value) throw mismatch("int64", input);
    w.int64(value);
  },
  equals: (input, value) => toBigInt(input) === value,
};

export const float64: ScalarType<number> = scalar(
  "float64",
  0,
  (r) => r.float64(),
  (w, value) => {
    if (typeof value !== "number") throw mismatch("float64", value);
    w.float64(value);
  },
);

export const uuid: ScalarType<Uuid> = scalar(
  "uuid",
  ZERO_UUID,
  (r) => r.uuid(),
  (w, value) => {
    if (typeof value !== "string") throw mismatch("uuid", value);
    w.uuid(value);
  },
);

/** UTF-8 text of at most 32,767 bytes. */
export const string: SizedType<string> = {
  kind: "sized",
  name: "string",
  zero: "",
  limit: 0x7fff,
  readLength: (r) => r.int16(),
  writeLength: (w, length) => w.int16(length),
  read: (r, length) => r.text(length),
  write: (w, value, writeLength, limit) => {
    if (typeof value !== "string") throw mismatch("string", value);
    w.text(value, limit, writeLength);
  },
};

const readLength32 = (r: Reader): number => r.int32();
const writeLength32 = (w: Writer, length: number): void => w.int32(length);

/** Bytes as they are. Reading gives a view on the message's memory. */
export const bytes: SizedType<Uint8Array> = {
  kind: "sized",
  name: "bytes",
  zero: new Uint8Array(0),
  limit: 0x7fff_ffff,
  readLength: readLength32,
  writeLength: writeLength32,
  read: (r, length) => r.view(length),
  write: (w, value, writeLength) => {
    if (!(value instanceof Uint8Array)) throw mismatch("bytes", value);
    writeLength(w, value.byteLength);
    w.raw(value);
  },
};

/** One buffer, or several that follow each other: the batches of a partition need not be joined to be sent. */
export type RecordsBytes = Uint8Array | readonly Uint8Array[];

/** Record batches. Reading gives a view on the message's memory; `records/` reads what is inside. */
export const records: SizedType<Uint8Array, RecordsBytes> = {
  kind: "sized",
  name: "records",
  zero: null,
  limit: 0x7fff_ffff,
  readLength: readLength32,
  writeLength: writeLength32,
  read: (r, length) => r.view(length),
  write: (w, value, writeLength) => {
    if (value instanceof Uint8Array) {
      writeLength(w, value.byteLength);
      w.raw(value);
      return;
    }
    if (!Array.isArray(value)) throw mismatch("records", value);
    let length = 0;
    for (const part of value) {
      if (!(part instanceof Uint8Array)) throw mismatch("records", part);
      length += part.byteLength;
    }
    writeLength(w, length);
    for (const part of value) w.raw(part);
  },
};

/** Reads a compact length: negative for null. Kafka wraps to 32 bits here, so do we. */
export function readCompactLength(reader: Reader): number {
  return (reader.unsignedVarint() - 1) | 0;
}

export function writeCompactLength(writer: Writer, length: number): void {
  writer.unsignedVarint(length + 1);
}
