/** A program that must do each of its steps once, while something else goes wrong with each of them. */

import { expect, it } from "vitest";
import { type Fault, type FaultOptions, type Release, TestCluster } from "../../../../src/testing/mod.ts";
import {
  committedOffset,
  copy,
  GROUP,
  outcomeOf,
  TOPIC,
  TOPICS,
  TRANSACTIONAL_ID,
} from "../../../support/exactly-once.ts";
import { chance, seed } from "../../../support/seed.ts";
import { inSoak } from "../../../support/soak.ts";

const STEPS = 12;
const RUNS = inSoak(30, 1);
const RELEASES: readonly Release[] = ["4.4", "3.9", "2.1"];
const APIS = [
  "EndTxn",
  "TxnOffsetCommit",
  "Produce",
  "InitProducerId",
  "AddPartitionsToTxn",
  "AddOffsetsToTxn",
  "FindCoordinator",
  "Metadata",
];
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  EndTxn: ["CONCURRENT_TRANSACTIONS", "NOT_COORDINATOR", "PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH"],
  TxnOffsetCommit: ["NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS", "ILLEGAL_GENERATION"],
  Produce: ["NOT_LEADER_OR_FOLLOWER", "OUT_OF_ORDER_SEQUENCE_NUMBER", "INVALID_PRODUCER_EPOCH"],
};
const STAGES = ["request", "response"] as const;

/** What is under way of what went wrong. */
interface Troubles {
  readonly faults: Fault[];
  readonly restarts: Promise<void>[];
}

/** Something that goes wrong next. */
function trouble(cluster: TestCluster, random: () => number, { faults, restarts }: Troubles): void {
  const below = (most: number): number => Math.floor(random() * most);
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;
  const kind = below(20);
  if (kind === 0) {
    const broker = cluster.broker(1 + below(3));
    if (broker.isUp) restarts.push(broker.kill().then(() => broker.start()));
  } else if (kind === 1) {
    cluster.resetConnections();
  } else if (kind < 5) {
    const key = pick([TRANSACTIONAL_ID, GROUP]);
    const others = cluster.brokers.filter(({ isUp }) => isUp);
    cluster.moveCoordinator(key === GROUP ? "group" : "transaction", key, pick(others).id);
  } else {
    const api = pick(APIS);
    const errors = ERRORS[api];
    const effects: readonly Partial<FaultOptions>[] = [
      ...(errors === undefined ? [] : [{ error: pick(errors) }]),
      { disconnect: true, stage: pick(STAGES) },
      { hang: true, stage: pick(STAGES) },
      { cutAfterBytes: below(30) },
    ];
    faults.push(cluster.fault({ api, count: 1 + below(2), ...pick(effects) }));
  }
}

const runs = Array.from({ length: RUNS }, (_, run) => RELEASES.map((as) => [as, seed + run] as const)).flat();

it.each(runs)("does each step once, like Kafka %s, seed %i", { timeout: 60_000 }, async (as, from) => {
  const random = chance(from);
  const topics = { ...TOPICS, [TOPIC]: { partitions: 2, replicationFactor: 3 } };
  await using cluster = await TestCluster.start({ as, network: "memory", brokers: 3, topics });
  const troubles: Troubles = { faults: [], restarts: [] };
  await copy(
    cluster,
    STEPS,
    () => trouble(cluster, random, troubles),
    () => {
      if (random() < 0.3) trouble(cluster, random, troubles);
    },
  );
  await Promise.all(troubles.restarts);
  for (const fault of troubles.faults) fault.remove();
  const numbers = Array.from({ length: STEPS }, (_, i) => i);
  expect(await committedOffset(cluster)).toBe(STEPS);
  await expect
    .poll(() => outcomeOf(cluster))
    .toEqual([
      { values: numbers, open: 0 },
      { values: numbers, open: 0 },
    ]);
  expect(cluster.failures).toEqual([]);
});
