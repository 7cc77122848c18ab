/**
 * DescribeShareGroupOffsets (key 90, KIP-932): how far share groups have come in their partitions. Admin
 * clients send it to the coordinator of the groups.
 *
 * Versions: 1 adds the lag (KIP-1226).
 *
 * Errors of a group:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and ask there.
 * - COORDINATOR_LOAD_IN_PROGRESS: ask again after a pause.
 * - GROUP_ID_NOT_FOUND: there is no such share group.
 * - UNSUPPORTED_VERSION: the cluster does not have share groups switched on.
 * - INVALID_REQUEST, UNKNOWN_SERVER_ERROR, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 *
 * Errors of a partition: TOPIC_AUTHORIZATION_FAILED, after which there is nothing to retry, and those of
 * ListOffsets, since the coordinator looks up the end of the log for the lag. A topic that does not exist is
 * no error, but has the start offset -1.
 */

import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Groups that have the same coordinator. */
export const DescribeShareGroupOffsetsRequest = request({
  apiKey: 90,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groups: field(
      "0+",
      array(
        struct("DescribeShareGroupOffsetsRequestGroup", {
          groupId: field("0+", string),
          /** Null for all partitions that the group has a state of. */
          topics: field(
            "0+",
            array(
              struct("DescribeShareGroupOffsetsRequestTopic", {
                topicName: field("0+", string),
                partitions: field("0+", array(int32)),
              }),
            ),
            { nullable: "0+" },
          ),
        }),
      ),
    ),
  },
});
export type DescribeShareGroupOffsetsRequest = Infer<typeof DescribeShareGroupOffsetsRequest>;

/** The offsets by group. */
export const DescribeShareGroupOffsetsResponse = response({
  apiKey: 90,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    groups: field(
      "0+",
      array(
        struct("DescribeShareGroupOffsetsResponseGroup", {
          groupId: field("0+", string),
          topics: field(
            "0+",
            array(
              struct("DescribeShareGroupOffsetsResponseTopic", {
                topicName: field("0+", string),
                /** Zero when there is no such topic. */
                topicId: field("0+", uuid),
                partitions: field(
                  "0+",
                  array(
                    struct("DescribeShareGroupOffsetsResponsePartition", {
                      partitionIndex: field("0+", int32),
                      /**
                       * Lowest offset that the group is not done with; -1 when it has none, as before its
                       * first fetch.
                       */
                      startOffset: field("0+", int64),
                      /**
                       * Epoch of the partition's leader that last worked with the state; 0 when not known.
                       */
                      leaderEpoch: field("0+", int32),
                      /**
                       * How many offsets from `startOffset` to the end of the log are not done with; -1 when
                       * not known.
                       */
                      lag: field("1+", int64, { default: -1n, ignorable: true }),
                      errorCode: field("0+", int16),
                      /** What is wrong in words for people; null for no more than the code says. */
                      errorMessage: field("0+", string, { nullable: "0+", default: null }),
                    }),
                  ),
                ),
              }),
            ),
          ),
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
        }),
      ),
    ),
  },
});
export type DescribeShareGroupOffsetsResponse = Infer<typeof DescribeShareGroupOffsetsResponse>;
