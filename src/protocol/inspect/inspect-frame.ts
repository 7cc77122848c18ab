import { apiName, apiNames } from "../api-keys.ts";
import { FRAME_HEADER_SIZE } from "../frame.ts";
import { RequestHeader, ResponseHeader, requestHeaderVersion, responseHeaderVersion } from "../header.ts";
import { messages } from "../messages.ts";
import { int16At, int32At } from "../records/big-endian.ts";
import type { MessageSchema } from "../schema.ts";
import { containsVersion, formatVersions } from "../versions.ts";
import { consumerProtocol } from "./embedded.ts";
import type { EmbeddedHook, EmbeddedMessage, InspectOptions, OpaqueBytes } from "./options.ts";
import { type Inspection, leafSpans } from "./span.ts";
import { SpanBuilder } from "./span-builder.ts";
import { walkMessage } from "./walk-message.ts";

export interface InspectFrameOptions extends InspectOptions {
  /**
   * Whether the four bytes of a frame's size come first. Left out, both are tried: the bytes count as framed
   * where they begin with the number of those that follow, and else the reading is taken that leaves fewer
   * bytes unread.
   */
  readonly framed?: boolean;
  /** Of a response: the API of the request that it answers, which it does not say itself. */
  readonly apiKey?: number;
  /** Of a response: the version of the request that it answers. */
  readonly apiVersion?: number;
}

/** A frame and what it is. What could not be found out is null, and then the errors say why. */
export interface FrameInspection extends Inspection {
  readonly direction: "request" | "response";
  /** Whether the size was there. */
  readonly framed: boolean;
  readonly apiKey: number | null;
  /** Kafka's name of the API, such as `Fetch`. */
  readonly apiName: string | null;
  readonly apiVersion: number | null;
  readonly headerVersion: number | null;
  readonly correlationId: number | null;
  /** What the body was read with. */
  readonly schema: MessageSchema | null;
}

type Found = {
  -readonly [K in "apiKey" | "apiVersion" | "headerVersion" | "correlationId"]: number | null;
} & {
  schema: MessageSchema | null;
};

const NOTHING_FOUND: Readonly<Found> = {
  apiKey: null,
  apiVersion: null,
  headerVersion: null,
  correlationId: null,
  schema: null,
};

const UNSUPPORTED_VERSION = 35;
const API_VERSIONS = 18;

/**
 * Says what every byte of a request or response is, its size and header included. A request says itself which
 * API and version it is; of a response the caller has to know it.
 *
 * Damage, an API or a version that is not known, and bytes that are too few are no failures: what could be read
 * is there, the rest is an unread span.
 *
 * @example
 * ```ts
 * import { formatInspection, inspectFrame } from "kafkawire/protocol";
 *
 * const frame = Uint8Array.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 255, 255]);
 * const inspection = inspectFrame(frame, "request");
 * console.log(inspection.apiName, inspection.apiVersion, inspection.correlationId); // ApiVersions 0 7
 * console.log(formatInspection(inspection));
 * ```
 */
export function inspectFrame(
  bytes: Uint8Array,
  direction: "request" | "response",
  options: InspectFrameOptions = {},
): FrameInspection {
  if (options.framed !== undefined) return inspectAs(options.framed, bytes, direction, options);
  const framed = inspectAs(true, bytes, direction, options);
  if (framed.errors.length === 0) return framed;
  const unframed = inspectAs(false, bytes, direction, options);
  if (unframed.errors.length === 0) return unframed;
  const saysItsSize = announcedSize(bytes) === bytes.byteLength - FRAME_HEADER_SIZE;
  return saysItsSize || unreadBytes(framed) < unreadBytes(unframed) ? framed : unframed;
}

function announcedSize(bytes: Uint8Array): number | null {
  if (bytes.byteLength < FRAME_HEADER_SIZE) return null;
  return int32At(bytes, 0);
}

function unreadBytes({ root }: Inspection): number {
  return leafSpans(root).reduce(
    (sum, { kind, start, end }) => sum + (kind === "unread" ? end - start : 0),
    0,
  );
}

function inspectAs(
  framed: boolean,
  bytes: Uint8Array,
  direction: "request" | "response",
  options: InspectFrameOptions,
): FrameInspection {
  const found: Found = { ...NOTHING_FOUND };
  const walk = direction === "request" ? walkRequest : walkResponse;
  const embedded = options.embedded ?? whatIsKnown;
  const root = {
    kind: "struct",
    path: direction,
    type: framed ? "frame" : "frame without its size",
  } as const;
  const inspection = SpanBuilder.inspect(bytes, { ...options, embedded }, root, (spans) => {
    if (framed) walkFrame(spans, direction, (inner) => walk(inner, found, options));
    else walk(spans, found, options);
  });
  return {
    ...inspection,
    direction,
    framed,
    ...found,
    apiName: found.apiKey === null ? null : apiName(found.apiKey),
  };
}

/** Walks the size and what it counts; bytes after that belong to the next frame. */
function walkFrame(spans: SpanBuilder, path: string, walk: (spans: SpanBuilder) => void): void {
  const size = spans.leaf("framing", `${path}.size`, "int32", (reader) => reader.int32());
  const { remaining, offset } = spans.reader;
  if (size < 0) throw spans.fail(`${path}.size`, `a frame announces ${size} bytes, which is no size`);
  if (size > remaining) {
    const message = `the frame announces ${size} bytes and ${remaining} are here`;
    spans.report(`${path}.size`, offset - FRAME_HEADER_SIZE, message);
  }
  spans.region(Math.min(size, remaining), path, walk);
}

function walkRequest(spans: SpanBuilder, found: Found): void {
  const { bytes, offset } = spans.reader;
  const problem = findRequest(bytes, offset, found);
  walkHeader(spans, RequestHeader, found.headerVersion ?? 1, found, 4);
  if (problem !== null) throw spans.fail(RequestHeader.name, problem);
  walkBody(spans, found);
}

/** Reads which request it is, ahead of the walk; says what is wrong with that, or null. */
function findRequest(bytes: Uint8Array, at: number, found: Found): string | null {
  if (bytes.byteLength - at < 4) return null;
  found.apiKey = int16At(bytes, at);
  found.apiVersion = int16At(bytes, at + 2);
  return findSchema("request", found, requestHeaderVersion);
}

function walkResponse(spans: SpanBuilder, found: Found, options: InspectFrameOptions): void {
  found.apiKey = options.apiKey ?? null;
  found.apiVersion = options.apiVersion ?? null;
  let problem = findSchema("response", found, responseHeaderVersion);
  walkHeader(spans, ResponseHeader, found.headerVersion ?? 0, found, 0);
  if (found.apiKey === API_VERSIONS && found.apiVersion !== 0 && opensWithRefusal(spans)) {
    found.apiVersion = 0;
    problem = findSchema("response", found, responseHeaderVersion);
  }
  if (problem !== null) throw spans.fail(ResponseHeader.name, problem);
  walkBody(spans, found);
}

/** A broker that does not know the version of ApiVersions that was asked answers in version 0 (KIP-511). */
function opensWithRefusal({ reader }: SpanBuilder): boolean {
  const { bytes, offset } = reader;
  return bytes[offset] === 0 && bytes[offset + 1] === UNSUPPORTED_VERSION;
}

/** What this package knows without being told: members of groups, and requests that brokers forward. */
const whatIsKnown: EmbeddedHook = (field) => consumerProtocol(field) ?? forwardedRequest(field);

/** The request in an Envelope; what answers it does not say itself what it is. */
function forwardedRequest({ path, bytes }: OpaqueBytes): EmbeddedMessage | null {
  if (path !== "EnvelopeRequest.requestData") return null;
  const found: Found = { ...NOTHING_FOUND };
  findRequest(bytes, 0, found);
  const { schema, apiVersion, headerVersion } = found;
  if (schema === null || apiVersion === null || headerVersion === null) return null;
  const header = { schema: RequestHeader, version: headerVersion };
  return { schema, version: apiVersion, hasPrefix: false, header };
}

function findSchema(
  type: "request" | "response",
  found: Found,
  headerVersion: (schema: MessageSchema, version: number) => number,
): string | null {
  const { apiKey, apiVersion } = found;
  if (apiKey === null || apiVersion === null) {
    return "a response needs options.apiKey and options.apiVersion";
  }
  const schema = [...messages.values()].find((each) => each.type === type && each.apiKey === apiKey);
  if (schema === undefined) {
    const name = apiNames.get(apiKey);
    return `API ${apiKey}${name === undefined ? " is not known" : ` (${name}) has no messages here`}`;
  }
  // What follows in a newer version than ours is not known, but the header of a flexible one is.
  found.headerVersion = headerVersion(schema, apiVersion);
  if (!containsVersion(schema.validVersions, apiVersion)) {
    return `${schema.name} has no version ${apiVersion}: it has ${formatVersions(schema.validVersions)}`;
  }
  found.schema = schema;
  return null;
}

function walkHeader(
  spans: SpanBuilder,
  schema: MessageSchema,
  version: number,
  found: Found,
  correlationIdAt: number,
): void {
  const { bytes, offset, remaining } = spans.reader;
  if (remaining >= correlationIdAt + 4) found.correlationId = int32At(bytes, offset + correlationIdAt);
  walkMessage(spans, schema, version, schema.name);
}

function walkBody(spans: SpanBuilder, { schema, apiVersion }: Found): void {
  if (schema !== null && apiVersion !== null) walkMessage(spans, schema, apiVersion, schema.name);
}
