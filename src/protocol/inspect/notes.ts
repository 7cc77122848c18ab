import { apiNames } from "../api-keys.ts";
import { errorCodes } from "../error-codes.ts";
import type { Details, SpanBuilder } from "./span-builder.ts";

/** What a control record says, by the number in its key. */
const CONTROL_TYPES = [
  "ABORT",
  "COMMIT",
  "LEADER_CHANGE",
  "SNAPSHOT_HEADER",
  "SNAPSHOT_FOOTER",
  "KRAFT_VERSION",
  "KRAFT_VOTERS",
];

/** What a value means, for the fields whose numbers are names all over the protocol. */
export function noteOn(path: string, value: unknown): { readonly note?: string } {
  if (typeof value !== "number") return {};
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (/errorCode$/i.test(name)) return { note: errorCodes.get(value)?.name ?? "unknown" };
  if (name === "apiKey" || name === "requestApiKey") return { note: apiNames.get(value) ?? "unknown" };
  if (path.endsWith(".ControlRecordTypeSchema.type")) return { note: CONTROL_TYPES[value] ?? "unknown" };
  return {};
}

/** Milliseconds since 1970 as a date; nothing where there is none, as for -1. */
export function dateOf(milliseconds: bigint): string | undefined {
  // What a date can be at all, in the years that four digits hold.
  if (milliseconds < 0n || milliseconds > 253_402_300_799_999n) return undefined;
  return new Date(Number(milliseconds)).toISOString();
}

/** A checksum as it is usually written. */
function hex32(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

export function describeTimestamp(value: bigint): Details {
  const note = value === -1n ? "none" : dateOf(value);
  return note === undefined ? { value } : { value, note };
}

/** Says whether a CRC is that of the bytes, and reports it where it is not. */
export function compareCrc(
  spans: SpanBuilder,
  path: string,
  crc: number,
  actual: number,
  algorithm: string,
): Details {
  if (crc === actual) return { value: crc, note: `${hex32(crc)}, matches` };
  const message = `the ${algorithm} is ${hex32(crc)} and the bytes give ${hex32(actual)}`;
  const error = spans.report(path, spans.reader.offset - 4, message);
  return { value: crc, note: `${hex32(crc)}, but the bytes give ${hex32(actual)}`, error };
}
