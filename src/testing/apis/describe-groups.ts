/**
 * DescribeGroups, v0-6: classic groups with their members.
 *
 * - A group that there is not, or is of another kind, is Dead; v6 says GROUP_ID_NOT_FOUND as well. v3: what the client
 *   may do. v4: static members.
 */

import { DescribeGroupsRequest, DescribeGroupsResponse } from "../../protocol/messages/describe-groups.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { ClassicGroup } from "../coordinator/classic/classic-group.ts";
import { metadataOf } from "../coordinator/classic/classic-state.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { authorizedOperations } from "../security/authorized-operations.ts";

type Described = NonNullable<InferInput<typeof DescribeGroupsResponse>["groups"]>[number];

const FIRST_VERSION_WITH_OPERATIONS = 3;
const FIRST_VERSION_WITH_NOT_FOUND = 6;
const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const GROUP_ID_NOT_FOUND = errorNumber("GROUP_ID_NOT_FOUND");
const NOTHING = new Uint8Array(0);

export const DescribeGroups = serve({
  request: DescribeGroupsRequest,
  response: DescribeGroupsResponse,
  refuse: ({ groups }, errorCode) => ({ groups: groups.map((groupId) => ({ groupId, errorCode })) }),
  handle: ({ groups, includeAuthorizedOperations }, context) => {
    const refused = groups.filter((groupId) => !context.allows("DESCRIBE", "GROUP", groupId));
    const allowed = groups.filter((groupId) => !refused.includes(groupId));
    const withOperations = context.version >= FIRST_VERSION_WITH_OPERATIONS && includeAuthorizedOperations;
    return {
      groups: [
        ...refused.map((groupId) => ({ groupId, errorCode: GROUP_AUTHORIZATION_FAILED })),
        ...allowed.map((groupId) => {
          const described = describe(groupId, context);
          if (!withOperations || described.errorCode !== NONE) return described;
          return { ...described, authorizedOperations: authorizedOperations(context, "GROUP", groupId) };
        }),
      ],
    };
  },
});

function describe(groupId: string, context: RequestContext): Described {
  const { groups } = context.cluster;
  const refusal = context.injected({ group: groupId }) || groups.refusalOf(groupId, context.broker);
  if (refusal !== NONE) return { groupId, errorCode: refusal };
  const group = groups.get(groupId);
  if (group instanceof ClassicGroup) return describeClassic(group);
  if (context.version < FIRST_VERSION_WITH_NOT_FOUND) return { groupId, errorCode: NONE, groupState: "Dead" };
  const errorMessage =
    group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`;
  return { groupId, errorCode: GROUP_ID_NOT_FOUND, groupState: "Dead", errorMessage };
}

function describeClassic({ groupId, protocolType, current }: ClassicGroup): Described {
  const { phase, protocolName, members } = current;
  const isStable = phase === "Stable";
  return {
    groupId,
    errorCode: NONE,
    groupState: phase,
    protocolType,
    protocolData: isStable ? (protocolName ?? "") : "",
    members: Array.from(members.values(), (member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? metadataOf(member, protocolName) : NOTHING,
      memberAssignment: member.assignment,
    })),
  };
}
