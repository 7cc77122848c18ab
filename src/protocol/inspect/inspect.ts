import type { Fields, MessageSchema } from "../schema.ts";
import { containsVersion, formatVersions } from "../versions.ts";
import type { InspectOptions } from "./options.ts";
import type { Inspection } from "./span.ts";
import { SpanBuilder } from "./span-builder.ts";
import { walkFields } from "./walk-message.ts";

/**
 * Says what every byte of a message is, without header or frame: a tree of spans whose leaves partition the
 * bytes. Record batches are opened too. Damaged bytes are no failure: what was read before the damage is there,
 * the rest is an unread span, and {@link Inspection.errors} says why.
 *
 * @throws RangeError when the message has no such version.
 * @example
 * ```ts
 * import { encode, formatInspection, inspect, MetadataRequest } from "kafkawire/protocol";
 *
 * const bytes = encode(MetadataRequest, 12, { topics: [{ name: "orders" }] });
 * console.log(formatInspection(inspect(MetadataRequest, 12, bytes)));
 * ```
 */
export function inspect<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  bytes: Uint8Array,
  options: InspectOptions = {},
): Inspection {
  if (!containsVersion(schema.validVersions, version) || !Number.isInteger(version)) {
    throw new RangeError(
      `${schema.name} has no version ${version}: it has ${formatVersions(schema.validVersions)}`,
    );
  }
  const { name } = schema;
  const root = { kind: "struct", path: name, type: name, note: `version ${version}` } as const;
  return SpanBuilder.inspect(bytes, options, root, (spans) => walkFields(spans, schema, version, name));
}
