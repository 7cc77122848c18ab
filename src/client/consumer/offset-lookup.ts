/** Finds the offsets at which to start reading, and those that an application asks for. */

import type { Cluster } from "../cluster.ts";
import { ConfigError } from "../errors.ts";
import { formatPartition, type LookedUpPosition, type TopicPartition } from "./assignment.ts";
import {
  EARLIEST_TIMESTAMP,
  type FoundOffset,
  LATEST_TIMESTAMP,
  type ListOffsetsOptions,
  listOffsets,
  NO_OFFSET,
  type OffsetQuery,
} from "./list-offsets.ts";

/** A partition whose start is looked for. */
export interface StartQuery<State extends TopicPartition> {
  readonly state: State;
  readonly position: LookedUpPosition;
}

/**
 * Finds where to start in many partitions. Where no record is as late as a timestamp, that is the end.
 *
 * @param settled called once for each, as soon as its offset is known, or with what came in the way
 */
export async function lookUpStarts<State extends TopicPartition>(
  cluster: Cluster,
  starts: readonly StartQuery<State>[],
  options: Omit<ListOffsetsOptions, "what">,
  settled: (state: State, outcome: FoundOffset | { readonly error: unknown }) => void,
): Promise<void> {
  const all = { ...options, what: "start offset" };
  const now = cluster.clock.wallMs();
  const queries = starts.map(({ state, position }) => queryFor(state, position, now));
  const tooLate: (OffsetQuery & { readonly state: State })[] = [];
  await listOffsets(cluster, queries, all, (query, outcome) => {
    if ("offset" in outcome && outcome.offset === NO_OFFSET) {
      tooLate.push({ ...query, timestamp: LATEST_TIMESTAMP });
    } else {
      settled(query.state, outcome);
    }
  });
  if (tooLate.length === 0) return;
  await listOffsets(cluster, tooLate, all, ({ state }, outcome) => settled(state, outcome));
}

function queryFor<State extends TopicPartition>(
  state: State,
  position: LookedUpPosition,
  nowMs: number,
): OffsetQuery & { readonly state: State } {
  const { topic, partition } = state;
  return { state, topic, partition, timestamp: timestampFor(position, nowMs) };
}

function timestampFor(position: LookedUpPosition, nowMs: number): bigint {
  if (position === "earliest") return EARLIEST_TIMESTAMP;
  if (position === "latest") return LATEST_TIMESTAMP;
  const at = "timestamp" in position ? position.timestamp : nowMs - position.durationMs;
  return BigInt(Math.max(0, Math.floor(at)));
}

/** An offset of a partition. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: bigint;
}

/** The first record of a partition from some time on. */
export interface OffsetForTime extends TopicPartition {
  /** Null where no record is as late as that; so are the other two then. */
  readonly offset: bigint | null;
  /** The record's own, in milliseconds. */
  readonly timestamp: number | null;
  /** -1 where it is not known. */
  readonly leaderEpoch: number | null;
}

/**
 * The offsets of the first records that are there, in the order of the partitions.
 *
 * @throws TimeoutError when the leaders did not tell in time, BrokerError when asking again cannot help, ConfigError
 * when there is no such partition.
 */
export function beginningOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  options: Omit<ListOffsetsOptions, "what">,
): Promise<PartitionOffset[]> {
  return ends(cluster, partitions, EARLIEST_TIMESTAMP, { ...options, what: "first offset" });
}

/** The same of the offsets behind the last records that may be read at the isolation level. */
export function endOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  options: Omit<ListOffsetsOptions, "what">,
): Promise<PartitionOffset[]> {
  return ends(cluster, partitions, LATEST_TIMESTAMP, { ...options, what: "end offset" });
}

async function ends(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  options: ListOffsetsOptions,
): Promise<PartitionOffset[]> {
  const found = await ask(
    cluster,
    partitions.map(({ topic, partition }) => ({ topic, partition, timestamp })),
    options,
  );
  return partitions.map(({ topic, partition }, i) => ({
    topic,
    partition,
    offset: (found[i] as FoundOffset).offset,
  }));
}

/** The first records whose timestamp is at least the one given, in the order of the partitions. */
export async function offsetsForTimes(
  cluster: Cluster,
  wanted: readonly (TopicPartition & { readonly timestamp: number })[],
  options: Omit<ListOffsetsOptions, "what">,
): Promise<OffsetForTime[]> {
  const queries = wanted.map(({ topic, partition, timestamp }) => ({
    topic,
    partition,
    timestamp: BigInt(Math.max(0, Math.floor(timestamp))),
  }));
  const found = await ask(cluster, queries, { ...options, what: "offset for a time" });
  return wanted.map(({ topic, partition }, i) => {
    const { offset, timestamp, leaderEpoch } = found[i] as FoundOffset;
    return offset === NO_OFFSET
      ? { topic, partition, offset: null, timestamp: null, leaderEpoch: null }
      : { topic, partition, offset, timestamp, leaderEpoch };
  });
}

/** In the order of the queries. */
async function ask(
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions,
): Promise<FoundOffset[]> {
  const byPartition = new Map<string, OffsetQuery>();
  for (const query of queries) {
    const name = formatPartition(query);
    const former = byPartition.get(name);
    if (former !== undefined && former.timestamp !== query.timestamp) {
      throw new ConfigError(`${name} is asked for twice, with two timestamps: ask for one after the other`);
    }
    byPartition.set(name, query);
  }
  const found = new Map<string, FoundOffset>();
  let failure: { readonly error: unknown } | null = null;
  await listOffsets(cluster, [...byPartition.values()], options, (query, outcome) => {
    if ("error" in outcome) failure ??= outcome;
    else found.set(formatPartition(query), outcome);
  });
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  return queries.map((query) => found.get(formatPartition(query)) as FoundOffset);
}
