/** What the APIs of groups have in common. */

import type { RequestContext } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";

const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const INVALID_GROUP_ID = errorNumber("INVALID_GROUP_ID");

/** Why a member may not take part in the group here: the number of an error, 0 where it may. */
export function memberRequestRefusal(groupId: string, context: RequestContext): number {
  if (!context.allows("READ", "GROUP", groupId)) return GROUP_AUTHORIZATION_FAILED;
  const injected = context.injected({ group: groupId });
  if (injected !== NONE) return injected;
  return groupId === "" ? INVALID_GROUP_ID : context.cluster.groups.refusalOf(groupId, context.broker);
}
