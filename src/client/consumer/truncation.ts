/**
 * Whether the log still holds what was read of it (KIP-320). An election may have truncated it, and what came after
 * stands at the same offsets.
 */

import { KafkaError } from "../../protocol/errors.ts";
import type { Uuid } from "../../protocol/uuid.ts";
import { OffsetForLeaderEpoch } from "../api.ts";
import type { Cluster } from "../cluster.ts";
import { formatPartition, type TopicPartition } from "./assignment.ts";
import { groupBy } from "./group-by.ts";

/** How far a partition was read. */
export interface ReadUpTo extends TopicPartition {
  readonly fetchOffset: bigint;
  /** Leader epoch of the record in front of it. */
  readonly fetchEpoch: number;
  readonly currentLeaderEpoch: number;
}

/** The highest leader epoch in the log that is not above the one in question, and where it ends; -1 for neither. */
export interface EpochEnd {
  readonly leaderEpoch: number;
  readonly endOffset: bigint;
}

/** What became of what was read. */
export type LogState =
  | { readonly kind: "whole"; readonly leaderEpoch: number }
  /** Up to this offset it is still there. */
  | { readonly kind: "truncated"; readonly divergentOffset: bigint; readonly leaderEpoch: number }
  /** It is not known how much of it is still there. */
  | { readonly kind: "unknown" };

const CONSUMER_REPLICA_ID = -1;

/** What the leader's answer means. */
export function judgeLog(fetchOffset: bigint, { leaderEpoch, endOffset }: EpochEnd): LogState {
  if (leaderEpoch < 0 || endOffset < 0n) return { kind: "unknown" };
  return endOffset < fetchOffset
    ? { kind: "truncated", divergentOffset: endOffset, leaderEpoch }
    : { kind: "whole", leaderEpoch };
}

/** Whether the leader of another epoch than before has to be asked. */
export function mustBeChecked(
  { fetchEpoch, validEpoch }: { readonly fetchEpoch: number; readonly validEpoch: number },
  currentLeaderEpoch: number,
): boolean {
  return fetchEpoch >= 0 && currentLeaderEpoch >= 0 && currentLeaderEpoch !== validEpoch;
}

/** The leader's answer for each partition that it has one for, by `topic-partition`. */
export async function askForEpochEnds(
  cluster: Cluster,
  nodeId: number,
  partitions: readonly ReadUpTo[],
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<{
  readonly ends: ReadonlyMap<string, EpochEnd & { readonly errorCode: number }>;
  readonly context: { readonly broker: string; readonly apiKey: number; readonly apiVersion: number };
}> {
  const topics = groupBy(partitions, ({ topic }) => topic);
  const { response, version, broker } = await cluster.request(
    nodeId,
    OffsetForLeaderEpoch,
    {
      replicaId: CONSUMER_REPLICA_ID,
      topics: [...topics].map(([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ partition, fetchEpoch, currentLeaderEpoch }) => ({
          partition,
          currentLeaderEpoch,
          leaderEpoch: fetchEpoch,
        })),
      })),
    },
    options,
  );
  const ends = new Map<string, EpochEnd & { readonly errorCode: number }>();
  for (const { topic, partitions: ofTopic } of response.topics) {
    for (const answer of ofTopic) ends.set(formatPartition({ topic, partition: answer.partition }), answer);
  }
  return { ends, context: { broker, apiKey: OffsetForLeaderEpoch.apiKey, apiVersion: version } };
}

/**
 * Records that were read are gone from the log, and others may stand at their offsets: an unclean election has
 * truncated it (KIP-320). With `autoOffsetReset: "none"` it is for the application to say where to go on.
 *
 * @example
 * ```ts
 * import { Kafka, LogTruncationError } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * await using consumer = kafka.consumer({ autoOffsetReset: "none" });
 * consumer.assign(await consumer.partitionsFor("orders", { from: "earliest" }));
 * try {
 *   for await (const record of consumer) console.log(record.offset);
 * } catch (error) {
 *   if (!(error instanceof LogTruncationError)) throw error;
 *   console.error(`Records from ${error.divergentOffset} to ${error.offset} are not what was read`);
 * }
 * ```
 */
export class LogTruncationError extends KafkaError {
  override readonly name = "LogTruncationError";
  readonly topic: string;
  readonly partition: number;
  /** Where reading stood. */
  readonly offset: bigint;
  /** Up to here the log is what was read; null where that is not known. */
  readonly divergentOffset: bigint | null;

  constructor({ topic, partition }: TopicPartition, offset: bigint, divergentOffset: bigint | null) {
    const name = formatPartition({ topic, partition });
    const what =
      divergentOffset === null
        ? `The log of ${name} was truncated somewhere before offset ${offset}, where reading stands`
        : `The log of ${name} was truncated at offset ${divergentOffset}, and reading stands at ${offset}`;
    const remedy =
      divergentOffset === null ? "seek to where to go on" : `seek to ${divergentOffset} to go on there`;
    super("LOG_TRUNCATION", `${what}: ${remedy}, or set autoOffsetReset`);
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
    this.divergentOffset = divergentOffset;
  }
}

/** Whether a topic is not the one any more that was read: it was deleted and made anew. */
export function isOtherTopic(read: Uuid | null, now: Uuid | null): boolean {
  return read !== null && now !== null && read !== now;
}
