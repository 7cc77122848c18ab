import { describe, expect, it } from "vitest";
import { assign } from "./support.ts";

describe("range", () => {
  it("cuts each topic by itself, and gives what is over to the first members", () => {
    const topics = ["t", "u"];
    expect(assign("range", { b: { topics }, a: { topics } }, { t: 3, u: 3 })).toEqual({
      a: { t: [0, 1], u: [0, 1] },
      b: { t: [2], u: [2] },
    });
  });

  it("serves static members first, by their instance ids, so that a restart moves nothing", () => {
    const topics = ["t"];
    const before = { m1: { topics, instance: "2" }, m2: { topics, instance: "1" }, a: { topics } };
    expect(assign("range", before, { t: 4 })).toEqual({ m2: { t: [0, 1] }, m1: { t: [2] }, a: { t: [3] } });
    const after = { a: { topics }, m3: { topics, instance: "1" }, m1: { topics, instance: "2" } };
    expect(assign("range", after, { t: 4 })).toEqual({ m3: { t: [0, 1] }, m1: { t: [2] }, a: { t: [3] } });
  });

  it("orders text by its UTF-16, as Java does", () => {
    const topics = ["t"];
    const members = { "\uff5e": { topics }, "\u{1f600}": { topics }, Z: { topics }, a: { topics } };
    expect(assign("range", members, { t: 4 })).toEqual({
      Z: { t: [0] },
      a: { t: [1] },
      "\u{1f600}": { t: [2] },
      "\uff5e": { t: [3] },
    });
  });

  it("assigns partitions to members near them, as many to each as without racks", () => {
    const member = (rack: string) => ({ topics: ["t"], rack });
    expect(
      assign("range", { x: member("b"), y: member("a"), z: member("c") }, { t: ["a", "b", "b", "a"] }),
    ).toEqual({
      x: { t: [1, 2] },
      y: { t: [0] },
      z: { t: [3] },
    });
  });

  it("keeps topics that are cut alike together before it looks at racks", () => {
    const member = (rack: string) => ({ topics: ["t", "u"], rack });
    // Partition 0 of both is near y. Only half of the others is near anybody, so they come as they come.
    expect(
      assign("range", { x: member("a"), y: member("b") }, { t: ["b", "a", "b"], u: ["b", "b", "a"] }),
    ).toEqual({
      x: { t: [1, 2], u: [1, 2] },
      y: { t: [0], u: [0] },
    });
  });
});

describe("roundrobin", () => {
  it("goes on with the next member at the next topic", () => {
    const topics = ["t", "u"];
    expect(assign("roundrobin", { a: { topics }, b: { topics } }, { t: 3, u: 3 })).toEqual({
      a: { t: [0, 2], u: [1] },
      b: { t: [1], u: [0, 2] },
    });
  });

  it("passes members over that are not subscribed to the topic", () => {
    expect(
      assign(
        "roundrobin",
        { a: { topics: ["t"] }, b: { topics: ["t", "u"] }, c: { topics: ["u"] } },
        { t: 3, u: 2 },
      ),
    ).toEqual({ a: { t: [0, 2] }, b: { t: [1], u: [0] }, c: { u: [1] } });
  });
});
