/** Patterns of subscriptions, as RE2/J takes them. */

import { describe, expect, it } from "vitest";
import { compilePattern } from "../../../src/testing/coordinator/consumer/re2.ts";

describe("a pattern", () => {
  it.each([
    ["orders", ["orders"], ["orders-2", "my-orders"]],
    ["orders.*", ["orders", "orders-2"], ["my-orders"]],
    ["a|b", ["a", "b"], ["ab", "aa"]],
    ["^a.b$", ["a.b", "axb"], ["ab"]],
    ["a\\.b", ["a.b"], ["axb"]],
    ["a\\-b\\_c", ["a-b_c"], ["ab_c"]],
    ["\\Qa.b\\E+", ["a.b", "a.bb"], ["axb"]],
    ["[[:alpha:]]+-[[:digit:]]", ["abc-1"], ["1-1", "abc-x"]],
    ["[a-c.]{2,3}", ["a.", "abc"], ["a", "abcd", "ax"]],
    ["[]a]+", ["a", "]a"], ["b"]],
    ["(?i)Orders", ["orders", "ORDERS"], ["order"]],
    ["(?P<kind>a+)-x", ["aa-x"], ["-x"]],
    ["\\Aa{\\z", ["a{"], ["a"]],
    ["\\x{61}+?", ["a", "aa"], ["b"]],
    ["\\w+\\.\\d", ["t.1"], ["t.x"]],
  ])("%s matches whole names", (pattern, taken, left) => {
    const matches = compilePattern(pattern);
    expect(taken.map(matches)).toEqual(taken.map(() => true));
    expect(left.map(matches)).toEqual(left.map(() => false));
  });

  it.each([
    ["(", "missing closing )"],
    [")", "unexpected )"],
    ["[a", "missing closing ]"],
    ["*a", "missing argument to repetition operator"],
    ["a**", "invalid nested repetition operator"],
    ["[z-a]", "invalid character class range"],
    ["(?=a)", "invalid or unsupported Perl syntax"],
    ["(a)\\1", "invalid escape sequence"],
    ["a\\", "trailing backslash at end of expression"],
    ["[[:nonsense:]]", "invalid character class range"],
  ])("%s is none: %s", (pattern, reason) => {
    expect(() => compilePattern(pattern)).toThrow(reason);
  });
});
