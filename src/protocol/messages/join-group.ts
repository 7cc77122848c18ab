/**
 * JoinGroup (key 11): enters a group of the classic protocol, or takes part in its rebalance. Members send it
 * to the group's coordinator, which keeps the answer back until all of them have joined or the rebalance
 * timeout is over; other requests on the same connection wait behind it. One member becomes the leader and is
 * told the metadata of all. Then each sends SyncGroup.
 *
 * Versions: 1 adds the rebalance timeout (KIP-62); 2 the throttle time (KIP-124); 3 is answered before the
 * throttling (KIP-219); 4 makes a new member ask twice, for its id and then to join (KIP-394); 5 adds static
 * members (KIP-345); 6 is flexible; 7 answers with the protocol type (KIP-559); 8 says why a member joins
 * (KIP-800); 9 can spare the leader the assignment (KIP-814).
 *
 * Errors:
 *
 * - MEMBER_ID_REQUIRED (from version 4 on): join again at once, under the `memberId` of the response.
 * - UNKNOWN_MEMBER_ID: the coordinator has removed the member. Join again with an empty member id.
 * - REBALANCE_IN_PROGRESS: join again.
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and join there.
 * - COORDINATOR_LOAD_IN_PROGRESS: join again after a pause.
 * - FENCED_INSTANCE_ID: another member has taken over the instance id. Fatal to this one.
 * - INCONSISTENT_GROUP_PROTOCOL: the members have no protocol in common, or the group is of another kind.
 *   Configure them alike.
 * - INVALID_SESSION_TIMEOUT: outside the broker's `group.min.session.timeout.ms` and
 *   `group.max.session.timeout.ms`.
 * - GROUP_MAX_SIZE_REACHED: the group has as many members as the broker's `group.max.size` allows.
 * - INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { bool, bytes, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Who joins, and how it could work together with the others. */
export const JoinGroupRequest = request({
  apiKey: 11,
  validVersions: "0-9",
  flexibleVersions: "6+",
  fields: {
    groupId: field("0+", string),
    /** The coordinator removes a member after so long without a heartbeat. */
    sessionTimeoutMs: field("0+", int32),
    /**
     * How long the coordinator waits in a rebalance for members to join; the highest value in the group
     * counts. In version 0 that is the session timeout.
     */
    rebalanceTimeoutMs: field("1+", int32, { default: -1, ignorable: true }),
    /** Empty for a new member, then what the coordinator gave it. */
    memberId: field("0+", string),
    /**
     * `group.instance.id` of a static member, which keeps its place through a restart; null for any other.
     */
    groupInstanceId: field("5+", string, { nullable: "5+", default: null }),
    /**
     * Kind of group, which is the same for all members: `consumer` for consumers, `connect` for Kafka
     * Connect.
     */
    protocolType: field("0+", string),
    /**
     * What the member could work by, in the order in which it prefers them; for consumers these are
     * assignors. The coordinator picks one that all members support.
     */
    protocols: field(
      "0+",
      array(
        struct("JoinGroupRequestProtocol", {
          /** Such as `range`. */
          name: field("0+", string),
          /**
           * What the leader has to know of the member under this protocol; for consumers an encoded
           * `ConsumerProtocolSubscription`.
           */
          metadata: field("0+", bytes),
        }),
      ),
    ),
    /** Why the member joins, for the broker's log; null for no reason. */
    reason: field("8+", string, { nullable: "8+", default: null, ignorable: true }),
  },
});
export type JoinGroupRequest = Infer<typeof JoinGroupRequest>;

/** The new generation, and to its leader also all members. */
export const JoinGroupResponse = response({
  apiKey: 11,
  validVersions: "0-9",
  flexibleVersions: "6+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("2+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    /** Number of this generation, for the requests that follow; -1 with an error. */
    generationId: field("0+", int32, { default: -1 }),
    /** As in the request; null with an error. */
    protocolType: field("7+", string, { nullable: "7+", default: null, ignorable: true }),
    /** Protocol that was picked; with an error null, and before version 7 empty. */
    protocolName: field("0+", string, { nullable: "7+" }),
    /** Member id of the leader, who assigns for all: the member itself, where it equals `memberId`. */
    leader: field("0+", string),
    /**
     * Tells the leader not to assign anew, since it is a static member that has come back and the assignment
     * stands. It sends SyncGroup without assignments.
     */
    skipAssignment: field("9+", bool),
    /** Id of this member, new or as it was sent. */
    memberId: field("0+", string),
    /** All members, for the leader; empty for any other. */
    members: field(
      "0+",
      array(
        struct("JoinGroupResponseMember", {
          memberId: field("0+", string),
          /** Null for a member that is not static. */
          groupInstanceId: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
          /** As that member sent it for `protocolName`. */
          metadata: field("0+", bytes),
        }),
      ),
    ),
  },
});
export type JoinGroupResponse = Infer<typeof JoinGroupResponse>;
