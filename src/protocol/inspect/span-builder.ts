import { DecodeError } from "../errors.ts";
import { Reader } from "../reader.ts";
import type { InspectOptions } from "./options.ts";
import type { Inspection, InspectionError, Span, SpanKind } from "./span.ts";

/** What a span may say beside its place. */
export type Details = Pick<Span, "value" | "note" | "inner" | "error">;

/**
 * Makes spans while a reader moves over a region of bytes. Every byte that is read through {@link leaf} becomes
 * part of exactly one leaf, and what is left when a walk fails becomes an unread one: so the leaves partition the
 * region whatever its bytes are.
 */
export class SpanBuilder {
  readonly reader: Reader;
  /** The bytes up to the region's end: offsets are the same in a region as around it. */
  readonly bytes: Uint8Array;
  readonly options: InspectOptions;
  readonly errors: InspectionError[];
  #spans: Span[] = [];
  /** Where the last leaf ended; a reader that failed in the middle of a varint is further on. */
  #covered: number;
  #failedAt: string | null = null;

  private constructor(
    bytes: Uint8Array,
    start: number,
    end: number,
    options: InspectOptions,
    errors: InspectionError[],
  ) {
    // A plain view whatever `bytes` is a subclass of, and so are the values that are views on it.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, end);
    this.reader = new Reader(this.bytes);
    this.reader.view(start);
    this.options = options;
    this.errors = errors;
    this.#covered = start;
  }

  /** Inspects all of `bytes` as one span that `walk` makes. */
  static inspect(
    bytes: Uint8Array,
    options: InspectOptions,
    root: Pick<Span, "kind" | "path" | "type"> & { readonly note?: string },
    walk: (spans: SpanBuilder) => void,
  ): Inspection {
    const errors: InspectionError[] = [];
    const builder = new SpanBuilder(bytes, 0, bytes.byteLength, options, errors);
    const children = builder.#run(root.path, walk);
    const span: Span = { ...root, start: 0, end: bytes.byteLength };
    return { bytes: builder.bytes, root: children.length === 0 ? span : { ...span, children }, errors };
  }

  /**
   * Reads one leaf.
   *
   * @param describe says more of the value that was read
   */
  leaf<T>(
    kind: SpanKind,
    path: string,
    type: string,
    read: (reader: Reader) => T,
    describe: (value: T) => Details = (value) => ({ value }),
  ): T {
    let value: T;
    try {
      value = read(this.reader);
    } catch (error) {
      this.#failedAt ??= path;
      throw error;
    }
    const end = this.reader.offset;
    // The content of an empty value has no bytes to show.
    if (end > this.#covered)
      this.#spans.push({ kind, start: this.#covered, end, path, type, ...describe(value) });
    this.#covered = end;
    return value;
  }

  /**
   * Makes a span over everything that `body` reads; `body` returns what else is known of it.
   *
   * @param known what holds of it even if `body` fails
   */
  group(
    kind: SpanKind,
    path: string,
    type: string,
    body: () => Details | undefined,
    known: Details = {},
  ): void {
    const outer = this.#spans;
    const start = this.#covered;
    this.#spans = [];
    let details: Details | undefined;
    try {
      details = body();
    } catch (error) {
      this.#failedAt ??= path;
      // What was read before the failure stays, in its place.
      if (this.#spans.length > 0) outer.push(this.#closed(kind, start, path, type, known));
      this.#spans = outer;
      throw error;
    }
    outer.push(this.#closed(kind, start, path, type, { ...known, ...details }));
    this.#spans = outer;
  }

  /**
   * Walks the next `length` bytes as a region of their own: if that fails, the rest of the region is unread and
   * the walk around it goes on. The bytes must be there.
   */
  region(length: number, path: string, walk: (spans: SpanBuilder) => void): void {
    const start = this.reader.offset;
    this.reader.view(length);
    const end = this.reader.offset;
    const inner = new SpanBuilder(this.bytes, start, end, this.options, this.errors);
    for (const span of inner.#run(path, walk)) this.#spans.push(span);
    this.#covered = end;
  }

  /** Like {@link region}, but leaves no trace and returns false where the bytes are not what `walk` expects. */
  attempt(length: number, path: string, walk: (spans: SpanBuilder) => void): boolean {
    const start = this.reader.offset;
    const errors: InspectionError[] = [];
    const inner = new SpanBuilder(this.bytes, start, start + length, this.options, errors);
    const spans = inner.#run(path, walk);
    if (errors.length > 0) return false;
    this.reader.view(length);
    for (const span of spans) this.#spans.push(span);
    this.#covered = start + length;
    return true;
  }

  /** Makes what is left of the region one leaf, without an error: a cause that is nobody's fault. */
  cutOff(path: string, note: string): void {
    const end = this.bytes.byteLength;
    if (end > this.#covered) {
      this.#spans.push({ kind: "unread", start: this.#covered, end, path, type: "cut off", note });
    }
    this.reader.view(this.reader.remaining);
    this.#covered = end;
  }

  /** An error at the byte that comes next, in `path`. */
  fail(path: string, problem: string): DecodeError {
    this.#failedAt ??= path;
    return this.reader.fail(problem);
  }

  /** Notes something that is wrong and yet does not stop the walk. */
  report(path: string, offset: number, message: string): InspectionError {
    const error = { message, offset, path };
    this.errors.push(error);
    return error;
  }

  /** Walks the region and closes it: its spans, the last of them unread if there was a failure. */
  #run(path: string, walk: (spans: SpanBuilder) => void): Span[] {
    let error: InspectionError | undefined;
    try {
      walk(this);
      if (this.reader.remaining > 0) {
        error = this.report(path, this.reader.offset, `${this.reader.remaining} bytes are left over`);
      }
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      error = this.report(this.#failedAt ?? path, thrown.offset, problemOf(thrown));
    }
    const end = this.bytes.byteLength;
    if (error !== undefined && end > this.#covered) {
      this.#spans.push({ kind: "unread", start: this.#covered, end, path, type: "unread", error });
    }
    return this.#spans;
  }

  #closed(kind: SpanKind, start: number, path: string, type: string, details: Details): Span {
    const span: Span = { kind, start, end: this.#covered, path, type, ...details };
    return this.#spans.length === 0 ? span : { ...span, children: this.#spans };
  }
}

/** What is wrong, without the place, which an {@link InspectionError} says apart. */
function problemOf(error: DecodeError): string {
  const place = ` at byte ${error.offset}`;
  return error.message.endsWith(place) ? error.message.slice(0, -place.length) : error.message;
}
