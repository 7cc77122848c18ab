/** Finds the offset at which to start reading, by asking the leaders (ListOffsets). */

import { errorCodeOf } from "../../protocol/error-codes.ts";
import { ListOffsets } from "../api.ts";
import type { Cluster } from "../cluster.ts";
import { BrokerError, ConfigError, isRetriable, messageOf, TimeoutError } from "../errors.ts";
import { type Deadline, within } from "../retry.ts";
import { formatPartition, type StartPosition, type TopicPartition } from "./assignment.ts";

const LATEST_TIMESTAMP = -1n;
const EARLIEST_TIMESTAMP = -2n;
/** What a broker says when no record is as late as the timestamp asked for. */
const NO_OFFSET = -1n;
const CONSUMER_REPLICA_ID = -1;
const LEADER_NOT_AVAILABLE = 5;
const UNKNOWN_SERVER_ERROR = -1;

/** A start position whose offset has to be asked for. */
export type LookedUpPosition = Exclude<StartPosition, bigint>;

/** What a look-up needs. */
export interface LookUpOptions {
  readonly deadline: Deadline;
  readonly requestTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The offset of `position` in a partition; asks again while the leader moves or cannot be reached.
 *
 * @throws TimeoutError saying what stood in the way.
 * @throws BrokerError when asking again cannot help.
 */
export async function lookUpOffset(
  cluster: Cluster,
  target: TopicPartition,
  position: LookedUpPosition,
  options: LookUpOptions,
): Promise<bigint> {
  let failure: unknown = null;
  const expired = (): Error => {
    const why = failure === null ? "" : `: ${messageOf(failure)}`;
    return new TimeoutError(
      "TIMEOUT",
      `The start offset of ${formatPartition(target)} was not found within ${options.deadline.timeoutMs} ms${why}`,
      failure === null ? {} : { cause: failure },
    );
  };
  for (let attempt = 1; ; attempt++) {
    const topic = await cluster.topic(target.topic, options);
    checkPartitionExists(target, topic.partitions.length);
    try {
      const asked = askLeader(cluster, target, position, options);
      return await within(cluster.clock, asked, options.deadline, options.signal, expired);
    } catch (error) {
      if (!isRetriable(error) || isExpiry(error)) throw error;
      failure = error;
    }
    await cluster.pause(attempt, options, expired);
    const refreshed = cluster.refresh([target.topic]).catch((error) => {
      failure = error;
    });
    await within(cluster.clock, refreshed, options.deadline, options.signal, expired);
  }
}

/** Whether it was the deadline of the whole call that passed, and not that of one request. */
function isExpiry(error: unknown): boolean {
  return error instanceof TimeoutError && error.code === "TIMEOUT";
}

/** @throws ConfigError when the topic has no such partition. */
export function checkPartitionExists({ topic, partition }: TopicPartition, count: number): void {
  if (partition < count) return;
  throw new ConfigError(
    `Topic "${topic}" has ${count} partitions (0 to ${count - 1}), and partition ${partition} is asked for`,
  );
}

async function askLeader(
  cluster: Cluster,
  { topic, partition }: TopicPartition,
  position: LookedUpPosition,
  { deadline, requestTimeoutMs, signal }: LookUpOptions,
): Promise<bigint> {
  const leader = cluster.leaderOf(topic, partition);
  if (leader === undefined) throw new BrokerError(LEADER_NOT_AVAILABLE, { topic, partition });
  const timestamp =
    position === "earliest"
      ? EARLIEST_TIMESTAMP
      : position === "latest"
        ? LATEST_TIMESTAMP
        : BigInt(position.timestamp);
  const { response, version, broker } = await cluster.request(
    leader,
    ListOffsets,
    {
      replicaId: CONSUMER_REPLICA_ID,
      topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }],
    },
    { timeoutMs: Math.max(1, Math.min(requestTimeoutMs, deadline.remainingMs)), signal },
  );
  const context = { broker, apiKey: ListOffsets.apiKey, apiVersion: version, topic, partition };
  const answer = response.topics[0]?.partitions[0];
  const errorCode = answer?.errorCode ?? UNKNOWN_SERVER_ERROR;
  if (answer === undefined || errorCode !== 0) {
    throw new BrokerError(errorCode, { ...context, retriable: errorCodeOf(errorCode).retriable });
  }
  if (answer.offset !== NO_OFFSET) return answer.offset;
  if (typeof position === "string") {
    throw new BrokerError(UNKNOWN_SERVER_ERROR, {
      ...context,
      brokerMessage: `there is no ${position} offset`,
    });
  }
  return askLeader(cluster, { topic, partition }, "latest", { deadline, requestTimeoutMs, signal });
}
