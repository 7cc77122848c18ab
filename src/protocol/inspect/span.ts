/** What an inspection finds: spans of bytes, one inside the other, and what could not be read. */

/**
 * What a span is to the message:
 *
 * - `struct`: fields, each under its name
 * - `array`: elements, or tagged fields
 * - `value`: a value, whole; one with a length has that and its content as children
 * - `framing`: says how to read on and is no value of the message: a length, a count, a tag, a null marker
 * - `content`: the bytes of a value, after their length
 * - `unread`: what could not be read, or was cut off
 */
export type SpanKind = "struct" | "array" | "value" | "framing" | "content" | "unread";

/** Some bytes and what they are. Those without children partition the input: no gap, no overlap, in order. */
export interface Span {
  readonly kind: SpanKind;
  /** Index of the first byte. */
  readonly start: number;
  /** Index after the last byte. */
  readonly end: number;
  /** Where in the message, such as `FetchResponse.responses[0].partitions[2].records`. */
  readonly path: string;
  /** Kafka's name of the type, such as `int32`, `compact string length` or, of a struct, `FetchPartition`. */
  readonly type: string;
  /** As decoding gives it; null is a value. Absent where the children say it, or where it was not read. */
  readonly value?: unknown;
  /** What the value means, such as the name of an error code. */
  readonly note?: string;
  readonly children?: readonly Span[];
  /** Compressed bytes decompressed, with spans of their own. */
  readonly inner?: Inspection;
  /** Why these bytes are not read, or are not what they should be. */
  readonly error?: InspectionError;
}

/** Something that is not as its schema says. */
export interface InspectionError {
  readonly message: string;
  /** Index of the byte at which reading stopped. */
  readonly offset: number;
  /** What was being read there. */
  readonly path: string;
}

/** Bytes and everything that is known of them. */
export interface Inspection {
  readonly bytes: Uint8Array;
  /** Covers all of the bytes. */
  readonly root: Span;
  /** In the order in which they were met; those of decompressed bytes are with their own inspection. */
  readonly errors: readonly InspectionError[];
}

/**
 * The spans that have no others inside them: they partition the bytes, in order.
 *
 * @example
 * ```ts
 * import { encode, inspect, leafSpans, MetadataRequest } from "kafkawire/protocol";
 *
 * const bytes = encode(MetadataRequest, 12, { topics: [{ name: "orders" }] });
 * for (const { start, end, path, type, value } of leafSpans(inspect(MetadataRequest, 12, bytes).root)) {
 *   console.log(start, end, path, type, value);
 * }
 * ```
 */
export function leafSpans(root: Span): Span[] {
  const leaves: Span[] = [];
  const visit = (span: Span): void => {
    // A struct without fields has no bytes, and is then no leaf either.
    if (span.children === undefined) leaves.push(span);
    else for (const child of span.children) visit(child);
  };
  visit(root);
  return leaves;
}
