/**
 * ConsumerGroupDescribe, v0-1 (KIP-848): members of groups of the consumer protocol, what they have and what they are
 * to have. v1 says which protocol each member speaks.
 */

import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from "../../protocol/messages/consumer-group-describe.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import type { ConsumerGroup } from "../coordinator/consumer/consumer-group.ts";
import { heldBy, type Member } from "../coordinator/consumer/member.ts";
import { listed, type TopicPartitions } from "../coordinator/consumer/partitions.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { authorizedOperations } from "../security/authorized-operations.ts";

type DescribedGroup = NonNullable<InferInput<typeof ConsumerGroupDescribeResponse>["groups"]>[number];
type DescribedMember = NonNullable<DescribedGroup["members"]>[number];

const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;
const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNSUPPORTED_VERSION = errorNumber("UNSUPPORTED_VERSION");

export const ConsumerGroupDescribe = serve({
  request: ConsumerGroupDescribeRequest,
  response: ConsumerGroupDescribeResponse,
  refuse: ({ groupIds }, errorCode) => ({
    groups: groupIds.map((groupId) => failed(groupId, errorCode)),
  }),
  handle: ({ groupIds, includeAuthorizedOperations }, context) => ({
    groups: groupIds.map((groupId) => {
      const described = describe(groupId, context);
      if (!includeAuthorizedOperations || described.errorCode !== undefined) return described;
      const operations = authorizedOperations(context, "GROUP", groupId);
      return { ...described, authorizedOperations: operations };
    }),
  }),
});

function describe(groupId: string, context: RequestContext): DescribedGroup {
  const { cluster, broker } = context;
  if (!cluster.consumerGroups.isEnabled) return failed(groupId, UNSUPPORTED_VERSION);
  if (!context.allows("DESCRIBE", "GROUP", groupId)) return failed(groupId, GROUP_AUTHORIZATION_FAILED);
  const injected = context.injected({ group: groupId });
  const refusal = injected === NONE ? cluster.groups.refusalOf(groupId, broker) : injected;
  if (refusal !== NONE) return failed(groupId, refusal);
  try {
    return described(cluster.consumerGroups.get(groupId), context);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...failed(groupId, error.errorCode), errorMessage: error.message };
  }
}

function failed(groupId: string, errorCode: number): DescribedGroup {
  return { groupId, errorCode, errorMessage: null, members: [] };
}

function described({ core, groupId }: ConsumerGroup, context: RequestContext): DescribedGroup {
  const all = [...core.members.values()];
  const topics = new Set(all.flatMap((member) => [...core.subscriptionOf(member)]));
  if ([...topics].some((topic) => !context.allows("DESCRIBE", "TOPIC", topic))) {
    return {
      ...failed(groupId, TOPIC_AUTHORIZATION_FAILED),
      errorMessage: "The group has described topic(s) that the client is not authorized to describe.",
    };
  }
  return {
    groupId,
    groupState: core.state,
    groupEpoch: core.epoch,
    assignmentEpoch: core.target.epoch,
    assignorName: core.preferredAssignor ?? context.cluster.consumerGroups.defaultAssignor,
    members: all.map((member) => describedMember(member, core.targetOf(member.memberId), context)),
  };
}

function describedMember(member: Member, target: TopicPartitions, context: RequestContext): DescribedMember {
  const { memberId, instanceId, rackId, epoch, clientId, clientHost, topics, pattern } = member;
  return {
    memberId,
    instanceId,
    rackId,
    memberEpoch: epoch,
    clientId,
    clientHost,
    subscribedTopicNames: [...topics],
    subscribedTopicRegex: pattern,
    assignment: { topicPartitions: named(heldBy(member), context) },
    targetAssignment: { topicPartitions: named(target, context) },
    memberType: member.classic === null ? CONSUMER_MEMBER : CLASSIC_MEMBER,
  };
}

/** Without topics that are gone. */
function named(partitions: TopicPartitions, { cluster }: RequestContext) {
  return listed(partitions).flatMap(({ topicId, partitions: numbers }) => {
    const topicName = cluster.topics.byId(topicId)?.name;
    return topicName === undefined ? [] : [{ topicId, topicName, partitions: numbers }];
  });
}
