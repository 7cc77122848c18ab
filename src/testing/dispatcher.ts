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
import {
  type Answer,
  HANG_UP,
  NO_ANSWER,
  type RequestContext,
  type RequestPart,
  type ServedApi,
} from "./api.ts";
import type { Broker } from "./broker.ts";
import type { ClientConnection, Outcome } from "./client-connection.ts";
import type { Cluster } from "./cluster.ts";
import { errorNumber, NONE, Refusal } from "./error-code.ts";
import type { Fault } from "./faults/fault.ts";
import type { FaultTable } from "./faults/fault-table.ts";
import type { Observers } from "./observer.ts";
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
  readonly #faults: FaultTable;
  readonly #observers: Observers;
  readonly #onFailure: OnFailure;

  constructor(
    cluster: Cluster,
    versions: ServedVersions,
    log: RequestLog,
    faults: FaultTable,
    observers: Observers,
    onFailure: OnFailure,
  ) {
    this.#cluster = cluster;
    this.#versions = versions;
    this.#log = log;
    this.#faults = faults;
    this.#observers = observers;
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
    if (!isIncoming(request)) {
      done(request);
      return;
    }
    const logged = this.#logged(request, frame.byteLength, broker, connection);
    const exchange: Exchange = { ...request, connection, logged, done, fault: null };
    const fault = this.#faults.isEmpty ? null : this.#faults.strike(logged);
    if (fault === null) this.#run(exchange);
    else this.#strike({ ...exchange, fault });
  }

  #logged(
    { api, context, correlationId, body }: Incoming,
    size: number,
    broker: Broker,
    connection: ClientConnection,
  ): LoggedRequest {
    const { version, clientId } = context;
    const atMs = this.#cluster.clock.wallMs();
    const { peer, id } = connection;
    const logged = this.#log.add(
      {
        atMs,
        broker: broker.id,
        api: api.name,
        version,
        clientId,
        correlationId,
        peer,
        connection: id,
        body,
      },
      size,
    );
    this.#observers.request(logged);
    return logged;
  }

  #ended(logged: LoggedRequest): void {
    logged.answeredAtMs = this.#cluster.clock.wallMs();
    this.#observers.answered(logged);
  }

  /** What a fault does before the request is handled. */
  #strike(exchange: Exchange & { readonly fault: Fault }): void {
    const { api, body, fault, done } = exchange;
    const { error, stage = "request", delayMs, disconnect, hang } = fault.options;
    if (error !== undefined) this.#finish(exchange, api.refuse(body as never, errorNumber(error), null));
    else if (stage === "response") this.#run(exchange);
    else if (delayMs !== undefined) this.#later(exchange, delayMs, () => this.#run(exchange));
    else if (disconnect === true) done("hang up");
    else if (hang !== true) this.#run(exchange);
  }

  /** Goes on after a while, unless the client has gone by then. */
  #later({ connection }: Exchange, delayMs: number, goOn: () => void): void {
    const timer = this.#cluster.clock.setTimer(delayMs, goOn);
    connection.whileWaiting(() => timer.cancel());
  }

  #run(exchange: Exchange): void {
    const { logged, connection } = exchange;
    const answer = this.#handle(exchange);
    if (!(answer instanceof Pending)) {
      this.#finish(exchange, answer);
      return;
    }
    connection.whileWaiting(() => {
      this.#ended(logged);
      answer.abandon();
    });
    answer.onAnswered((response) => this.#finish(exchange, response));
  }

  /** Sends the answer, or does what a fault does after the request was handled. */
  #finish(exchange: Exchange, answer: Answer<unknown>): void {
    const { fault, logged, done } = exchange;
    const send = (): void => {
      const outcome = this.#outcome(exchange, answer);
      this.#ended(logged);
      done(outcome);
    };
    const { stage, delayMs, disconnect, hang, throttleMs, cutAfterBytes } = fault?.options ?? {};
    if (throttleMs !== undefined || cutAfterBytes !== undefined || stage !== "response") send();
    else if (delayMs !== undefined) this.#later(exchange, delayMs, send);
    else if (disconnect === true) done("hang up");
    else if (hang !== true) send();
  }

  #outcome(exchange: Exchange, answer: Answer<unknown>): Outcome {
    if (answer === NO_ANSWER) return "nothing";
    if (answer === HANG_UP) return "hang up";
    const { api, context, correlationId, logged, fault, connection } = exchange;
    const { throttleMs, cutAfterBytes } = fault?.options ?? {};
    const response =
      throttleMs === undefined ? (answer as object) : { ...(answer as object), throttleTimeMs: throttleMs };
    logged.response = response;
    if (throttleMs !== undefined) connection.mute(throttleMs, this.#cluster.clock);
    const outcome = this.#encoded(api, context.version, correlationId, response, logged);
    if (cutAfterBytes === undefined || typeof outcome === "string") return outcome;
    return { cut: outcome, afterBytes: cutAfterBytes };
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
      injected: () => NONE,
    };
  }

  #handle({ api, body, context, logged }: Exchange): Answer<unknown> {
    const faults = this.#faults;
    const known = faults.isEmpty
      ? context
      : { ...context, injected: (part: RequestPart) => faults.injected(logged, part) };
    try {
      return api.handle(body as never, known);
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
  ): readonly Uint8Array[] | "hang up" {
    try {
      return frameOf(api, version, correlationId, response);
    } catch (error) {
      // A response that its version has no place for is a mistake of ours.
      this.#onFailure(error, logged);
      return "hang up";
    }
  }
}

/** A request on its way through the broker. */
interface Exchange extends Incoming {
  readonly connection: ClientConnection;
  readonly logged: LoggedRequest;
  readonly done: (outcome: Outcome) => void;
  /** That which has struck it. */
  readonly fault: Fault | null;
}

interface Incoming {
  readonly api: ServedApi;
  readonly body: unknown;
  readonly correlationId: number;
  readonly context: RequestContext;
}

function isIncoming(read: Incoming | Outcome): read is Incoming {
  return typeof read === "object" && "api" in read;
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
