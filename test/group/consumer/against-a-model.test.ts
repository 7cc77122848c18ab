import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chance } from "../../support/seed.ts";
import { inSoak } from "../../support/soak.ts";
import { HAPPENINGS, Simulation } from "./simulation.ts";

const happening = fc.record({
  what: fc.constantFrom(...HAPPENINGS),
  who: fc.nat(3),
  amount: fc.nat(60),
});

describe.each([
  { of: "members", takesRejoining: true, areStatic: false },
  { of: "members that have to leave before they join again", takesRejoining: false, areStatic: false },
  { of: "members, half of them static", takesRejoining: true, areStatic: true },
])("a group of $of", ({ takesRejoining, areStatic }) => {
  it("has each partition read by one member at a time, and by one in the end, whatever is lost or late", {
    timeout: 300_000,
  }, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        fc.array(happening, { maxLength: 200, size: "max" }),
        (members, seed, happenings) => {
          const group = new Simulation({ members, random: chance(seed), takesRejoining, areStatic });
          for (const each of happenings) group.happen(each);
          expect(group.violations).toEqual([]);
          expect(group.settle(), group.describe()).toBe(true);
          expect(group.violations).toEqual([]);
          const { held, assigned } = group.holdings;
          expect(held).toEqual(assigned);
          const all = [...group.topics].flatMap(([topic, count]) =>
            Array.from({ length: count }, (_, partition) => `${topic}-${partition}`),
          );
          expect(held).toEqual(all);
        },
      ),
      { numRuns: inSoak(3000, 300) },
    );
  });
});
