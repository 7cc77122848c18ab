/**
 * The brokers of one Kafka cluster and what is known of its topics. Producers and consumers reach brokers only
 * through here.
 */

import type { Clock, Timer } from "../platform/platform.ts";
import { errorCodeOf } from "../protocol/error-codes.ts";
import { KafkaError } from "../protocol/errors.ts";
import type { MetadataResponse } from "../protocol/messages/metadata.ts";
import type { Fields, Infer, MessageSchema } from "../protocol/schema.ts";
import { AbortGroup } from "./abort-group.ts";
import { type Api, Metadata } from "./api.ts";
import { Broker, type BrokerOptions, type Purpose, type RequestOptions } from "./broker.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { AuthenticationError, BrokerError, ClosedError, messageOf, TimeoutError } from "./errors.ts";
import { applyMetadata, type ClusterMetadata, EMPTY_METADATA, type TopicMetadata } from "./metadata.ts";
import { Observability } from "./observe/observability.ts";
import type { Answer, RequestValue } from "./request.ts";
import { type Backoff, backoffMs, type Deadline, sleep, within } from "./retry.ts";

/** How a cluster is reached. */
export interface ClusterOptions extends BrokerOptions {
  readonly bootstrapServers: readonly Endpoint[];
  readonly requestTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly retryBackoff: Backoff;
  /** Whether asking for a topic may make the broker create it. */
  readonly allowAutoCreateTopics: boolean;
}

/** How long a caller is ready to wait, and for how long it is interested. */
export interface WaitOptions {
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
}

const UNKNOWN_TOPIC_OR_PARTITION = 3;

/** After so long without an answer another broker is asked for metadata, beside the first. */
const SILENCE_MS = 1000;

/** Owns the connections and the metadata of a cluster. */
export class Cluster {
  /** What is noticed of the client's work. */
  readonly observability: Observability;
  readonly #options: ClusterOptions;
  readonly #bootstrap: readonly Broker[];
  readonly #brokers = new Map<number, Broker>();
  #metadata: ClusterMetadata = EMPTY_METADATA;
  /** When each topic was last described, on the monotonic clock. */
  readonly #refreshedAtMs = new Map<string, number>();
  /** Topics that the next refresh asks for; whoever waits for one of them shares that refresh. */
  #wanted = new Set<string>();
  #refreshing: Promise<void> | null = null;
  #nextRefresh: Promise<void> | null = null;
  #lastRefreshFailure: unknown = null;
  #purposes = 0;
  #closed = false;
  readonly #pauses = new AbortGroup();

  constructor(options: ClusterOptions) {
    this.observability = options.observability ?? new Observability(options);
    this.#options = { ...options, observability: this.observability };
    this.#bootstrap = options.bootstrapServers.map((endpoint) => new Broker(endpoint, this.#options));
  }

  get clock(): Clock {
    return this.#options.platform.clock;
  }

  /** The cluster as it was last described. */
  get metadata(): ClusterMetadata {
    return this.#metadata;
  }

  /** The wait before the next attempt, when `attempt` have failed. */
  retryDelayMs(attempt: number): number {
    return backoffMs(this.#options.retryBackoff, attempt, this.clock.random());
  }

  /** What is known of a topic. Once that is older than `metadataMaxAgeMs`, the cluster is asked beside. */
  cachedTopic(name: string): TopicMetadata | undefined {
    const topic = this.#metadata.topics.get(name);
    const refreshedAtMs = this.#refreshedAtMs.get(name);
    if (topic === undefined || refreshedAtMs === undefined) return topic;
    const now = this.clock.monotonicMs();
    if (now - refreshedAtMs > this.#options.metadataMaxAgeMs) {
      this.#refreshedAtMs.set(name, now);
      this.refresh([name]).catch((error) =>
        this.#options.logger.debug(`Topic "${name}" could not be described again: ${messageOf(error)}`),
      );
    }
    return topic;
  }

  /**
   * Describes a topic, asking as often as the deadline allows while it is not there yet.
   *
   * @throws TimeoutError saying what stood in the way.
   * @throws BrokerError at once when waiting cannot help (no permission, not a name that a topic can have).
   */
  topic(name: string, options: WaitOptions): Promise<TopicMetadata> {
    const timeoutMs = options.deadline.remainingMs;
    const found = this.#topic(name, options);
    return this.observability.waits.during(found, `topic "${name}" to be described`, { timeoutMs });
  }

  async #topic(name: string, options: WaitOptions): Promise<TopicMetadata> {
    for (let attempt = 1; ; attempt++) {
      const cached = this.cachedTopic(name);
      if (cached !== undefined) return cached;
      const expired = (): Error => this.#topicTimeout(name, options.deadline);
      try {
        await within(this.clock, this.refresh([name]), options.deadline, options.signal, expired);
        const found = this.cachedTopic(name);
        if (found !== undefined) return found;
        const errorCode = this.#metadata.topicErrors.get(name);
        if (errorCode !== undefined && !errorCodeOf(errorCode).retriable) {
          throw new BrokerError(errorCode, { topic: name, apiKey: Metadata.apiKey });
        }
      } catch (error) {
        if (!isRetriable(error) || error instanceof ClosedError || options.deadline.expired) throw error;
      }
      await this.pause(attempt, options, expired);
    }
  }

  /** Waits before another attempt; rejects with what `expired` makes if the deadline comes first. */
  async pause(attempt: number, { deadline, signal }: WaitOptions, expired: () => Error): Promise<void> {
    const delayMs = Math.min(this.retryDelayMs(attempt), deadline.remainingMs);
    await this.#pauses.run((closing) =>
      sleep(this.clock, delayMs, signal === undefined ? closing : AbortSignal.any([signal, closing])),
    );
    if (deadline.expired) throw expired();
  }

  /**
   * Asks a broker to describe `topics`. Calls while a request is under way share the next one.
   *
   * @throws KafkaError when no broker could be asked.
   */
  refresh(topics: Iterable<string>): Promise<void> {
    if (this.#closed) return Promise.reject(new ClosedError("client"));
    for (const topic of topics) this.#wanted.add(topic);
    // The next one counts before it has started: between the two there is a moment when none is under way.
    if (this.#nextRefresh !== null) return this.#nextRefresh;
    if (this.#refreshing === null) return this.#startRefresh();
    this.#nextRefresh = this.#refreshing
      .catch(() => {
        // The caller of that refresh has its failure; ours is another.
      })
      .then(() => {
        this.#nextRefresh = null;
        return this.#startRefresh();
      });
    return this.#nextRefresh;
  }

  /** Node id of a partition's leader; undefined while there is none, or none that is known. */
  leaderOf(topic: string, partition: number): number | undefined {
    const leaderId = this.cachedTopic(topic)?.partitions[partition]?.leaderId;
    return leaderId === undefined || leaderId < 0 || !this.#metadata.brokers.has(leaderId)
      ? undefined
      : leaderId;
  }

  /**
   * Sends a request to a broker of the cluster.
   *
   * @throws KafkaError `BROKER_NOT_AVAILABLE` when no broker with that id is known.
   */
  request<Request extends Fields, Response extends Fields>(
    nodeId: number,
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    options: RequestOptions,
  ): Promise<Answer<Infer<MessageSchema<Response>>>> {
    const broker = this.#brokers.get(nodeId);
    if (broker === undefined) {
      const message = `No broker with id ${nodeId} is known in this cluster: it may have left`;
      return Promise.reject(
        this.#closed
          ? new ClosedError("client")
          : new KafkaError("BROKER_NOT_AVAILABLE", message, { retriable: true }),
      );
    }
    return broker.request(api, value, options);
  }

  /** A purpose of the caller's own: its connections are shared with nobody. */
  newPurpose(name: string): Purpose {
    this.#purposes++;
    return `${name}-${this.#purposes}`;
  }

  /** Ends the connections of a purpose; requests on them are rejected with `cause`. */
  release(purpose: Purpose, cause: Error): void {
    for (const broker of this.#brokers.values()) broker.release(purpose, cause);
  }

  /** What stands in the way of reaching the cluster, for the message of a timeout. */
  diagnosis(): string {
    const brokers = [...this.#brokers.values(), ...this.#bootstrap];
    if (brokers.some((broker) => broker.isConnected)) {
      return this.#lastRefreshFailure === null ? "" : messageOf(this.#lastRefreshFailure);
    }
    return [...new Set(brokers.map((broker) => broker.trouble).filter((trouble) => trouble !== null))].join(
      "; ",
    );
  }

  /** Ends every connection. Requests that are under way are rejected. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const cause = new ClosedError("client");
    this.#pauses.abort(cause);
    for (const broker of [...this.#bootstrap, ...this.#brokers.values()]) broker.close(cause);
    this.#brokers.clear();
  }

  #startRefresh(): Promise<void> {
    const topics = [...this.#wanted];
    this.#wanted = new Set();
    const refreshed = this.observability.waits.during(this.#refresh(topics), "metadata of the cluster");
    this.#refreshing = refreshed.finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /**
   * Asks one broker after another until one answers. One that is silent is left behind after a moment, without
   * giving it up: the first answer counts, whoever gives it.
   */
  async #refresh(topics: readonly string[]): Promise<void> {
    const asked: Promise<MetadataResponse>[] = [];
    try {
      for (const broker of this.#candidates()) {
        if (this.#closed) break;
        asked.push(this.#describe(broker, topics));
        const response = await this.#firstAnswer(asked);
        if (response === null) continue;
        this.#learn(response, topics);
        return;
      }
      if (this.#closed) throw new ClosedError("client");
      this.#learn(await Promise.any(asked), topics);
    } catch (error) {
      this.#lastRefreshFailure = error instanceof AggregateError ? mostTelling(error.errors) : error;
      if (!this.#closed) this.observability.metadataFailed();
      throw this.#lastRefreshFailure;
    }
  }

  /** The first answer of those who were asked; null when none came for a while or all of them have failed. */
  async #firstAnswer(asked: readonly Promise<MetadataResponse>[]): Promise<MetadataResponse | null> {
    let timer: Timer | undefined;
    const patience = new Promise<null>((resolve) => {
      timer = this.clock.setTimer(SILENCE_MS, () => resolve(null));
    });
    try {
      return await Promise.race([Promise.any(asked), patience]);
    } catch (error) {
      if (error instanceof AggregateError) return null;
      throw error;
    } finally {
      timer?.cancel();
    }
  }

  async #describe(broker: Broker, topics: readonly string[]): Promise<MetadataResponse> {
    const { requestTimeoutMs, allowAutoCreateTopics } = this.#options;
    const { response } = await broker.request(
      Metadata,
      { topics: topics.map((name) => ({ name })), allowAutoTopicCreation: allowAutoCreateTopics },
      { timeoutMs: requestTimeoutMs },
    );
    if (response.errorCode !== 0) {
      throw new BrokerError(response.errorCode, { broker: broker.name, apiKey: Metadata.apiKey });
    }
    if (response.brokers.length > 0) return response;
    const message = `${broker.name} does not know the brokers of its cluster yet: it may be starting`;
    throw new KafkaError("BROKER_NOT_AVAILABLE", message, { retriable: true });
  }

  /** Whom to ask, best first: who is connected, then who has not failed, then the rest; bootstrap servers last. */
  #candidates(): Broker[] {
    const rank = (broker: Broker): number => (broker.isConnected ? 0 : broker.isFailing ? 2 : 1);
    const shuffled = (brokers: readonly Broker[]): Broker[] =>
      brokers
        .map((broker) => ({ broker, key: rank(broker) + this.clock.random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ broker }) => broker);
    return [...shuffled([...this.#brokers.values()]), ...shuffled(this.#bootstrap)];
  }

  #learn(response: MetadataResponse, topics: readonly string[]): void {
    if (this.#closed) return;
    this.#lastRefreshFailure = null;
    const before = this.#metadata;
    this.#metadata = applyMetadata(before, response);
    this.observability.metadataUpdated(before, this.#metadata, topics);
    const now = this.clock.monotonicMs();
    for (const topic of topics) this.#refreshedAtMs.set(topic, now);
    for (const [nodeId, known] of this.#brokers) {
      const told = this.#metadata.brokers.get(nodeId);
      if (told !== undefined && formatEndpoint(told) === known.name) continue;
      this.#brokers.delete(nodeId);
      known.close(
        new KafkaError("BROKER_NOT_AVAILABLE", `Broker ${known.name} left the cluster or moved`, {
          retriable: true,
        }),
      );
    }
    for (const [nodeId, told] of this.#metadata.brokers) {
      if (!this.#brokers.has(nodeId)) this.#brokers.set(nodeId, new Broker(told, this.#options, nodeId));
    }
  }

  #topicTimeout(name: string, deadline: Deadline): Error {
    const waited = `Topic "${name}" was not found within ${deadline.timeoutMs} ms`;
    // What a broker said of the topic is old news when none could be asked since.
    const errorCode = this.#lastRefreshFailure === null ? this.#metadata.topicErrors.get(name) : undefined;
    if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) {
      const message = `${waited}: the cluster has no such topic. Create it, or check the name and the principal's right to see it`;
      const cause = new BrokerError(errorCode, { topic: name, apiKey: Metadata.apiKey });
      return new TimeoutError("TIMEOUT", message, { cause });
    }
    if (errorCode !== undefined) {
      const cause = new BrokerError(errorCode, { topic: name, apiKey: Metadata.apiKey });
      return new TimeoutError("TIMEOUT", `${waited}: ${cause.message}`, { cause });
    }
    const diagnosis = this.diagnosis() || "the brokers have not answered a metadata request";
    const cause =
      this.#lastRefreshFailure ?? this.#bootstrap.map((broker) => broker.lastFailure).find((f) => f !== null);
    return new TimeoutError(
      "TIMEOUT",
      `${waited}: ${diagnosis}`,
      cause === undefined || cause === null ? {} : { cause },
    );
  }
}

/**
 * Of several brokers' failures the one that can go away: while there is such a one, waiting can help. But who is
 * refused by one broker will be by all.
 */
function mostTelling(failures: readonly unknown[]): unknown {
  const refusal = failures.find((error) => error instanceof AuthenticationError && !error.retriable);
  return refusal ?? failures.find(isRetriable) ?? failures.at(-1);
}

/** Whether an error can go away by itself. */
export function isRetriable(error: unknown): boolean {
  return error instanceof KafkaError && error.retriable;
}
