import { describe, expect, it } from "vitest";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { assign, type PartitionsByTopic } from "./support.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** What a member with `sticky` says that was assigned this. */
function remembering(partitions: PartitionsByTopic, generation: number): Uint8Array | null {
  const assignor = builtInAssignor("sticky");
  assignor?.assigned?.({ partitions: new Map(Object.entries(partitions)) }, generation);
  return assignor?.userData?.([]) ?? null;
}

describe("what sticky says of its member", () => {
  it("is nothing before the first assignment", () => {
    expect(builtInAssignor("sticky")?.userData?.(["t"])).toBeNull();
  });

  it("is the assignment and its generation", () => {
    expect(remembering({ t: [0, 2] }, 7)).toEqual(
      bytes("00000001 0001 74 00000002 00000000 00000002 00000007".replaceAll(" ", "")),
    );
    expect(remembering({}, 7)).toEqual(bytes("0000000000000007"));
  });

  it("is believed without the generation too, as the oldest clients write it, and left alone where it is garbled", () => {
    const owned = remembering({ t: [1, 2] }, 3) as Uint8Array;
    const withData = (userData: Uint8Array) =>
      assign("sticky", { a: { topics: ["t"] }, b: { topics: ["t"], userData } }, { t: 4 });
    expect(withData(owned)).toEqual({ a: { t: [0, 3] }, b: { t: [1, 2] } });
    expect(withData(owned.subarray(0, -4))).toEqual({ a: { t: [0, 3] }, b: { t: [1, 2] } });
    expect(withData(owned.subarray(0, -5))).toEqual({ a: { t: [0, 2] }, b: { t: [1, 3] } });
    expect(withData(bytes("7fffffff"))).toEqual({ a: { t: [0, 2] }, b: { t: [1, 3] } });
    expect(withData(bytes(""))).toEqual({ a: { t: [0, 2] }, b: { t: [1, 3] } });
  });
});

describe("what cooperative-sticky says of its member", () => {
  it("is the generation of its last assignment", () => {
    const assignor = builtInAssignor("cooperative-sticky");
    expect(assignor?.userData?.(["t"])).toEqual(bytes("ffffffff"));
    assignor?.assigned?.({ partitions: new Map() }, 258);
    expect(assignor?.userData?.(["t"])).toEqual(bytes("00000102"));
  });

  it("counts where the subscription says no generation", () => {
    const claims = { t: [0, 1] };
    const assigned = assign(
      "cooperative-sticky",
      {
        a: { topics: ["t"], owned: claims, userData: bytes("00000004") },
        b: { topics: ["t"], owned: claims, generation: 5 },
      },
      { t: 2 },
    );
    expect(assigned).toEqual({ a: {}, b: { t: [0] } });
  });
});

describe("cooperative-sticky", () => {
  it("first only takes away what moves, and gives it to its new member in the next rebalance", () => {
    const before = { topics: ["t"], generation: 1 };
    const first = assign(
      "cooperative-sticky",
      {
        a: { ...before, owned: { t: [0, 2] } },
        b: { ...before, owned: { t: [1, 3] } },
        c: { topics: ["t"] },
      },
      { t: 4 },
    );
    expect(first).toEqual({ a: { t: [0, 2] }, b: { t: [1] }, c: {} });
    const second = assign(
      "cooperative-sticky",
      {
        a: { ...before, owned: { t: [0, 2] } },
        b: { ...before, owned: { t: [1] } },
        c: { ...before, owned: {} },
      },
      { t: 4 },
    );
    expect(second).toEqual({ a: { t: [0, 2] }, b: { t: [1] }, c: { t: [3] } });
  });

  it("gives what nobody owns at once", () => {
    const a = { topics: ["t"], owned: { t: [0] }, generation: 1 };
    expect(assign("cooperative-sticky", { a, b: { topics: ["t"] } }, { t: 2 })).toEqual({
      a: { t: [0] },
      b: { t: [1] },
    });
  });

  it("believes the claim of the newest generation, and takes from both what two claim for the same one", () => {
    const claim = (generation: number) => ({ topics: ["t"], owned: { t: [0, 1] }, generation });
    expect(assign("cooperative-sticky", { a: claim(3), b: claim(4) }, { t: 2 })).toEqual({
      a: {},
      b: { t: [0] },
    });
    // Nobody can tell who reads them, so nobody gets them before both have given them up.
    expect(assign("cooperative-sticky", { a: claim(4), b: claim(4) }, { t: 2 })).toEqual({ a: {}, b: {} });
  });
});

describe("sticky with members that are subscribed to different topics", () => {
  it("is even where roundrobin is not", () => {
    // The example of KIP-54.
    const members = {
      a: { topics: ["t0"] },
      b: { topics: ["t0", "t1"] },
      c: { topics: ["t0", "t1", "t2"] },
    };
    const topics = { t0: 1, t1: 2, t2: 3 };
    expect(assign("roundrobin", members, topics)).toEqual({
      a: { t0: [0] },
      b: { t1: [0] },
      c: { t1: [1], t2: [0, 1, 2] },
    });
    expect(assign("sticky", members, topics)).toEqual({
      a: { t0: [0] },
      b: { t1: [0, 1] },
      c: { t2: [0, 1, 2] },
    });
  });

  it("moves to a new member only what evens the load", () => {
    const owned = (partitions: PartitionsByTopic) => ({ userData: remembering(partitions, 1) });
    const assigned = assign(
      "sticky",
      {
        a: { topics: ["t"], ...owned({ t: [0, 1, 2] }) },
        b: { topics: ["t", "u"], ...owned({ t: [3, 4, 5], u: [0] }) },
        c: { topics: ["t"] },
      },
      { t: 6, u: 1 },
    );
    expect(assigned).toEqual({ a: { t: [1, 2] }, b: { t: [4, 5], u: [0] }, c: { t: [0, 3] } });
  });
});

describe("racks", () => {
  it("sticky assigns partitions to members near them as far as the load stays even", () => {
    const topics = { t: ["a", "a", "a", "b"] };
    expect(
      assign("sticky", { x: { topics: ["t"], rack: "b" }, y: { topics: ["t"], rack: "a" } }, topics),
    ).toEqual({ x: { t: [3, 2] }, y: { t: [0, 1] } });
  });

  it("are not looked at where every rack has every partition, or no member is in one that has any", () => {
    const members = (rack: string) => ({ x: { topics: ["t"], rack }, y: { topics: ["t"] } });
    const plain = { x: { t: [0, 2] }, y: { t: [1, 3] } };
    expect(assign("sticky", members("b"), { t: ["a+b", "b+a", "a+b", "a+b"] })).toEqual(plain);
    expect(assign("sticky", members("c"), { t: ["a", "b", "b", "a"] })).toEqual(plain);
  });

  it("sticky gives a partition up that is in another rack than its member", () => {
    const userData = remembering({ t: [0, 1] }, 1);
    const topics = { t: ["a", "b", "a", "b"] };
    expect(
      assign(
        "sticky",
        { x: { topics: ["t"], rack: "a", userData }, y: { topics: ["t"], rack: "b" } },
        topics,
      ),
    ).toEqual({ x: { t: [0, 2] }, y: { t: [1, 3] } });
  });
});

it("nobody in the group is nobody to assign to", () => {
  for (const name of ["range", "roundrobin", "sticky", "cooperative-sticky"]) {
    expect(assign(name, {}, { t: 3 })).toEqual({});
    expect(assign(name, { a: { topics: ["gone"] }, b: { topics: [] } }, { t: 3 })).toEqual({ a: {}, b: {} });
  }
});
