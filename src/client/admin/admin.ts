import { errorCodeOf } from "../../protocol/error-codes.ts";
import { KafkaError } from "../../protocol/errors.ts";
import type { Fields, Infer, MessageSchema } from "../../protocol/schema.ts";
import { type Uuid, ZERO_UUID } from "../../protocol/uuid.ts";
import { AbortGroup } from "../abort-group.ts";
import { type Api, CreateTopics, DeleteTopics } from "../api.ts";
import type { CloseOptions } from "../close-options.ts";
import type { Cluster } from "../cluster.ts";
import { BrokerError, ClosedError, ConfigError, isRetriable, messageOf, TimeoutError } from "../errors.ts";
import type { RequestValue } from "../request.ts";
import { Deadline, within } from "../retry.ts";

/** A topic to create. */
export interface NewTopic {
  readonly topic: string;
  /** Default: the cluster's `num.partitions`; brokers before Kafka 2.4 must be told (KIP-464). */
  readonly numPartitions?: number;
  /** Default: the cluster's `default.replication.factor`; brokers before Kafka 2.4 must be told (KIP-464). */
  readonly replicationFactor?: number;
  /** Topic configuration by Kafka's dotted keys, such as `cleanup.policy`. */
  readonly configs?: { readonly [key: string]: string };
}

/** A topic that was created. */
export interface CreatedTopic {
  readonly topic: string;
  /** Null where brokers are too old to have topic ids. */
  readonly topicId: Uuid | null;
}

/** What a call that waits can be given. */
export interface AdminOptions {
  /** Longest wait in milliseconds. Default: `defaultApiTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What {@link Admin} is made of; `Kafka.admin` makes it. */
export interface AdminParts {
  readonly cluster: Cluster;
  readonly requestTimeoutMs: number;
  readonly defaultApiTimeoutMs: number;
  readonly onClose: () => void;
}

/** What the broker says of one topic. */
interface TopicResult {
  readonly name: string | null;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** Later versions of DeleteTopics take names and ids in another list. */
const LAST_VERSION_BY_NAMES = 5;
const USE_CLUSTER_DEFAULT = -1;
/** From this version of CreateTopics on brokers fill in their defaults (KIP-464). */
const FIRST_VERSION_WITH_DEFAULTS = 4;

/**
 * Changes the cluster itself.
 *
 * @example
 * ```ts
 * import { Kafka } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * await kafka.admin().createTopics([{ topic: "orders", numPartitions: 6 }]);
 * ```
 */
export class Admin implements AsyncDisposable {
  readonly #parts: AdminParts;
  readonly #underWay = new AbortGroup();
  readonly #calls = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(parts: AdminParts) {
    this.#parts = parts;
  }

  /**
   * Creates topics. A broker may need a moment longer until it serves them.
   *
   * @throws BrokerError `TOPIC_ALREADY_EXISTS` and others, for the first topic that could not be created; the
   * others were created where they could be.
   * @throws KafkaError `UNSUPPORTED_VERSION` where brokers are too old for a default that is asked for.
   * @throws ConfigError when one has no name; then none is created.
   * @throws TimeoutError saying what stood in the way.
   */
  async createTopics(topics: readonly NewTopic[], options: AdminOptions = {}): Promise<CreatedTopic[]> {
    for (const { topic } of topics)
      checkName(topic, "created: give it as `topic`, [{ topic, numPartitions }]");
    const response = await this.#ask(
      CreateTopics,
      (version) => {
        if (version < FIRST_VERSION_WITH_DEFAULTS) checkNothingIsLeftToBrokers(topics);
        return {
          timeoutMs: this.#parts.requestTimeoutMs,
          topics: topics.map(({ topic, numPartitions, replicationFactor, configs }) => ({
            name: topic,
            numPartitions: numPartitions ?? USE_CLUSTER_DEFAULT,
            replicationFactor: replicationFactor ?? USE_CLUSTER_DEFAULT,
            configs: Object.entries(configs ?? {}).map(([name, value]) => ({ name, value })),
          })),
        };
      },
      (answer) => answer.topics,
      "create topics",
      options,
    );
    return response.topics.map(({ name, topicId }) => ({
      topic: name,
      topicId: topicId === ZERO_UUID ? null : topicId,
    }));
  }

  /**
   * Deletes topics with all their records.
   *
   * @throws BrokerError `UNKNOWN_TOPIC_OR_PARTITION` and others, for the first topic that could not be deleted; the
   * others were deleted where they could be.
   * @throws TimeoutError saying what stood in the way.
   */
  async deleteTopics(topics: readonly string[], options: AdminOptions = {}): Promise<void> {
    for (const topic of topics) checkName(topic, "deleted: give a list of names");
    await this.#ask(
      DeleteTopics,
      (version) => ({
        timeoutMs: this.#parts.requestTimeoutMs,
        ...(version <= LAST_VERSION_BY_NAMES
          ? { topicNames: topics }
          : { topics: topics.map((name) => ({ name })) }),
      }),
      (answer) => answer.responses,
      "delete topics",
      options,
    );
  }

  /**
   * Ends the client. Calls that are under way may end in their time, and later ones fail. Further calls of this
   * wait for the first.
   *
   * @param options.timeoutMs Longest wait in milliseconds; calls that are still under way then are rejected.
   * Default: `defaultApiTimeoutMs`.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close({ timeoutMs }: CloseOptions): Promise<void> {
    const { cluster, defaultApiTimeoutMs, onClose } = this.#parts;
    const closed = new ClosedError("admin client");
    try {
      if (this.#calls.size === 0) return;
      const deadline = new Deadline(cluster.clock, timeoutMs ?? defaultApiTimeoutMs);
      const ended = Promise.allSettled(this.#calls);
      await within(cluster.clock, ended, deadline, undefined, () => closed);
    } catch (error) {
      if (error !== closed) throw error;
    } finally {
      this.#underWay.abort(closed);
      onClose();
    }
  }

  /** Asks the controller, and asks again while it moves or cannot be reached. */
  async #ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    resultsOf: (response: Infer<MessageSchema<Response>>) => readonly TopicResult[],
    what: string,
    { timeoutMs, signal }: AdminOptions,
  ): Promise<Infer<MessageSchema<Response>>> {
    if (this.#closing !== null) throw new ClosedError("admin client");
    const { cluster, defaultApiTimeoutMs } = this.#parts;
    const deadline = new Deadline(cluster.clock, timeoutMs ?? defaultApiTimeoutMs);
    const answer = this.#underWay.run((closed) => {
      const either = signal === undefined ? closed : AbortSignal.any([signal, closed]);
      return this.#askUntil(deadline, either, api, value, resultsOf, what);
    });
    this.#calls.add(answer);
    try {
      return await cluster.observability.waits.during(answer, `the admin client to ${what}`, deadline);
    } finally {
      this.#calls.delete(answer);
    }
  }

  async #askUntil<Request extends Fields, Response extends Fields>(
    deadline: Deadline,
    signal: AbortSignal | undefined,
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    resultsOf: (response: Infer<MessageSchema<Response>>) => readonly TopicResult[],
    what: string,
  ): Promise<Infer<MessageSchema<Response>>> {
    const { cluster, requestTimeoutMs } = this.#parts;
    let failure: unknown = null;
    const expired = (): Error => {
      const why = failure === null ? cluster.diagnosis() : messageOf(failure);
      const message = `Could not ${what} within ${deadline.timeoutMs} ms${why === "" ? "" : `: ${why}`}`;
      return new TimeoutError("TIMEOUT", message, failure === null ? {} : { cause: failure });
    };
    for (let attempt = 1; ; attempt++) {
      try {
        if (attempt > 1 || cluster.metadata.controllerId < 0) {
          await within(cluster.clock, cluster.refresh([]), deadline, signal, expired);
        }
        const request = cluster.request(cluster.metadata.controllerId, api, value, {
          timeoutMs: requestTimeoutMs,
          mayTakeMs: requestTimeoutMs,
          signal,
        });
        const { response, version, broker } = await within(cluster.clock, request, deadline, signal, expired);
        const failed = resultsOf(response).find(({ errorCode }) => errorCode !== 0);
        if (failed === undefined) return response;
        throw new BrokerError(failed.errorCode, {
          broker,
          apiKey: api.apiKey,
          apiVersion: version,
          brokerMessage: failed.errorMessage,
          // Only an answer that is not the controller's is worth another try: the rest has taken effect.
          retriable: errorCodeOf(failed.errorCode).name === "NOT_CONTROLLER",
          ...(failed.name === null ? {} : { topic: failed.name }),
        });
      } catch (error) {
        if (deadline.expired || !isRetriable(error)) throw error;
        failure = error;
      }
      await cluster.pause(attempt, { deadline, signal }, expired);
    }
  }
}

/** Old brokers take the mark of a default for a number, and find it too small. */
function checkNothingIsLeftToBrokers(topics: readonly NewTopic[]): void {
  const incomplete = topics.find(
    ({ numPartitions, replicationFactor }) => numPartitions === undefined || replicationFactor === undefined,
  );
  if (incomplete === undefined) return;
  throw new KafkaError(
    "UNSUPPORTED_VERSION",
    `Topic "${incomplete.topic}" was not created: brokers before Kafka 2.4 have no defaults for new topics. ` +
      "Give numPartitions and replicationFactor",
  );
}

/** Brokers take what is no text for a name of no characters. */
function checkName(topic: unknown, what: string): void {
  if (typeof topic !== "string" || topic === "") throw new ConfigError(`A topic needs a name to be ${what}`);
}
