/** What is noticed of one connection and its requests. */

import type { Clock } from "../../platform/platform.ts";
import { apiName } from "../../protocol/api-keys.ts";
import { ClosedError, ConnectionError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ApiCounters, BrokerCounters } from "./counters.ts";
import type { EventHub, EventSource } from "./event-hub.ts";
import type { ConnectionPlace, RequestPlace } from "./events.ts";
import { Wait, type Waits } from "./waits.ts";

/** What all connections to a broker share. */
export interface BrokerContext {
  /** `host:port`. */
  readonly name: string;
  readonly nodeId: number | null;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: BrokerCounters;
  readonly waits: Waits;
  /** A connection that was open has ended. */
  readonly onClosed: () => void;
  readonly events: EventHub;
  readonly requestDone: EventSource<"request:done">;
}

/** One connection, from the attempt to set it up to its end. */
export class ConnectionObserver {
  readonly context: BrokerContext;
  readonly purpose: string;
  readonly #setup: Wait;
  /** When it was ready; null while it is not. */
  #openedAtMs: number | null = null;
  #isAuthenticated = false;
  #isClosing = false;
  /** Requests that are written and not answered. */
  inFlight = 0;
  /** Until when the broker wants nothing of us. */
  throttledUntilMs = 0;

  constructor(context: BrokerContext, purpose: string, inTheWay?: () => string) {
    this.context = context;
    this.purpose = purpose;
    this.#setup = context.waits.begin(`a connection to ${context.name} (${purpose})`, {
      broker: context.name,
      nodeId: context.nodeId,
      inTheWay,
    });
  }

  get place(): ConnectionPlace {
    const { name, nodeId } = this.context;
    return { broker: name, nodeId, purpose: this.purpose };
  }

  /** The connection is ready to be used. */
  opened(): void {
    const { counters, clock, logger, events } = this.context;
    const opened = events.source("connection:opened");
    this.#setup.end();
    this.#openedAtMs = clock.monotonicMs();
    const setupMs = this.#openedAtMs - this.#setup.sinceMs;
    logger.debug(`Connected to ${this.context.name} (${this.purpose}) in ${Math.round(setupMs)} ms`);
    if (counters.reconnects < counters.connectionsLost) counters.reconnects++;
    counters.connectionsOpened++;
    counters.connectionsOpen++;
    if (opened.isWanted) opened.emit({ ...this.place, setupMs });
  }

  /** It came to nothing. An attempt that was given up is nobody's failure: `isAborted` says so. */
  failed(error: unknown, isAborted: boolean): void {
    const { counters, clock, events } = this.context;
    this.#setup.end();
    if (isAborted) return;
    counters.connectionsFailed++;
    const failed = events.source("connection:failed");
    if (failed.isWanted) {
      failed.emit({ ...this.place, error, setupMs: clock.monotonicMs() - this.#setup.sinceMs });
    }
  }

  /** The broker believes us, for `lifetimeMs`, or for good where that is 0. */
  authenticated(mechanism: string, durationMs: number, lifetimeMs: number): void {
    const { counters, events } = this.context;
    const again = this.#isAuthenticated;
    this.#isAuthenticated = true;
    counters.authentications++;
    const authenticated = events.source("connection:authenticated");
    if (!authenticated.isWanted) return;
    const sessionLifetimeMs = lifetimeMs === 0 ? null : lifetimeMs;
    authenticated.emit({ ...this.place, mechanism, again, durationMs, sessionLifetimeMs });
  }

  /** We are about to end it, and nothing is wrong with it. */
  closing(): void {
    this.#isClosing = true;
  }

  /** It has ended; what was in flight has no answer any more. */
  closed(cause: Error): void {
    const { counters, clock, logger, events } = this.context;
    counters.inFlight -= this.inFlight;
    this.inFlight = 0;
    if (this.#openedAtMs === null) return;
    // A broker that has left, an assignment that changed, a client that is closed: no such cause is a failure.
    const closedHere = this.#isClosing || !(cause instanceof ConnectionError);
    counters.connectionsOpen--;
    if (!closedHere) counters.connectionsLost++;
    const ended = `The connection to ${this.context.name} (${this.purpose}) has ended: ${cause.message}`;
    if (closedHere) logger.debug(ended);
    else logger.info(ended);
    const closed = events.source("connection:closed");
    if (closed.isWanted) {
      const openMs = clock.monotonicMs() - this.#openedAtMs;
      closed.emit({ ...this.place, cause, closedHere, openMs });
    }
    this.context.onClosed();
  }

  /** Bytes came. */
  received(bytes: number): void {
    this.context.counters.bytesIn += bytes;
  }

  /** A request is to be sent. */
  request(
    apiKey: number,
    apiVersion: number,
    correlationId: number,
    { timeoutMs, mayTakeMs = 0 }: { readonly timeoutMs: number; readonly mayTakeMs?: number },
  ): RequestObserver {
    const request = new RequestObserver(this, apiKey, apiVersion, correlationId, timeoutMs, mayTakeMs);
    this.context.waits.add(request);
    return request;
  }
}

/** One request, from the wish to send it until it is settled. Also what the watchdog knows of it. */
export class RequestObserver extends Wait {
  readonly #connection: ConnectionObserver;
  readonly #api: ApiCounters;
  readonly #apiKey: number;
  readonly #apiVersion: number;
  readonly #correlationId: number;
  #writtenAtMs = -1;
  #requestBytes = 0;
  #responseBytes = 0;
  #isInFlight = false;
  #isDone = false;

  constructor(
    connection: ConnectionObserver,
    apiKey: number,
    apiVersion: number,
    correlationId: number,
    timeoutMs: number,
    mayTakeMs: number,
  ) {
    const { waits, clock } = connection.context;
    super(waits, clock.monotonicMs(), timeoutMs, mayTakeMs);
    this.#connection = connection;
    this.#api = connection.context.counters.api(apiKey);
    this.#apiKey = apiKey;
    this.#apiVersion = apiVersion;
    this.#correlationId = correlationId;
  }

  override get what(): string {
    return `the answer of ${this.broker} to ${this.api} v${this.#apiVersion}`;
  }

  override get broker(): string {
    return this.#connection.context.name;
  }

  override get nodeId(): number | null {
    return this.#connection.context.nodeId;
  }

  override get api(): string {
    return apiName(this.#apiKey);
  }

  override inTheWay(): string {
    const { inFlight, throttledUntilMs, context } = this.#connection;
    const now = context.clock.monotonicMs();
    const others = `${inFlight} requests of the connection are in flight`;
    if (this.#writtenAtMs >= 0) return `it was sent ${Math.round(now - this.#writtenAtMs)} ms ago; ${others}`;
    if (throttledUntilMs <= now) return `it was not sent yet; ${others}`;
    return `it was not sent yet: a quota is used up, and the broker wants ${Math.round(throttledUntilMs - now)} ms more of silence`;
  }

  /** The frame was handed to the stream. */
  written(chunks: readonly Uint8Array[], withoutResponse: boolean): void {
    const { counters, clock } = this.#connection.context;
    this.#writtenAtMs = clock.monotonicMs();
    for (const chunk of chunks) this.#requestBytes += chunk.byteLength;
    counters.bytesOut += this.#requestBytes;
    this.#api.sent++;
    if (withoutResponse) return;
    this.#isInFlight = true;
    counters.inFlight++;
    this.#connection.inFlight++;
  }

  /** The frame that answers is there, also when nobody waits for it any more. */
  answered(frameBytes: number): void {
    const { counters, clock } = this.#connection.context;
    this.#responseBytes = frameBytes;
    if (this.#isInFlight) {
      this.#isInFlight = false;
      counters.inFlight--;
      this.#connection.inFlight--;
    }
    if (this.#isDone) return;
    this.#api.answered++;
    this.#api.latency.record(clock.monotonicMs() - this.#writtenAtMs);
  }

  /** The answer says that a quota was exceeded. */
  throttled(throttleTimeMs: number): void {
    const { events, clock } = this.#connection.context;
    const throttled = events.source("request:throttled");
    this.#connection.throttledUntilMs = clock.monotonicMs() + throttleTimeMs;
    this.#api.throttled++;
    this.#api.throttleTimeMs += throttleTimeMs;
    if (throttled.isWanted) throttled.emit({ ...this.#place, throttleTimeMs });
  }

  /** The caller has what it wanted. */
  succeeded(): void {
    this.#done(null);
  }

  /** The caller gets an error instead. */
  failed(error: unknown, isAborted: boolean): void {
    if (this.#isDone) return;
    if (isAborted || error instanceof ClosedError) this.#api.cancelled++;
    else this.#api.failed++;
    this.#done(error);
  }

  get #place(): RequestPlace {
    const place = { api: this.api, apiVersion: this.#apiVersion, correlationId: this.#correlationId };
    return { ...this.#connection.place, ...place };
  }

  #done(error: unknown): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.end();
    const { requestDone, clock } = this.#connection.context;
    if (!requestDone.isWanted) return;
    const now = clock.monotonicMs();
    const writtenAtMs = this.#writtenAtMs < 0 ? now : this.#writtenAtMs;
    // Field by field: this is the one event that comes with every request, and spreading takes thrice the time.
    requestDone.emit({
      broker: this.broker,
      nodeId: this.nodeId,
      purpose: this.#connection.purpose,
      api: this.api,
      apiVersion: this.#apiVersion,
      correlationId: this.#correlationId,
      queueMs: writtenAtMs - this.sinceMs,
      latencyMs: now - writtenAtMs,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      error,
    });
  }
}
