/** Offsets of many partitions at once: one ListOffsets request for each leader, asked again while leaders move. */

import { errorCodeOf } from "../../protocol/error-codes.ts";
import { ListOffsets } from "../api.ts";
import type { Cluster } from "../cluster.ts";
import { BrokerError, ConfigError, isRetriable, messageOf, TimeoutError } from "../errors.ts";
import { type Deadline, within } from "../retry.ts";
import { formatPartition, type TopicPartition } from "./assignment.ts";
import { groupBy } from "./group-by.ts";

/** What to ask for in place of a timestamp. */
export const LATEST_TIMESTAMP = -1n;
export const EARLIEST_TIMESTAMP = -2n;
/** What a broker says when no record is as late as the timestamp asked for. */
export const NO_OFFSET = -1n;
const CONSUMER_REPLICA_ID = -1;
const LEADER_NOT_AVAILABLE = 5;
const UNKNOWN_SERVER_ERROR = -1;

/** Which records there are for a consumer: all of them, or those of transactions that were committed. */
export type IsolationLevel = "read_uncommitted" | "read_committed";

/** Kafka's number of an isolation level. */
export function isolationLevelCode(level: IsolationLevel): number {
  return level === "read_committed" ? 1 : 0;
}

/** A partition, and what is wanted of it: one of the two above, or a time in milliseconds. */
export interface OffsetQuery extends TopicPartition {
  readonly timestamp: bigint;
}

/** What the leader said. */
export interface FoundOffset {
  /** {@link NO_OFFSET} where no record is as late as the timestamp. */
  readonly offset: bigint;
  /** Of the record, in milliseconds; -1 where it was not asked for by time. */
  readonly timestamp: number;
  /** Leader epoch of the record; -1 where it is not known. */
  readonly leaderEpoch: number;
  /** Leader epoch in which the leader said so; -1 where it is not known. */
  readonly currentLeaderEpoch: number;
}

/** How to ask. */
export interface ListOffsetsOptions {
  readonly deadline: Deadline;
  readonly requestTimeoutMs: number;
  readonly isolationLevel: IsolationLevel;
  /** What is looked for, in words, for errors: "start offset". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/** Called once for each query, as soon as its answer is there. */
export type Settled<Query extends OffsetQuery> = (
  query: Query,
  outcome: FoundOffset | { readonly error: unknown },
) => void;

/**
 * Asks until every query is settled, or the deadline has passed. What one partition waits for holds no other up.
 *
 * The error of a query is a TimeoutError that says what stood in the way, a BrokerError where asking again cannot
 * help, a ConfigError where there is no such partition, or the signal's reason.
 */
export async function listOffsets<Query extends OffsetQuery>(
  cluster: Cluster,
  queries: readonly Query[],
  options: ListOffsetsOptions,
  settled: Settled<Query>,
): Promise<void> {
  const rounds = new Rounds(cluster, options, settled);
  const unknown = groupBy(queries, ({ topic }) => (cluster.cachedTopic(topic) === undefined ? topic : null));
  await Promise.all(
    [...unknown].map(([topic, ofTopic]) =>
      topic === null ? rounds.ask(ofTopic, 1) : rounds.askOnceKnown(topic, ofTopic),
    ),
  );
}

/** What to say of a partition that the topic does not have. */
export function noSuchPartition({ topic, partition }: TopicPartition, count: number): ConfigError {
  return new ConfigError(
    `Topic "${topic}" has ${count} partitions (0 to ${count - 1}), and partition ${partition} is asked for`,
  );
}

/** One question to all leaders after another. */
class Rounds<Query extends OffsetQuery> {
  readonly #cluster: Cluster;
  readonly #options: ListOffsetsOptions;
  readonly #settled: Settled<Query>;

  constructor(cluster: Cluster, options: ListOffsetsOptions, settled: Settled<Query>) {
    this.#cluster = cluster;
    this.#options = options;
    this.#settled = settled;
  }

  async askOnceKnown(topic: string, queries: readonly Query[]): Promise<void> {
    try {
      await this.#cluster.topic(topic, this.#options);
    } catch (error) {
      for (const query of queries) this.#settled(query, { error });
      return;
    }
    await this.ask(queries, 1);
  }

  async ask(queries: readonly Query[], attempt: number): Promise<void> {
    const byLeader = new Map<number, Query[]>();
    const failed = new Map<Query, unknown>();
    for (const query of queries) {
      const count = this.#cluster.metadata.topics.get(query.topic)?.partitions.length;
      if (count !== undefined && query.partition >= count) {
        this.#settled(query, { error: noSuchPartition(query, count) });
        continue;
      }
      const leader = this.#cluster.leaderOf(query.topic, query.partition);
      if (leader === undefined) failed.set(query, new BrokerError(LEADER_NOT_AVAILABLE, query));
      else byLeader.set(leader, [...(byLeader.get(leader) ?? []), query]);
    }
    const asked = [...byLeader].map(async ([nodeId, ofLeader]) => {
      await this.#again(await this.#askLeader(nodeId, ofLeader), attempt);
    });
    await Promise.all([this.#again(failed, attempt), ...asked]);
  }

  /** Those that failed and may still succeed. */
  async #askLeader(nodeId: number, queries: readonly Query[]): Promise<ReadonlyMap<Query, unknown>> {
    const { deadline, requestTimeoutMs, signal, isolationLevel } = this.#options;
    const failed = new Map<Query, unknown>();
    const epochs = new Map(queries.map((query) => [query, this.#leaderEpoch(query)]));
    try {
      const timeoutMs = Math.max(1, Math.min(requestTimeoutMs, deadline.remainingMs));
      const topics = groupBy(queries, ({ topic }) => topic);
      const { response, version, broker } = await this.#cluster.request(
        nodeId,
        ListOffsets,
        {
          replicaId: CONSUMER_REPLICA_ID,
          isolationLevel: isolationLevelCode(isolationLevel),
          timeoutMs,
          topics: [...topics].map(([name, ofTopic]) => ({
            name,
            partitions: ofTopic.map((query) => ({
              partitionIndex: query.partition,
              timestamp: query.timestamp,
              currentLeaderEpoch: epochs.get(query) ?? -1,
            })),
          })),
        },
        { timeoutMs, signal },
      );
      for (const query of queries) {
        const { topic, partition } = query;
        const answer = response.topics
          .find(({ name }) => name === topic)
          ?.partitions.find(({ partitionIndex }) => partitionIndex === partition);
        const errorCode = answer?.errorCode ?? UNKNOWN_SERVER_ERROR;
        const context = { broker, apiKey: ListOffsets.apiKey, apiVersion: version, topic, partition };
        if (answer === undefined || errorCode !== 0) {
          const { retriable } = errorCodeOf(errorCode);
          this.#failed(query, new BrokerError(errorCode, { ...context, retriable }), failed);
        } else if (answer.offset === NO_OFFSET && query.timestamp < 0n) {
          const end = query.timestamp === EARLIEST_TIMESTAMP ? "earliest" : "latest";
          const brokerMessage = `there is no ${end} offset`;
          const error = new BrokerError(UNKNOWN_SERVER_ERROR, { ...context, brokerMessage });
          this.#settled(query, { error });
        } else {
          const { offset, leaderEpoch } = answer;
          const currentLeaderEpoch = epochs.get(query) ?? -1;
          const timestamp = Number(answer.timestamp);
          this.#settled(query, { offset, leaderEpoch, timestamp, currentLeaderEpoch });
        }
      }
    } catch (error) {
      for (const query of queries) this.#failed(query, error, failed);
    }
    return failed;
  }

  #leaderEpoch({ topic, partition }: Query): number {
    return this.#cluster.metadata.topics.get(topic)?.partitions[partition]?.leaderEpoch ?? -1;
  }

  #failed(query: Query, error: unknown, failed: Map<Query, unknown>): void {
    if (isRetriable(error) && this.#options.signal?.aborted !== true) failed.set(query, error);
    else this.#settled(query, { error });
  }

  async #again(failed: ReadonlyMap<Query, unknown>, attempt: number): Promise<void> {
    const queries = [...failed.keys()];
    const [first] = queries;
    if (first === undefined) return;
    const { deadline, signal } = this.#options;
    let failure = failed.get(first);
    // Where it is thrown from, only this one's words are missing: each query gets its own below.
    const expired = (): Error => this.#timeout(first, failure);
    try {
      await this.#cluster.pause(attempt, this.#options, expired);
      const topics = new Set(queries.map(({ topic }) => topic));
      const refreshed = this.#cluster.refresh(topics).catch((error) => {
        failure = error;
      });
      await within(this.#cluster.clock, refreshed, deadline, signal, expired);
    } catch (error) {
      for (const query of queries) {
        const cause = failure === failed.get(first) ? failed.get(query) : failure;
        this.#settled(query, { error: deadline.expired ? this.#timeout(query, cause) : error });
      }
      return;
    }
    await this.ask(queries, attempt + 1);
  }

  #timeout(query: Query, failure: unknown): TimeoutError {
    const { deadline, what } = this.#options;
    return new TimeoutError(
      "TIMEOUT",
      `The ${what} of ${formatPartition(query)} was not found within ${deadline.timeoutMs} ms: ${messageOf(failure)}`,
      { cause: failure },
    );
  }
}
