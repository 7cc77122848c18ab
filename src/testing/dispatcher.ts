/** From a request to its handler and back: what may be asked, what faults do to it, and what becomes of the answer. */

import { type Answer, HANG_UP, NO_ANSWER, type RequestPart, type ServedApi } from "./api.ts";
import type { Broker } from "./broker.ts";
import type { ClientConnection, Outcome } from "./client-connection.ts";
import type { Cluster } from "./cluster.ts";
import { errorNumber, Refusal } from "./error-code.ts";
import type { Fault } from "./faults/fault.ts";
import type { FaultTable } from "./faults/fault-table.ts";
import { type Incoming, isIncoming, RequestReader } from "./incoming.ts";
import type { Observers } from "./observer.ts";
import { Pending } from "./pending.ts";
import type { LoggedRequest, RequestLog } from "./request-log.ts";
import { frameOf } from "./response-frame.ts";
import { serveToken } from "./security/sasl/serve-token.ts";
import type { ServedVersions } from "./served-versions.ts";

const ILLEGAL_SASL_STATE = errorNumber("ILLEGAL_SASL_STATE");
const UNKNOWN_SERVER_ERROR = errorNumber("UNKNOWN_SERVER_ERROR");

/** What a test learns of a handler that failed in a way that Kafka has no error for. */
export type OnFailure = (error: unknown, request: LoggedRequest) => void;

export class Dispatcher {
  readonly #cluster: Cluster;
  readonly #reader: RequestReader;
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
    this.#reader = new RequestReader(cluster, versions);
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
    if (connection.sasl?.takesToken === true) {
      serveToken(frame, connection.sasl, connection, done);
      return;
    }
    const request = this.#reader.read(frame, broker, connection);
    if (!isIncoming(request)) {
      done(request);
      return;
    }
    const admission = connection.sasl?.admission(request.api.name) ?? "serve";
    if (admission === "hang up") {
      done(admission);
      return;
    }
    const logged = this.#logged(request, frame.byteLength, broker, connection);
    const exchange: Exchange = { ...request, connection, logged, done, fault: null };
    if (admission === "refuse") {
      connection.closeAfterAnswer();
      this.#finish(exchange, duringAuthentication(request));
      return;
    }
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
        body: api.withoutSecrets?.(body as never) ?? body,
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
    exchange.quotas?.handled();
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
    if (answer === HANG_UP) return "hang up";
    const { api, context, correlationId, logged, fault, connection, quotas } = exchange;
    const { throttleMs: injectedMs, cutAfterBytes } = fault?.options ?? {};
    const throttleMs = injectedMs ?? quotas?.finish(answer !== NO_ANSWER) ?? 0;
    if (throttleMs > 0) connection.mute(throttleMs, this.#cluster.clock);
    if (answer === NO_ANSWER) return "nothing";
    const isTold = throttleMs > 0 && "throttleTimeMs" in api.response.struct.fields;
    const response = isTold ? { ...(answer as object), throttleTimeMs: throttleMs } : (answer as object);
    logged.response = response;
    const outcome = this.#encoded(api, context.version, correlationId, response, logged);
    if (cutAfterBytes === undefined || typeof outcome === "string") return outcome;
    return { cut: outcome, afterBytes: cutAfterBytes };
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

/** The answer to who asks for something else in the middle of logging in. */
function duringAuthentication({ api, body }: Incoming): Answer<unknown> {
  const name = api.name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
  const message = `Unexpected Kafka request of type ${name} during SASL authentication.`;
  return api.refuse(body as never, ILLEGAL_SASL_STATE, message);
}
