/** What the tests of the inspector share: the rule that spans partition the bytes, and frames to look at. */

import { expect } from "vitest";
import { type Inspection, leafSpans, type Span } from "../../../src/protocol/inspect/span.ts";

/** Throws unless the leaves partition the bytes and every other span covers exactly its children. */
export function expectPartition({ bytes, root }: Inspection): void {
  let at = 0;
  for (const leaf of leafSpans(root)) {
    if (leaf.start !== at)
      throw new Error(`${leaf.path} starts at ${leaf.start}, and ${at} bytes are covered`);
    if (leaf.end < leaf.start || (leaf.end === leaf.start && leaf.kind !== "struct")) {
      throw new Error(`${leaf.path} (${leaf.type}) goes from ${leaf.start} to ${leaf.end}`);
    }
    at = leaf.end;
  }
  if (at !== bytes.byteLength) throw new Error(`${at} of ${bytes.byteLength} bytes are covered`);
  expectNested(root);
}

function expectNested(span: Span): void {
  if (span.inner !== undefined) expectPartition(span.inner);
  if (span.children === undefined) return;
  const [first] = span.children;
  if (first?.start !== span.start || span.children.at(-1)?.end !== span.end) {
    throw new Error(`${span.path} goes from ${span.start} to ${span.end} and its children do not`);
  }
  for (const child of span.children) expectNested(child);
}

/** The value that the spans of a struct, array or field add up to; fields that have no bytes are missing. */
export function assemble(span: Span): unknown {
  if ("value" in span || span.kind === "value") return span.value;
  const parts = (span.children ?? []).filter(({ kind }) => kind !== "framing");
  if (span.kind === "array") return parts.map(assemble);
  const struct: Record<string, unknown> = {};
  for (const part of parts) {
    const name = part.path.slice(part.path.lastIndexOf(".") + 1);
    if (part.type !== "tagged fields") struct[name] = assemble(part);
    else for (const tagged of part.children?.slice(1) ?? []) addTagged(struct, tagged);
  }
  return struct;
}

function addTagged(struct: Record<string, unknown>, span: Span): void {
  const [tag, , value] = span.children as [Span, Span, Span | undefined];
  if (span.type === "unknown tagged field") {
    const unknown = (struct["unknownTaggedFields"] ?? []) as unknown[];
    unknown.push({ tag: tag.value, data: value?.value ?? new Uint8Array(0) });
    struct["unknownTaggedFields"] = unknown;
  } else if (value !== undefined) {
    struct[value.path.slice(value.path.lastIndexOf(".") + 1)] = assemble(value);
  }
}

/** The span at `path` of the given kind, or the first of any. */
export function spanAt(inspection: Inspection, path: string, type?: string): Span {
  const found = allSpans(inspection.root).find(
    (span) => span.path === path && (type === undefined || span.type === type),
  );
  expect(found, `there is a span ${path}`).toBeDefined();
  return found as Span;
}

/** A span and all spans inside it, those in decompressed bytes included. */
export function allSpans(span: Span): Span[] {
  const inside = [...(span.children ?? []), ...(span.inner === undefined ? [] : [span.inner.root])];
  return [span, ...inside.flatMap(allSpans)];
}
