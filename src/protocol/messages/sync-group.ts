/**
 * SyncGroup (key 14): the second half of a rebalance, after JoinGroup. The leader hands in what each member
 * is assigned, every other member sends the request without assignments, and the coordinator answers each
 * with its own part as soon as it has the leader's.
 *
 * Versions: 1 adds the throttle time (KIP-124); 2 is answered before the throttling (KIP-219); 3 adds static
 * members (KIP-345); 4 is flexible; 5 checks that the member goes by the group's protocol (KIP-559).
 *
 * Errors:
 *
 * - REBALANCE_IN_PROGRESS: yet another rebalance has begun. Send JoinGroup under the same member id.
 * - ILLEGAL_GENERATION: the group has gone on without this member. Join again under the same member id.
 * - UNKNOWN_MEMBER_ID: the coordinator has removed the member. Join again with an empty member id.
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and join there.
 * - COORDINATOR_LOAD_IN_PROGRESS: join again after a pause.
 * - FENCED_INSTANCE_ID: another member has taken over the instance id. Fatal to this one.
 * - INCONSISTENT_GROUP_PROTOCOL: `protocolType` or `protocolName` is not the group's, or null from version 5
 *   on.
 * - INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { bytes, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Asks for this member's assignment, and from the leader brings everyone's. */
export const SyncGroupRequest = request({
  apiKey: 14,
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: {
    groupId: field("0+", string),
    /** As JoinGroup gave it. */
    generationId: field("0+", int32),
    /** As JoinGroup gave it. */
    memberId: field("0+", string),
    /** `group.instance.id` of a static member; null for any other. */
    groupInstanceId: field("3+", string, { nullable: "3+", default: null }),
    /** As sent with JoinGroup. From version 5 on brokers insist on it. */
    protocolType: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    /** As JoinGroup answered. From version 5 on brokers insist on it. */
    protocolName: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    /**
     * From the leader one for each member, from any other none. A member that the leader leaves out gets an
     * empty one.
     */
    assignments: field(
      "0+",
      array(
        struct("SyncGroupRequestAssignment", {
          memberId: field("0+", string),
          /**
           * In the form that members of this protocol type agree on; for consumers an encoded
           * `ConsumerProtocolAssignment`.
           */
          assignment: field("0+", bytes),
        }),
      ),
    ),
  },
});
export type SyncGroupRequest = Infer<typeof SyncGroupRequest>;

/** What this member is assigned. */
export const SyncGroupResponse = response({
  apiKey: 14,
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    /** Of the group; null with an error. */
    protocolType: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    /** Of the group; null with an error. */
    protocolName: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    /** As the leader made it; empty when it left this member out, and with an error. */
    assignment: field("0+", bytes),
  },
});
export type SyncGroupResponse = Infer<typeof SyncGroupResponse>;
