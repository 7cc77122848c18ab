/**
 * ConsumerGroupHeartbeat (key 68, KIP-848): all that a member of the consumer protocol says to its group: it
 * joins, stays, subscribes, gives up partitions and leaves by it. Members send it to the group's coordinator,
 * which assigns by itself and moves one member at a time, so that no rebalance stops the whole group.
 *
 * A member joins with everything it has to say. After that it sends only what has changed, and after any
 * error everything once more, since the coordinator may not have taken it in.
 *
 * Versions: 1 adds subscriptions by regular expression, and has each member choose its own id (KIP-1082).
 *
 * Errors:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and go on there.
 * - COORDINATOR_LOAD_IN_PROGRESS: go on after a pause.
 * - UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH: the coordinator has removed the member, or is at another epoch
 *   with it. Give up all partitions at once, without committing, and join again under the same id with epoch
 *   0.
 * - GROUP_ID_NOT_FOUND: there is no such group, or it is of another kind. No harm when leaving; else fatal.
 * - UNRELEASED_INSTANCE_ID: another member holds the instance id and has not left. Wait until it has, or fix
 *   the configuration.
 * - FENCED_INSTANCE_ID: another member has taken over the instance id. Fatal to this one.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not describe a topic of the subscription. Tell the user;
 *   the subscription can change.
 * - INVALID_REGULAR_EXPRESSION, UNSUPPORTED_ASSIGNOR, INVALID_REQUEST: the request itself is wrong;
 *   `errorMessage` says how.
 * - GROUP_MAX_SIZE_REACHED: the group has as many members as the broker's `group.consumer.max.size` allows.
 * - UNSUPPORTED_VERSION: the cluster does not have this protocol switched on. Use the classic one.
 * - GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** What the member says. All the fields below `memberEpoch` have a value for "no change". */
export const ConsumerGroupHeartbeatRequest = request({
  apiKey: 68,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    /**
     * Chosen by the member for its lifetime, such as a random UUID. In version 0 it may join with an empty
     * one and take what the coordinator chooses.
     */
    memberId: field("0+", string),
    /**
     * 0 to join, -1 to leave, -2 to leave as a static member that will be back; else what the latest response
     * said.
     */
    memberEpoch: field("0+", int32),
    /** `group.instance.id` of a static member; null for any other, or for no change. */
    instanceId: field("0+", string, { nullable: "0+", default: null }),
    /** `client.rack`; null for none, or for no change. */
    rackId: field("0+", string, { nullable: "0+", default: null }),
    /**
     * How long the member may take to give up partitions until the coordinator removes it; -1 for no change.
     */
    rebalanceTimeoutMs: field("0+", int32, { default: -1 }),
    /** Null for no change. */
    subscribedTopicNames: field("0+", array(string), { nullable: "0+", default: null }),
    /**
     * Regular expression in the syntax of RE2/J, which the coordinator matches with the names of topics. Null
     * for no change, empty for none any more.
     */
    subscribedTopicRegex: field("1+", string, { nullable: "1+", default: null }),
    /**
     * How the member would have partitions assigned, such as `uniform` or `range`; null for the coordinator's
     * choice, or for no change.
     */
    serverAssignor: field("0+", string, { nullable: "0+", default: null }),
    /**
     * What the member owns now: empty when it joins, null for no change. Leaving partitions out tells the
     * coordinator that they are given up.
     */
    topicPartitions: field(
      "0+",
      array(
        struct("TopicPartitions", {
          topicId: field("0+", uuid),
          partitions: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+", default: null },
    ),
  },
});
export type ConsumerGroupHeartbeatRequest = Infer<typeof ConsumerGroupHeartbeatRequest>;

/** Partitions of one topic. */
const TopicPartitions = struct("TopicPartitions", {
  topicId: field("0+", uuid),
  partitions: field("0+", array(int32)),
});

/** What the coordinator has for the member. */
export const ConsumerGroupHeartbeatResponse = response({
  apiKey: 68,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    /** As in the request, or in version 0 the id that the coordinator chose; null with an error. */
    memberId: field("0+", string, { nullable: "0+", default: null }),
    /** For the next heartbeat and for commits. The answer to a member that leaves repeats its -1 or -2. */
    memberEpoch: field("0+", int32),
    /** When the next heartbeat is due at the latest. */
    heartbeatIntervalMs: field("0+", int32),
    /** Null for no change. */
    assignment: field(
      "0+",
      struct("Assignment", {
        /**
         * All that the member may own now. It gives up what is missing here, and may read at once what is
         * new. What another member has yet to give up comes with a later response.
         */
        topicPartitions: field("0+", array(TopicPartitions)),
      }),
      { nullable: "0+", default: null },
    ),
  },
});
export type ConsumerGroupHeartbeatResponse = Infer<typeof ConsumerGroupHeartbeatResponse>;
