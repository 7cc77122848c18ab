/**
 * DeleteGroups, v0-3: forgets empty groups of any kind, with their offsets. Each group is named once in the answer.
 *
 * - v3: messages.
 */

import { DeleteGroupsRequest, DeleteGroupsResponse } from "../../protocol/messages/delete-groups.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";

const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const GROUP_ID_NOT_FOUND = errorNumber("GROUP_ID_NOT_FOUND");

export const DeleteGroups = serve({
  request: DeleteGroupsRequest,
  response: DeleteGroupsResponse,
  refuse: ({ groupsNames }, errorCode) => ({
    results: groupsNames.map((groupId) => ({ groupId, errorCode })),
  }),
  handle: ({ groupsNames }, context) => {
    const distinct = [...new Set(groupsNames)];
    const refused = distinct.filter((groupId) => !context.allows("DELETE", "GROUP", groupId));
    const allowed = distinct.filter((groupId) => !refused.includes(groupId));
    return {
      results: [
        ...allowed.map((groupId) => ({ groupId, errorCode: deleteGroup(groupId, context) })),
        ...refused.map((groupId) => ({ groupId, errorCode: GROUP_AUTHORIZATION_FAILED })),
      ],
    };
  },
});

/** Gives the number of an error, 0 for none. */
function deleteGroup(groupId: string, context: RequestContext): number {
  const { groups } = context.cluster;
  const refusal = context.injected({ group: groupId }) || groups.refusalOf(groupId, context.broker);
  if (refusal !== NONE) return refusal;
  const group = groups.get(groupId);
  if (group === undefined) return GROUP_ID_NOT_FOUND;
  const reason = group.deleteRefusal();
  if (reason === NONE) groups.delete(group);
  return reason;
}
