/** Requests as frames, and responses from frames. */

import { apiName } from "../protocol/api-keys.ts";
import { codecFor } from "../protocol/compile.ts";
import { DecodeError } from "../protocol/errors.ts";
import {
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from "../protocol/header.ts";
import { Reader } from "../protocol/reader.ts";
import type { Fields, InferInput, MessageSchema } from "../protocol/schema.ts";
import type { Writer } from "../protocol/writer.ts";
import type { Api } from "./api.ts";
import { ConnectionError, TimeoutError } from "./errors.ts";
import type { RequestObserver } from "./observe/connection-observer.ts";
import type { StillWaiting } from "./request.ts";

/** A request that was not answered yet. */
export interface PendingRequest {
  readonly api: Api<Fields, Fields>;
  readonly version: number;
  readonly correlationId: number;
  readonly deadlineMs: number;
  readonly timeoutMs: number;
  /** How long the broker may take by the request's own terms. */
  readonly mayTakeMs: number;
  readonly stillWaiting: StillWaiting | null;
  readonly onWritten: (() => void) | null;
  readonly onSilence: (() => void) | null;
  readonly withoutResponse: boolean;
  /** Whether it goes in front of all that wait. */
  readonly ahead: boolean;
  /** When it went out; null while it waits for its turn. */
  sentAtMs: number | null;
  /** Whether nobody wants the answer any more. */
  isGivenUp: boolean;
  /** The frame, until it is sent. */
  chunks: readonly Uint8Array[];
  readonly observer: RequestObserver;
  /** Both do nothing once the request has settled. */
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** `Fetch v18`. */
export function requestName({ api, version }: Pick<PendingRequest, "api" | "version">): string {
  return `${apiName(api.apiKey)} v${version}`;
}

/**
 * A request with its header and its size in front, as chunks of `writer`, which is left empty.
 *
 * @throws EncodeError when the value does not fit.
 */
export function encodeRequest(
  writer: Writer,
  schema: MessageSchema,
  version: number,
  correlationId: number,
  clientId: string,
  value: InferInput<MessageSchema>,
): readonly Uint8Array[] {
  try {
    writer.int32(0);
    codecFor(RequestHeader, requestHeaderVersion(schema, version)).encode(writer, {
      requestApiKey: schema.apiKey as number,
      requestApiVersion: version,
      correlationId,
      clientId,
    });
    codecFor(schema, version).encode(writer, value);
  } catch (error) {
    writer.drop();
    throw error;
  }
  const size = writer.length - SIZE_BYTES;
  const chunks = writer.take();
  const first = chunks[0] as Uint8Array;
  for (let i = 0; i < SIZE_BYTES; i++) first[i] = size >>> (8 * (SIZE_BYTES - 1 - i));
  return chunks;
}

/** The size in front of a frame. */
const SIZE_BYTES = 4;

/** What a connection knows when the time of one of its requests is up. */
export interface Circumstances {
  readonly isThrottled: boolean;
  /** Whether nothing but authentication may be sent now. */
  readonly isHeld: boolean;
  /** Whether the peer takes no more bytes. */
  readonly isFull: boolean;
  readonly inFlight: number;
  readonly hasReceivedBytes: boolean;
}

/** The error of a request that was not answered in time, with what kept it. */
export function requestTimedOut(
  broker: string,
  request: PendingRequest,
  circumstances: Circumstances,
): TimeoutError {
  const waited = `${broker} did not answer ${requestName(request)} within ${Math.round(request.timeoutMs)} ms`;
  return new TimeoutError("REQUEST_TIMED_OUT", `${waited}${whyNoAnswer(request, circumstances)}`);
}

function whyNoAnswer({ sentAtMs }: PendingRequest, circumstances: Circumstances): string {
  const { isThrottled, isHeld, isFull, inFlight, hasReceivedBytes } = circumstances;
  if (sentAtMs === null && isThrottled) {
    return ": it was not sent, since the broker throttles this client: ask for a higher quota, or send less";
  }
  if (sentAtMs === null && isHeld) {
    return ": it was not sent, since this client had to authenticate again first, which is not done yet";
  }
  if (sentAtMs === null && !isFull) {
    return `: it was not sent, since ${inFlight} requests before it have no answer`;
  }
  return hasReceivedBytes
    ? ""
    : "; it accepted the connection and has sent nothing since: is it a Kafka broker?";
}

/** Which request a response answers. */
export function correlationIdOf(frame: Uint8Array): number {
  return new Reader(frame).int32();
}

/**
 * The response to `request`.
 *
 * @throws ConnectionError `PROTOCOL_ERROR` when the frame is not such a response.
 */
export function decodeResponse(request: PendingRequest, frame: Uint8Array, broker: string): unknown {
  const schema = request.api.response;
  try {
    const reader = new Reader(frame);
    codecFor(ResponseHeader, responseHeaderVersion(schema, request.version)).decode(reader);
    const response = codecFor(schema, answeredVersion(request, reader)).decode(reader);
    reader.expectEnd();
    return response;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const message = `The response of ${broker} to ${requestName(request)} cannot be read: ${error.message}`;
    throw new ConnectionError("PROTOCOL_ERROR", broker, message, { cause: error });
  }
}

/**
 * A broker that does not know the version of an ApiVersions request refuses it in version 0, whatever was
 * asked (KIP-511); the error code stands first in all versions.
 */
function answeredVersion({ api, version }: PendingRequest, reader: Reader): number {
  if (api.apiKey !== API_VERSIONS || reader.remaining < 2) return version;
  const errorCode = new Reader(reader.bytes.subarray(reader.offset)).int16();
  return errorCode === UNSUPPORTED_VERSION ? 0 : version;
}

const API_VERSIONS = 18;
const UNSUPPORTED_VERSION = 35;
