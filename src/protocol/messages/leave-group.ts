/**
 * LeaveGroup (key 13): takes members out of a group, so that the others need not wait for their session
 * timeout. A member sends it to the group's coordinator when it closes, and admin clients send it to remove
 * others. A static member that means to come back does not send it.
 *
 * Versions: 1 adds the throttle time (KIP-124); 2 is answered before the throttling (KIP-219); 3 removes
 * several members, and static ones by their instance id (KIP-345); 4 is flexible; 5 says why (KIP-800).
 *
 * Errors of the whole:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 *
 * Errors of a member, which up to version 2 are the response's own:
 *
 * - UNKNOWN_MEMBER_ID: it is not in the group, or no more. Take it as done.
 * - FENCED_INSTANCE_ID: the instance id belongs to another member by now. Nothing to retry.
 *
 * A member that closes need not wait for any of this, since the session timeout removes it all the same.
 */

import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Names one member up to version 2, and from version 3 on any number. */
export const LeaveGroupRequest = request({
  apiKey: 13,
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: {
    groupId: field("0+", string),
    /** The member, up to version 2; from version 3 on in `members`. */
    memberId: field("0-2", string),
    /** The members, from version 3 on. */
    members: field(
      "3+",
      array(
        struct("MemberIdentity", {
          /** May be empty for a static member, which `groupInstanceId` then names alone. */
          memberId: field("3+", string),
          /** Null for a member that is not static. */
          groupInstanceId: field("3+", string, { nullable: "3+", default: null }),
          /** Why it leaves, for the broker's log; null for no reason. */
          reason: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
        }),
      ),
    ),
  },
});
export type LeaveGroupRequest = Infer<typeof LeaveGroupRequest>;

/** What became of each member. */
export const LeaveGroupResponse = response({
  apiKey: 13,
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    /** 0, or what is wrong with the whole. Up to version 2 also what is wrong with the member. */
    errorCode: field("0+", int16),
    /** One for each in the request. */
    members: field(
      "3+",
      array(
        struct("MemberResponse", {
          memberId: field("3+", string),
          groupInstanceId: field("3+", string, { nullable: "3+" }),
          errorCode: field("3+", int16),
        }),
      ),
    ),
  },
});
export type LeaveGroupResponse = Infer<typeof LeaveGroupResponse>;
