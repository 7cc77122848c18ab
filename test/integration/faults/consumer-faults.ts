/** What befalls the brokers, or the way to them, while a group reads. Records reach the brokers another way. */

import { setTimeout as sleep } from "node:timers/promises";
import { Kafka } from "kafkawire";
import { expect } from "vitest";
import { type BusyGroup, SESSION_TIMEOUT_MS } from "../../support/groups/busy-group.ts";
import type { ProxiedCluster } from "../../support/proxied-cluster.ts";

export interface ConsumerFaultContext {
  readonly proxied: ProxiedCluster;
  readonly group: BusyGroup;
  readonly random: () => number;
  /** It goes on for about so long. */
  readonly durationMs: number;
}

export interface ConsumerFault {
  readonly name: string;
  /** How long it goes on in a default run; null where it is only for full ones. */
  readonly shortMs: number | null;
  /**
   * Leaves all brokers running; faults of the network are taken away afterwards.
   *
   * @returns the partitions that it did not concern, to which alone the longest stall applies; null for all of them.
   */
  readonly strike: (context: ConsumerFaultContext) => Promise<ReadonlySet<number> | null>;
}

/** The session of a broker (3 s), and, if it was the active controller, as much again until there is another. */
const ELECTION_MS = 7_000;
/** A machine with other work. */
const SLACK_MS = 5_000;

/** Longest that a record may lie in the log: a member was killed, and so was who would have noticed. */
export const LONGEST_STALL_MS = ELECTION_MS + SESSION_TIMEOUT_MS + SLACK_MS;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export const consumerFaults: readonly ConsumerFault[] = [
  {
    name: "the coordinator is killed and started again",
    shortMs: 1_000,
    strike: async (context) => {
      await repeat(context, async () => killAndStart(context, await context.group.coordinator()));
      return null;
    },
  },
  {
    name: "a leader is killed and started again",
    shortMs: null,
    strike: async (context) => {
      await repeat(context, async (round) => {
        const coordinator = await context.group.coordinator();
        const others = [1, 2, 3].filter((nodeId) => nodeId !== coordinator);
        await killAndStart(context, others[round % 2] as number);
      });
      return null;
    },
  },
  {
    name: "a broker stands still",
    shortMs: null,
    strike: async (context) => {
      const { proxied, group, random } = context;
      await repeat(context, async (round) => {
        const nodeId = 1 + (round % 3);
        proxied.cluster.pauseBroker(nodeId);
        // Every other time for less than its session, so that it leads on as if nothing had been.
        await sleep(round % 2 === 0 ? 4_000 + random() * 8_000 : random() * 2_500);
        proxied.cluster.resumeBroker(nodeId);
        await group.progress();
        await untilInSync(context);
      });
      return null;
    },
  },
  {
    name: "connections are reset every second",
    shortMs: null,
    strike: async (context) => {
      await repeat(context, async () => {
        await sleep(1_000);
        for (const proxy of context.proxied.all) proxy.resetAll();
      });
      return null;
    },
  },
  {
    name: "a broker is in a black hole",
    shortMs: null,
    strike: async ({ proxied, group, durationMs }) => {
      const coordinator = await group.coordinator();
      const leadersBefore = await leaders(proxied, group);
      // Nobody takes the place of a coordinator that all brokers but no member can reach.
      const away = [1, 2, 3].find((nodeId) => nodeId !== coordinator) as number;
      const { toBroker, toClient } = proxied.proxyOf(away);
      toBroker.swallow = toClient.swallow = true;
      await sleep(durationMs);
      toBroker.swallow = toClient.swallow = false;
      return new Set(leadersBefore.flatMap((leader, partition) => (leader === away ? [] : [partition])));
    },
  },
  {
    name: "responses are cut in the middle",
    shortMs: null,
    strike: async (context) => {
      const { proxied, random } = context;
      await repeat(context, async () => {
        await Promise.all(
          proxied.proxies.map((proxy) =>
            Promise.race([proxy.cutResponse({ afterBytes: Math.floor(random() * 60) }), sleep(1_000)]),
          ),
        );
        await sleep(300 + random() * 400);
      });
      return null;
    },
  },
  {
    name: "connections are half-open",
    shortMs: 1_000,
    strike: async (context) => {
      const { proxied, group } = context;
      const dead = [["toClient"], ["toBroker"], ["toBroker", "toClient"]] as const;
      await repeat(context, async (round) => {
        proxied.proxies.forEach((proxy, i) => {
          for (const direction of dead[(i + round) % dead.length] ?? []) {
            for (const connection of proxy.connections) connection[direction].swallow = true;
          }
        });
        await group.progress();
      });
      return null;
    },
  },
];

async function repeat(
  { durationMs }: ConsumerFaultContext,
  round: (round: number) => Promise<void>,
): Promise<void> {
  const endMs = performance.now() + durationMs;
  for (let i = 0; i === 0 || performance.now() < endMs; i++) await round(i);
}

async function killAndStart(context: ConsumerFaultContext, nodeId: number): Promise<void> {
  const { proxied, group } = context;
  await proxied.cluster.killBroker(nodeId);
  await group.progress();
  await proxied.cluster.startBroker(nodeId);
  await untilInSync(context);
  await group.progress();
}

/** By partition. Asked by a client of its own, so that the members' own learn nothing from it. */
async function leaders(proxied: ProxiedCluster, { stream }: BusyGroup): Promise<number[]> {
  await using kafka = new Kafka({ bootstrapServers: proxied.bootstrapServers, logger: silent });
  return (await kafka.consumer().partitionsFor(stream.topic)).map(({ leader }) => leader ?? -1);
}

async function untilInSync({ proxied, group }: ConsumerFaultContext): Promise<void> {
  const fewest = async (): Promise<number> => {
    await using kafka = new Kafka({ bootstrapServers: proxied.bootstrapServers, logger: silent });
    const partitions = await kafka.consumer().partitionsFor(group.stream.topic);
    return Math.min(...partitions.map(({ inSyncReplicas }) => inSyncReplicas.length));
  };
  await expect.poll(fewest, { timeout: 60_000, interval: 200 }).toBe(3);
}
