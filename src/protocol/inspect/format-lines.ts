/** The lines of a dump, before they are laid out in columns. */

import { formatValue } from "./format-value.ts";
import type { Inspection, Span } from "./span.ts";

export interface FormatLine {
  readonly offset: string;
  readonly hex: string;
  /** Indented. */
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly isFraming: boolean;
  readonly isProblem: boolean;
}

/** Lines of hex that a part may take; longer ones end in the number of bytes that are not shown. */
const MOST_HEX_LINES = 3;

interface Context {
  readonly lines: FormatLine[];
  readonly bytes: Uint8Array;
  readonly bytesPerLine: number;
  readonly maxDepth: number;
  /** In front of every offset: `+` where these are not the bytes of the frame. */
  readonly mark: string;
  readonly digits: number;
}

export function formatLines(inspection: Inspection, bytesPerLine: number, maxDepth: number): FormatLine[] {
  const lines: FormatLine[] = [];
  const context = { lines, bytesPerLine, maxDepth, ...addressing(inspection, "") };
  addSpan(context, inspection.root, inspection.root.path, 0);
  return lines;
}

function addressing({ bytes }: Inspection, mark: string): Pick<Context, "bytes" | "mark" | "digits"> {
  return { bytes, mark, digits: Math.max(4, bytes.byteLength.toString(16).length) };
}

function addSpan(context: Context, span: Span, name: string, depth: number): void {
  const { children, inner } = span;
  // A length stands with what it is the length of: the line then says both.
  const framing = children?.[0]?.kind === "framing" ? children[0] : null;
  if (children === undefined || depth >= context.maxDepth) {
    addBytes(context, span, span.end, name, depth, span.kind === "value" ? null : framing);
    if (inner !== undefined && depth < context.maxDepth) addInner(context, inner, depth + 1);
    return;
  }
  addBytes(context, span, framing?.end ?? span.start, name, depth, framing);
  for (const child of framing === null ? children : children.slice(1)) {
    addSpan(context, child, nameOf(child, span), depth + 1);
  }
}

/** Adds what was decompressed, with offsets of its own. */
function addInner(context: Context, inner: Inspection, depth: number): void {
  const root = { ...inner.root, note: `${inner.bytes.byteLength} bytes` };
  addSpan({ ...context, ...addressing(inner, "+") }, root, "decompressed", depth);
}

/** What a span is called inside another: the rest of its path. */
function nameOf(span: Span, parent: Span): string {
  if (span.path === parent.path) return "";
  if (span.path.startsWith(parent.path)) return span.path.slice(parent.path.length).replace(/^\./, "");
  return span.path.slice(span.path.lastIndexOf(".") + 1);
}

/** Adds the line of a span, which shows its bytes up to `end`, and those on which its hex goes on. */
function addBytes(
  context: Context,
  span: Span,
  end: number,
  name: string,
  depth: number,
  framing: Span | null,
): void {
  const { lines, bytes, bytesPerLine } = context;
  const { start } = span;
  const isFraming = framing !== null || span.kind === "framing";
  const notes = [
    framing === null ? "" : formatValue(framing),
    framing === null ? formatValue(span) : (span.note ?? ""),
  ];
  const rows = hexRows(bytes.subarray(start, end), bytesPerLine);
  rows.forEach(({ hex, at }, index) => {
    lines.push({
      offset: at === null || (rows.length === 1 && start === end) ? "" : offsetText(context, start + at),
      hex,
      name: index === 0 ? `${"  ".repeat(depth)}${name}` : "",
      type: index === 0 ? typeOf(span, framing, name) : "",
      value: index === 0 ? notes.filter((note) => note !== "").join(", ") : "",
      isFraming,
      isProblem: span.error !== undefined,
    });
  });
}

/** The types that a line names: of the value, and of its length only where the one does not follow. */
function typeOf(span: Span, framing: Span | null, name: string): string {
  if (framing?.type === "tag") return span.type;
  // The path of a message is its name already.
  return span.type === name ? "" : span.type;
}

function hexRows(
  bytes: Uint8Array,
  bytesPerLine: number,
): { readonly hex: string; readonly at: number | null }[] {
  const rows: { hex: string; at: number | null }[] = [];
  const shown =
    bytes.byteLength > MOST_HEX_LINES * bytesPerLine ? (MOST_HEX_LINES - 1) * bytesPerLine : bytes.byteLength;
  for (let at = 0; at < shown || at === 0; at += bytesPerLine) {
    const row = bytes.subarray(at, Math.min(at + bytesPerLine, shown));
    rows.push({ hex: Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" "), at });
  }
  if (shown < bytes.byteLength) rows.push({ hex: `… ${bytes.byteLength - shown} more bytes`, at: null });
  return rows;
}

function offsetText({ mark, digits }: Context, offset: number): string {
  return mark + offset.toString(16).padStart(digits, "0");
}
