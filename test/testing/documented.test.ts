/** The document about the embedded broker tells of what is served, in the versions in which it is. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { formatVersions } from "../../src/protocol/versions.ts";
import { servedApis } from "../../src/testing/api-table.ts";
import { factsOf, releases } from "../../src/testing/releases.ts";
import { ServedVersions } from "../../src/testing/served-versions.ts";

it("docs/testing.md lists every API with its versions", async () => {
  const text = await readFile(fileURLToPath(new URL("../../docs/testing.md", import.meta.url)), "utf8");
  const told = [...text.matchAll(/^\| (\w+) \| ([-\d| ]+?) \|[^|]*\|$/gm)].map(([, name, versions]) => [
    name,
    versions,
  ]);
  const served = releases.map((release) => new ServedVersions(factsOf(release), servedApis));
  const expected = servedApis.map(({ apiKey, name }) => {
    const ranges = served.map((versions) => versions.served(apiKey));
    return [name, ranges.map((range) => (range === undefined ? "-" : formatVersions(range))).join(" | ")];
  });
  expect(told).toEqual(expected);
});
