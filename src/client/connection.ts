/**
 * One connection to one broker: requests go out one after another without waiting, responses come back in the
 * same order, and each finds its request by correlation id.
 *
 * What must hold: every request settles, at the latest at its deadline; a connection fails once, with one cause,
 * and that cause reaches everything that waited on it; after that it takes no more requests.
 */

import type { ByteStream, ByteStreamHandler } from "../platform/platform.ts";
import { FrameReader } from "../protocol/frame.ts";
import type { Fields, Infer, InferInput, MessageSchema } from "../protocol/schema.ts";
import { Writer } from "../protocol/writer.ts";
import { Alarm } from "./alarm.ts";
import type { Api } from "./api.ts";
import { type ConnectStreamOptions, connectStream } from "./connect.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { abortReason, ConnectionError, messageOf, type TimeoutError } from "./errors.ts";
import { explainFrameFailure, hangUpHint, isTlsAlert, tlsIsWanted } from "./frame-failure.ts";
import { afterAnswer, afterSign, freshLiveness, type Liveness, suspiciousAtMs } from "./liveness.ts";
import type { ConnectionObserver } from "./observe/connection-observer.ts";
import { unobserved } from "./observe/observability.ts";
import {
  correlationIdOf,
  decodeResponse,
  encodeRequest,
  type PendingRequest,
  requestTimedOut,
} from "./pending-request.ts";
import type { StillWaiting } from "./request.ts";
import { explainTlsEnd } from "./tls-failure.ts";

/** How a connection is set up and kept. */
export interface ConnectionOptions extends ConnectStreamOptions {
  readonly clientId: string;
  /** Requests that may be on their way at once; more wait their turn. */
  readonly maxInFlight: number;
  /** Largest response in bytes. */
  readonly maxFrameSize: number;
  /** Gives memory for responses, whatever is in it. Default: `new Uint8Array(size)`. */
  readonly allocate?: (size: number) => Uint8Array;
  /** A connection that was not used for so many milliseconds is closed. Default: never. */
  readonly maxIdleMs?: number;
  /** Default: 0. */
  readonly firstCorrelationId?: number;
  /** Is told what happens. Default: nobody. */
  readonly observer?: ConnectionObserver;
  /** Called when no byte has come for too long while an answer is owed; see {@link Connection.lookedInto}. */
  readonly onSilence?: (connection: Connection) => void;
}

/** How one request is sent. */
export interface SendOptions {
  /** Milliseconds until the answer must be there. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** True for a request that the broker does not answer (Produce with acks=0). Default: false. */
  readonly withoutResponse?: boolean;
  /** True for a request that goes in front of all that wait, whatever the gate says. Default: false. */
  readonly ahead?: boolean;
  /** Milliseconds that the broker may take by the request's own terms, such as a fetch's `maxWaitMs`. Default: 0. */
  readonly mayTakeMs?: number;
  /** Default: a broker that is silent after that has no good reason. */
  readonly stillWaiting?: StillWaiting | undefined;
  /** Called when no byte has come for so long that the connection is looked into, and again after as long. */
  readonly onSilence?: () => void;
  /** Called when its bytes go out. Until then the broker has certainly got nothing of it. */
  readonly onWritten?: () => void;
}

/** An open connection. */
export class Connection {
  readonly endpoint: Endpoint;
  /** `host:port`, as errors name it. */
  readonly name: string;
  readonly observer: ConnectionObserver;
  readonly #options: ConnectionOptions;
  readonly #frames: FrameReader;
  readonly #writer = new Writer(WRITE_BUFFER);
  /** Set before anything else can call in: {@link openConnection} attaches it. */
  #stream!: ByteStream;
  #failure: Error | null = null;
  #nextCorrelationId: number;
  /** Sent and not answered, in the order of sending. */
  readonly #inFlight = new Map<number, PendingRequest>();
  /** Not yet sent, in the order of coming: too many are in flight, or the stream is full. */
  readonly #waiting = new Set<PendingRequest>();
  /** Not yet sent, and to be sent before those. */
  readonly #ahead = new Set<PendingRequest>();
  #streamFull = false;
  /** As the stream was last told. */
  #isBusy = true;
  readonly #alarm: Alarm;
  #receivedBytes = false;
  /** Whether anything but its versions was heard of the broker. */
  #serves = false;
  #gate: () => boolean = () => true;
  /** What the gate said last. */
  #isHeld = false;
  #liveness: Liveness;
  #lastUseMs: number;
  #isLookedInto = false;
  /** The broker asked us to send nothing before (KIP-219). */
  #throttledUntilMs = 0;
  /** Ends the connection once nothing is on its way. */
  #retired: Error | null = null;
  readonly #closeListeners: ((cause: Error) => void)[] = [];

  private constructor(endpoint: Endpoint, options: ConnectionOptions) {
    this.endpoint = endpoint;
    this.name = formatEndpoint(endpoint);
    this.observer = options.observer ?? unobserved(options).broker(this.name, null).connecting("main");
    this.#options = options;
    this.#nextCorrelationId = options.firstCorrelationId ?? 0;
    this.#frames = new FrameReader(options.maxFrameSize, true, options.allocate);
    this.#lastUseMs = this.#now();
    this.#liveness = freshLiveness(this.#lastUseMs);
    this.#alarm = new Alarm(options.platform.clock, () => this.#onAlarm());
  }

  /**
   * Connects to the first address of the endpoint that answers.
   *
   * @throws ConnectionError naming the address, what happened, and what to do.
   */
  static async open(
    endpoint: Endpoint,
    options: ConnectionOptions,
    signal?: AbortSignal,
  ): Promise<Connection> {
    const connection = new Connection(endpoint, options);
    connection.#stream = await connectStream(endpoint, options, connection.#handler(), signal);
    // A peer that talks at once is heard before its stream is known here.
    if (connection.#failure !== null) {
      connection.#stream.close();
      throw connection.#failure;
    }
    connection.#lastUseMs = connection.#now();
    connection.#liveness = freshLiveness(connection.#lastUseMs);
    connection.#alarm.set(connection.#idleAtMs());
    connection.#sayWhetherBusy();
    return connection;
  }

  /** Why the connection ended; null while it is open. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Whether it is being looked into, since no byte has come for too long. */
  get isSuspected(): boolean {
    return this.#isLookedInto;
  }

  /** Requests that were sent and not answered. */
  get inFlightCount(): number {
    return this.#inFlight.size;
  }

  /** Milliseconds until the last of the sent requests is answered, or the connection has failed. */
  get longestWaitMs(): number {
    const now = this.#now();
    return [...this.#inFlight.values()].reduce((ms, { deadlineMs }) => Math.max(ms, deadlineMs - now), 0);
  }

  /**
   * Asks `gate` before each request that is not `ahead`. While it says no, requests wait in their order, each no
   * longer than its own deadline; {@link resume} asks again.
   */
  setGate(gate: () => boolean): void {
    this.#gate = gate;
  }

  /** Sends what the gate held back, if it opens now. */
  resume(): void {
    this.#pump();
    this.#sayWhetherBusy();
  }

  /** Calls `listener` once when the connection ends. */
  onClose(listener: (cause: Error) => void): void {
    if (this.#failure !== null) listener(this.#failure);
    else this.#closeListeners.push(listener);
  }

  /**
   * Sends a request and gives the response.
   *
   * @throws EncodeError when the value does not fit; nothing was sent then.
   * @throws TimeoutError when no answer came in time; the connection is given up, since every later answer would
   * have to wait for that one.
   * @throws ConnectionError when the connection ended first.
   */
  send<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    value: InferInput<MessageSchema<Request>>,
    options: SendOptions,
  ): Promise<Infer<MessageSchema<Response>>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      if (this.#retired !== null && options.ahead !== true) throw this.#retired;
      const { signal } = options;
      if (signal?.aborted === true) throw abortReason(signal);
      const correlationId = this.#nextCorrelationId;
      const chunks = encodeRequest(
        this.#writer,
        api.request,
        version,
        correlationId,
        this.#options.clientId,
        value,
      );
      this.#nextCorrelationId = (correlationId + 1) & 0x7fff_ffff;
      const pending: PendingRequest = {
        api: api as unknown as Api<Fields, Fields>,
        version,
        correlationId,
        timeoutMs: options.timeoutMs,
        deadlineMs: this.#now() + options.timeoutMs,
        mayTakeMs: options.mayTakeMs ?? 0,
        stillWaiting: options.stillWaiting ?? null,
        onWritten: options.onWritten ?? null,
        onSilence: options.onSilence ?? null,
        withoutResponse: options.withoutResponse ?? false,
        ahead: options.ahead ?? false,
        sentAtMs: null,
        isGivenUp: false,
        chunks,
        observer: this.observer.request(api.apiKey, version, correlationId, options),
        resolve: (response) => {
          signal?.removeEventListener("abort", aborted);
          pending.observer.succeeded();
          resolve(response as Infer<MessageSchema<Response>>);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", aborted);
          pending.observer.failed(error, signal?.aborted === true);
          reject(error);
        },
      };
      // An answer to a request that was given up still comes, in its turn, and is dropped.
      const aborted = (): void => {
        this.#waiting.delete(pending);
        this.#ahead.delete(pending);
        pending.isGivenUp = true;
        pending.reject(abortReason(signal as AbortSignal));
        this.#endIfRetired();
        this.#sayWhetherBusy();
      };
      signal?.addEventListener("abort", aborted);
      // Most requests need not wait: a queue that is filled and emptied each time costs more than the rest of it.
      const now = this.#now();
      if (this.#isNext(pending) && this.#mayGo(pending, now)) {
        this.#write(pending, now);
      } else {
        (pending.ahead ? this.#ahead : this.#waiting).add(pending);
        this.#pump();
      }
      this.#sayWhetherBusy();
      this.#alarm.set(pending.deadlineMs);
    });
  }

  /**
   * Takes no more requests, and ends once those that were sent are answered: they are rejected with `cause` only
   * where they come to nothing by themselves.
   */
  retire(cause: Error): void {
    this.#retired ??= cause;
    this.#endIfRetired();
  }

  /** What is known of the peer's being alive. */
  get liveness(): Liveness {
    return this.#liveness;
  }

  /** Lets it be silent for `patienceMs` before it is suspected, until the next answer has come. */
  trustFor(patienceMs: number): void {
    this.#liveness = { ...this.#liveness, patienceMs, hasAnswered: false };
  }

  /** Ends the suspicion: from here on as much silence again is allowed. Says whether any byte came meanwhile. */
  lookedInto(): { readonly isStillSilent: boolean } {
    const now = this.#now();
    const isStillSilent = this.#failure === null && this.#suspiciousAtMs() <= now;
    this.#isLookedInto = false;
    this.#liveness = afterSign(this.#liveness, now);
    this.#alarm.set(this.#suspiciousAtMs());
    return { isStillSilent };
  }

  /** The request that the broker works on, if there is one. */
  get oldestRequest(): PendingRequest | undefined {
    return this.#inFlight.values().next().value;
  }

  /** Ends the connection; whatever waits on it is rejected with `cause`. */
  close(cause?: Error): void {
    if (cause === undefined) this.observer.closing();
    this.#fail(
      cause ??
        new ConnectionError("CONNECTION_CLOSED", this.name, `The connection to ${this.name} was closed here`),
    );
  }

  /** Sends what waits, as far as the limits allow. */
  #pump(): void {
    const now = this.#now();
    if (now < this.#throttledUntilMs && this.#waiting.size > 0) this.#alarm.set(this.#throttledUntilMs);
    for (;;) {
      const pending = this.#nextWaiting();
      if (pending === undefined || !this.#mayGo(pending, now)) return;
      (pending.ahead ? this.#ahead : this.#waiting).delete(pending);
      this.#write(pending, now);
    }
  }

  /** Whether nothing waits that goes before it. */
  #isNext({ ahead }: PendingRequest): boolean {
    return this.#ahead.size === 0 && (ahead || this.#waiting.size === 0);
  }

  #write(pending: PendingRequest, now: number): void {
    const { chunks } = pending;
    pending.chunks = [];
    pending.sentAtMs = this.#lastUseMs = now;
    if (!pending.withoutResponse) {
      this.#inFlight.set(pending.correlationId, pending);
      if (this.#inFlight.size === 1) this.#alarm.set(this.#suspiciousAtMs());
    }
    pending.observer.written(chunks, pending.withoutResponse);
    pending.onWritten?.();
    this.#streamFull = !this.#stream.write(chunks);
    if (pending.withoutResponse) pending.resolve(undefined);
  }

  #nextWaiting(): PendingRequest | undefined {
    const from = this.#ahead.size > 0 ? this.#ahead : this.#waiting;
    return from.values().next().value;
  }

  #mayGo({ ahead }: PendingRequest, now: number): boolean {
    if (this.#streamFull || this.#failure !== null) return false;
    if (ahead) return true;
    if (now < this.#throttledUntilMs || this.#inFlight.size >= this.#options.maxInFlight) return false;
    this.#isHeld = !this.#gate();
    return !this.#isHeld;
  }

  #handler(): ByteStreamHandler {
    return {
      keepsNothing: true,
      room: () => this.#frames.room,
      onData: (chunk) => this.#receive(chunk),
      onDrain: () => {
        this.#streamFull = false;
        this.#liveness = afterSign(this.#liveness, this.#now());
        this.#pump();
        this.#sayWhetherBusy();
      },
      onClose: (error) => this.#fail(this.#closedByPeer(error)),
    };
  }

  #receive(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    this.#receivedBytes = true;
    this.observer.received(chunk.byteLength);
    this.#lastUseMs = this.#now();
    this.#liveness = afterSign(this.#liveness, this.#lastUseMs);
    try {
      for (const frame of this.#frames.push(chunk)) this.#answer(frame);
    } catch (error) {
      this.#fail(explainFrameFailure(this.name, this.#options.tls !== null, error));
      return;
    }
    this.#endIfRetired();
    this.#pump();
    this.#sayWhetherBusy();
    // The next request may have less time than the one that was answered.
    this.#alarm.set(this.#suspiciousAtMs());
  }

  #answer(frame: Uint8Array): void {
    const correlationId = correlationIdOf(frame);
    const pending = this.#inFlight.get(correlationId);
    if (pending === undefined) {
      throw new ConnectionError(
        "PROTOCOL_ERROR",
        this.name,
        `${this.name} answered a request that was never sent (correlation id ${correlationId})`,
        { retriable: true },
      );
    }
    this.#inFlight.delete(correlationId);
    pending.observer.answered(frame.byteLength + FRAME_SIZE_BYTES);
    if (pending.api.apiKey !== API_VERSIONS) this.#serves = true;
    this.#liveness = afterAnswer(this.#liveness);
    try {
      const response = decodeResponse(pending, frame, this.name);
      this.#heedThrottle(pending, response);
      pending.resolve(response);
    } catch (error) {
      // The frame's borders were right, so the next response can be read: only this one is lost.
      pending.reject(error);
    }
  }

  /** A broker whose quota is used up answers at once, reads nothing for a while, and says for how long (KIP-219). */
  #heedThrottle({ observer }: PendingRequest, response: unknown): void {
    const { throttleTimeMs = 0 } = response as { readonly throttleTimeMs?: number };
    if (throttleTimeMs > 0) {
      // A later answer that says less does not take that back.
      this.#throttledUntilMs = Math.max(this.#throttledUntilMs, this.#now() + throttleTimeMs);
      observer.throttled(throttleTimeMs);
    }
    // It begins with what else is on its way only after that.
    if (this.#throttledUntilMs > this.#liveness.lastAnswerMs) {
      this.#liveness = { ...this.#liveness, lastAnswerMs: this.#throttledUntilMs };
    }
  }

  #closedByPeer(error: Error | null): Error {
    if (this.#options.tls === null && isTlsAlert(this.#frames.announcedSize))
      return tlsIsWanted(this.name, error);
    const { tls } = this.#options;
    const ofTls = tls === null ? null : explainTlsEnd(this.name, tls, error);
    if (ofTls !== null) return ofTls;
    const hint = hangUpHint({
      receivedBytes: this.#receivedBytes,
      serves: this.#serves,
      asked: [...this.#inFlight.values()].map(({ api }) => api.apiKey),
    });
    const why = error === null ? "" : ` (${messageOf(error)})`;
    const message = `${this.name} closed the connection${hint}${why}`;
    return new ConnectionError("CONNECTION_CLOSED", this.name, message, {
      retriable: true,
      ...(error === null ? {} : { cause: error }),
    });
  }

  #fail(cause: Error): void {
    if (this.#failure !== null) return;
    this.#failure = cause;
    this.#alarm.stop();
    this.#stream?.close();
    const lost = [...this.#inFlight.values(), ...this.#ahead, ...this.#waiting];
    this.#inFlight.clear();
    this.#ahead.clear();
    this.#waiting.clear();
    for (const pending of lost) pending.reject(cause);
    this.observer.closed(cause);
    for (const listener of this.#closeListeners.splice(0)) listener(cause);
  }

  #endIfRetired(): void {
    if (this.#retired !== null && this.#isIdle) this.#fail(this.#retired);
  }

  #now(): number {
    return this.#options.platform.clock.monotonicMs();
  }

  #onAlarm(): void {
    const now = this.#now();
    this.#checkDeadlines(now);
    this.#endIfRetired();
    if (this.#failure !== null) return;
    if (this.#idleAtMs() <= now) {
      this.observer.closing();
      this.#fail(closedHere(this.name, "it was not used for a while"));
      return;
    }
    if (!this.#isLookedInto && this.#suspiciousAtMs() <= now) {
      this.#isLookedInto = this.#options.onSilence !== undefined;
      for (const { onSilence } of [...this.#inFlight.values()]) onSilence?.();
      this.#options.onSilence?.(this);
    }
    this.#pump();
    this.#sayWhetherBusy();
    this.#alarm.set(this.#idleAtMs());
    if (!this.#isLookedInto) this.#alarm.set(this.#suspiciousAtMs());
    for (const pending of this.#inFlight.values()) this.#alarm.set(pending.deadlineMs);
    for (const pending of [...this.#ahead, ...this.#waiting]) this.#alarm.set(pending.deadlineMs);
  }

  /** A connection on which nothing is awaited is no reason for the process to go on. */
  #sayWhetherBusy(): void {
    const isBusy = this.#isAwaited;
    if (isBusy === this.#isBusy || this.#failure !== null) return;
    this.#isBusy = isBusy;
    this.#stream.keepAlive?.(isBusy);
  }

  #idleAtMs(): number {
    return this.#isIdle
      ? this.#lastUseMs + (this.#options.maxIdleMs ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
  }

  get #isIdle(): boolean {
    return this.#inFlight.size + this.#waiting.size + this.#ahead.size === 0;
  }

  /** An answer that is still to come may be to a request that was given up. */
  get #isAwaited(): boolean {
    if (this.#waiting.size + this.#ahead.size > 0) return true;
    for (const { isGivenUp } of this.#inFlight.values()) if (!isGivenUp) return true;
    return false;
  }

  #suspiciousAtMs(): number {
    return suspiciousAtMs(this.#liveness, this.oldestRequest ?? null);
  }

  #checkDeadlines(now: number): void {
    // A peer that takes no bytes for so long is as good as one that gives none.
    const waiting = [...this.#ahead, ...this.#waiting];
    const blocking = this.#streamFull ? waiting : [];
    const overdue = [...this.#inFlight.values(), ...blocking].find((pending) => pending.deadlineMs <= now);
    if (overdue !== undefined) {
      const error = this.#requestTimedOut(overdue);
      this.#inFlight.delete(overdue.correlationId);
      overdue.reject(error);
      this.#fail(closedHere(this.name, error.message, error));
      return;
    }
    for (const pending of waiting) {
      if (pending.deadlineMs > now) continue;
      this.#waiting.delete(pending);
      this.#ahead.delete(pending);
      pending.reject(this.#requestTimedOut(pending));
    }
  }

  #requestTimedOut(request: PendingRequest): TimeoutError {
    return requestTimedOut(this.name, request, {
      isThrottled: this.#now() < this.#throttledUntilMs,
      isHeld: this.#isHeld,
      isFull: this.#streamFull,
      inFlight: this.#inFlight.size,
      hasReceivedBytes: this.#receivedBytes,
    });
  }
}

/** Requests are written into buffers of so many bytes, until each is full. */
const WRITE_BUFFER = 8 * 1024;
/** The size in front of a frame. */
const FRAME_SIZE_BYTES = 4;
const API_VERSIONS = 18;

/** The connection ended by our own will, for a reason that does not keep anybody from trying again. */
function closedHere(broker: string, why: string, cause?: Error): ConnectionError {
  return new ConnectionError(
    "CONNECTION_CLOSED",
    broker,
    `The connection to ${broker} was given up: ${why}`,
    {
      retriable: true,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
