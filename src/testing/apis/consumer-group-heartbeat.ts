/**
 * ConsumerGroupHeartbeat, v0-1 (KIP-848): a member joins, stays, subscribes, gives up partitions or leaves; the answer
 * says what it may have.
 *
 * - v0: the coordinator makes ids of members that come without one. v1: members make them (KIP-1082), and may subscribe
 *   by pattern.
 * - Differs from Kafka: patterns are looked at as soon as the heartbeat is answered, which in Kafka takes a moment of
 *   another thread; what they match is told with the next heartbeat in both. `coordinator/consumer/re2.ts` says which
 *   patterns are understood.
 */

import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "../../protocol/messages/consumer-group-heartbeat.ts";
import type { Infer } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import type { Heartbeat } from "../coordinator/consumer/heartbeat.ts";
import { fromList, listed } from "../coordinator/consumer/partitions.ts";
import { errorNumber, NONE } from "../error-code.ts";

type Request = Infer<typeof ConsumerGroupHeartbeatRequest>;

const FIRST_VERSION_WITH_MEMBER_IDS = 1;
const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNSUPPORTED_VERSION = errorNumber("UNSUPPORTED_VERSION");

export const ConsumerGroupHeartbeat = serve({
  request: ConsumerGroupHeartbeatRequest,
  response: ConsumerGroupHeartbeatResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  handle: (request, context) => {
    const { groupId, memberId, memberEpoch } = request;
    const refusal = refusalOf(request, context);
    if (refusal !== NONE) return { errorCode: refusal };
    const groups = context.cluster.consumerGroups;
    const mayDescribe = (topic: string): boolean => context.allows("DESCRIBE", "TOPIC", topic);
    const needsMemberId = context.version >= FIRST_VERSION_WITH_MEMBER_IDS;
    const answer = groups.heartbeat(groupId, heartbeatOf(request, context), needsMemberId, mayDescribe);
    if (answer === null) return { memberId, memberEpoch };
    const { member, assigned } = answer;
    return {
      memberId: member.memberId,
      memberEpoch: member.epoch,
      heartbeatIntervalMs: groups.heartbeatIntervalMs(groupId),
      assignment: assigned === null ? null : { topicPartitions: listed(assigned) },
    };
  },
});

function refusalOf({ groupId, subscribedTopicNames }: Request, context: RequestContext): number {
  const { cluster, broker } = context;
  if (!cluster.consumerGroups.isEnabled) return UNSUPPORTED_VERSION;
  if (!context.allows("READ", "GROUP", groupId)) return GROUP_AUTHORIZATION_FAILED;
  const maySee = (topic: string): boolean => context.allows("DESCRIBE", "TOPIC", topic);
  if (subscribedTopicNames?.every(maySee) === false) return TOPIC_AUTHORIZATION_FAILED;
  const injected = context.injected({ group: groupId });
  return injected === NONE ? cluster.groups.refusalOf(groupId, broker) : injected;
}

function heartbeatOf(request: Request, { clientId, connection }: RequestContext): Heartbeat {
  return {
    memberId: request.memberId,
    memberEpoch: request.memberEpoch,
    instanceId: request.instanceId,
    rackId: request.rackId,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    topics: request.subscribedTopicNames,
    pattern: request.subscribedTopicRegex,
    assignor: request.serverAssignor,
    owned: request.topicPartitions === null ? null : fromList(request.topicPartitions),
    clientId: clientId ?? "",
    clientHost: clientHostOf(connection.peer),
  };
}

/** As Java writes an address. */
function clientHostOf(peer: string): string {
  return `/${peer.slice(0, peer.lastIndexOf(":"))}`;
}
