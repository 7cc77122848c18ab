/** One broker as the client sees it: an address, its versions, and a connection for each purpose. */

import type { Fields, Infer, InferInput, MessageSchema } from "../protocol/schema.ts";
import type { Api } from "./api.ts";
import { Connection, type ConnectionOptions, type SendOptions } from "./connection.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { AuthenticationError, ConnectionError, messageOf } from "./errors.ts";
import type { Logger } from "./logger.ts";
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

/** What all brokers of a client have in common. */
export interface BrokerOptions extends ConnectionOptions {
  readonly software: ClientSoftware;
  readonly reconnectBackoff: Backoff;
  readonly logger: Logger;
  /** Tells brokers who we are, where they want to know it by SASL. */
  readonly authenticator?: Authenticator | null;
}

/** How a request to a broker is sent. */
export interface RequestOptions extends SendOptions {
  /** Default: `main`. */
  readonly purpose?: Purpose;
  /** Highest version to use. Default: the highest that both sides know. */
  readonly maxVersion?: number;
}

/** What a request says; a function where that depends on the version in which it will be sent. */
export type RequestValue<Request extends Fields> =
  | InferInput<MessageSchema<Request>>
  | ((version: number) => InferInput<MessageSchema<Request>>);

/** A response, and who gave it in which version. */
export interface Answer<Response> {
  readonly response: Response;
  readonly version: number;
  readonly broker: string;
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
  readonly #ready = new Map<Purpose, Ready>();
  readonly #opening = new Map<Purpose, Opening>();
  #closed: Error | null = null;
  /** Attempts to connect that failed since the last that did not. */
  #failedAttempts = 0;
  #lastFailure: unknown = null;
  #connectingSinceMs: number | null = null;

  constructor(endpoint: Endpoint, options: BrokerOptions) {
    this.endpoint = endpoint;
    this.name = formatEndpoint(endpoint);
    this.#options = options;
  }

  /** Whether a connection of any purpose is open. */
  get isConnected(): boolean {
    return this.#ready.size > 0;
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
  async request<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    options: RequestOptions,
  ): Promise<Answer<Infer<MessageSchema<Response>>>> {
    const ready = this.#ready.get(options.purpose ?? MAIN) ?? (await this.#connect(options));
    const version = commonVersion(
      this.name,
      ready.versions,
      api as unknown as Api<Fields, Fields>,
      options.maxVersion,
    );
    const response = await ready.connection.send(
      api,
      version,
      typeof value === "function" ? value(version) : value,
      options,
    );
    return { response, version, broker: this.name };
  }

  /** Ends the connection of a purpose; requests on it are rejected with `cause`. */
  release(purpose: Purpose, cause: Error): void {
    this.#opening.get(purpose)?.abort.abort(cause);
    this.#opening.delete(purpose);
    this.#ready.get(purpose)?.connection.close(cause);
  }

  /** Ends all connections; requests on them are rejected with `cause`. */
  close(cause: Error): void {
    this.#closed ??= cause;
    for (const purpose of [...this.#opening.keys(), ...this.#ready.keys()]) this.release(purpose, cause);
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
    const { platform, logger, reconnectBackoff, setupTimeoutMs, software, authenticator } = this.#options;
    if (this.#failedAttempts > 0) {
      await sleep(
        platform.clock,
        backoffMs(reconnectBackoff, this.#failedAttempts, platform.clock.random()),
        signal,
      );
    }
    signal.throwIfAborted();
    this.#connectingSinceMs ??= platform.clock.monotonicMs();
    let connection: Connection | undefined;
    try {
      connection = await Connection.open(this.endpoint, this.#options, signal);
      const versions = await negotiateVersions(connection, software, setupTimeoutMs, signal);
      await authenticator?.authenticate(connection, versions, signal);
      signal.throwIfAborted();
      const ready: Ready = { connection, versions };
      this.#ready.set(purpose, ready);
      this.#failedAttempts = 0;
      this.#lastFailure = null;
      this.#connectingSinceMs = null;
      connection.onClose(() => {
        if (this.#ready.get(purpose) === ready) this.#ready.delete(purpose);
      });
      return ready;
    } catch (error) {
      // A peer that hangs up during the handshake is explained by what it sent, not by the hanging up.
      const cause = error instanceof AuthenticationError ? error : (connection?.failure ?? error);
      if (!signal.aborted) {
        this.#failedAttempts++;
        this.#lastFailure = cause;
        if (this.#failedAttempts === 1) logger.warn(messageOf(cause));
      }
      connection?.close(
        cause instanceof Error ? cause : new ConnectionError("CONNECTION_FAILED", this.name, String(cause)),
      );
      throw signal.aborted ? signal.reason : error;
    }
  }
}
