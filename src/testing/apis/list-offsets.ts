/**
 * ListOffsets, v1-11: the offset for a timestamp, or one of the special ones.
 *
 * - -1 the end: the high watermark, with isolation level 1 (v2) the last stable offset. -2 the start.
 * - -3 the record with the largest timestamp (v7, KIP-734).
 * - -4 the first offset on local disk (v8), -5 the last one in remote storage (v9), -6 (v11): nothing is ever remote
 *   here.
 * - v4: leader epochs, in both directions.
 */

import { ListOffsetsRequest, ListOffsetsResponse } from "../../protocol/messages/list-offsets.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { latestTimestamp, offsetFor } from "../log/timestamps.ts";
import { leaderEpochRefusal } from "../topics/leader-epoch-check.ts";
import type { Partition } from "../topics/partition.ts";

type Request = Infer<typeof ListOffsetsRequest>;
type PartitionRequest = Request["topics"][number]["partitions"][number];
type Response = InferInput<typeof ListOffsetsResponse>;
type PartitionAnswer = NonNullable<NonNullable<Response["topics"]>[number]["partitions"]>[number];

const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");
const NOT_LEADER_OR_FOLLOWER = errorNumber("NOT_LEADER_OR_FOLLOWER");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNSUPPORTED_VERSION = errorNumber("UNSUPPORTED_VERSION");

const LATEST = -1n;
const EARLIEST = -2n;
const MAX_TIMESTAMP = -3n;
const EARLIEST_LOCAL = -4n;
const LATEST_TIERED = -5n;
const EARLIEST_PENDING_UPLOAD = -6n;
/** From which version on a special timestamp may be asked for. */
const SINCE: ReadonlyMap<bigint, number> = new Map([
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
]);

export const ListOffsets = serve({
  request: ListOffsetsRequest,
  response: ListOffsetsResponse,
  refuse: ({ topics }, errorCode) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }),
  handle: (request, context) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => answer(name, asked, request, context)),
    })),
  }),
});

function answer(
  topic: string,
  asked: PartitionRequest,
  { isolationLevel }: Request,
  context: RequestContext,
): PartitionAnswer {
  const { partitionIndex, timestamp, currentLeaderEpoch } = asked;
  const failed = (errorCode: number): PartitionAnswer => ({ partitionIndex, errorCode });
  if (!context.allows("DESCRIBE", "TOPIC", topic)) return failed(TOPIC_AUTHORIZATION_FAILED);
  const injected = context.injected({ topic, partition: partitionIndex });
  if (injected !== NONE) return failed(injected);
  const partition = context.cluster.topics.partition(topic, partitionIndex);
  if (partition === undefined) return failed(UNKNOWN_TOPIC_OR_PARTITION);
  if (timestamp < EARLIEST_PENDING_UPLOAD || (SINCE.get(timestamp) ?? 0) > context.version) {
    return failed(UNSUPPORTED_VERSION);
  }
  const epochRefusal = leaderEpochRefusal(partition, currentLeaderEpoch);
  if (epochRefusal !== NONE) return failed(epochRefusal);
  if (partition.leader !== context.broker.id) return failed(NOT_LEADER_OR_FOLLOWER);
  try {
    const found = lookUp(partition, timestamp, isolationLevel === 1, context);
    return { partitionIndex, errorCode: NONE, ...found };
  } catch (error) {
    if (error instanceof Refusal) return failed(error.errorCode);
    throw error;
  }
}

function lookUp(
  partition: Partition,
  timestamp: bigint,
  isCommitted: boolean,
  { cluster, version }: RequestContext,
): PartitionAnswer {
  const { log } = partition;
  const end = isCommitted ? partition.lastStableOffset : partition.highWatermark;
  const at = (offset: bigint, theirs = -1): PartitionAnswer => ({
    offset,
    timestamp: BigInt(theirs),
    ...(version >= 4 && offset >= 0n ? { leaderEpoch: log.epochs.epochAt(offset) } : {}),
  });
  switch (timestamp) {
    case LATEST:
      return { ...at(end), ...(version >= 4 ? { leaderEpoch: partition.leaderEpoch } : {}) };
    case EARLIEST:
    case EARLIEST_LOCAL:
    case EARLIEST_PENDING_UPLOAD:
      return at(log.startOffset);
    case LATEST_TIERED:
      return at(-1n);
    default: {
      const found =
        timestamp === MAX_TIMESTAMP
          ? latestTimestamp(log, cluster.forReading)
          : offsetFor(log, Number(timestamp), cluster.forReading);
      return found === null || found.offset >= end ? at(-1n) : at(found.offset, found.timestamp);
    }
  }
}
