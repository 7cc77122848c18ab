/** Whether a classic group is waiting for its members to join, which is why a coordinator lets JoinGroup wait. */

import { DescribeGroupsRequest, DescribeGroupsResponse } from "../../../protocol/messages/describe-groups.ts";
import { api } from "../../api.ts";
import type { Ask } from "../../request.ts";

const DescribeGroups = api(DescribeGroupsRequest, DescribeGroupsResponse);

const NOT_COORDINATOR = 16;

/**
 * Asks a coordinator, on another connection than the one on which it is silent. In any other state of the group it has
 * nothing to wait for: either it has never got the request, or its answer is lost.
 *
 * @throws what asking came to.
 */
export async function isRebalancing(ask: Ask, groupId: string): Promise<boolean> {
  const { response } = await ask(DescribeGroups, { groups: [groupId] });
  const group = response.groups[0];
  // Who may not know, or not yet, waits on.
  if (group === undefined || group.errorCode !== 0) return group?.errorCode !== NOT_COORDINATOR;
  return group.groupState === "PreparingRebalance";
}
