/** Whatever happens to a group: nobody reads what another one reads, and in the end everything is read. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dealer } from "../../support/dealer.ts";
import { inSoak } from "../../support/soak.ts";
import { chance, Simulation, type SimulationOptions } from "./simulation.ts";

const TOPICS = ["audit", "billing", "orders"];

type Incident =
  | { readonly type: "join"; readonly topics: readonly string[]; readonly isStatic: boolean }
  | { readonly type: "leave" | "vanish" | "rejoin" | "restart"; readonly member: number }
  | { readonly type: "cut"; readonly member: number; readonly ms: number }
  | { readonly type: "subscribe"; readonly member: number; readonly topics: readonly string[] }
  | { readonly type: "poll"; readonly member: number; readonly ms: number }
  | { readonly type: "move"; readonly ms: number }
  | { readonly type: "grow"; readonly topic: string };

const topics = fc.subarray(TOPICS, { minLength: 1 });
const member = fc.nat(20);
const incident: fc.Arbitrary<Incident> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("join" as const), topics, isStatic: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom("leave", "vanish", "rejoin", "restart"), member }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("cut" as const), member, ms: fc.nat(25_000) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("subscribe" as const), member, topics }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("poll" as const), member, ms: fc.nat(20_000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("move" as const), ms: fc.nat(5000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("grow" as const), topic: fc.constantFrom(...TOPICS) }),
  },
);

const options: fc.Arbitrary<Omit<SimulationOptions, "assignor">> = fc.record({
  seed: fc.integer(),
  requiresMemberId: fc.boolean(),
  loss: fc.constantFrom(0, 0.02, 0.2),
});

const script = fc.array(fc.record({ afterMs: fc.nat(8000), incident }), { minLength: 2, maxLength: 14 });

type Script = readonly { readonly afterMs: number; readonly incident: Incident }[];

function play(group: Simulation, steps: Script): void {
  let names = 0;
  for (const { afterMs, incident: what } of steps) {
    group.time.runTo(group.time.nowMs + afterMs);
    if (what.type === "join") {
      group.add(what.topics, what.isStatic ? `static ${names++}` : null);
      continue;
    }
    if (what.type === "move") {
      group.coordinator.moves(what.ms);
      continue;
    }
    if (what.type === "grow") {
      group.topics.set(what.topic, (group.topics.get(what.topic) ?? 0) + 1);
      for (const each of group.living)
        if (each.state.isLeader) each.step({ type: "rejoin wanted", reason: "a topic has grown" });
      continue;
    }
    const { living } = group;
    const chosen = living[what.member % Math.max(1, living.length)];
    if (chosen === undefined) continue;
    switch (what.type) {
      case "leave":
        chosen.leave();
        break;
      case "vanish":
        chosen.vanish();
        break;
      case "rejoin":
        chosen.step({ type: "rejoin wanted", reason: "the test wants it" });
        break;
      case "restart": {
        const { groupInstanceId } = chosen.state.settings;
        const { topics: wanted } = chosen.state;
        chosen.vanish();
        group.add(wanted ?? [], groupInstanceId);
        break;
      }
      case "cut":
        chosen.cutUntilMs = group.time.nowMs + what.ms;
        break;
      case "subscribe":
        chosen.step({ type: "subscribed", topics: what.topics });
        break;
      case "poll":
        chosen.step({ type: "poll expired" });
        group.time.after(what.ms, () => chosen.step({ type: "polled" }));
    }
  }
}

/** After all trouble, and long enough for every session to end and every rebalance to be through. */
function settle(group: Simulation): void {
  group.loss = 0;
  group.time.runTo(group.time.nowMs + 150_000);
  // Nobody has watched the topics for the model: whoever leads looks now.
  for (const each of group.living)
    if (each.state.isLeader) each.step({ type: "rejoin wanted", reason: "to see the topics" });
  group.time.runTo(group.time.nowMs + 60_000);
}

describe.each(["eager", "cooperative"] as const)("a group of %s members", (how) => {
  it("never has two that hold one partition, and holds all in the end", () => {
    fc.assert(
      fc.property(options, script, (chosen, steps) => {
        const group = new Simulation({ ...chosen, assignor: dealer(how, "dealer") });
        const sizes = chance(chosen.seed + 1);
        for (const topic of TOPICS) group.topics.set(topic, 1 + Math.floor(sizes() * 5));
        play(group, steps);
        settle(group);
        expect(group.ledger.violations).toEqual([]);
        const wanted = new Set(group.living.flatMap(({ state }) => state.topics ?? []));
        const partitions = [...wanted].reduce((sum, topic) => sum + (group.topics.get(topic) ?? 0), 0);
        for (const each of group.living) {
          expect([each.name, each.state.phase, each.state.generationId]).toEqual([
            each.name,
            "stable",
            group.coordinator.generationId,
          ]);
        }
        expect(group.ledger.size).toBe(partitions);
        const minutes = group.time.nowMs / 60_000;
        for (const each of group.members) expect(each.requests).toBeLessThan(400 * minutes);
      }),
      { numRuns: inSoak(3000, 120) },
    );
  }, 600_000);
});
