/**
 * ShareGroupHeartbeat (key 76, KIP-932): keeps a member of a share group alive, and by it the member joins,
 * subscribes, is assigned partitions and leaves. Members send it to the group's coordinator. Several members
 * may be assigned the same partition, for each record goes to one of them; so nothing has to be given up
 * before another member gets it.
 *
 * A member joins with everything it has to say. After that it sends only what has changed, and after any
 * error everything once more.
 *
 * Versions: 1 is the first stable one, of Kafka 4.1. Version 0 was for early access in Kafka 4.0 and is gone.
 *
 * Errors:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and go on there.
 * - COORDINATOR_LOAD_IN_PROGRESS: go on after a pause.
 * - UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH: the coordinator has removed the member, or is at another epoch
 *   with it. Give up all partitions and join again under the same id with epoch 0.
 * - GROUP_ID_NOT_FOUND: there is no such group, or it is of another kind. No harm when leaving; else fatal.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not describe a topic of the subscription. Tell the user;
 *   the subscription can change.
 * - GROUP_MAX_SIZE_REACHED: the group has as many members as the broker's `group.share.max.size` allows.
 * - INVALID_REQUEST: the request itself is wrong; `errorMessage` says how.
 * - UNSUPPORTED_VERSION: the cluster does not have share groups switched on.
 * - GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** What the member says. */
export const ShareGroupHeartbeatRequest = request({
  apiKey: 76,
  validVersions: "1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    /** Chosen by the member for its lifetime, such as a random UUID; brokers take up to 36 characters. */
    memberId: field("0+", string),
    /** 0 to join, -1 to leave; else what the latest response said. */
    memberEpoch: field("0+", int32),
    /** `client.rack`; null for none, or for no change. */
    rackId: field("0+", string, { nullable: "0+", default: null }),
    /** Must not be empty in order to join; null for no change. */
    subscribedTopicNames: field("0+", array(string), { nullable: "0+", default: null }),
  },
});
export type ShareGroupHeartbeatRequest = Infer<typeof ShareGroupHeartbeatRequest>;

/** Partitions of one topic. */
const TopicPartitions = struct("TopicPartitions", {
  topicId: field("0+", uuid),
  partitions: field("0+", array(int32)),
});

/** What the coordinator has for the member. */
export const ShareGroupHeartbeatResponse = response({
  apiKey: 76,
  validVersions: "1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    /** As in the request; null with an error. */
    memberId: field("0+", string, { nullable: "0+", default: null }),
    /** For the next heartbeat. */
    memberEpoch: field("0+", int32),
    /** When the next heartbeat is due at the latest. */
    heartbeatIntervalMs: field("0+", int32),
    /** Null for no change. */
    assignment: field(
      "0+",
      struct("Assignment", {
        /** All partitions that the member is to fetch from now. */
        topicPartitions: field("0+", array(TopicPartitions)),
      }),
      { nullable: "0+", default: null },
    ),
  },
});
export type ShareGroupHeartbeatResponse = Infer<typeof ShareGroupHeartbeatResponse>;
