/** What has to hold of every assignment, in random groups from one rebalance to the next. */

import { describe, expect, it } from "vitest";
import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../../../src/group/assignor.ts";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { chance, seed } from "../../support/seed.ts";
import { RandomGroup } from "./random-groups.ts";
import { namesOf } from "./support.ts";

const GROUPS = 150;
const REBALANCES = 3;
/** More than any group takes until nobody gives anything up. */
const MOST_REBALANCES = 20;

interface Outcome {
  readonly members: readonly GroupMember[];
  readonly topics: ReadonlyMap<string, TopicLayout>;
  readonly assigned: ReadonlyMap<string, MemberAssignment>;
}

const assignorNamed = (name: string): Assignor => builtInAssignor(name) as Assignor;

const histories = new Map<string, readonly Outcome[]>();

/** Of random groups, the same ones for every test. */
function outcomes(name: string): readonly Outcome[] {
  const known = histories.get(name);
  if (known !== undefined) return known;
  const random = chance(seed);
  const history: Outcome[] = [];
  for (let i = 0; i < GROUPS; i++) {
    const group = new RandomGroup(name, random);
    for (let n = 0; n < REBALANCES; n++) {
      const { members, topics } = group.rebalance();
      const assigned = assignorNamed(name).assign(members, topics);
      history.push({ members, topics, assigned });
      group.goOn(assigned);
    }
  }
  histories.set(name, history);
  return history;
}

const namesAssigned = ({ assigned }: Outcome, memberId: string): Set<string> =>
  namesOf((assigned.get(memberId) as MemberAssignment).partitions);

const namesOwned = ({ subscription }: GroupMember): Set<string> =>
  namesOf(subscription.ownedPartitions.map(({ topic, partitions }) => [topic, partitions]));

/** Everything that the member may have. */
function namesPossible({ subscription }: GroupMember, topics: Outcome["topics"]): Set<string> {
  return namesOf(
    subscription.topics.map((topic) => [topic, [...Array(topics.get(topic)?.partitions ?? 0).keys()]]),
  );
}

const subscribedToTheSame = ({ members }: Outcome): boolean =>
  new Set(members.map(({ subscription }) => subscription.topics.join())).size === 1;

const saysRack = ({ members }: Outcome): boolean =>
  members.some(({ subscription }) => subscription.rackId !== null);

describe.each(["range", "roundrobin", "sticky", "cooperative-sticky"])(`%s, seed ${seed}`, (name) => {
  it("gives each partition once, to a member that is subscribed to it", () => {
    const wrong: string[] = [];
    for (const outcome of outcomes(name)) {
      const { members, topics, assigned } = outcome;
      expect([...assigned.keys()].sort()).toEqual(members.map(({ memberId }) => memberId).sort());
      const owner = new Map<string, GroupMember>();
      const open = new Set<string>();
      for (const member of members) {
        const possible = namesPossible(member, topics);
        for (const partition of possible) open.add(partition);
        for (const partition of namesAssigned(outcome, member.memberId)) {
          if (!possible.has(partition)) wrong.push(`${partition} is not for ${member.memberId}`);
          if (owner.has(partition)) wrong.push(`${partition} is assigned twice`);
          owner.set(partition, member);
        }
      }
      const claimed = new Set(members.flatMap((member) => [...namesOwned(member)]));
      for (const partition of open) {
        const member = owner.get(partition);
        if (member === undefined) {
          if (!claimed.has(partition)) wrong.push(`${partition} is held back for nothing`);
        } else if (claimed.has(partition) && !namesOwned(member).has(partition)) {
          wrong.push(`${partition} is given away while somebody may read it`);
        }
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it("is not told by chance, and not by the order in which the coordinator tells the members", () => {
    for (const { members, topics, assigned } of outcomes(name)) {
      const again = assignorNamed(name).assign(members, new Map([...topics].reverse()));
      expect(again).toEqual(assigned);
    }
  });
});

it("range cuts each topic into runs of equal length, or one more for the first members, and alike", () => {
  for (const outcome of outcomes("range")) {
    const { members, topics, assigned } = outcome;
    const cuts = new Map<string, string>();
    for (const [topic, { partitions }] of topics) {
      const subscribers = members.filter(({ subscription }) => subscription.topics.includes(topic));
      if (subscribers.length === 0) continue;
      const runs = subscribers.map(({ memberId }) => assigned.get(memberId)?.partitions.get(topic) ?? []);
      const least = Math.floor(partitions / subscribers.length);
      for (const run of runs) {
        expect([least, least + 1]).toContain(run.length);
        if (!saysRack(outcome)) {
          expect(run).toEqual(Array.from(run, (_, i) => (run[0] as number) + i));
        }
      }
      const key = `${partitions} for ${subscribers.map(({ memberId }) => memberId).join()}`;
      expect(JSON.stringify(runs)).toBe(cuts.get(key) ?? JSON.stringify(runs));
      if (!saysRack(outcome)) cuts.set(key, JSON.stringify(runs));
    }
  }
});

it("roundrobin gives members with the same subscription the same number, or one more", () => {
  let equal = 0;
  for (const outcome of outcomes("roundrobin")) {
    if (!subscribedToTheSame(outcome)) continue;
    equal++;
    const loads = outcome.members.map(({ memberId }) => namesAssigned(outcome, memberId).size);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
  }
  expect(equal).toBeGreaterThan(GROUPS / 4);
});

describe("sticky", () => {
  it("gives members with the same subscription the same number, or one more", () => {
    let equal = 0;
    for (const outcome of outcomes("sticky")) {
      if (!subscribedToTheSame(outcome)) continue;
      equal++;
      const loads = outcome.members.map(({ memberId }) => namesAssigned(outcome, memberId).size);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    }
    expect(equal).toBeGreaterThan(GROUPS / 4);
  });

  it("leaves a new group such that no partition could move to a less loaded member", () => {
    const random = chance(seed);
    let unequal = 0;
    for (let i = 0; i < GROUPS; i++) {
      const { members, topics } = new RandomGroup("sticky", random).rebalance();
      const assigned = assignorNamed("sticky").assign(members, topics);
      const outcome = { members, topics, assigned };
      if (!subscribedToTheSame(outcome)) unequal++;
      const load = new Map(members.map(({ memberId }) => [memberId, namesAssigned(outcome, memberId).size]));
      const uneven = members.flatMap((owner) =>
        Array.from(assigned.get(owner.memberId)?.partitions.keys() ?? [], (topic) =>
          members.filter(
            ({ memberId, subscription }) =>
              subscription.topics.includes(topic) &&
              (load.get(memberId) as number) + 1 < (load.get(owner.memberId) as number),
          ),
        ).flat(),
      );
      expect(uneven).toEqual([]);
    }
    expect(unequal).toBeGreaterThan(GROUPS / 4);
  });
});

describe.each(["sticky", "cooperative-sticky"])("%s", (name) => {
  /** After rebalances in which nobody joins or leaves. */
  const atRest = new Map<Outcome, Outcome>();

  it("comes to rest: after some rebalances nobody gives anything up", () => {
    for (const outcome of outcomes(name)) {
      let current = outcome;
      for (let generation = 1000; generation < 1000 + MOST_REBALANCES && givesUp(current); generation++) {
        current = followedBy(current, joinAgain(current, generation));
      }
      expect(givesUp(current)).toBe(false);
      atRest.set(outcome, followedBy(current, joinAgain(current, 2000)));
    }
  });

  // Looking at racks may move something even so.
  const withoutRacks = (): Outcome[] => [...atRest.values()].filter((outcome) => !saysRack(outcome));
  const alike = (): Outcome[] => withoutRacks().filter(subscribedToTheSame);

  it("moves nothing where nothing has changed", () => {
    for (const outcome of withoutRacks()) {
      expect(held(followedBy(outcome, joinAgain(outcome, 3000)))).toEqual(held(outcome));
    }
    expect(withoutRacks().length).toBeGreaterThan(GROUPS / 4);
  });

  it("takes nothing from those that stay when a member leaves, if all are subscribed to the same topics", () => {
    for (const outcome of alike()) {
      const stay = joinAgain(outcome, 3000).slice(1);
      const after = followedBy(outcome, stay);
      expect(stay.filter(({ memberId }) => lost(outcome, after, memberId).length > 0)).toEqual([]);
    }
    expect(alike().length).toBeGreaterThan(GROUPS / 10);
  });

  it("moves partitions to a new member only, if all are subscribed to the same topics", () => {
    for (const outcome of alike()) {
      const members = joinAgain(outcome, 3000);
      const [{ subscription }] = members as [GroupMember];
      const fresh = { ...subscription, userData: null, ownedPartitions: [], generationId: -1 };
      const newcomer = { memberId: "newcomer", groupInstanceId: null, subscription: fresh };
      const after = followedBy(outcome, [...members, newcomer]);
      expect(members.filter(({ memberId }) => lost(after, outcome, memberId).length > 0)).toEqual([]);
    }
  });

  function followedBy({ topics }: Outcome, members: readonly GroupMember[]): Outcome {
    return { members, topics, assigned: assignorNamed(name).assign(members, topics) };
  }

  /** The members after each got its assignment and gave up what it lost. */
  function joinAgain({ members, assigned }: Outcome, generationId: number): GroupMember[] {
    return members.map((member) => {
      const assignment = assigned.get(member.memberId) as MemberAssignment;
      const assignor = assignorNamed(name);
      assignor.assigned?.(assignment, generationId);
      const ownedPartitions =
        assignor.rebalanceProtocol === "eager"
          ? []
          : Array.from(assignment.partitions, ([topic, partitions]) => ({
              topic,
              partitions: [...partitions],
            }));
      const userData = assignor.userData?.(member.subscription.topics) ?? null;
      return { ...member, subscription: { ...member.subscription, userData, ownedPartitions, generationId } };
    });
  }

  function givesUp(outcome: Outcome): boolean {
    return outcome.members.some((member) => {
      const kept = namesAssigned(outcome, member.memberId);
      return [...namesOwned(member)].some((partition) => !kept.has(partition));
    });
  }

  /** What the member had before and no longer has after. */
  function lost(before: Outcome, after: Outcome, memberId: string): string[] {
    const kept = namesAssigned(after, memberId);
    return [...namesAssigned(before, memberId)].filter((partition) => !kept.has(partition));
  }

  function held(outcome: Outcome): Map<string, Set<string>> {
    return new Map(outcome.members.map(({ memberId }) => [memberId, namesAssigned(outcome, memberId)]));
  }
});
