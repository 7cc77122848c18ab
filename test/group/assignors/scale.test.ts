import { expect, it } from "vitest";
import type { Assignor, GroupMember, TopicLayout } from "../../../src/group/assignor.ts";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { chance } from "../../support/seed.ts";

const MEMBERS = 1_000;
const TOPICS = 100;
const PARTITIONS_OF_TOPIC = 100;
const RACKS = ["a", "b", "c"] as const;
/** Each takes a fifth of a second on a machine with nothing else to do; quadratic work would take minutes. */
const ENOUGH_MS = 10_000;

it.for(
  ["range", "roundrobin", "sticky", "cooperative-sticky"].flatMap((name) =>
    [true, false].flatMap((same) => [true, false].map((racks) => ({ name, same, racks }))),
  ),
)(
  "$name assigns 10,000 partitions to 1,000 members, same topics: $same, racks: $racks",
  ({ name, same, racks }) => {
    const random = chance(1);
    const rack = (): string => RACKS[Math.floor(random() * RACKS.length)] as string;
    const topics = new Map<string, TopicLayout>();
    for (let i = 0; i < TOPICS; i++) {
      const partitions = Array.from({ length: PARTITIONS_OF_TOPIC }, () => (racks ? [rack(), rack()] : []));
      topics.set(`topic-${i}`, { partitions: PARTITIONS_OF_TOPIC, racks: partitions });
    }
    const join = (place: number): GroupMember => ({
      memberId: `member-${place}`,
      groupInstanceId: null,
      subscription: {
        topics: [...topics.keys()].filter(() => same || random() < 0.3),
        userData: null,
        ownedPartitions: [],
        generationId: -1,
        rackId: racks ? rack() : null,
      },
    });
    let members = Array.from({ length: MEMBERS }, (_, place) => join(place));
    const tookMs: number[] = [];
    for (let generation = 1; generation <= 3; generation++) {
      const start = performance.now();
      const assigned = (builtInAssignor(name) as Assignor).assign(members, topics);
      tookMs.push(performance.now() - start);
      members = members.map((member) => {
        const assignor = builtInAssignor(name) as Assignor;
        const assignment = assigned.get(member.memberId) ?? { partitions: new Map() };
        assignor.assigned?.(assignment, generation);
        const ownedPartitions =
          assignor.rebalanceProtocol === "eager"
            ? []
            : Array.from(assignment.partitions, ([topic, partitions]) => ({
                topic,
                partitions: [...partitions],
              }));
        const userData = assignor.userData?.(member.subscription.topics) ?? null;
        const { subscription } = member;
        return {
          ...member,
          subscription: { ...subscription, userData, ownedPartitions, generationId: generation },
        };
      });
      // A tenth leaves, then as many join.
      if (generation === 1) members.splice(0, MEMBERS / 10);
      else for (let i = 0; i < MEMBERS / 10; i++) members.push(join(MEMBERS + i));
    }
    console.log(tookMs.map((ms) => `${ms.toFixed(0)} ms`).join(", "));
    expect(Math.max(...tookMs)).toBeLessThan(ENOUGH_MS);
  },
);
