import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../assignor.ts";
import { inLeadersOrder, inServingOrder } from "./members.ts";
import { rackOf } from "./racks.ts";
import { TopicRanges } from "./topic-ranges.ts";
import { topicsToAssign } from "./topics.ts";

/**
 * Kafka's `range`, the first of its defaults: cuts each topic by itself into runs of partitions, one run for each
 * member that is subscribed to it.
 *
 * Choose it where topics are read side by side: topics with as many partitions and the same members are cut alike, so
 * partition 3 of each is with the same member, and records with the same key meet. The price is balance: where the
 * number of partitions is no multiple of the number of members, the first members get one more of every topic. A
 * member that joins or leaves moves many partitions.
 *
 * Where members have a `clientRack` and not all racks hold all partitions, partitions go to members in a rack of
 * theirs as far as that leaves the number per member and topic, and cutting alike, as they are (KIP-881).
 */
export class RangeAssignor implements Assignor {
  readonly name = "range";
  readonly rebalanceProtocol = "eager";

  assign(
    members: readonly GroupMember[],
    topics: ReadonlyMap<string, TopicLayout>,
  ): ReadonlyMap<string, MemberAssignment> {
    const cut = rangesOf(members, topicsToAssign(inLeadersOrder(members), topics));
    const byRack = cut.some(({ racksMatter }) => racksMatter);
    if (byRack) for (const alike of cutAlike(cut)) assignInRacks(alike);
    for (const ranges of cut) ranges.assignRest();

    if (byRack) cut.sort((a, b) => (a.topic < b.topic ? -1 : 1));
    const assigned = new Map(members.map(({ memberId }) => [memberId, new Map<string, readonly number[]>()]));
    for (const { topic, assigned: ofTopic } of cut) {
      for (const [memberId, partitions] of ofTopic) {
        if (partitions.length === 0) continue;
        if (byRack) partitions.sort((a, b) => a - b);
        assigned.get(memberId)?.set(topic, partitions);
      }
    }
    return new Map(Array.from(assigned, ([memberId, partitions]) => [memberId, { partitions }]));
  }
}

function rangesOf(members: readonly GroupMember[], topics: ReadonlyMap<string, TopicLayout>): TopicRanges[] {
  const subscribers = new Map<string, { memberId: string; rack: string | null }[]>();
  for (const topic of topics.keys()) subscribers.set(topic, []);
  for (const member of inServingOrder(members)) {
    const consumer = { memberId: member.memberId, rack: rackOf(member) };
    for (const topic of new Set(member.subscription.topics)) subscribers.get(topic)?.push(consumer);
  }
  return Array.from(
    topics,
    ([topic, layout]) => new TopicRanges(topic, layout, subscribers.get(topic) ?? []),
  );
}

/** Topics with the same members and as many partitions. */
function cutAlike(all: readonly TopicRanges[]): Iterable<TopicRanges[]> {
  const alike = new Map<string, TopicRanges[]>();
  for (const ranges of all) {
    const key = JSON.stringify([ranges.partitions, ...ranges.consumers.map(({ memberId }) => memberId)]);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [ranges]);
    else group.push(ranges);
  }
  return alike.values();
}

/** Gives partitions to members in a rack of theirs; those of the same number, in topics cut alike, to the same one. */
function assignInRacks(alike: readonly TopicRanges[]): void {
  const [first] = alike as [TopicRanges];
  if (alike.length === 1) {
    if (first.racksMatter) first.assignInRacks();
    return;
  }
  if (!first.hasRacks) return;
  let hungry = first.consumers;
  for (let partition = 0; partition < first.partitions && hungry.length > 0; partition++) {
    const consumer = hungry.find((candidate) =>
      alike.every(
        (ranges) => ranges.inRack(candidate, partition) && ranges.mayStillGet(candidate.memberId) > 0,
      ),
    );
    if (consumer === undefined) continue;
    for (const ranges of alike) ranges.give(consumer.memberId, [partition]);
    if (alike.every((ranges) => ranges.mayStillGet(consumer.memberId) === 0)) {
      hungry = hungry.filter((other) => other !== consumer);
    }
  }
}
