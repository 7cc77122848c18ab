/** One broker as the client sees it: an address, its versions, and a connection for each purpose. */

import type { Timer } from "../platform/platform.ts";
import type { Fields, Infer, MessageSchema } from "../protocol/schema.ts";
import { AbortGroup } from "./abort-group.ts";
import type { Api } from "./api.ts";
import { Connection, type ConnectionOptions, type SendOptions } from "./connection.ts";
import { type Endpoint, formatEndpoint, systemCode } from "./endpoint.ts";
import { abortReason, ConnectionError, messageOf } from "./errors.ts";
import type { FinalizedFeatures } from "./features.ts";
import {
  GRACE_MS,
  PROBE_CONNECT_MS,
  PROBE_TIMEOUT_MS,
  patienceAfterReplacing,
  type Verdict,
} from "./liveness.ts";
import type { Logger } from "./logger.ts";
import type { BrokerObserver } from "./observe/broker-observer.ts";
import { Observability } from "./observe/observability.ts";
import { requestName } from "./pending-request.ts";
import type { Answer, Ask, RequestValue, StillWaiting } from "./request.ts";
import { type Backoff, backoffMs, orAborted, sleep } from "./retry.ts";
import type { Authenticator } from "./sasl/authenticator.ts";
import {
  type BrokerVersions,
  type ClientSoftware,
  commonVersion,
  negotiateVersions,
} from "./version-negotiation.ts";

/**
 * What a connection is for. A broker answers the requests of one connection one after another, so what may wait
 * there for long, such as a fetch, has connections of its own; what has to be quick shares `main`.
 */
export type Purpose = string;

const MAIN: Purpose = "main";
const PROBE: Purpose = "probe";

/** A handshake that takes so long is worth a word. */
const SLOW_HANDSHAKE_MS = 100;

/** What all brokers of a client have in common. */
export interface BrokerOptions extends Omit<ConnectionOptions, "setupTimeoutMs" | "onSilence" | "observer"> {
  /** Time to set up a connection, and how far it grows while that is not enough (KIP-601). */
  readonly setupTimeout: Backoff;
  readonly software: ClientSoftware;
  readonly reconnectBackoff: Backoff;
  readonly logger: Logger;
  /** Takes notice of what happens. Default: one that nobody asks. */
  readonly observability?: Observability;
  /** Tells brokers who we are, where they want to know it by SASL. */
  readonly authenticator?: Pick<Authenticator, "authenticate"> | null;
  /** Is told what each broker says of the cluster's features, with every connection. */
  readonly onFeatures?: (features: FinalizedFeatures) => void;
}

/** How a request to a broker is sent. */
export interface RequestOptions extends SendOptions {
  /** Default: `main`. */
  readonly purpose?: Purpose;
  /** Highest version to use. Default: the highest that both sides know. */
  readonly maxVersion?: number;
}

interface Ready {
  readonly connection: Connection;
  readonly versions: BrokerVersions;
}

/** A connection that is being set up. */
interface Opening {
  readonly ready: Promise<Ready>;
  readonly abort: AbortController;
}

/** Opens connections to one broker when they are needed, and again after they are lost. */
export class Broker {
  /** `host:port`. */
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly #options: BrokerOptions;
  readonly #observer: BrokerObserver;
  readonly #ready = new Map<Purpose, Ready>();
  readonly #opening = new Map<Purpose, Opening>();
  #closed: Error | null = null;
  /** What a connection of the purpose is trusted with, after one was replaced because of its silence. */
  readonly #patience = new Map<Purpose, number>();
  readonly #probes = new AbortGroup();
  /** Attempts to connect that failed since the last that did not. */
  #failedAttempts = 0;
  #lastFailure: unknown = null;
  #connectingSinceMs: number | null = null;

  /** @param nodeId Null where it is not known which broker listens there. */
  constructor(endpoint: Endpoint, options: BrokerOptions, nodeId: number | null = null) {
    this.endpoint = endpoint;
    this.name = formatEndpoint(endpoint);
    this.#options = options;
    this.#observer = (options.observability ?? new Observability(options)).broker(this.name, nodeId);
  }

  /** Whether a connection of any purpose is open. */
  get isConnected(): boolean {
    return this.#ready.size > 0;
  }

  /** Whether a connection of any purpose has been silent for so long that it is being looked into. */
  get isSuspected(): boolean {
    for (const { connection } of this.#ready.values()) if (connection.isSuspected) return true;
    return false;
  }

  /** Whether the last attempt to connect failed. */
  get isFailing(): boolean {
    return this.#failedAttempts > 0;
  }

  /** What stands in the way of talking to this broker; null where nothing is known to. */
  get trouble(): string | null {
    if (this.isConnected) return null;
    if (this.#lastFailure !== null) return messageOf(this.#lastFailure);
    if (this.#connectingSinceMs === null) return null;
    const ms = Math.round(this.#options.platform.clock.monotonicMs() - this.#connectingSinceMs);
    // It has only begun: what was wrong before tells more.
    if (ms < SLOW_HANDSHAKE_MS) return null;
    return `${this.name} has not completed the handshake for ${ms} ms: is it a Kafka broker with the configured security protocol?`;
  }

  /** Why the last attempt to connect failed; null while there is none. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /**
   * Sends a request in the highest version that both sides know, on a connection that is opened if need be.
   *
   * @throws KafkaError `UNSUPPORTED_VERSION` when they have none in common; else as {@link Connection.send}.
   */
  request<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    options: RequestOptions,
  ): Promise<Answer<Infer<MessageSchema<Response>>>> {
    const ready = this.#ready.get(options.purpose ?? MAIN);
    return ready === undefined
      ? this.#connect(options).then((opened) => this.#send(opened, api, value, options))
      : this.#send(ready, api, value, options);
  }

  async #send<Request extends Fields, Response extends Fields>(
    { connection, versions }: Ready,
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    options: RequestOptions,
  ): Promise<Answer<Infer<MessageSchema<Response>>>> {
    const erased = api as unknown as Api<Fields, Fields>;
    const version = commonVersion(this.name, versions, erased, options.maxVersion);
    const said = typeof value === "function" ? value(version) : value;
    const response = await connection.send(api, version, said, options);
    return { response, version, broker: this.name };
  }

  /** Ends the connection of a purpose; requests on it are rejected with `cause`. */
  release(purpose: Purpose, cause: Error): void {
    this.#opening.get(purpose)?.abort.abort(cause);
    this.#opening.delete(purpose);
    this.#patience.delete(purpose);
    this.#ready.get(purpose)?.connection.close(cause);
  }

  /** Ends all connections; requests on them are rejected with `cause`. */
  close(cause: Error): void {
    this.#closed ??= cause;
    this.#probes.abort(cause);
    for (const purpose of [...this.#opening.keys(), ...this.#ready.keys()]) this.release(purpose, cause);
    this.#observer.left(cause);
  }

  /**
   * Takes no more requests; each connection ends once the requests on it are answered.
   *
   * @returns when the last one has ended.
   */
  async retire(cause: Error): Promise<void> {
    this.#closed ??= cause;
    for (const { abort } of this.#opening.values()) abort.abort(cause);
    this.#observer.left(cause);
    const ended = [...this.#ready.values()].map(({ connection }) => {
      connection.retire(cause);
      return new Promise<void>((resolve) => connection.onClose(() => resolve()));
    });
    await Promise.all(ended);
  }

  /** Waits for a connection that may already be on its way; a caller that gives up does not end it for others. */
  async #connect({ purpose = MAIN, signal }: RequestOptions): Promise<Ready> {
    let opening = this.#opening.get(purpose);
    if (opening === undefined) {
      opening = this.#start(purpose);
      this.#opening.set(purpose, opening);
    }
    return signal === undefined ? opening.ready : orAborted(opening.ready, signal);
  }

  #start(purpose: Purpose): Opening {
    const abort = new AbortController();
    if (this.#closed !== null) abort.abort(this.#closed);
    const ready = this.#open(purpose, abort.signal).finally(() => {
      if (this.#opening.get(purpose)?.abort === abort) this.#opening.delete(purpose);
    });
    return { ready, abort };
  }

  async #open(purpose: Purpose, signal: AbortSignal): Promise<Ready> {
    const { platform, logger, reconnectBackoff, setupTimeout } = this.#options;
    if (this.#failedAttempts > 0) {
      await sleep(
        platform.clock,
        backoffMs(reconnectBackoff, this.#failedAttempts, platform.clock.random()),
        signal,
      );
    }
    signal.throwIfAborted();
    this.#connectingSinceMs ??= platform.clock.monotonicMs();
    try {
      const timeoutMs =
        this.#failedAttempts === 0
          ? setupTimeout.initialMs
          : backoffMs(setupTimeout, this.#failedAttempts + 1, platform.clock.random());
      const ready = await this.#establish(purpose, timeoutMs, signal);
      const { connection } = ready;
      // It may have been given up in the moment in which it was handed over.
      if (signal.aborted) {
        const reason = abortReason(signal);
        connection.close(reason instanceof Error ? reason : undefined);
        throw reason;
      }
      this.#ready.set(purpose, ready);
      this.#failedAttempts = 0;
      this.#lastFailure = null;
      this.#connectingSinceMs = null;
      const patienceMs = this.#patience.get(purpose);
      if (patienceMs !== undefined) connection.trustFor(patienceMs);
      this.#patience.delete(purpose);
      connection.onClose(() => {
        if (this.#ready.get(purpose) === ready) this.#ready.delete(purpose);
      });
      return ready;
    } catch (error) {
      if (!signal.aborted) {
        this.#failedAttempts++;
        this.#lastFailure = error;
        if (this.#failedAttempts === 1) logger.warn(messageOf(error));
      } else if (this.#opening.size === 0) this.#connectingSinceMs = null;
      throw error;
    }
  }

  /** Connects and shakes hands. */
  async #establish(purpose: Purpose, setupTimeoutMs: number, signal: AbortSignal): Promise<Ready> {
    const observer = this.#observer.connecting(purpose, () => this.trouble ?? "");
    let connection: Connection | undefined;
    try {
      const onSilence = (silent: Connection): void => void this.#lookInto(silent);
      connection = await Connection.open(
        this.endpoint,
        {
          ...this.#options,
          setupTimeoutMs,
          ...(purpose === PROBE ? { allAddressesMs: setupTimeoutMs } : {}),
          onSilence,
          observer,
        },
        signal,
      );
      const { software, authenticator, onFeatures } = this.#options;
      const { versions, features } = await negotiateVersions(connection, software, setupTimeoutMs, signal);
      await authenticator?.authenticate(connection, versions, setupTimeoutMs, signal);
      signal.throwIfAborted();
      onFeatures?.(features);
      observer.opened();
      return { connection, versions };
    } catch (error) {
      const cause = signal.aborted ? signal.reason : error;
      observer.failed(cause, signal.aborted);
      connection?.close(
        cause instanceof Error ? cause : new ConnectionError("CONNECTION_FAILED", this.name, String(cause)),
      );
      throw cause;
    }
  }

  /** Replaces a silent connection if it is dead. Never rejects: not to know is a verdict too. */
  async #lookInto(connection: Connection): Promise<void> {
    const purpose = [...this.#ready].find(([, ready]) => ready.connection === connection)?.[0];
    const request = connection.oldestRequest;
    // During the handshake the time for setting up decides.
    const verdict =
      purpose === undefined || request === undefined ? "slow" : await this.#verdictOn(request.stillWaiting);
    const { isStillSilent } = connection.lookedInto();
    if (purpose === undefined || request === undefined || !isStillSilent || verdict === "slow") return;
    this.#patience.set(purpose, patienceAfterReplacing(connection.liveness));
    const silence = `${this.name} was silent on this connection while ${requestName(request)} waited for its answer`;
    const reason =
      verdict === "half-open"
        ? "and answers on a new one: the connection is dead and will be replaced"
        : "and cannot be connected to any more";
    const cause = new ConnectionError("CONNECTION_CLOSED", this.name, `${silence}, ${reason}`, {
      retriable: true,
    });
    this.#options.logger.warn(cause.message);
    connection.close(cause);
  }

  async #verdictOn(stillWaiting: StillWaiting | null): Promise<Verdict> {
    try {
      return await this.#probes.run(async (closing) => {
        const late = this.#lateSignal(closing);
        try {
          const ready = await this.#establish(PROBE, PROBE_CONNECT_MS, late.signal);
          const options = { timeoutMs: PROBE_TIMEOUT_MS, signal: late.signal };
          const ask: Ask = (api, value) => this.#send(ready, api, value, options);
          try {
            if ((await stillWaiting?.(ask)) === true) return "slow";
            // What the broker waited for may just have come, and the answer be on its way.
            await this.#moment(late.signal);
            return "half-open";
          } finally {
            ready.connection.close();
          }
        } finally {
          late.stop();
        }
      });
    } catch (error) {
      return isUnreachable(error, this.#options.tls !== null) ? "unreachable" : "slow";
    }
  }

  #moment(signal: AbortSignal): Promise<void> {
    let timer: Timer | undefined;
    const passed = new Promise<void>((resolve) => {
      timer = this.#options.platform.clock.setTimer(GRACE_MS, resolve, { background: true });
    });
    return orAborted(passed, signal).finally(() => timer?.cancel());
  }

  /** Aborts with `outer`, or when a probe has taken too long to tell anything. */
  #lateSignal(outer: AbortSignal): { readonly signal: AbortSignal; readonly stop: () => void } {
    const late = new AbortController();
    const tooLate = (): void => late.abort(new Error("The probe took too long"));
    const timer = this.#options.platform.clock.setTimer(PROBE_TIMEOUT_MS, tooLate, { background: true });
    return { signal: AbortSignal.any([outer, late.signal]), stop: () => timer.cancel() };
  }
}

/** The system's codes for what is wanting here, which tells nothing of the broker. */
const OURS: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
]);

/** Whether no connection to the broker came about at all. With TLS a broker that stands still looks the same. */
function isUnreachable(error: unknown, tls: boolean): boolean {
  if (!(error instanceof ConnectionError) || OURS.has(systemCode(error.cause))) return false;
  return error.code === "CONNECTION_FAILED" || (error.code === "CONNECTION_TIMED_OUT" && !tls);
}
