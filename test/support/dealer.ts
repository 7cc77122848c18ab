import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../../src/group/assignor.ts";

/** Deals partitions out in turn; where it is cooperative, it takes away first what a member has too much of. */
export function dealer(rebalanceProtocol: Assignor["rebalanceProtocol"], name: string): Assignor {
  return {
    name,
    rebalanceProtocol,
    assign(members, topics) {
      const dealt = deal(members, topics);
      return rebalanceProtocol === "eager" ? dealt : withoutOwned(dealt, members);
    },
  };
}

function deal(
  members: readonly GroupMember[],
  topics: ReadonlyMap<string, TopicLayout>,
): Map<string, { partitions: Map<string, number[]> }> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const dealt = new Map(
    sorted.map(({ memberId }) => [memberId, { partitions: new Map<string, number[]>() }]),
  );
  const owners = new Map<string, string>();
  for (const { memberId, subscription } of sorted) {
    for (const { topic, partitions } of subscription.ownedPartitions)
      for (const partition of partitions) owners.set(`${topic} ${partition}`, memberId);
  }
  const sizes = new Map(sorted.map(({ memberId }) => [memberId, 0]));
  const total = [...topics.values()].reduce((sum, { partitions }) => sum + partitions, 0);
  const most = Math.ceil(total / Math.max(1, sorted.length));
  for (const [topic, { partitions }] of topics) {
    const wanting = sorted.filter(({ subscription }) => subscription.topics.includes(topic));
    for (let partition = 0; partition < partitions && wanting.length > 0; partition++) {
      const size = (memberId: string): number => sizes.get(memberId) ?? 0;
      const owner = wanting.find(({ memberId }) => owners.get(`${topic} ${partition}`) === memberId);
      const least = wanting.reduce((a, b) => (size(b.memberId) < size(a.memberId) ? b : a));
      const { memberId } = owner !== undefined && size(owner.memberId) < most ? owner : least;
      sizes.set(memberId, size(memberId) + 1);
      const of = dealt.get(memberId)?.partitions;
      of?.set(topic, [...(of.get(topic) ?? []), partition]);
    }
  }
  return dealt;
}

function withoutOwned(
  dealt: ReadonlyMap<string, { readonly partitions: Map<string, number[]> }>,
  members: readonly GroupMember[],
): Map<string, MemberAssignment> {
  const owners = new Map<string, { memberId: string; generationId: number }>();
  for (const { memberId, subscription } of members) {
    for (const { topic, partitions } of subscription.ownedPartitions) {
      for (const partition of partitions) {
        const key = `${topic} ${partition}`;
        const { generationId } = subscription;
        if ((owners.get(key)?.generationId ?? -2) < generationId) owners.set(key, { memberId, generationId });
      }
    }
  }
  return new Map(
    Array.from(dealt, ([memberId, { partitions }]) => {
      const free = Array.from(partitions, ([topic, numbers]): [string, number[]] => [
        topic,
        numbers.filter((partition) => {
          const owner = owners.get(`${topic} ${partition}`);
          return owner === undefined || owner.memberId === memberId;
        }),
      ]);
      return [memberId, { partitions: new Map(free) }];
    }),
  );
}
