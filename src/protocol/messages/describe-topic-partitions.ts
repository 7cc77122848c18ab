/**
 * DescribeTopicPartitions (key 75, KIP-966): topics with their partitions, page by page, and with what
 * Metadata leaves out: the replicas that can become leader without being in sync. Admin clients send it to
 * any broker. Repeat the request with the cursor of the response until that is null.
 *
 * Errors of a topic:
 *
 * - UNKNOWN_TOPIC_OR_PARTITION: no such topic, or this broker has not heard of it yet. Ask again for a while,
 *   then give up.
 * - INVALID_TOPIC_EXCEPTION: no topic can have that name. Nothing to retry.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not describe the topic. Nothing to retry. When all topics
 *   are asked for, these are left out instead.
 * - INVALID_REQUEST: the cursor is wrong; every topic of the request then has this error.
 */

import { bool, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Which topics, and where the page begins. */
export const DescribeTopicPartitionsRequest = request({
  apiKey: 75,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** None for all. The broker goes through them in order of their names, not in this order. */
    topics: field(
      "0+",
      array(
        struct("TopicRequest", {
          name: field("0+", string),
        }),
      ),
    ),
    /** Most partitions on one page; the broker's `max.request.partition.size.limit` bounds it too. */
    responsePartitionLimit: field("0+", int32, { default: 2000 }),
    /** Where the page begins, as `nextCursor` said; null for the first page. */
    cursor: field(
      "0+",
      struct("Cursor", {
        /**
         * Topics whose names come before this one are skipped. It has to be one of `topics`, if there are
         * any.
         */
        topicName: field("0+", string),
        /** First partition of that topic. */
        partitionIndex: field("0+", int32),
      }),
      { nullable: "0+", default: null },
    ),
  },
});
export type DescribeTopicPartitionsRequest = Infer<typeof DescribeTopicPartitionsRequest>;

/** One page of topics. */
export const DescribeTopicPartitionsResponse = response({
  apiKey: 75,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32, { ignorable: true }),
    /** A topic may be cut at the page's end and go on, under the same name, on the next page. */
    topics: field(
      "0+",
      array(
        struct("DescribeTopicPartitionsResponseTopic", {
          errorCode: field("0+", int16),
          name: field("0+", string, { nullable: "0+" }),
          /** Zero when not told. */
          topicId: field("0+", uuid, { ignorable: true }),
          /** Whether it is Kafka's own, such as `__consumer_offsets`. */
          isInternal: field("0+", bool, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("DescribeTopicPartitionsResponsePartition", {
                errorCode: field("0+", int16),
                partitionIndex: field("0+", int32),
                /** -1 when there is none. */
                leaderId: field("0+", int32),
                /** Grows with each change of leader; -1 when not known. */
                leaderEpoch: field("0+", int32, { default: -1, ignorable: true }),
                /** All brokers that hold the partition; the first is the preferred leader. */
                replicaNodes: field("0+", array(int32)),
                /** Those of them that are in sync. */
                isrNodes: field("0+", array(int32)),
                /**
                 * Those out of sync that still have everything committed, so that one can lead without loss;
                 * null when not told.
                 */
                eligibleLeaderReplicas: field("0+", array(int32), { nullable: "0+", default: null }),
                /**
                 * Those that were eligible until they came down uncleanly, from whom a leader may be taken
                 * when nobody else is left; null when not told.
                 */
                lastKnownElr: field("0+", array(int32), { nullable: "0+", default: null }),
                /** Those whose broker or log directory is down. */
                offlineReplicas: field("0+", array(int32), { ignorable: true }),
              }),
            ),
          ),
          /** One bit for each operation by its number in `AclOperation`; the lowest int32 when not told. */
          topicAuthorizedOperations: field("0+", int32, { default: -2147483648 }),
        }),
      ),
    ),
    /** Where the next page begins; null when this was the last. */
    nextCursor: field(
      "0+",
      struct("Cursor", {
        topicName: field("0+", string),
        partitionIndex: field("0+", int32),
      }),
      { nullable: "0+", default: null },
    ),
  },
});
export type DescribeTopicPartitionsResponse = Infer<typeof DescribeTopicPartitionsResponse>;
