/**
 * DeleteRecords, v0-2: moves the start of logs forward, to an offset or (-1) to the high watermark.
 *
 * An offset beyond the high watermark is OFFSET_OUT_OF_RANGE; a topic without `delete` in its `cleanup.policy` is
 * POLICY_VIOLATION.
 *
 * Differs from Kafka: all replicas have done it at once, so it never times out.
 */

import { DeleteRecordsRequest, DeleteRecordsResponse } from "../../protocol/messages/delete-records.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";

type PartitionAnswer = NonNullable<
  NonNullable<InferInput<typeof DeleteRecordsResponse>["topics"]>[number]["partitions"]
>[number];

const TO_HIGH_WATERMARK = -1n;
const OFFSET_OUT_OF_RANGE = errorNumber("OFFSET_OUT_OF_RANGE");
const POLICY_VIOLATION = errorNumber("POLICY_VIOLATION");
const NOT_LEADER_OR_FOLLOWER = errorNumber("NOT_LEADER_OR_FOLLOWER");
const INVALID_TOPIC_EXCEPTION = errorNumber("INVALID_TOPIC_EXCEPTION");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

export const DeleteRecords = serve({
  request: DeleteRecordsRequest,
  response: DeleteRecordsResponse,
  refuse: ({ topics }, errorCode) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => failed(partitionIndex, errorCode)),
    })),
  }),
  handle: ({ topics }, context) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, offset }) =>
        deleteBefore(name, partitionIndex, offset, context),
      ),
    })),
  }),
});

function deleteBefore(
  topic: string,
  index: number,
  offset: bigint,
  context: RequestContext,
): PartitionAnswer {
  const { cluster, broker } = context;
  if (!context.allows("DELETE", "TOPIC", topic)) return failed(index, TOPIC_AUTHORIZATION_FAILED);
  const injected = context.injected({ topic, partition: index });
  if (injected !== NONE) return failed(index, injected);
  const partition = cluster.topics.partition(topic, index);
  if (partition === undefined) return failed(index, UNKNOWN_TOPIC_OR_PARTITION);
  if (cluster.topics.get(topic)?.isInternal === true) return failed(index, INVALID_TOPIC_EXCEPTION);
  if (partition.leader !== broker.id) return failed(index, NOT_LEADER_OR_FOLLOWER);
  if (!cluster.logSettings(topic).isDeleted) return failed(index, POLICY_VIOLATION);
  const start = offset === TO_HIGH_WATERMARK ? partition.highWatermark : offset;
  if (start < 0n || start > partition.highWatermark) return failed(index, OFFSET_OUT_OF_RANGE);
  partition.log.startAt(start);
  cluster.replication.changed(partition);
  return { partitionIndex: index, errorCode: NONE, lowWatermark: partition.log.startOffset };
}

function failed(partitionIndex: number, errorCode: number): PartitionAnswer {
  return { partitionIndex, errorCode, lowWatermark: -1n };
}
