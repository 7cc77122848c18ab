import { describe, expect, it } from "vitest";
import type { Assignor, MemberAssignment } from "../../../src/group/assignor.ts";
import { assignForAll, readWishes } from "../../../src/group/classic/lead-group.ts";
import { decodeAssignment, encodeSubscription } from "../../../src/protocol/consumer-protocol.ts";

const LAYOUTS = new Map([
  ["orders", { partitions: 2, racks: [] }],
  ["audit", { partitions: 1, racks: [] }],
]);

interface Wish {
  readonly topics: readonly string[];
  readonly owned?: readonly number[];
  readonly generationId?: number;
  readonly version?: number;
}

/** Members with these wishes; `owned` are partitions of "orders". */
function wishes(of: { readonly [memberId: string]: Wish }) {
  return readWishes(
    Object.entries(of).map(([memberId, { topics, owned = [], generationId = -1, version = 3 }]) => ({
      memberId,
      groupInstanceId: null,
      metadata: encodeSubscription(
        {
          topics: [...topics],
          ownedPartitions: [{ topic: "orders", partitions: [...owned] }],
          generationId,
        },
        version,
      ),
    })),
  );
}

/** One that always gives this. */
function giving(
  given: { readonly [memberId: string]: { readonly [topic: string]: readonly number[] } },
  name = "fixed",
): Assignor {
  const assignments = Object.entries(given).map(([memberId, topics]): [string, MemberAssignment] => [
    memberId,
    { partitions: new Map(Object.entries(topics)) },
  ]);
  return { name, rebalanceProtocol: "cooperative", assign: () => new Map(assignments) };
}

const BOTH = { a: { topics: ["orders"] }, b: { topics: ["audit", "orders"] } };

describe("the wishes of a group", () => {
  it("are read whatever version each member writes", () => {
    const { members, topics, unreadable } = wishes({
      a: { topics: ["orders"], version: 0 },
      b: { topics: ["audit"], owned: [1], generationId: 4, version: 1 },
      c: { topics: [], owned: [0], generationId: 5 },
    });
    expect(topics).toEqual(["audit", "orders"]);
    expect(unreadable).toEqual([]);
    expect(members.map(({ subscription }) => subscription.generationId)).toEqual([-1, -1, 5]);
    expect(members.map(({ subscription }) => subscription.ownedPartitions.length)).toEqual([0, 1, 1]);
  });

  it("leave a member out that cannot be read, and keep the others", () => {
    const broken = { memberId: "x", groupInstanceId: null, metadata: new Uint8Array([0, 3, 0]) };
    const good = {
      memberId: "a",
      groupInstanceId: null,
      metadata: encodeSubscription({ topics: ["orders"] }),
    };
    const read = readWishes([broken, good]);
    expect(read.unreadable).toEqual(["x"]);
    expect(read.topics).toEqual(["orders"]);
    const assignments = assignForAll(giving({ a: { orders: [0, 1] } }), read, LAYOUTS, "eager");
    expect([...assignments.keys()]).toEqual(["x", "a"]);
    expect(decodeAssignment(assignments.get("x") as Uint8Array).assignedPartitions).toEqual([]);
  });
});

describe("an assignment for all", () => {
  it("has something for each member, be it nothing", () => {
    const assignments = assignForAll(giving({ a: { orders: [1, 0] } }), wishes(BOTH), LAYOUTS, "eager");
    expect(decodeAssignment(assignments.get("a") as Uint8Array)).toMatchObject({
      assignedPartitions: [{ topic: "orders", partitions: [1, 0] }],
      userData: null,
    });
    expect(decodeAssignment(assignments.get("b") as Uint8Array).assignedPartitions).toEqual([]);
  });

  it.each([
    ["to one who is no member", { c: { orders: [0] } }, /"c", which is no member/],
    [
      "of a topic that the member does not want",
      { a: { audit: [0] } },
      /topic "audit" to "a", which does not want it/,
    ],
    ["of a partition that does not exist", { a: { orders: [2] } }, /partition 2, which does not exist/],
    ["of a partition that is none", { a: { orders: [0.5] } }, /partition 0.5, which does not exist/],
    [
      "of a partition to two",
      { a: { orders: [0] }, b: { orders: [0] } },
      /partition 0 both to "a" and to "b"/,
    ],
  ])("is refused %s", (_, given, message) => {
    expect(() => assignForAll(giving(given), wishes(BOTH), LAYOUTS, "eager")).toThrow(message);
    expect(() => assignForAll(giving(given), wishes(BOTH), LAYOUTS, "eager")).toThrow(
      expect.objectContaining({ code: "ASSIGNOR_FAILED", fatal: true }),
    );
  });

  it("is refused in a cooperative group where it takes from one and gives to another at once", () => {
    const group = wishes({
      a: { topics: ["orders"], owned: [0], generationId: 7 },
      b: { topics: ["orders"], owned: [0], generationId: 6 },
    });
    const assign = (given: Parameters<typeof giving>[0], name?: string) => () =>
      assignForAll(giving(given, name), group, LAYOUTS, "cooperative");
    expect(assign({ b: { orders: [0] } })).toThrow(/partition 0 to "b" while "a" still reads it/);
    // The older claim is void; what nobody claims is free; and nobody has anything in an eager group.
    expect(assign({ a: { orders: [0] }, b: { orders: [1] } })).not.toThrow();
    expect(() => assignForAll(giving({ b: { orders: [0] } }), group, LAYOUTS, "eager")).not.toThrow();
  });

  it("carries the error of an assignor that throws", () => {
    const cause = new Error("no idea");
    const throwing: Assignor = {
      name: "mine",
      rebalanceProtocol: "eager",
      assign() {
        throw cause;
      },
    };
    expect(() => assignForAll(throwing, wishes(BOTH), LAYOUTS, "eager")).toThrow(
      expect.objectContaining({ code: "ASSIGNOR_FAILED", cause }),
    );
  });
});
