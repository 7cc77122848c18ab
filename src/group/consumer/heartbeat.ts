/** What a member says with its next heartbeat: everything, or only what has changed. */

import type { ConsumerGroupHeartbeatRequest } from "../../protocol/messages/consumer-group-heartbeat.ts";
import type { InferInput } from "../../protocol/schema.ts";
import type { MemberState, MemberSubscription, Said } from "./member-state.ts";
import { isSame, listOf, minus } from "./partition-set.ts";

type Heartbeat = InferInput<typeof ConsumerGroupHeartbeatRequest>;

const NOTHING: MemberSubscription = { topics: [], pattern: null };

/** What the coordinator will have heard when it has answered the next heartbeat. */
export function toSay({ subscription, owned }: MemberState): Said {
  return { subscription: subscription ?? NOTHING, owned };
}

/**
 * The next heartbeat. The coordinator takes one that says how long the member needs, what it wants and what it owns
 * for a complete one, and answers it with the whole assignment.
 */
export function heartbeatOf(state: MemberState): Heartbeat {
  const { settings, memberId, epoch, said, mayHavePattern, acknowledged, owesOwned } = state;
  const { groupId, instanceId, rackId, assignor, rebalanceTimeoutMs } = settings;
  const { subscription, owned } = toSay(state);
  // A static member is looked up by its name each time.
  const base = { groupId, memberId, memberEpoch: epoch, instanceId };
  if (epoch === 0 || said === null) {
    return {
      ...base,
      rackId,
      rebalanceTimeoutMs,
      subscribedTopicNames: subscription.topics,
      // Null would leave a pattern as it is.
      subscribedTopicRegex: subscription.pattern ?? (mayHavePattern ? "" : null),
      serverAssignor: assignor,
      topicPartitions: listOf(owned),
    };
  }
  const former = said.subscription;
  return {
    ...base,
    ...(isSameList(former.topics, subscription.topics) ? {} : { subscribedTopicNames: subscription.topics }),
    ...(former.pattern === subscription.pattern ? {} : { subscribedTopicRegex: subscription.pattern ?? "" }),
    ...(!owesOwned && isSame(acknowledged, owned) ? {} : { topicPartitions: listOf(owned) }),
  };
}

/** The heartbeat by which a member leaves. */
export function departureOf({ settings, memberId }: MemberState, memberEpoch: number): Heartbeat {
  return { groupId: settings.groupId, memberId, memberEpoch, instanceId: settings.instanceId };
}

/** Whether there is something to say that the coordinator, or another member, waits for. */
export function isUrgent(state: MemberState): boolean {
  const { said, acknowledged, owesOwned, owned, work } = state;
  if (said === null) return false;
  const { subscription } = toSay(state);
  if (!isSameList(said.subscription.topics, subscription.topics)) return true;
  if (said.subscription.pattern !== subscription.pattern) return true;
  // What was given up is free for others, whatever the host is at now.
  if (minus(acknowledged, owned).size > 0) return true;
  return work === null && (owesOwned || !isSame(acknowledged, owned));
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
