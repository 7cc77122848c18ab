import type { GroupMember, TopicLayout } from "../../assignor.ts";
import { compareTexts, inLeadersOrder } from "../members.ts";
import { topicsToAssign } from "../topics.ts";
import { type Claim, type SettledClaims, settleClaims } from "./claims.ts";
import { PartitionNumbers } from "./partition-numbers.ts";
import { RackMatching } from "./rack-matching.ts";

/** Everything that a sticky assignor goes by. Members are numbers that rise with the member id, partitions too. */
export interface GroupState {
  readonly members: readonly GroupMember[];
  /** The members in the order in which Kafka's leader goes through them. */
  readonly order: readonly number[];
  readonly partitions: PartitionNumbers;
  readonly claims: readonly Claim[];
  readonly settled: SettledClaims;
  readonly racks: RackMatching;
}

/** How an assignor knows what a member owned, and since which generation of the group. */
export type ReadClaim = (
  member: GroupMember,
  partitions: PartitionNumbers,
) => Pick<Claim, "partitions" | "generation">;

export function groupState(
  group: readonly GroupMember[],
  layouts: ReadonlyMap<string, TopicLayout>,
  readClaim: ReadClaim,
): GroupState {
  const members = [...group].sort((a, b) => compareTexts(a.memberId, b.memberId));
  const topics = topicsToAssign(members, layouts);
  const partitions = new PartitionNumbers(topics);
  const numbers = new Map(members.map(({ memberId }, number) => [memberId, number]));
  const order = inLeadersOrder(group).map(({ memberId }) => numbers.get(memberId) as number);
  const claims = members.map((member) => ({
    ...readClaim(member, partitions),
    subscriptionGeneration: Math.max(member.subscription.generationId, -1),
  }));
  return {
    members,
    order,
    partitions,
    claims,
    settled: settleClaims(claims, order),
    racks: new RackMatching(
      members,
      partitions.topics.map((topic) => topics.get(topic) as TopicLayout),
    ),
  };
}
