import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../assignor.ts";
import { inServingOrder } from "./members.ts";
import { topicsToAssign } from "./topics.ts";

/**
 * Kafka's `roundrobin`: deals the partitions of all topics, one after the other, to the members in turn.
 *
 * Choose it for an even number of partitions per member across all topics, where members may lose everything that
 * they have built up whenever the group changes: then most partitions move. Where members are subscribed to different
 * topics it is less even than the sticky ones. It looks at no racks, and does not keep partitions of the same number
 * together as `range` does.
 */
export class RoundRobinAssignor implements Assignor {
  readonly name = "roundrobin";
  readonly rebalanceProtocol = "eager";

  assign(
    members: readonly GroupMember[],
    topics: ReadonlyMap<string, TopicLayout>,
  ): ReadonlyMap<string, MemberAssignment> {
    const hands = inServingOrder(members).map(({ memberId, subscription }) => ({
      memberId,
      subscribed: new Set(subscription.topics),
      partitions: new Map<string, number[]>(),
    }));
    let next = 0;
    const dealt = topicsToAssign(members, topics);
    for (const topic of [...dealt.keys()].sort()) {
      const { partitions: count } = dealt.get(topic) as TopicLayout;
      for (let partition = 0; partition < count; partition++) {
        // Ends, since somebody is subscribed to each of these topics.
        while (!hands[next]?.subscribed.has(topic)) next = (next + 1) % hands.length;
        const { partitions } = hands[next] as (typeof hands)[number];
        const ofTopic = partitions.get(topic);
        if (ofTopic === undefined) partitions.set(topic, [partition]);
        else ofTopic.push(partition);
        next = (next + 1) % hands.length;
      }
    }
    return new Map(hands.map(({ memberId, partitions }) => [memberId, { partitions }]));
  }
}
