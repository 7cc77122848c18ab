import { describe, expect, it } from "vitest";
import { containsVersion, formatVersions, NO_VERSIONS, parseVersions } from "../../src/protocol/versions.ts";

describe("ranges of versions", () => {
  it.each([
    ["none", []],
    ["0", [0]],
    ["3", [3]],
    ["0-2", [0, 1, 2]],
    ["2-4", [2, 3, 4]],
    ["4-4", [4]],
    ["3+", [3, 4, 5]],
    ["0+", [0, 1, 2, 3, 4, 5]],
  ])("%s", (text, versions) => {
    const range = parseVersions(text);
    expect([0, 1, 2, 3, 4, 5].filter((version) => containsVersion(range, version))).toEqual(versions);
    expect(parseVersions(formatVersions(range))).toEqual(range);
  });

  it("reaches every int16 with a plus", () => {
    expect(containsVersion(parseVersions("0+"), 32_767)).toBe(true);
    expect(formatVersions(parseVersions("12+"))).toBe("12+");
  });

  it("writes a range of one version as that version, and the empty one as none", () => {
    expect(formatVersions(parseVersions("4-4"))).toBe("4");
    expect(formatVersions(NO_VERSIONS)).toBe("none");
  });

  it.each(["", "+", "-1", "1-", "1.5", "1 - 2", "2-1", "one", "1+2", "1-2-3"])("refuses %j", (text) => {
    expect(() => parseVersions(text)).toThrow(RangeError);
  });
});
