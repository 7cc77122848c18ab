import { type FormatLine, formatLines } from "./format-lines.ts";
import { printable } from "./format-value.ts";
import { type Inspection, leafSpans } from "./span.ts";

export interface FormatOptions {
  /** Whether to colour with ANSI escapes. Default: false. */
  readonly color?: boolean;
  /** Columns of a line; values are shortened to it, and from 132 on a line shows 16 bytes. Default: 110. */
  readonly width?: number;
  /** What is nested deeper is one line. Default: no limit. */
  readonly maxDepth?: number;
}

type Part = "offset" | "bytes" | "framing" | "name" | "type" | "value" | "problem";

const COLORS: Readonly<Record<Part, string>> = {
  offset: "\x1b[2m",
  bytes: "",
  framing: "\x1b[33m",
  name: "\x1b[1m",
  type: "\x1b[2m",
  value: "\x1b[36m",
  problem: "\x1b[31m",
};

const DEFAULT_WIDTH = 110;
const WIDE = 132;
/** A value is not shortened to less than this, however narrow the terminal. */
const NARROWEST_VALUE = 44;

/**
 * Prints an inspection as an annotated hex dump: the offset of each part, its bytes, and what they are. A length
 * stands on the line of what it is the length of. What was decompressed follows with offsets of its own, marked
 * by `+`.
 *
 * Everything is escaped that a terminal could take for a command: the bytes may be anyone's.
 *
 * @example
 * ```ts
 * import { formatInspection, inspectFrame } from "kafkawire/protocol";
 *
 * const frame = Uint8Array.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255]);
 * console.log(formatInspection(inspectFrame(frame, "request"), { color: true, width: 80 }));
 * ```
 */
export function formatInspection(inspection: Inspection, options: FormatOptions = {}): string {
  const { color = false, width = DEFAULT_WIDTH, maxDepth = Number.POSITIVE_INFINITY } = options;
  const bytesPerLine = width >= WIDE ? 16 : 8;
  const lines = formatLines(inspection, bytesPerLine, maxDepth);
  const offsetWidth = widest(lines, ({ offset }) => offset);
  const hexWidth = widest(lines, ({ hex }) => hex);
  const nameWidth = widest(lines, ({ name }) => name);
  // The name of a struct, with nothing after it, may run on.
  const typeWidth = widest(lines, ({ type, value }) => (value === "" ? "" : type));
  const valueWidth = Math.max(width - offsetWidth - hexWidth - nameWidth - typeWidth - 8, NARROWEST_VALUE);
  const paint = (part: Part, text: string): string =>
    color && COLORS[part] !== "" && text.trim() !== "" ? `${COLORS[part]}${text}\x1b[0m` : text;
  const rows = lines.map((line) =>
    [
      paint("offset", line.offset.padStart(offsetWidth)),
      paint(line.isFraming ? "framing" : "bytes", line.hex.padEnd(hexWidth)),
      paint("name", line.name.padEnd(nameWidth)),
      paint("type", line.type.padEnd(typeWidth)),
      paint(line.isProblem ? "problem" : "value", shortened(line.value, valueWidth)),
    ]
      .join("  ")
      .trimEnd(),
  );
  for (const problem of problemsOf(inspection, "")) rows.push(paint("problem", problem));
  return rows.join("\n");
}

/** Every error of the inspection and of those inside it, a line each. */
function problemsOf(inspection: Inspection, where: string): string[] {
  const own = inspection.errors.map(({ message, offset, path }) =>
    printable(`! ${where}byte ${offset} (0x${offset.toString(16)}), ${path}: ${message}`),
  );
  const inside = leafSpans(inspection.root).flatMap(({ inner }) =>
    inner === undefined ? [] : problemsOf(inner, "decompressed "),
  );
  return [...own, ...inside];
}

/** No spread into `Math.max`: a dump has more lines than a call has arguments. */
function widest(lines: readonly FormatLine[], column: (line: FormatLine) => string): number {
  return lines.reduce((width, line) => Math.max(width, column(line).length), 0);
}

function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  // A character of two code units is not to be cut in half.
  return `${text.slice(0, width - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
