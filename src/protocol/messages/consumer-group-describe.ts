/**
 * ConsumerGroupDescribe (key 69, KIP-848): state and members of groups of the consumer protocol. Admin
 * clients send it to the coordinator of the groups.
 *
 * Versions: 1 tells which members still speak the classic protocol (KIP-1099).
 *
 * Errors of a group:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and ask there.
 * - COORDINATOR_LOAD_IN_PROGRESS: ask again after a pause.
 * - GROUP_ID_NOT_FOUND: there is no such group, or it is of another kind. Try DescribeGroups.
 * - UNSUPPORTED_VERSION: the cluster does not have this protocol switched on. Use DescribeGroups.
 * - TOPIC_AUTHORIZATION_FAILED: the group is assigned topics that the principal may not describe.
 * - INVALID_GROUP_ID, INVALID_REQUEST, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { bool, int8, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Groups that have the same coordinator. */
export const ConsumerGroupDescribeRequest = request({
  apiKey: 69,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupIds: field("0+", array(string)),
    /** Fills `authorizedOperations`. */
    includeAuthorizedOperations: field("0+", bool),
  },
});
export type ConsumerGroupDescribeRequest = Infer<typeof ConsumerGroupDescribeRequest>;

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
export const ConsumerGroupDescribeResponse = response({
  apiKey: 69,
  validVersions: "0-1",
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
          /**
           * `Empty`, `Assigning`, `Reconciling` (members are moving to their target), `Stable` or `Dead`;
           * empty with an error.
           */
          groupState: field("0+", string),
          /** Grows with each change of members, subscriptions or topics. */
          groupEpoch: field("0+", int32),
          /**
           * Group epoch that the target assignment was computed for; behind `groupEpoch` while a new one is
           * due.
           */
          assignmentEpoch: field("0+", int32),
          /** Assignor that most members prefer, or else the cluster's default. */
          assignorName: field("0+", string),
          members: field(
            "0+",
            array(
              struct("Member", {
                memberId: field("0+", string),
                /** Null for a member that is not static. */
                instanceId: field("0+", string, { nullable: "0+", default: null }),
                /** Null for a member that named none. */
                rackId: field("0+", string, { nullable: "0+", default: null }),
                /**
                 * Epoch of the assignment that the member has reached; behind `assignmentEpoch` while it
                 * still gives up partitions.
                 */
                memberEpoch: field("0+", int32),
                clientId: field("0+", string),
                /** Address that it connects from, as in `/10.0.0.1`. */
                clientHost: field("0+", string),
                /** Topics that it named itself, without those that the expression matches. */
                subscribedTopicNames: field("0+", array(string)),
                /** Null or empty for none. */
                subscribedTopicRegex: field("0+", string, { nullable: "0+", default: null }),
                /** What it owns now, including what it is to give up. */
                assignment: field("0+", Assignment),
                /** What it is to own in the end. */
                targetAssignment: field("0+", Assignment),
                /**
                 * 0 for a member that still speaks the classic protocol, 1 for one that speaks the consumer
                 * protocol; -1 when not told.
                 */
                memberType: field("1+", int8, { default: -1, ignorable: true }),
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
export type ConsumerGroupDescribeResponse = Infer<typeof ConsumerGroupDescribeResponse>;
