/**
 * AlterShareGroupOffsets (key 91, KIP-932): has a share group deliver from other offsets on, and forget what
 * it had delivered. Admin clients send it to the group's coordinator while the group has no members, or
 * before there is such a group.
 *
 * Errors of the whole:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - NON_EMPTY_GROUP: the group has members. Stop them first.
 * - GROUP_ID_NOT_FOUND: the group is of another kind.
 * - UNSUPPORTED_VERSION: the cluster does not have share groups switched on.
 * - KAFKA_STORAGE_ERROR, UNKNOWN_SERVER_ERROR: the offsets could not be stored.
 * - INVALID_GROUP_ID, INVALID_REQUEST, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 *
 * Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION and TOPIC_AUTHORIZATION_FAILED, after which there is
 * nothing to retry, and those of InitializeShareGroupState.
 */

import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions, and where to begin in each. */
export const AlterShareGroupOffsetsRequest = request({
  apiKey: 91,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("AlterShareGroupOffsetsRequestTopic", {
          topicName: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("AlterShareGroupOffsetsRequestPartition", {
                partitionIndex: field("0+", int32),
                /** First offset to deliver. */
                startOffset: field("0+", int64),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterShareGroupOffsetsRequest = Infer<typeof AlterShareGroupOffsetsRequest>;

/** What became of each partition. */
export const AlterShareGroupOffsetsResponse = response({
  apiKey: 91,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    responses: field(
      "0+",
      array(
        struct("AlterShareGroupOffsetsResponseTopic", {
          topicName: field("0+", string),
          /** Zero when there is no such topic. */
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("AlterShareGroupOffsetsResponsePartition", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                /** What is wrong in words for people; null for no more than the code says. */
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterShareGroupOffsetsResponse = Infer<typeof AlterShareGroupOffsetsResponse>;
