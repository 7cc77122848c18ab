/**
 * One connection to one broker: requests go out one after another without waiting, responses come back in the
 * same order, and each finds its request by correlation id.
 *
 * What must hold: every request settles, at the latest at its deadline; a connection fails once, with one cause,
 * and that cause reaches everything that waited on it; after that it takes no more requests.
 */

import type { ByteStream, ByteStreamHandler, Platform, Timer, TlsOptions } from "../platform/platform.ts";
import { apiName } from "../protocol/api-keys.ts";
import { codecFor } from "../protocol/compile.ts";
import { DecodeError } from "../protocol/errors.ts";
import { FrameReader } from "../protocol/frame.ts";
import {
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from "../protocol/header.ts";
import { Reader } from "../protocol/reader.ts";
import type { Fields, Infer, InferInput, MessageSchema } from "../protocol/schema.ts";
import { Writer } from "../protocol/writer.ts";
import type { Api } from "./api.ts";
import { type Endpoint, explainConnectFailure, formatEndpoint, resolveHost } from "./endpoint.ts";
import { abortReason, ConnectionError, messageOf, TimeoutError } from "./errors.ts";
import { explainFrameFailure, isTlsAlert, tlsIsWanted } from "./frame-failure.ts";
import { orAborted } from "./retry.ts";

/** How a connection is set up and kept. */
export interface ConnectionOptions {
  readonly platform: Platform;
  readonly tls: TlsOptions | null;
  readonly clientId: string;
  /** Longest time in milliseconds to resolve, connect and shake hands with one address. */
  readonly setupTimeoutMs: number;
  /** Requests that may be on their way at once; more wait their turn. */
  readonly maxInFlight: number;
  /** Largest response in bytes. */
  readonly maxFrameSize: number;
  /** Default: 0. */
  readonly firstCorrelationId?: number;
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
}

interface PendingRequest {
  readonly api: Api<Fields, Fields>;
  readonly version: number;
  readonly correlationId: number;
  readonly deadlineMs: number;
  readonly timeoutMs: number;
  readonly withoutResponse: boolean;
  readonly ahead: boolean;
  /** The frame, until it is sent. */
  chunks: readonly Uint8Array[];
  /** Both do nothing once the request has settled. */
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** An open connection. */
export class Connection {
  readonly endpoint: Endpoint;
  /** `host:port`, as errors name it. */
  readonly name: string;
  readonly #options: ConnectionOptions;
  readonly #frames: FrameReader;
  /** Set before anything else can call in: {@link openConnection} attaches it. */
  #stream!: ByteStream;
  #failure: Error | null = null;
  #nextCorrelationId: number;
  /** Sent and not answered, in the order of sending. */
  readonly #inFlight = new Map<number, PendingRequest>();
  /** Not yet sent: too many are in flight, or the stream is full. */
  readonly #waiting: PendingRequest[] = [];
  #streamFull = false;
  #deadlineTimer: Timer | null = null;
  #deadlineTimerAt = Number.POSITIVE_INFINITY;
  #receivedBytes = false;
  /** Whether anything but its versions was heard of the broker. */
  #serves = false;
  #gate: () => boolean = () => true;
  readonly #closeListeners: ((cause: Error) => void)[] = [];

  private constructor(endpoint: Endpoint, options: ConnectionOptions) {
    this.endpoint = endpoint;
    this.name = formatEndpoint(endpoint);
    this.#options = options;
    this.#nextCorrelationId = options.firstCorrelationId ?? 0;
    this.#frames = new FrameReader(options.maxFrameSize);
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
    connection.#stream = await connection.#connect(signal);
    return connection;
  }

  async #connect(outer: AbortSignal | undefined): Promise<ByteStream> {
    const { platform, tls } = this.#options;
    const { host: name, port } = this.endpoint;
    const addresses = await this.#inTime(
      (signal) => orAborted(resolveHost(platform, this.endpoint), signal),
      outer,
    );
    const verified = tls === null ? null : { ...tls, serverName: tls.serverName ?? name };
    let failure: unknown;
    for (const host of addresses) {
      try {
        return await this.#inTime(
          (signal) => platform.connect({ host, port, tls: verified, signal }, this.#handler()),
          outer,
        );
      } catch (error) {
        if (outer?.aborted === true) throw abortReason(outer);
        failure = explainConnectFailure(this.endpoint, tls, error);
      }
    }
    throw failure;
  }

  /** Gives a step of the setup its time, each by itself: one silent address must not use up that of the next. */
  async #inTime<T>(step: (signal: AbortSignal) => Promise<T>, outer: AbortSignal | undefined): Promise<T> {
    const { platform, setupTimeoutMs } = this.#options;
    const setup = new AbortController();
    const timer = platform.clock.setTimer(setupTimeoutMs, () => {
      const message =
        `${this.name} did not accept a connection within ${setupTimeoutMs} ms: ` +
        "check the address and the firewall";
      setup.abort(new ConnectionError("CONNECTION_TIMED_OUT", this.name, message, { retriable: true }));
    });
    const aborted = (): void => setup.abort(abortReason(outer as AbortSignal));
    outer?.addEventListener("abort", aborted);
    if (outer?.aborted === true) aborted();
    try {
      return await step(setup.signal);
    } finally {
      timer.cancel();
      outer?.removeEventListener("abort", aborted);
    }
  }

  /** Why the connection ended; null while it is open. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Requests that were sent and not answered. */
  get inFlightCount(): number {
    return this.#inFlight.size;
  }

  /** Milliseconds until the last of the sent requests is answered, or the connection has failed. */
  get longestWaitMs(): number {
    const now = this.#options.platform.clock.monotonicMs();
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
      const { signal } = options;
      if (signal?.aborted === true) throw abortReason(signal);
      const correlationId = this.#nextCorrelationId;
      const chunks = this.#frame(api.request, version, correlationId, value);
      this.#nextCorrelationId = (correlationId + 1) & 0x7fff_ffff;
      const pending: PendingRequest = {
        api: api as unknown as Api<Fields, Fields>,
        version,
        correlationId,
        timeoutMs: options.timeoutMs,
        deadlineMs: this.#options.platform.clock.monotonicMs() + options.timeoutMs,
        withoutResponse: options.withoutResponse ?? false,
        ahead: options.ahead ?? false,
        chunks,
        resolve: (response) => {
          signal?.removeEventListener("abort", aborted);
          resolve(response as Infer<MessageSchema<Response>>);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", aborted);
          reject(error);
        },
      };
      // An answer to a request that was given up still comes, in its turn, and is dropped.
      const aborted = (): void => {
        const waitingAt = this.#waiting.indexOf(pending);
        if (waitingAt >= 0) this.#waiting.splice(waitingAt, 1);
        pending.reject(abortReason(signal as AbortSignal));
      };
      signal?.addEventListener("abort", aborted);
      if (pending.ahead) this.#waiting.unshift(pending);
      else this.#waiting.push(pending);
      this.#pump();
      this.#armDeadline(pending.deadlineMs);
    });
  }

  /** Ends the connection; whatever waits on it is rejected with `cause`. */
  close(cause?: Error): void {
    this.#fail(
      cause ??
        new ConnectionError("CONNECTION_CLOSED", this.name, `The connection to ${this.name} was closed here`),
    );
  }

  #frame(
    schema: MessageSchema,
    version: number,
    correlationId: number,
    value: InferInput<MessageSchema>,
  ): readonly Uint8Array[] {
    const writer = new Writer();
    writer.int32(0);
    codecFor(RequestHeader, requestHeaderVersion(schema, version)).encode(writer, {
      requestApiKey: schema.apiKey as number,
      requestApiVersion: version,
      correlationId,
      clientId: this.#options.clientId,
    });
    codecFor(schema, version).encode(writer, value);
    const size = writer.length - 4;
    const chunks = writer.chunks();
    const first = chunks[0] as Uint8Array;
    new DataView(first.buffer, first.byteOffset).setInt32(0, size);
    return chunks;
  }

  /** Sends what waits, as far as the limits allow. */
  #pump(): void {
    for (;;) {
      const pending = this.#waiting[0];
      if (pending === undefined || !this.#mayGo(pending)) return;
      this.#waiting.shift();
      const { chunks } = pending;
      pending.chunks = [];
      if (!pending.withoutResponse) this.#inFlight.set(pending.correlationId, pending);
      this.#streamFull = !this.#stream.write(chunks);
      if (pending.withoutResponse) pending.resolve(undefined);
    }
  }

  #mayGo({ ahead }: PendingRequest): boolean {
    if (this.#streamFull || this.#failure !== null) return false;
    return ahead || (this.#inFlight.size < this.#options.maxInFlight && this.#gate());
  }

  #handler(): ByteStreamHandler {
    return {
      onData: (chunk) => this.#receive(chunk),
      onDrain: () => {
        this.#streamFull = false;
        this.#pump();
      },
      onClose: (error) => this.#fail(this.#closedByPeer(error)),
    };
  }

  #receive(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    this.#receivedBytes = true;
    try {
      for (const frame of this.#frames.push(chunk)) this.#answer(frame);
    } catch (error) {
      this.#fail(explainFrameFailure(this.name, this.#options.tls !== null, error));
      return;
    }
    this.#pump();
  }

  #answer(frame: Uint8Array): void {
    const reader = new Reader(frame);
    const correlationId = new Reader(frame).int32();
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
    if (pending.api.apiKey !== API_VERSIONS) this.#serves = true;
    const schema = pending.api.response;
    try {
      codecFor(ResponseHeader, responseHeaderVersion(schema, pending.version)).decode(reader);
      const response = codecFor(schema, this.#answeredVersion(pending, reader)).decode(reader);
      reader.expectEnd();
      pending.resolve(response);
    } catch (error) {
      // The frame's borders were right, so the next response can be read: only this one is lost.
      pending.reject(
        error instanceof DecodeError
          ? new ConnectionError(
              "PROTOCOL_ERROR",
              this.name,
              `The response of ${this.name} to ${apiName(pending.api.apiKey)} v${pending.version} cannot be read: ${error.message}`,
              { cause: error },
            )
          : error,
      );
    }
  }

  /**
   * A broker that does not know the version of an ApiVersions request refuses it in version 0, whatever was
   * asked (KIP-511); the error code stands first in all versions.
   */
  #answeredVersion(pending: PendingRequest, reader: Reader): number {
    const isApiVersions = pending.api.apiKey === API_VERSIONS;
    if (!isApiVersions || reader.remaining < 2) return pending.version;
    const errorCode = new Reader(reader.bytes.subarray(reader.offset)).int16();
    return errorCode === UNSUPPORTED_VERSION ? 0 : pending.version;
  }

  #closedByPeer(error: Error | null): Error {
    if (this.#options.tls === null && isTlsAlert(this.#frames.announcedSize))
      return tlsIsWanted(this.name, error);
    let never = "";
    if (!this.#receivedBytes) {
      never = " without ever answering: check that its security protocol is the one configured";
    } else if (this.#isRefusedWithoutSasl()) {
      never =
        " when it was asked for more than its versions, as listeners with SASL do: if it is one, " +
        'set securityProtocol to "SASL_SSL" or "SASL_PLAINTEXT"';
    }
    const why = error === null ? "" : ` (${messageOf(error)})`;
    const message = `${this.name} closed the connection${never}${why}`;
    return new ConnectionError("CONNECTION_CLOSED", this.name, message, {
      retriable: true,
      ...(error === null ? {} : { cause: error }),
    });
  }

  /** Before SASL a broker answers ApiVersions, and hangs up without a word at anything else. */
  #isRefusedWithoutSasl(): boolean {
    const asked = [...this.#inFlight.values()].map(({ api }) => api.apiKey);
    return !this.#serves && asked.some((apiKey) => apiKey !== API_VERSIONS && apiKey !== SASL_HANDSHAKE);
  }

  #fail(cause: Error): void {
    if (this.#failure !== null) return;
    this.#failure = cause;
    this.#deadlineTimer?.cancel();
    this.#stream?.close();
    const lost = [...this.#inFlight.values(), ...this.#waiting];
    this.#inFlight.clear();
    this.#waiting.length = 0;
    for (const pending of lost) pending.reject(cause);
    for (const listener of this.#closeListeners.splice(0)) listener(cause);
  }

  /** One timer serves all requests: it stands at the earliest deadline. */
  #armDeadline(deadlineMs: number): void {
    if (deadlineMs >= this.#deadlineTimerAt || this.#failure !== null) return;
    this.#deadlineTimer?.cancel();
    this.#deadlineTimerAt = deadlineMs;
    const { clock } = this.#options.platform;
    this.#deadlineTimer = clock.setTimer(
      Math.max(0, deadlineMs - clock.monotonicMs()),
      () => this.#checkDeadlines(),
      {
        // The socket keeps the process alive while an answer is awaited.
        background: true,
      },
    );
  }

  #checkDeadlines(): void {
    this.#deadlineTimerAt = Number.POSITIVE_INFINITY;
    const now = this.#options.platform.clock.monotonicMs();
    // A peer that takes no bytes for so long is as good as one that gives none.
    const blocking = this.#streamFull ? this.#waiting : [];
    const overdue = [...this.#inFlight.values(), ...blocking].find((pending) => pending.deadlineMs <= now);
    if (overdue !== undefined) {
      const error = this.#requestTimedOut(overdue);
      this.#inFlight.delete(overdue.correlationId);
      overdue.reject(error);
      this.#fail(
        new ConnectionError(
          "CONNECTION_CLOSED",
          this.name,
          `The connection to ${this.name} was given up: ${error.message}`,
          { retriable: true, cause: error },
        ),
      );
      return;
    }
    for (const pending of this.#waiting.filter((candidate) => candidate.deadlineMs <= now)) {
      this.#waiting.splice(this.#waiting.indexOf(pending), 1);
      pending.reject(this.#requestTimedOut(pending));
    }
    for (const pending of this.#inFlight.values()) this.#armDeadline(pending.deadlineMs);
    for (const pending of this.#waiting) this.#armDeadline(pending.deadlineMs);
  }

  #requestTimedOut({ api, version, timeoutMs }: PendingRequest): TimeoutError {
    const silence = this.#receivedBytes
      ? ""
      : "; it accepted the connection and has sent nothing since: is it a Kafka broker?";
    const message = `${this.name} did not answer ${apiName(api.apiKey)} v${version} within ${Math.round(timeoutMs)} ms${silence}`;
    return new TimeoutError("REQUEST_TIMED_OUT", message);
  }
}

const SASL_HANDSHAKE = 17;
const API_VERSIONS = 18;
const UNSUPPORTED_VERSION = 35;
