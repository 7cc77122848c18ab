/**
 * Heartbeat (key 12): keeps a member of a classic group alive, and is how it learns of a rebalance. Members
 * send it to the group's coordinator every `heartbeat.interval.ms`, several times within a session timeout.
 *
 * Versions: 1 adds the throttle time (KIP-124); 2 is answered before the throttling (KIP-219); 3 adds static
 * members (KIP-345); 4 is flexible.
 *
 * Errors:
 *
 * - REBALANCE_IN_PROGRESS: commit what is done, then send JoinGroup under the same member id.
 * - ILLEGAL_GENERATION: the group has gone on without this member. Join again under the same member id.
 * - UNKNOWN_MEMBER_ID: the coordinator has removed the member. Join again with an empty member id.
 * - FENCED_INSTANCE_ID: another member has taken over the instance id. Fatal to this one.
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and go on there.
 * - COORDINATOR_LOAD_IN_PROGRESS: go on after a pause.
 * - INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int16, int32, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** Says that the member is alive, and which generation it takes itself to be in. */
export const HeartbeatRequest = request({
  apiKey: 12,
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: {
    groupId: field("0+", string),
    /** As JoinGroup gave it. */
    generationId: field("0+", int32),
    /** As JoinGroup gave it. */
    memberId: field("0+", string),
    /** `group.instance.id` of a static member; null for any other. */
    groupInstanceId: field("3+", string, { nullable: "3+", default: null }),
  },
});
export type HeartbeatRequest = Infer<typeof HeartbeatRequest>;

/** Whether the member may go on as before. */
export const HeartbeatResponse = response({
  apiKey: 12,
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
  },
});
export type HeartbeatResponse = Infer<typeof HeartbeatResponse>;
