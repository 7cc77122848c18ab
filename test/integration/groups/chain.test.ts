/**
 * Three groups in series, whose members join, leave and are killed while records go through: nothing is lost, nothing is
 * swapped, and nothing is doubled but what a member that was killed had no time to commit.
 *
 * Half a million records for each assignor in full runs, which write bench/results/consumer-chain.json.
 */

import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { isSame, keepFigures } from "../../support/figures.ts";
import { type ChainReport, type Change, runChain } from "../../support/groups/chain.ts";
import { QUICK_GROUPS } from "../../support/groups/quick-groups.ts";
import { clusterFor, describeKafka } from "../../support/kafka.ts";
import { inSoak, isSoak } from "../../support/soak.ts";

const RESULTS = fileURLToPath(new URL("../../../bench/results/consumer-chain.json", import.meta.url));

const classic = (assignor: string) => ({ groupProtocol: "classic", assignor }) as const;
const consumer = (assignor: string) => ({ groupProtocol: "consumer", assignor }) as const;
const PROTOCOLS = inSoak(
  [
    ...["range", "roundrobin", "sticky", "cooperative-sticky"].map(classic),
    ...["uniform", "range"].map(consumer),
  ],
  [classic("cooperative-sticky"), consumer("uniform")],
);

const LOAD = inSoak(
  { records: 500_000, recordsPerSecond: 8_000, changeEvery: 15_000, ahead: 50_000, sessionTimeoutMs: 6_000 },
  // Nobody is killed in these, so that a session which ends would only tell of a busy machine.
  { records: 12_000, recordsPerSecond: 3_000, changeEvery: 1_000, ahead: 6_000, sessionTimeoutMs: 30_000 },
);
const CHANGES: readonly Change[] = inSoak<readonly Change[]>(
  ["join", "leave", "kill"],
  ["join", "join", "leave", "leave"],
);

describeKafka("three groups in series", ["cluster", "kcat"], () => {
  const cluster = clusterFor({ brokers: 3, properties: QUICK_GROUPS });
  const figures: Figure[] = [];

  // After each, since a run may be ended before its end.
  afterEach(async () => {
    if (isSoak) await keepFigures(RESULTS, results(), "chains", figures, isSame("groupProtocol", "assignor"));
  });

  // One after another only where each is long.
  (isSoak ? it : it.concurrent).each(PROTOCOLS)(
    "pass every record on once and in order: $groupProtocol, $assignor",
    async (protocol) => {
      const { bootstrapServers } = cluster();
      const report = await runChain({ bootstrapServers, protocol, ...LOAD, changes: CHANGES });
      const figure = figureOf(report);
      figures.push({ ...protocol, ...figure });
      console.log(JSON.stringify({ ...protocol, ...figure }));
      for (const { lost, doubled, swapped, records } of report.stages) {
        expect({ lost, doubled, swapped }).toEqual({ lost: [], doubled: [], swapped: [] });
        expect(records).toBeGreaterThanOrEqual(LOAD.records);
      }
      expect(report.rebalances).toBeGreaterThan(2 * report.stages.length);
    },
    inSoak(900_000, 180_000),
  );
});

interface Figure {
  readonly groupProtocol: string;
  readonly assignor: string;
}

function figureOf({ stages, ...counts }: ChainReport): object {
  const sum = (of: "lost" | "doubled" | "swapped"): number =>
    stages.reduce((all, each) => all + each[of].length, 0);
  return {
    ...counts,
    lost: sum("lost"),
    doubledWithoutKill: sum("doubled"),
    swapped: sum("swapped"),
    doubledByKills: stages.reduce((all, { doubledByKills }) => all + doubledByKills, 0),
    longestStallMs: stages.map(({ longestStallMs }) => longestStallMs),
  };
}

function results(): object {
  return {
    command: "KAFKAWIRE_SOAK=1 npx vitest run --project integration test/integration/groups/chain.test.ts",
    brokers: "three of Kafka 4.4.0, replication 3; four topics of 8 partitions",
    each: `${LOAD.records} records, ${LOAD.recordsPerSecond}/s at most, through three groups; whenever ${LOAD.changeEvery} more have come through, a member of one of them joins, leaves or is killed, in turn`,
    members: "for await, batches, run and poll in turn; session timeout 6 s",
    readBackWith: "kcat",
    lost: "records of a topic that were not written to the next, of all three groups",
    doubledByKills: "records that a member that was killed had written, and not committed",
    longestStallMs:
      "by group: longest time between two records of one partition of its output, what came late to its input included",
  };
}
