/**
 * JoinGroup, v0-9: a member of the classic protocol joins its group. The answer comes with the next generation.
 *
 * - v1: a rebalance timeout, which is the session timeout before. v4: MEMBER_ID_REQUIRED (KIP-394). v5: static members
 *   (KIP-345). v9: a static leader that has come back is told that it has nothing to assign (KIP-814).
 *
 * Differs from Kafka: the member that leads when the leader is gone is the one that joined first, where Kafka takes any.
 */

import { JoinGroupRequest, JoinGroupResponse } from "../../protocol/messages/join-group.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import type { JoinAnswer } from "../coordinator/classic/classic-events.ts";
import type { ClassicProtocol } from "../coordinator/classic/classic-protocol.ts";
import { javaUuid } from "../coordinator/java-uuid.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { memberRequestRefusal } from "./group-requests.ts";

type Request = Infer<typeof JoinGroupRequest>;
type Response = InferInput<typeof JoinGroupResponse>;

const FIRST_VERSION_WITH_REBALANCE_TIMEOUT = 1;
const FIRST_VERSION_WITH_MEMBER_ID_REQUIRED = 4;
const FIRST_VERSION_WITHOUT_NAME = 7;
const FIRST_VERSION_THAT_SKIPS = 9;
const INCONSISTENT_GROUP_PROTOCOL = errorNumber("INCONSISTENT_GROUP_PROTOCOL");
const INVALID_SESSION_TIMEOUT = errorNumber("INVALID_SESSION_TIMEOUT");
const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");

export const JoinGroup = serve({
  request: JoinGroupRequest,
  response: JoinGroupResponse,
  refuse: (_request, errorCode) => ({ errorCode, memberId: "" }),
  handle: (request, context) => {
    const { groupId, memberId } = request;
    const refusal = memberRequestRefusal(groupId, context) || sessionTimeoutRefusal(request, context);
    if (refusal !== NONE) return responseOf({ errorCode: refusal, memberId }, context.version);
    const group = groupFor(request, context);
    if (typeof group === "number") return responseOf({ errorCode: group, memberId }, context.version);
    const joined = group.join({
      memberId,
      groupInstanceId: request.groupInstanceId,
      clientId: context.clientId ?? "",
      clientHost: `/${hostOf(context.connection.peer)}`,
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs:
        context.version < FIRST_VERSION_WITH_REBALANCE_TIMEOUT
          ? request.sessionTimeoutMs
          : request.rebalanceTimeoutMs,
      protocolType: request.protocolType,
      protocols: request.protocols,
      newMemberId: newMemberId(request, context),
      requiresMemberId: context.version >= FIRST_VERSION_WITH_MEMBER_ID_REQUIRED,
      canSkipAssignment: context.version >= FIRST_VERSION_THAT_SKIPS,
    });
    return joined.map((answer) => responseOf(answer, context.version));
  },
});

function sessionTimeoutRefusal({ sessionTimeoutMs }: Request, { cluster }: RequestContext): number {
  const least = cluster.configs.number("group.min.session.timeout.ms");
  const most = cluster.configs.number("group.max.session.timeout.ms");
  return sessionTimeoutMs < least || sessionTimeoutMs > most ? INVALID_SESSION_TIMEOUT : NONE;
}

/** The group to join, made by its first member; or the number of an error. */
function groupFor({ groupId, memberId }: Request, { cluster }: RequestContext): ClassicProtocol | number {
  const group = cluster.groups.get(groupId);
  if (group === undefined && memberId !== "") return UNKNOWN_MEMBER_ID;
  if (group === undefined || (group.kind !== "classic" && group.isEmpty)) {
    return cluster.groups.startClassic(groupId);
  }
  return group.classic ?? INCONSISTENT_GROUP_PROTOCOL;
}

function newMemberId({ groupInstanceId }: Request, { cluster, clientId }: RequestContext): string {
  return `${groupInstanceId ?? clientId ?? ""}-${javaUuid(() => cluster.clock.random())}`;
}

/** The address without the port. */
function hostOf(peer: string): string {
  return peer.slice(0, peer.lastIndexOf(":"));
}

function responseOf({ protocolName = null, ...answer }: JoinAnswer, version: number): Response {
  return {
    ...answer,
    protocolName: version < FIRST_VERSION_WITHOUT_NAME ? (protocolName ?? "") : protocolName,
  };
}
