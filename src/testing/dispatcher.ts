/**
 * From a frame to its handler and back: which versions are served, what is answered to others, and what the response
 * looks like in bytes.
 */

import { codecFor } from "../protocol/compile.ts";
import { KafkaError } from "../protocol/errors.ts";
import {
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from "../protocol/header.ts";
import { Reader } from "../protocol/reader.ts";
import { containsVersion, type VersionRange } from "../protocol/versions.ts";
import { Writer } from "../protocol/writer.ts";
import { type Answer, HANG_UP, NO_ANSWER, type RequestContext, type ServedApi } from "./api.ts";
import type { Broker } from "./broker.ts";
import type { ClientConnection, Outcome } from "./client-connection.ts";
import type { Cluster } from "./cluster.ts";
import { errorNumber, Refusal } from "./error-code.ts";
import { Pending } from "./pending.ts";
import type { LoggedRequest, RequestLog } from "./request-log.ts";
import type { ServedVersions } from "./served-versions.ts";

const API_VERSIONS = 18;
const UNKNOWN_SERVER_ERROR = errorNumber("UNKNOWN_SERVER_ERROR");
const UNSUPPORTED_VERSION = errorNumber("UNSUPPORTED_VERSION");
/** API key and version. */
const SMALLEST_REQUEST = 8;

/** What a test learns of a handler that failed in a way that Kafka has no error for. */
export type OnFailure = (error: unknown, request: LoggedRequest) => void;

export class Dispatcher {
  readonly #cluster: Cluster;
  readonly #versions: ServedVersions;
  readonly #log: RequestLog;
  readonly #onFailure: OnFailure;

  constructor(cluster: Cluster, versions: ServedVersions, log: RequestLog, onFailure: OnFailure) {
    this.#cluster = cluster;
    this.#versions = versions;
    this.#log = log;
    this.#onFailure = onFailure;
  }

  /** Serves one request that came to `broker`. */
  serve(
    frame: Uint8Array,
    broker: Broker,
    connection: ClientConnection,
    done: (outcome: Outcome) => void,
  ): void {
    const request = this.#read(frame, broker, connection);
    if (request === "hang up" || Array.isArray(request)) {
      done(request);
      return;
    }
    const { api, context, body, correlationId } = request as Incoming;
    const logged = this.#log.add(
      {
        atMs: this.#cluster.clock.wallMs(),
        broker: broker.id,
        api: api.name,
        version: context.version,
        clientId: context.clientId,
        correlationId,
        peer: connection.peer,
        connection: connection.id,
        body,
      },
      frame.byteLength,
    );
    const finish = (answer: Answer<unknown>): void => {
      logged.answeredAtMs = this.#cluster.clock.wallMs();
      if (answer === NO_ANSWER || answer === HANG_UP) {
        done(answer === HANG_UP ? "hang up" : "nothing");
        return;
      }
      logged.response = answer;
      done(this.#encoded(api, context.version, correlationId, answer as object, logged));
    };
    const answer = this.#handle(api, body, context, logged);
    if (!(answer instanceof Pending)) {
      finish(answer);
      return;
    }
    connection.whileWaiting(() => {
      logged.answeredAtMs = this.#cluster.clock.wallMs();
      answer.abandon();
    });
    answer.onAnswered(finish);
  }

  /** What the request says; or its answer where the version is unknown; or the end where it makes no sense. */
  #read(frame: Uint8Array, broker: Broker, connection: ClientConnection): Incoming | Outcome {
    if (frame.byteLength < SMALLEST_REQUEST) return "hang up";
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const apiKey = view.getInt16(0);
    const version = view.getInt16(2);
    const correlationId = view.getInt32(4);
    const api = this.#versions.api(apiKey);
    const range = this.#versions.served(apiKey);
    if (api === undefined || range === undefined || !containsVersion(range, version)) {
      return apiKey === API_VERSIONS && api !== undefined
        ? this.#unknownApiVersions(api, correlationId, range as VersionRange)
        : "hang up";
    }
    try {
      const reader = new Reader(frame);
      const header = codecFor(RequestHeader, requestHeaderVersion(api.request, version)).decode(reader);
      const body = codecFor(api.request, version).decode(reader);
      // Kafka does not mind what is left over.
      const context = this.#context(api, version, header.clientId, broker, connection);
      return { api, body, correlationId, context };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return "hang up";
    }
  }

  /** KIP-511: the oldest response, which every client can read, and which versions there are. */
  #unknownApiVersions(api: ServedApi, correlationId: number, range: VersionRange): Uint8Array[] {
    const response = {
      errorCode: UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey: API_VERSIONS, minVersion: range.lowest, maxVersion: range.highest }],
    };
    return frameOf(api, 0, correlationId, response);
  }

  #context(
    api: ServedApi,
    version: number,
    clientId: string | null,
    broker: Broker,
    connection: ClientConnection,
  ): RequestContext {
    const cluster = this.#cluster;
    const host = connection.peer.slice(0, connection.peer.lastIndexOf(":"));
    return {
      cluster,
      broker,
      connection,
      api: api.name,
      version,
      clientId,
      allows: (operation, type, name) =>
        cluster.authorizer.allows(connection.principal, host, operation, type, name),
      injected: () => 0,
    };
  }

  #handle(api: ServedApi, body: unknown, context: RequestContext, logged: LoggedRequest): Answer<unknown> {
    try {
      return api.handle(body as never, context);
    } catch (error) {
      if (error instanceof Refusal) return api.refuse(body as never, error.errorCode, error.message);
      this.#onFailure(error, logged);
      return api.refuse(body as never, UNKNOWN_SERVER_ERROR, null);
    }
  }

  #encoded(
    api: ServedApi,
    version: number,
    correlationId: number,
    response: object,
    logged: LoggedRequest,
  ): Outcome {
    try {
      return frameOf(api, version, correlationId, response);
    } catch (error) {
      // A response that its version has no place for is a mistake of ours.
      this.#onFailure(error, logged);
      return "hang up";
    }
  }
}

interface Incoming {
  readonly api: ServedApi;
  readonly body: unknown;
  readonly correlationId: number;
  readonly context: RequestContext;
}

/** A response as the bytes of its frame. */
function frameOf(api: ServedApi, version: number, correlationId: number, response: object): Uint8Array[] {
  const writer = new Writer();
  writer.int32(0);
  codecFor(ResponseHeader, responseHeaderVersion(api.response, version)).encode(writer, { correlationId });
  codecFor(api.response, version).encode(writer, response);
  const size = writer.length - 4;
  const chunks = writer.chunks();
  const [first] = chunks as [Uint8Array];
  new DataView(first.buffer, first.byteOffset).setInt32(0, size);
  return chunks;
}
