/**
 * The brokers of one Kafka cluster and what is known of its topics. Producers and consumers reach brokers only
 * through here.
 */

import type { Clock } from "../platform/platform.ts";
import { errorCodeOf } from "../protocol/error-codes.ts";
import { KafkaError } from "../protocol/errors.ts";
import type { MetadataResponse } from "../protocol/messages/metadata.ts";
import type { Fields, Infer, MessageSchema } from "../protocol/schema.ts";
import type { Uuid } from "../protocol/uuid.ts";
import { AbortGroup } from "./abort-group.ts";
import { type Api, Metadata } from "./api.ts";
import { askForMetadata, askInTurn, isRebootstrap, type WantedTopics } from "./ask-for-metadata.ts";
import { Broker, type BrokerOptions, type Purpose, type RequestOptions } from "./broker.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { BrokerError, ClosedError, isRetriable, messageOf, TimeoutError } from "./errors.ts";
import { type FinalizedFeatures, NO_FEATURES, newerFeatures } from "./features.ts";
import { FrameMemory } from "./frame-memory.ts";
import {
  applyBrokers,
  applyLeaders,
  applyMetadata,
  type BrokerMetadata,
  type ClusterMetadata,
  EMPTY_METADATA,
  type LeaderHint,
  type TopicMetadata,
  withoutBrokers,
} from "./metadata.ts";
import { Observability } from "./observe/observability.ts";
import { RefreshQueue } from "./refresh-queue.ts";
import type { Answer, RequestValue } from "./request.ts";
import { type Backoff, backoffMs, type Deadline, sleep, within } from "./retry.ts";

/** How a cluster is reached. */
export interface ClusterOptions extends BrokerOptions {
  readonly bootstrapServers: readonly Endpoint[];
  readonly requestTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly retryBackoff: Backoff;
  /** What to do when no broker that is known can be asked: go back to the bootstrap servers, or not (KIP-899). */
  readonly metadataRecoveryStrategy: "rebootstrap" | "none";
  /** Whether asking for a topic may make the broker create it. */
  readonly allowAutoCreateTopics: boolean;
}

/** How long a caller is ready to wait, and for how long it is interested. */
export interface WaitOptions {
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
}

const NO_SUCH_TOPIC =
  "the cluster has no such topic. Create it, or check the name and the principal's right to see it";
const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** Owns the connections and the metadata of a cluster. */
export class Cluster {
  /** What is noticed of the client's work. */
  readonly observability: Observability;
  /** What large answers are gathered in. */
  readonly frameMemory = new FrameMemory();
  readonly #options: ClusterOptions;
  readonly #bootstrap: readonly Broker[];
  readonly #brokers = new Map<number, Broker>();
  /** Those that left the metadata, until they have answered what they were asked. */
  readonly #retired = new Set<Broker>();
  #metadata: ClusterMetadata = EMPTY_METADATA;
  #features: FinalizedFeatures = NO_FEATURES;
  /** When each topic was last described, or is to count as described, on the monotonic clock. */
  readonly #refreshedAtMs = new Map<string, number>();
  readonly #byName = new RefreshQueue((topics) => this.#observed({ by: "name", topics }));
  readonly #byId = new RefreshQueue((topics) => this.#observed({ by: "id", topics }));
  #lastRefreshFailure: unknown = null;
  #purposes = 0;
  #closed = false;
  readonly #pauses = new AbortGroup();

  constructor(options: ClusterOptions) {
    this.observability = options.observability ?? new Observability(options);
    this.#options = {
      ...options,
      allocate: (size) => this.frameMemory.take(size),
      observability: this.observability,
      onFeatures: (told) => {
        this.#features = newerFeatures(this.#features, told);
      },
    };
    this.#bootstrap = options.bootstrapServers.map((endpoint) => new Broker(endpoint, this.#options));
  }

  get clock(): Clock {
    return this.#options.platform.clock;
  }

  /** The cluster as it was last described. */
  get metadata(): ClusterMetadata {
    return this.#metadata;
  }

  /** What the cluster has agreed on, by whichever of the connected brokers knew the latest. */
  get features(): FinalizedFeatures {
    return this.#features;
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
    const { metadataMaxAgeMs, retryBackoff, logger } = this.#options;
    const now = this.clock.monotonicMs();
    if (now - refreshedAtMs > metadataMaxAgeMs) {
      this.#refreshedAtMs.set(name, now);
      this.refresh([name]).catch((error) => {
        logger.debug(`Topic "${name}" could not be described again: ${messageOf(error)}`);
        // The next use after a while asks again, and not only after another whole age.
        this.#refreshedAtMs.set(name, this.clock.monotonicMs() + retryBackoff.maxMs - metadataMaxAgeMs);
      });
    }
    return topic;
  }

  /**
   * Describes a topic, asking as often as the deadline allows while it is not there yet.
   *
   * @param options.anew Asks in any case: what is known of it may be out of date.
   * @throws TimeoutError saying what stood in the way.
   * @throws BrokerError at once when waiting cannot help (no permission, not a name that a topic can have).
   */
  topic(name: string, options: WaitOptions & { readonly anew?: boolean }): Promise<TopicMetadata> {
    const timeoutMs = options.deadline.remainingMs;
    const found = this.#topic(name, options);
    const inTheWay = (): string => (this.#isMissing(name) ? NO_SUCH_TOPIC : this.diagnosis());
    return this.observability.waits.during(found, `topic "${name}" to be described`, { timeoutMs, inTheWay });
  }

  async #topic(name: string, options: WaitOptions & { readonly anew?: boolean }): Promise<TopicMetadata> {
    for (let attempt = 1; ; attempt++) {
      const cached = options.anew ? undefined : this.cachedTopic(name);
      if (cached !== undefined) return cached;
      const expired = (): Error => this.topicNotFound(name, options.deadline.timeoutMs);
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
   * Describes a topic of which only the id is known, as {@link topic} does.
   *
   * @throws TimeoutError saying what stood in the way.
   * @throws BrokerError at once when waiting cannot help.
   */
  async topicById(topicId: Uuid, options: WaitOptions): Promise<TopicMetadata> {
    for (let attempt = 1; ; attempt++) {
      const name = this.#metadata.topicNames.get(topicId);
      const cached = name === undefined ? undefined : this.cachedTopic(name);
      if (cached !== undefined) return cached;
      const expired = (): Error => {
        const why = this.diagnosis() || "the cluster has no such topic";
        const message = `The topic with id ${topicId} was not found within ${options.deadline.timeoutMs} ms: ${why}`;
        return new TimeoutError("TIMEOUT", message);
      };
      try {
        const asked = this.#ask(this.#byId, [topicId]);
        await within(this.clock, asked, options.deadline, options.signal, expired);
        if (this.#metadata.topicNames.has(topicId)) continue;
        const errorCode = this.#metadata.topicIdErrors.get(topicId);
        if (errorCode !== undefined && !errorCodeOf(errorCode).retriable) {
          throw new BrokerError(errorCode, { topic: topicId, apiKey: Metadata.apiKey });
        }
      } catch (error) {
        if (!isRetriable(error) || options.deadline.expired) throw error;
      }
      await this.pause(attempt, options, expired);
    }
  }

  /**
   * Asks a broker to describe `topics`. Calls while a request is under way share the next one.
   *
   * @throws KafkaError when no broker could be asked.
   */
  refresh(topics: Iterable<string>): Promise<void> {
    return this.#ask(this.#byName, topics);
  }

  #ask(queue: RefreshQueue, topics: Iterable<string>): Promise<void> {
    return this.#closed ? Promise.reject(new ClosedError("client")) : queue.ask(topics);
  }

  #observed(wanted: WantedTopics): Promise<void> {
    return this.observability.waits.during(this.#refresh(wanted), "metadata of the cluster");
  }

  /**
   * Takes over what a broker told of other brokers, in an answer to something else.
   *
   * @returns how many partitions have another leader now.
   */
  learnLeaders(leaders: readonly LeaderHint[], brokers: readonly BrokerMetadata[]): number {
    this.learnBrokers(brokers);
    const { metadata, changed } = applyLeaders(this.#metadata, leaders);
    this.#metadata = metadata;
    return changed;
  }

  /** Takes over the addresses of brokers, beside those that are known. */
  learnBrokers(brokers: readonly BrokerMetadata[]): void {
    if (this.#closed || brokers.length === 0) return;
    this.#metadata = applyBrokers(this.#metadata, brokers);
    this.#adoptBrokers();
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

  /**
   * Sends a request that any broker can answer: to one after another, while they cannot be reached.
   *
   * @throws what the last one came to.
   */
  async requestAny<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    options: RequestOptions,
  ): Promise<Answer<Infer<MessageSchema<Response>>>> {
    let failure: unknown = new KafkaError("BROKER_NOT_AVAILABLE", "No broker is known", { retriable: true });
    for (const broker of this.#candidates()) {
      if (this.#closed) throw new ClosedError("client");
      try {
        return await broker.request(api, value, options);
      } catch (error) {
        if (options.signal?.aborted === true || !isRetriable(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * The names of all topics that this client may see, but for Kafka's own.
   *
   * @throws KafkaError when no broker could be asked.
   */
  async listTopics(timeoutMs: number): Promise<string[]> {
    const request = { topics: null, allowAutoTopicCreation: false };
    const { response } = await this.requestAny(Metadata, request, { timeoutMs });
    return response.topics.flatMap(({ errorCode, isInternal, name }) =>
      errorCode === 0 && !isInternal && name !== null ? [name] : [],
    );
  }

  /**
   * Sends a request that any broker can answer, and that does no harm when several get it: the next one is asked when
   * those before are silent for a moment.
   *
   * @param options.last Node id of a broker to ask after all others.
   * @throws of all failures the one that tells most.
   */
  requestFirst<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    { last, ...options }: RequestOptions & { readonly last?: number },
  ): Promise<Answer<Infer<MessageSchema<Response>>>> {
    const ask = (broker: Broker): Promise<Answer<Infer<MessageSchema<Response>>>> =>
      broker.request(api, value, options);
    const brokers = this.#candidates();
    const doubtful = last === undefined ? undefined : this.#brokers.get(last);
    if (doubtful !== undefined) brokers.push(...brokers.splice(brokers.indexOf(doubtful), 1));
    return askInTurn(brokers, ask, this.#options.platform, () => this.#closed);
  }

  /** A purpose of the caller's own: its connections are shared with nobody. */
  newPurpose(name: string): Purpose {
    this.#purposes++;
    return `${name}-${this.#purposes}`;
  }

  /** Ends the connections of a purpose; requests on them are rejected with `cause`. */
  release(purpose: Purpose, cause: Error): void {
    for (const broker of [...this.#brokers.values(), ...this.#retired]) broker.release(purpose, cause);
  }

  /** What stands in the way of reaching the cluster, for the message of a timeout. */
  diagnosis(): string {
    const brokers = [...this.#brokers.values(), ...this.#bootstrap];
    const isConnected = brokers.some((broker) => broker.isConnected);
    const troubles = isConnected ? [] : brokers.map(({ trouble }) => trouble).filter((each) => each !== null);
    // Where connections come about and yet no answer, it is the request that tells why.
    if (troubles.length === 0 && this.#lastRefreshFailure !== null)
      return messageOf(this.#lastRefreshFailure);
    return [...new Set(troubles)].join("; ");
  }

  /** Ends every connection. Requests that are under way are rejected. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const cause = new ClosedError("client");
    this.#pauses.abort(cause);
    for (const broker of [...this.#bootstrap, ...this.#brokers.values(), ...this.#retired])
      broker.close(cause);
    this.#brokers.clear();
  }

  async #refresh(wanted: WantedTopics): Promise<void> {
    try {
      const response = await askForMetadata(this.#candidates(), wanted, this.#options, () => this.#closed);
      this.#learn(response, wanted.by === "name" ? wanted.topics : []);
    } catch (error) {
      if (isRebootstrap(error)) this.#rebootstrap(error);
      this.#lastRefreshFailure = error;
      if (!this.#closed) this.observability.metadataFailed();
      throw error;
    }
  }

  /** Forgets all brokers, so that the next who is asked is a bootstrap server (KIP-1102). */
  #rebootstrap(cause: Error): void {
    if (this.#options.metadataRecoveryStrategy === "none") return;
    this.#options.logger.warn(`The client starts over from its bootstrap servers: ${cause.message}`);
    this.#metadata = withoutBrokers(this.#metadata);
    this.#adoptBrokers();
  }

  /**
   * Whom to ask, best first: who is connected and not silent, then who has not failed, then the rest. Bootstrap
   * servers come last, for a cluster whose brokers all have other addresses by now.
   */
  #candidates(): Broker[] {
    const rank = (broker: Broker): number =>
      broker.isConnected && !broker.isSuspected ? 0 : broker.isFailing ? 2 : 1;
    const shuffled = (brokers: readonly Broker[]): Broker[] =>
      brokers
        .map((broker) => ({ broker, key: rank(broker) + this.clock.random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ broker }) => broker);
    const known = shuffled([...this.#brokers.values()]);
    const startsOver = known.length === 0 || this.#options.metadataRecoveryStrategy === "rebootstrap";
    return startsOver ? [...known, ...shuffled(this.#bootstrap)] : known;
  }

  #learn(response: MetadataResponse, topics: readonly string[]): void {
    if (this.#closed) return;
    this.#lastRefreshFailure = null;
    const before = this.#metadata;
    this.#metadata = applyMetadata(before, response);
    this.observability.metadataUpdated(before, this.#metadata, topics);
    const { clusterId } = before;
    if (clusterId !== null && clusterId !== this.#metadata.clusterId) {
      const change = `from ${clusterId} to ${this.#metadata.clusterId}`;
      this.#options.logger.warn(
        `The id of the cluster changed ${change}: its addresses are another cluster's now`,
      );
    }
    const now = this.clock.monotonicMs();
    for (const topic of topics) this.#refreshedAtMs.set(topic, now);
    for (const { name } of response.topics) if (name !== null) this.#refreshedAtMs.set(name, now);
    this.#adoptBrokers();
  }

  /** Makes the brokers those of the metadata. One that left may still answer what it was asked. */
  #adoptBrokers(): void {
    for (const [nodeId, known] of this.#brokers) {
      const told = this.#metadata.brokers.get(nodeId);
      if (told !== undefined && formatEndpoint(told) === known.name) continue;
      this.#brokers.delete(nodeId);
      this.#retired.add(known);
      const message = `Broker ${known.name} left the cluster or moved`;
      void known
        .retire(new KafkaError("BROKER_NOT_AVAILABLE", message, { retriable: true }))
        .then(() => this.#retired.delete(known));
    }
    for (const [nodeId, told] of this.#metadata.brokers) {
      if (!this.#brokers.has(nodeId)) this.#brokers.set(nodeId, new Broker(told, this.#options, nodeId));
    }
  }

  /** Whether the brokers have said so, and could be asked since. */
  #isMissing(name: string): boolean {
    return (
      this.#lastRefreshFailure === null && this.#metadata.topicErrors.get(name) === UNKNOWN_TOPIC_OR_PARTITION
    );
  }

  /** The error of who waited so long for a topic, with what stood in the way. */
  topicNotFound(name: string, timeoutMs: number): TimeoutError {
    const waited = `Topic "${name}" was not found within ${timeoutMs} ms`;
    // What a broker said of the topic is old news when none could be asked since.
    const errorCode = this.#lastRefreshFailure === null ? this.#metadata.topicErrors.get(name) : undefined;
    if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) {
      const message = `${waited}: ${NO_SUCH_TOPIC}`;
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
