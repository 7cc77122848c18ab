/**
 * DeleteGroups (key 42, KIP-229): deletes groups that have no members, and their offsets with them. Admin
 * clients send it to the coordinator of the groups. Each group succeeds or fails on its own.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible; 3 adds error messages.
 *
 * Errors of a group:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - NON_EMPTY_GROUP: it still has members. Stop them first.
 * - GROUP_ID_NOT_FOUND: there is no such group. After a retry that may be one's own first attempt.
 * - GROUP_DELETION_FAILED: the cluster could not remove what it keeps of a streams group elsewhere;
 *   `errorMessage` says more. The group is still there, so try again.
 * - INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Groups that have the same coordinator. */
export const DeleteGroupsRequest = request({
  apiKey: 42,
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: {
    /** Their ids. */
    groupsNames: field("0+", array(string)),
  },
});
export type DeleteGroupsRequest = Infer<typeof DeleteGroupsRequest>;

/** What became of each group. */
export const DeleteGroupsResponse = response({
  apiKey: 42,
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("DeletableGroupResult", {
          groupId: field("0+", string),
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null for no more than the code says. */
          errorMessage: field("3+", string, { nullable: "3+", default: null, ignorable: true }),
        }),
      ),
    ),
  },
});
export type DeleteGroupsResponse = Infer<typeof DeleteGroupsResponse>;
