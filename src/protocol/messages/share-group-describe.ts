/**
 * ShareGroupDescribe (key 77, KIP-932): state and members of share groups. Admin clients send it to the
 * coordinator of the groups.
 *
 * Versions: 1 is the first stable one, of Kafka 4.1. Version 0 was for early access in Kafka 4.0 and is gone.
 *
 * Errors of a group:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and ask there.
 * - COORDINATOR_LOAD_IN_PROGRESS: ask again after a pause.
 * - GROUP_ID_NOT_FOUND: there is no such group, or it is of another kind.
 * - UNSUPPORTED_VERSION: the cluster does not have share groups switched on.
 * - TOPIC_AUTHORIZATION_FAILED: the group is assigned topics that the principal may not describe.
 * - INVALID_GROUP_ID, INVALID_REQUEST, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { bool, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Groups that have the same coordinator. */
export const ShareGroupDescribeRequest = request({
  apiKey: 77,
  validVersions: "1",
  flexibleVersions: "0+",
  fields: {
    groupIds: field("0+", array(string)),
    /** Fills `authorizedOperations`. */
    includeAuthorizedOperations: field("0+", bool),
  },
});
export type ShareGroupDescribeRequest = Infer<typeof ShareGroupDescribeRequest>;

/** Partitions of one topic. */
const TopicPartitions = struct("TopicPartitions", {
  topicId: field("0+", uuid),
  topicName: field("0+", string),
  partitions: field("0+", array(int32)),
});

/** Partitions of any number of topics. */
const Assignment = struct("Assignment", {
  topicPartitions: field("0+", array(TopicPartitions)),
});

/** One description for each group, or why there is none. */
export const ShareGroupDescribeResponse = response({
  apiKey: 77,
  validVersions: "1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    groups: field(
      "0+",
      array(
        struct("DescribedGroup", {
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
          groupId: field("0+", string),
          /** `Empty`, `Stable` or `Dead`; empty with an error. */
          groupState: field("0+", string),
          /** Grows with each change of members, subscriptions or topics. */
          groupEpoch: field("0+", int32),
          /** Group epoch that the assignment was computed for; behind `groupEpoch` while a new one is due. */
          assignmentEpoch: field("0+", int32),
          /** Such as `simple`. */
          assignorName: field("0+", string),
          members: field(
            "0+",
            array(
              struct("Member", {
                memberId: field("0+", string),
                /** Null for a member that named none. */
                rackId: field("0+", string, { nullable: "0+", default: null }),
                /** Epoch of the assignment that the member has been given. */
                memberEpoch: field("0+", int32),
                clientId: field("0+", string),
                /** Address that it connects from, as in `/10.0.0.1`. */
                clientHost: field("0+", string),
                subscribedTopicNames: field("0+", array(string)),
                /** What it is assigned, which other members may be as well. */
                assignment: field("0+", Assignment),
              }),
            ),
          ),
          /**
           * One bit for each operation by its number in `AclOperation`; the lowest int32 when not asked for.
           */
          authorizedOperations: field("0+", int32, { default: -2147483648 }),
        }),
      ),
    ),
  },
});
export type ShareGroupDescribeResponse = Infer<typeof ShareGroupDescribeResponse>;
