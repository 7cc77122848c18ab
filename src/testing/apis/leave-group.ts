/**
 * LeaveGroup, v0-5: members leave, or an admin takes out static members.
 *
 * - Until v2 it is one member, and its error is that of the whole. v3: several. v5: why they leave, which is of no
 *   consequence.
 */

import { LeaveGroupRequest, LeaveGroupResponse } from "../../protocol/messages/leave-group.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { memberRequestRefusal } from "./group-requests.ts";

const FIRST_VERSION_WITH_SEVERAL = 3;
const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");

export const LeaveGroup = serve({
  request: LeaveGroupRequest,
  response: LeaveGroupResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ groupId, memberId, members }, context) => {
    const refusal = memberRequestRefusal(groupId, context);
    if (refusal !== NONE) return { errorCode: refusal };
    const withSeveral = context.version >= FIRST_VERSION_WITH_SEVERAL;
    const leaving = withSeveral
      ? members.map((member) => ({ memberId: member.memberId, groupInstanceId: member.groupInstanceId }))
      : [{ memberId, groupInstanceId: null }];
    const group = context.cluster.groups.get(groupId)?.classic;
    const answers =
      group?.leave(leaving).members ?? leaving.map((member) => ({ ...member, errorCode: UNKNOWN_MEMBER_ID }));
    return withSeveral ? { members: answers } : { errorCode: answers[0]?.errorCode ?? NONE };
  },
});
