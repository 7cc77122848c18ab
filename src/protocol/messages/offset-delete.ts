/**
 * OffsetDelete (key 47, KIP-496): deletes committed offsets of single partitions from a group that is
 * otherwise left as it is. Admin clients send it to the group's coordinator.
 *
 * Errors of the whole:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - NON_EMPTY_GROUP: the group has members and they are no consumers, so that the coordinator cannot know
 *   which topics they use. Stop them first.
 * - GROUP_ID_NOT_FOUND, INVALID_GROUP_ID: there is no such group, or no group id.
 * - GROUP_AUTHORIZATION_FAILED: the principal may not delete the group. Nothing to retry.
 *
 * Errors of a partition:
 *
 * - GROUP_SUBSCRIBED_TO_TOPIC: members read this topic. Stop them or change what they subscribe to.
 * - UNKNOWN_TOPIC_OR_PARTITION: there is no such partition.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not read the topic. Nothing to retry.
 */

import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions whose offsets the group is to forget. */
export const OffsetDeleteRequest = request({
  apiKey: 47,
  validVersions: "0",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("OffsetDeleteRequestTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("OffsetDeleteRequestPartition", {
                partitionIndex: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetDeleteRequest = Infer<typeof OffsetDeleteRequest>;

/** What became of each partition. One that had no offset counts as deleted. */
export const OffsetDeleteResponse = response({
  apiKey: 47,
  validVersions: "0",
  fields: {
    /** 0, or what is wrong with the group; `topics` is then empty. */
    errorCode: field("0+", int16),
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetDeleteResponseTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("OffsetDeleteResponsePartition", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetDeleteResponse = Infer<typeof OffsetDeleteResponse>;
