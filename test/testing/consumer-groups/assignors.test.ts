import { describe, expect, it } from "vitest";
import { rangeAssignor } from "../../../src/testing/coordinator/consumer/assignors/range.ts";
import type {
  AssignedMember,
  AssignorInput,
  ServerAssignor,
  TargetAssignment,
} from "../../../src/testing/coordinator/consumer/assignors/server-assignor.ts";
import { uniformAssignor } from "../../../src/testing/coordinator/consumer/assignors/uniform.ts";
import { chance, seed } from "../../support/seed.ts";
import { ownersOf, RandomGroup, sizeOf, topicIdOf } from "./random-group.ts";

const GROUPS = 100;
const STEPS = 6;

const A = topicIdOf(1);
const B = topicIdOf(2);

function member(
  memberId: string,
  topicIds: readonly string[],
  assigned: readonly number[] = [],
): AssignedMember {
  return {
    memberId,
    instanceId: null,
    topicIds,
    assigned: assigned.length === 0 ? new Map() : new Map([[A, assigned]]),
  };
}

function inputOf(
  members: AssignedMember[],
  counts: Record<string, number>,
  isHomogeneous = true,
): AssignorInput {
  return { members, isHomogeneous, partitionCount: (topicId) => counts[topicId] ?? 0 };
}

/** Each assignment of many random groups, with what was asked for. */
function* histories(assignor: ServerAssignor): Generator<[AssignorInput, TargetAssignment, AssignorInput]> {
  const random = chance(seed);
  for (let i = 0; i < GROUPS; i++) {
    const group = new RandomGroup(random);
    for (let step = 0; step < STEPS; step++) {
      const { input } = group;
      const target = assignor.assign(input);
      group.assigned(target);
      yield [input, target, group.input];
      group.step();
    }
  }
}

describe.each([uniformAssignor, rangeAssignor])(`$name, seed ${seed}`, (assignor) => {
  it("gives every partition that somebody subscribes to away once, to a subscriber", () => {
    for (const [{ members, partitionCount }, target] of histories(assignor)) {
      const owners = ownersOf(target);
      const topicIds = new Set(members.flatMap((one) => one.topicIds));
      const wanted = [...topicIds].reduce((sum, topicId) => sum + partitionCount(topicId), 0);
      expect(owners.size).toBe(wanted);
      for (const [key, owner] of owners) {
        const [topicId = "", partition] = key.split(":");
        expect(Number(partition)).toBeLessThan(partitionCount(topicId));
        expect(members.find(({ memberId }) => memberId === owner)?.topicIds).toContain(topicId);
      }
    }
  });
});

describe(`uniform, seed ${seed}`, () => {
  it("gives members that subscribe alike the same number, give or take one", () => {
    for (const [{ members, isHomogeneous }, target] of histories(uniformAssignor)) {
      if (!isHomogeneous) continue;
      const sizes = members.map(({ memberId }) => sizeOf(target.get(memberId)));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it("moves nothing where nothing has changed", () => {
    for (const [, target, again] of histories(uniformAssignor)) {
      expect(ownersOf(uniformAssignor.assign(again))).toEqual(ownersOf(target));
    }
  });

  it("takes from nobody more than what makes it even", () => {
    for (const [{ members, isHomogeneous }, target] of histories(uniformAssignor)) {
      if (!isHomogeneous) continue;
      for (const { memberId, assigned, topicIds } of members) {
        const wanted = new Map([...assigned].filter(([topicId]) => topicIds.includes(topicId)));
        const had = new Set(ownersOf(new Map([[memberId, wanted]])).keys());
        const has = ownersOf(new Map([[memberId, target.get(memberId) ?? new Map()]]));
        const kept = [...had].filter((key) => has.has(key)).length;
        // What it gives up is only what is too much: it gets nothing in exchange.
        if (kept < had.size) expect(kept).toBe(has.size);
      }
    }
  });

  it("fills a new member with what the others have too much", () => {
    const members = [member("a", [A], [0, 1, 2]), member("b", [A], [3, 4, 5]), member("c", [A])];
    const target = uniformAssignor.assign(inputOf(members, { [A]: 6 }));
    expect(Object.fromEntries(target)).toEqual({
      a: new Map([[A, [0, 1]]]),
      b: new Map([[A, [3, 4]]]),
      c: new Map([[A, [2, 5]]]),
    });
  });

  it("evens out what different subscriptions allow", () => {
    const members = [member("a", [A, B]), member("b", [A]), member("c", [B])];
    const target = uniformAssignor.assign(inputOf(members, { [A]: 4, [B]: 2 }, false));
    expect(members.map(({ memberId }) => sizeOf(target.get(memberId)))).toEqual([2, 2, 2]);
  });
});

describe("range", () => {
  it("cuts topics of the same size at the same places, static members first", () => {
    const members = [
      member("a", [A, B]),
      { ...member("b", [A, B]), instanceId: "second" },
      { ...member("c", [A, B]), instanceId: "first" },
    ];
    const target = rangeAssignor.assign(inputOf(members, { [A]: 4, [B]: 4 }));
    expect(target.get("c")).toEqual(
      new Map([
        [A, [0, 1]],
        [B, [0, 1]],
      ]),
    );
    expect(target.get("b")).toEqual(
      new Map([
        [A, [2]],
        [B, [2]],
      ]),
    );
    expect(target.get("a")).toEqual(
      new Map([
        [A, [3]],
        [B, [3]],
      ]),
    );
  });
});
