import { decodeUtf8 } from "../utf8.ts";
import type { Span } from "./span.ts";

/** Byte strings of more bytes than this are not looked at as text. */
const LONGEST_TEXT = 256;

/** What the value column says of a span. */
export function formatValue(span: Span): string {
  const note = span.note === undefined ? "" : printable(span.note);
  const value = span.kind === "framing" ? formatFraming(span) : formatPlain(span.value, span.type);
  if (span.error !== undefined && span.kind === "unread") return printable(span.error.message);
  if (value === "") return note;
  if (note === "") return value;
  // The note on a null marker says it all.
  return span.type === "null marker" ? note : `${value} (${note})`;
}

/** A length and its like in words; compact ones with the number that is written, which is one more. */
function formatFraming({ type, value, path }: Span): string {
  if (typeof value !== "number") return formatPlain(value, type);
  if (type === "tag") return `tag ${value}`;
  if (type === "null marker" || path.endsWith(".version")) return String(value);
  const unit = /array/.test(type)
    ? "element"
    : path.endsWith(".recordCount")
      ? "record"
      : type === "tagged field count"
        ? "field"
        : "byte";
  const words = value < 0 ? "null" : `${value} ${unit}${value === 1 ? "" : "s"}`;
  return type.startsWith("compact") ? `${words}, written as ${value + 1}` : words;
}

function formatPlain(value: unknown, type: string): string {
  if (value === undefined) return "";
  if (typeof value === "string") return type === "uuid" ? value : quoted(value);
  if (value instanceof Uint8Array) return formatBytes(value);
  return String(value);
}

function formatBytes(bytes: Uint8Array): string {
  const size = `${bytes.byteLength} byte${bytes.byteLength === 1 ? "" : "s"}`;
  if (bytes.byteLength > LONGEST_TEXT) return size;
  const text = decodeUtf8(bytes, 0, bytes.byteLength);
  return /[\p{C}\ufffd]/u.test(text) ? size : quoted(text);
}

/** Text in quotes, with everything escaped that a terminal could take for a command. */
function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

/** Control and format characters as escapes: what is shown came over a network. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const point = (character.codePointAt(0) as number).toString(16);
    return point.length > 4 ? `\\u{${point}}` : `\\u${point.padStart(4, "0")}`;
  });
}
