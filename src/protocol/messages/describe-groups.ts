/**
 * DescribeGroups (key 15): state, protocol and members of groups of the classic protocol. Admin clients send
 * it to the coordinator of the groups. Groups of the other kinds, which ConsumerGroupDescribe,
 * ShareGroupDescribe and StreamsGroupDescribe are for, count as not there.
 *
 * Versions: 1 adds the throttle time (KIP-124); 2 is answered before the throttling (KIP-219); 3 adds
 * authorized operations (KIP-430); 4 static members (KIP-345); 5 is flexible; 6 says which groups are not
 * there (KIP-1043).
 *
 * Errors of a group:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and ask there.
 * - COORDINATOR_LOAD_IN_PROGRESS: ask again after a pause.
 * - GROUP_ID_NOT_FOUND (from version 6 on): there is no such group. Before, it is in the state `Dead` without
 *   an error.
 * - INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { bool, bytes, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Groups that have the same coordinator. */
export const DescribeGroupsRequest = request({
  apiKey: 15,
  validVersions: "0-6",
  flexibleVersions: "5+",
  fields: {
    /** Their ids. */
    groups: field("0+", array(string)),
    /** Fills `authorizedOperations`. */
    includeAuthorizedOperations: field("3+", bool),
  },
});
export type DescribeGroupsRequest = Infer<typeof DescribeGroupsRequest>;

/** One description for each group, or why there is none. */
export const DescribeGroupsResponse = response({
  apiKey: 15,
  validVersions: "0-6",
  flexibleVersions: "5+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    groups: field(
      "0+",
      array(
        struct("DescribedGroup", {
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null when nothing is. */
          errorMessage: field("6+", string, { nullable: "6+", default: null }),
          groupId: field("0+", string),
          /**
           * `Empty` (offsets, no members), `PreparingRebalance`, `CompletingRebalance`, `Stable` or `Dead`.
           * Empty with an error other than GROUP_ID_NOT_FOUND.
           */
          groupState: field("0+", string),
          /** Such as `consumer`; empty for a group that only keeps offsets. */
          protocolType: field("0+", string),
          /** Name of the protocol in use, such as `range`; empty unless `Stable`. */
          protocolData: field("0+", string),
          /** Empty when the group has none. */
          members: field(
            "0+",
            array(
              struct("DescribedGroupMember", {
                memberId: field("0+", string),
                /** Null for a member that is not static. */
                groupInstanceId: field("4+", string, { nullable: "4+", default: null, ignorable: true }),
                clientId: field("0+", string),
                /** Address that it connects from, as in `/10.0.0.1`. */
                clientHost: field("0+", string),
                /** As in JoinGroup; empty unless `Stable`. */
                memberMetadata: field("0+", bytes),
                /** As in SyncGroup; empty unless `Stable`. */
                memberAssignment: field("0+", bytes),
              }),
            ),
          ),
          /**
           * One bit for each operation by its number in `AclOperation`; the lowest int32 when not asked for.
           */
          authorizedOperations: field("3+", int32, { default: -2147483648 }),
        }),
      ),
    ),
  },
});
export type DescribeGroupsResponse = Infer<typeof DescribeGroupsResponse>;
