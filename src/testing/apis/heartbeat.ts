/**
 * Heartbeat, v0-4: a member of the classic protocol is alive, and learns whether it has to join again.
 *
 * - v3: static members.
 */

import { HeartbeatRequest, HeartbeatResponse } from "../../protocol/messages/heartbeat.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { memberRequestRefusal } from "./group-requests.ts";

const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");

export const Heartbeat = serve({
  request: HeartbeatRequest,
  response: HeartbeatResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ groupId, memberId, groupInstanceId, generationId }, context) => {
    const refusal = memberRequestRefusal(groupId, context);
    if (refusal !== NONE) return { errorCode: refusal };
    const group = context.cluster.groups.get(groupId)?.classic;
    return { errorCode: group?.heartbeat({ memberId, groupInstanceId, generationId }) ?? UNKNOWN_MEMBER_ID };
  },
});
