/**
 * A group that reads while brokers and the network fail, and while members join, leave and are killed: every record is
 * read, each member reads its partitions in order, nobody falls silent, and in the end the group is whole again.
 *
 * Each fault goes on for some seconds, and for a minute in full runs, which write bench/results/consumer-faults.json
 * and have librdkafka's client suffer the same for comparison.
 */

import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { leavesNothingBehind } from "../../support/aftermath.ts";
import { isSame, keepFigures } from "../../support/figures.ts";
import { BusyGroup, type BusyGroupOptions, type Toll } from "../../support/groups/busy-group.ts";
import { QUICK_GROUPS } from "../../support/groups/quick-groups.ts";
import { describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { type ProxiedCluster, proxiedClusterFor } from "../../support/proxied-cluster.ts";
import { chance, seed } from "../../support/seed.ts";
import { inSoak, isSoak } from "../../support/soak.ts";
import { type ConsumerFault, consumerFaults, LONGEST_STALL_MS } from "./consumer-faults.ts";

const RESULTS = fileURLToPath(new URL("../../../bench/results/consumer-faults.json", import.meta.url));
const FULL_MS = 60_000;
/** Past the proxies. */
const PAST = "PAST";

const CLASSIC = { groupProtocol: "classic", assignor: "cooperative-sticky" } as const;
const CONSUMER = { groupProtocol: "consumer", assignor: "uniform" } as const;

interface Figures extends Toll {
  readonly fault: string;
  readonly client: string;
  readonly groupProtocol: string;
  readonly wholeAgainMs: number;
}

describeKafka("a group while", inSoak(["cluster", "kcat"], ["cluster"]), () => {
  const proxied = proxiedClusterFor({
    brokers: 3,
    properties: { ...QUICK_FENCING, ...QUICK_GROUPS },
    listeners: [{ name: PAST, securityProtocol: "PLAINTEXT" }],
  });
  leavesNothingBehind(proxied);
  const figures: Figures[] = [];

  // After each, since a run may be ended before its end.
  afterEach(async () => {
    if (isSoak)
      await keepFigures(RESULTS, ABOUT, "faults", figures, isSame("fault", "client", "groupProtocol"));
  });

  const suffer = async (
    fault: ConsumerFault,
    options: Pick<BusyGroupOptions, "client" | "protocol">,
  ): Promise<{ readonly group: BusyGroup; readonly toll: Figures }> => {
    const group = await BusyGroup.start({
      ...options,
      bootstrapServers: proxied().bootstrapServers,
      producerServers: pastProxies(proxied()),
      recordsPerSecond: 1_200,
    });
    const durationMs = inSoak(FULL_MS, fault.shortMs ?? FULL_MS);
    const churn = group.churn(inSoak(4_000, 1_000));
    const spared = await fault.strike({ proxied: proxied(), group, random: chance(seed), durationMs });
    proxied().heal();
    await churn.end();
    const healedMs = performance.now();
    await group.whole();
    const wholeAgainMs = Math.round(performance.now() - healedMs);
    const { client, protocol } = options;
    const { groupProtocol } = protocol;
    const toll = { fault: fault.name, client, groupProtocol, ...(await group.end(spared)), wholeAgainMs };
    figures.push(toll);
    console.log(`${JSON.stringify(toll)} (KAFKAWIRE_SEED=${seed})`);
    return { group, toll };
  };

  describe.each(inSoak([CLASSIC, CONSUMER], [CLASSIC]))("$groupProtocol", (protocol) => {
    it.each(consumerFaults.filter(({ shortMs }) => isSoak || shortMs !== null))(
      "$name: every record is read, in order, and nobody falls silent",
      async (fault) => {
        const { group, toll } = await suffer(fault, { client: "kafkawire", protocol });
        expect(group.stream.failures()).toEqual([]);
        expect(group.log.failures).toEqual([]);
        expect(group.log.contradictions).toEqual([]);
        expect(toll.unread).toBe(0);
        // What is read again was in the hands of somebody who had gone by then, as far as he knows.
        expect(toll.redelivered.held).toBe(0);
        expect(toll.longestStallMs).toBeLessThan(LONGEST_STALL_MS);
      },
      240_000,
    );
  });

  // For the figures: what becomes of another client is not ours to judge.
  it.each(isSoak ? consumerFaults : [])(
    "$name: librdkafka's figures",
    async (fault) => {
      const { toll } = await suffer(fault, { client: "kcat", protocol: CLASSIC });
      expect(toll.delivered).toBeGreaterThan(0);
    },
    600_000,
  );
});

function pastProxies({ cluster }: ProxiedCluster): string[] {
  return cluster.brokers.map(({ listenerPorts }) => `localhost:${listenerPorts[PAST]}`);
}

const ABOUT = {
  command:
    "KAFKAWIRE_SOAK=1 npx vitest run --project timed test/integration/faults/consumer-faults.test.ts; those of kcat alone with -t librdkafka",
  brokers:
    "three of Kafka 4.4.0, replication 3, broker.session.timeout.ms 3000; 12 partitions, up to 1,200 records/s, which come past what befalls the members",
  members:
    "three, and two more that join, of which one leaves and one is killed, over and over; session timeout 6 s, commits every second",
  each: "60 s",
  longestStallMs: "from a record's acknowledgement to its first reading; null where one was read by nobody",
  redelivered: "records that were read again, by how the assignment ended in which they had been read first",
  kcat: "kcat 1.7.1 with librdkafka 2.0.2, cooperative-sticky, the same settings",
};
