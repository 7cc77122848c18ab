/**
 * SyncGroup, v0-5: the leader of a classic group says who gets what, and each member is told what it gets, once that
 * is known.
 *
 * - v3: static members. v5: the protocol, which has to be that of the group.
 */

import { SyncGroupRequest, SyncGroupResponse } from "../../protocol/messages/sync-group.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { memberRequestRefusal } from "./group-requests.ts";

type Response = InferInput<typeof SyncGroupResponse>;

const FIRST_VERSION_WITH_PROTOCOL = 5;
const INCONSISTENT_GROUP_PROTOCOL = errorNumber("INCONSISTENT_GROUP_PROTOCOL");
const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");

export const SyncGroup = serve({
  request: SyncGroupRequest,
  response: SyncGroupResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: (request, context) => {
    const { groupId, memberId, groupInstanceId, generationId, protocolType, protocolName } = request;
    const isComplete = protocolType !== null && protocolName !== null;
    if (context.version >= FIRST_VERSION_WITH_PROTOCOL && !isComplete) {
      return { errorCode: INCONSISTENT_GROUP_PROTOCOL };
    }
    const refusal = memberRequestRefusal(groupId, context);
    if (refusal !== NONE) return { errorCode: refusal };
    const group = context.cluster.groups.get(groupId)?.classic;
    if (group == null) return { errorCode: UNKNOWN_MEMBER_ID };
    const assignments = new Map(request.assignments.map((one) => [one.memberId, one.assignment]));
    return group
      .sync({ memberId, groupInstanceId, generationId, protocolType, protocolName, assignments })
      .map((answer): Response => answer);
  },
});
