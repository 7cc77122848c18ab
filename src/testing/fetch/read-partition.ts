/** What a Fetch gets of one partition. */

import type { RequestContext } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { leaderEpochRefusal } from "../topics/leader-epoch-check.ts";
import { type LeaderHint, leaderHint } from "../topics/leader-hints.ts";
import type { Partition } from "../topics/partition.ts";
import type { PartitionToFetch } from "./fetch-sessions.ts";

/** A partition that was asked for, or the number of the error that it has. */
export interface Found {
  readonly asked: PartitionToFetch;
  readonly partition: Partition | number;
  /** Its topic's name, where that is known. */
  readonly topic: string | null;
}

export interface ReadOptions {
  readonly maxBytes: number;
  readonly atLeastOne: boolean;
  /** Whether only committed records are read. */
  readonly isCommitted: boolean;
  /** That of the client. */
  readonly rackId: string;
  readonly context: RequestContext;
}

export interface ReadPart {
  readonly errorCode: number;
  readonly highWatermark: bigint;
  readonly lastStableOffset: bigint;
  readonly logStartOffset: bigint;
  readonly records: Uint8Array;
  /** Null where all records are read. */
  readonly abortedTransactions: { producerId: bigint; firstOffset: bigint }[] | null;
  readonly divergingEpoch: { epoch: number; endOffset: bigint } | null;
  readonly currentLeader: LeaderHint | null;
  /** -1 for none. */
  readonly preferredReadReplica: number;
}

const NOT_LEADER_OR_FOLLOWER = errorNumber("NOT_LEADER_OR_FOLLOWER");
const FENCED_LEADER_EPOCH = errorNumber("FENCED_LEADER_EPOCH");
const OFFSET_OUT_OF_RANGE = errorNumber("OFFSET_OUT_OF_RANGE");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_ID = errorNumber("UNKNOWN_TOPIC_ID");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

/** From this version on a follower serves consumers (KIP-392). */
const FIRST_VERSION_FOR_FOLLOWERS = 11;
const RACK_AWARE = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

const NOTHING = new Uint8Array(0);

/** Looks a partition up, and asks whether the client may read it and whether a test has set an error for it. */
export function findToFetch(asked: PartitionToFetch, context: RequestContext): Found {
  const { topics } = context.cluster;
  const byId = asked.topic === null;
  const partition = topics.find(asked.topic, asked.topicId, byId, asked.partition);
  const topic = byId ? (topics.byId(asked.topicId)?.name ?? null) : asked.topic;
  if (topic === null) return { asked, partition, topic };
  if (!context.allows("READ", "TOPIC", topic)) return { asked, partition: TOPIC_AUTHORIZATION_FAILED, topic };
  const injected = context.injected({ topic, partition: asked.partition });
  return { asked, partition: injected === NONE ? partition : injected, topic };
}

export function readPartition(
  asked: PartitionToFetch,
  partition: Partition | number,
  options: ReadOptions,
): ReadPart {
  // Kafka gives no list here, and an empty one there.
  if (typeof partition === "number") return { ...failed(partition), abortedTransactions: [] };
  const { cluster, broker, version } = options.context;
  const { topicName, index, leader, log } = partition;
  if (cluster.topics.partition(topicName, index) !== partition) {
    return failed(asked.topic === null ? UNKNOWN_TOPIC_ID : UNKNOWN_TOPIC_OR_PARTITION);
  }
  const isFollower =
    version >= FIRST_VERSION_FOR_FOLLOWERS && partition.replicas.includes(broker.id) && leader !== broker.id;
  const epochRefusal = leaderEpochRefusal(partition, asked.currentLeaderEpoch);
  if (epochRefusal !== NONE) {
    return failed(epochRefusal, epochRefusal === FENCED_LEADER_EPOCH ? leaderHint(partition) : null);
  }
  if (leader !== broker.id && !isFollower) return failed(NOT_LEADER_OR_FOLLOWER, leaderHint(partition));
  const diverging = divergenceOf(asked, partition);
  if (diverging === "unknown") return failed(OFFSET_OUT_OF_RANGE);
  if (diverging !== null) return { ...present(partition, options), divergingEpoch: diverging };
  if (asked.fetchOffset < log.startOffset || asked.fetchOffset > partition.endOffsetOf(broker.id)) {
    return failed(OFFSET_OUT_OF_RANGE);
  }
  const preferredReadReplica = isFollower ? -1 : preferredReplica(partition, options);
  if (preferredReadReplica >= 0) return { ...present(partition, options), preferredReadReplica };
  return read(asked, partition, options);
}

function read(asked: PartitionToFetch, partition: Partition, options: ReadOptions): ReadPart {
  const { maxBytes, atLeastOne, isCommitted, context } = options;
  const { log } = partition;
  const part = present(partition, options);
  const end = partition.endOffsetOf(context.broker.id);
  const most = isCommitted ? part.lastStableOffset : part.highWatermark;
  const records = log.read(asked.fetchOffset, maxBytes, most < end ? most : end, atLeastOne);
  if (!isCommitted || records.byteLength === 0) return { ...part, records };
  const upTo = endOf(partition, asked.fetchOffset, records.byteLength);
  const abortedTransactions = log.aborted
    .within(asked.fetchOffset, upTo)
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }));
  return { ...part, records, abortedTransactions };
}

/** The offset behind the last batch of which something is in what was read. */
function endOf({ log }: Partition, fetchOffset: bigint, size: number): bigint {
  const { batches } = log;
  let left = size;
  let end = fetchOffset;
  for (let index = log.indexOf(fetchOffset); left > 0; index++) {
    const batch = batches[index];
    if (batch === undefined) break;
    left -= batch.size;
    end = batch.lastOffset + 1n;
  }
  return end;
}

/** Where the client's log and this one part, if they do (KIP-320). */
function divergenceOf(
  { lastFetchedEpoch, fetchOffset }: PartitionToFetch,
  { log }: Partition,
): { epoch: number; endOffset: bigint } | "unknown" | null {
  if (lastFetchedEpoch < 0) return null;
  const { epoch, endOffset } = log.epochs.endOffsetFor(lastFetchedEpoch, log.endOffset);
  if (epoch < 0) return "unknown";
  if (epoch === lastFetchedEpoch && endOffset >= fetchOffset) return null;
  return { epoch, endOffset };
}

/** A follower in the client's rack, where brokers are configured to send clients there. */
function preferredReplica(partition: Partition, { rackId, context }: ReadOptions): number {
  const { cluster, broker } = context;
  if (rackId === "" || cluster.configs.broker("replica.selector.class").value !== RACK_AWARE) return -1;
  if (broker.rack === rackId) return -1;
  return partition.isr.find((id) => cluster.brokers.get(id)?.rack === rackId) ?? -1;
}

/** What is told of a partition that can be read, without records. */
function present(partition: Partition, { isCommitted, context }: ReadOptions): ReadPart {
  const end = partition.endOffsetOf(context.broker.id);
  const least = (offset: bigint): bigint => (offset < end ? offset : end);
  return {
    errorCode: NONE,
    highWatermark: least(partition.highWatermark),
    lastStableOffset: least(partition.lastStableOffset),
    logStartOffset: partition.log.startOffset,
    records: NOTHING,
    abortedTransactions: isCommitted ? [] : null,
    divergingEpoch: null,
    currentLeader: null,
    preferredReadReplica: -1,
  };
}

function failed(errorCode: number, currentLeader: LeaderHint | null = null): ReadPart {
  return {
    errorCode,
    highWatermark: -1n,
    lastStableOffset: -1n,
    logStartOffset: -1n,
    records: NOTHING,
    abortedTransactions: null,
    divergingEpoch: null,
    currentLeader,
    preferredReadReplica: -1,
  };
}
