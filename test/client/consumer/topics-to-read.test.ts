import { describe, expect, it } from "vitest";
import { topicsWanted } from "../../../src/client/consumer/topics-to-read.ts";
import { ConfigError } from "../../../src/client/errors.ts";

describe("what a consumer subscribes to", () => {
  it("is a name, an expression, a pattern for the brokers, or several of them", () => {
    expect(topicsWanted("orders", "classic")).toEqual({ names: ["orders"], expressions: [], pattern: null });
    const wanted = topicsWanted(["a", /^b\./i, "a", { pattern: "c.*" }], "consumer");
    expect(wanted).toEqual({ names: ["a"], expressions: [/^b\./i], pattern: "c.*" });
  });

  it("matches with an expression that remembers nothing", () => {
    const [expression] = topicsWanted(/^b/gy, "classic").expressions;
    expect([expression?.test("b1"), expression?.test("b2"), expression?.test("ab")]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each([
    [[], "needs a topic"],
    ["", '"" is none of them'],
    [["a", 5], "5 is none of them"],
    [[null], "null is none of them"],
    [{ pattern: "" }, "is none of them"],
    [{ pattern: "a.*" }, 'groupProtocol "consumer" only'],
  ])("refuses %j", (given, message) => {
    const refused = (): unknown => topicsWanted(given as never, "classic");
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(message);
  });

  it("refuses two patterns", () => {
    expect(() => topicsWanted([{ pattern: "a" }, { pattern: "b" }], "consumer")).toThrow("join them with |");
  });
});
