/** What befalls the brokers, or the way to them, while a producer sends. */

import { setTimeout as sleep } from "node:timers/promises";
import { Kafka } from "kafkawire";
import { expect } from "vitest";
import type { NumberedStream } from "../../support/numbered-stream.ts";
import type { ProxiedCluster } from "../../support/proxied-cluster.ts";

export interface FaultContext {
  readonly proxied: ProxiedCluster;
  readonly stream: NumberedStream;
  readonly random: () => number;
  /** It goes on for about so long. */
  readonly durationMs: number;
  /** Takes what is worth telling beside the figures of the stream. */
  readonly note: (remark: string) => void;
}

export interface Fault {
  readonly name: string;
  /** How long it goes on in a default run; null where it is only for full ones. */
  readonly shortMs: number | null;
  /** Longest time that a record may take. */
  readonly longestStallMs: number;
  /** Whether it is tried, too, with records that may not take as long as it lasts. */
  readonly expires: "in every run" | "in full runs" | "never";
  /**
   * Leaves all brokers running; faults of the network are taken away afterwards.
   *
   * @returns the partitions that it did not concern, to which alone the longest stall applies; null for all of them.
   */
  readonly strike: (context: FaultContext) => Promise<ReadonlySet<number> | null>;
}

const PRODUCE = 0;
/** The session of a broker (3 s), and, if it was the active controller, as much again until there is another. */
const ELECTION_MS = 7_000;
/** A connection that owes an answer and is silent ends within this. */
const SILENCE_MS = 10_000;
/** A connection that is being made has so long, after several attempts in vain: 30 s, and a fifth more by chance. */
const SETUP_MS = 36_000;
/** A machine with other work. */
const SLACK_MS = 5_000;

const RIGHT_AWAY_MS = 3_000 + SLACK_MS;
const AFTER_ELECTION_MS = ELECTION_MS + SLACK_MS;
const AFTER_SETUP_MS = SETUP_MS + SLACK_MS;
const AFTER_SILENCE_MS = ELECTION_MS + SILENCE_MS + SLACK_MS;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export const faults: readonly Fault[] = [
  {
    name: "the leader is killed and started again",
    shortMs: 1_000,
    longestStallMs: AFTER_ELECTION_MS,
    expires: "in full runs",
    strike: async (context) => {
      const { proxied, stream, note } = context;
      const electionsMs: number[] = [];
      await repeat(context, async () => {
        const leader = (await leaders(proxied, stream))[0] as number;
        await proxied.cluster.killBroker(leader);
        const killedMs = performance.now();
        const isReplaced = async (): Promise<boolean> =>
          (await leaders(proxied, stream)).every((other) => other >= 0 && other !== leader);
        await expect.poll(isReplaced, { timeout: 60_000, interval: 100 }).toBe(true);
        electionsMs.push(Math.round(performance.now() - killedMs));
        await stream.progress();
        await proxied.cluster.startBroker(leader);
        await untilInSync(proxied, stream);
        await stream.progress();
      });
      note(`new leaders after ${electionsMs.join(", ")} ms`);
      return null;
    },
  },
  {
    name: "brokers are restarted one after another",
    shortMs: 7_000,
    longestStallMs: AFTER_ELECTION_MS,
    expires: "never",
    strike: async (context) => {
      const { proxied, stream } = context;
      const { cluster } = proxied;
      await repeat(context, async (round) => {
        const { nodeId } = cluster.brokers[round % cluster.brokers.length] as { readonly nodeId: number };
        await cluster.stopBroker(nodeId);
        await cluster.startBroker(nodeId);
        await untilInSync(proxied, stream);
      });
      return null;
    },
  },
  {
    name: "a broker stands still",
    shortMs: 4_000,
    longestStallMs: AFTER_SILENCE_MS,
    expires: "in every run",
    strike: async (context) => {
      const { proxied, stream, random, durationMs } = context;
      await repeat(context, async (round) => {
        const leader = (await leaders(proxied, stream))[round % stream.partitions] as number;
        proxied.cluster.pauseBroker(leader);
        // Every other time for less than its session, so that it leads on as if nothing had been.
        await sleep(round % 2 === 0 ? Math.min(durationMs, 4_000 + random() * 8_000) : random() * 2_500);
        proxied.cluster.resumeBroker(leader);
        await stream.progress();
        await untilInSync(proxied, stream);
      });
      return null;
    },
  },
  {
    name: "connections are reset every second",
    shortMs: 5_000,
    longestStallMs: RIGHT_AWAY_MS,
    expires: "never",
    strike: async (context) => {
      await repeat(context, async () => {
        await sleep(1_000);
        for (const proxy of context.proxied.all) proxy.resetAll();
      });
      return null;
    },
  },
  {
    name: "connections are reset at some byte",
    shortMs: null,
    longestStallMs: RIGHT_AWAY_MS,
    expires: "never",
    strike: async (context) => {
      const { proxied, random } = context;
      await repeat(context, async () => {
        await sleep(700 + random() * 600);
        for (const connection of proxied.all.flatMap(({ connections }) => connections)) {
          connection[random() < 0.5 ? "toBroker" : "toClient"].resetAfterBytes = 1 + random() * 20_000;
        }
      });
      return null;
    },
  },
  {
    name: "a broker is in a black hole",
    shortMs: 4_000,
    longestStallMs: RIGHT_AWAY_MS,
    expires: "in full runs",
    strike: async ({ proxied, stream, durationMs }) => {
      const leadersBefore = await leaders(proxied, stream);
      const away = leadersBefore[0] as number;
      const { toBroker, toClient } = proxied.proxyOf(away);
      toBroker.swallow = toClient.swallow = true;
      await sleep(durationMs);
      toBroker.swallow = toClient.swallow = false;
      const healedMs = performance.now();
      await stream.progress();
      expect(performance.now() - healedMs, "time to recover").toBeLessThan(AFTER_SETUP_MS);
      // The brokers reach one another past the hole, so that nobody else comes to lead what it leads.
      return new Set(leadersBefore.flatMap((leader, partition) => (leader === away ? [] : [partition])));
    },
  },
  {
    name: "responses are cut in the middle",
    shortMs: 4_000,
    longestStallMs: RIGHT_AWAY_MS,
    expires: "never",
    strike: async (context) => {
      const { proxied, random } = context;
      await repeat(context, async () => {
        await Promise.all(
          proxied.proxies.map((proxy) =>
            Promise.race([
              proxy.cutResponse({ afterBytes: Math.floor(random() * 60), apiKey: PRODUCE }),
              sleep(2_000),
            ]),
          ),
        );
        // Longer than retryBackoffMaxMs, or each answer to an attempt would be cut, whenever it is made.
        await sleep(1_200 + random() * 400);
      });
      return null;
    },
  },
  {
    name: "connections are half-open",
    shortMs: 1_000,
    longestStallMs: AFTER_SILENCE_MS,
    expires: "in every run",
    strike: async (context) => {
      const { proxied, stream } = context;
      const dead = [["toClient"], ["toBroker"], ["toBroker", "toClient"]] as const;
      await repeat(context, async (round) => {
        proxied.proxies.forEach((proxy, i) => {
          for (const direction of dead[(i + round) % dead.length] ?? []) {
            for (const connection of proxy.connections) connection[direction].swallow = true;
          }
        });
        await stream.progress();
      });
      return null;
    },
  },
  {
    name: "the network has a latency of 300 ms",
    shortMs: 3_000,
    longestStallMs: RIGHT_AWAY_MS,
    expires: "never",
    strike: async ({ proxied, durationMs }) => {
      slowDown(proxied);
      await sleep(durationMs);
      return null;
    },
  },
  {
    name: "connections are reset with five requests on their way",
    shortMs: 4_000,
    longestStallMs: RIGHT_AWAY_MS,
    expires: "in full runs",
    strike: async (context) => {
      const { proxied, random } = context;
      slowDown(proxied);
      await repeat(context, async () => {
        await sleep(1_000 + random() * 1_000);
        for (const proxy of proxied.all) proxy.resetAll();
      });
      return null;
    },
  },
];

async function repeat({ durationMs }: FaultContext, round: (round: number) => Promise<void>): Promise<void> {
  const endMs = performance.now() + durationMs;
  for (let i = 0; i === 0 || performance.now() < endMs; i++) await round(i);
}

/** Round trips take 300 ms. */
function slowDown(proxied: ProxiedCluster): void {
  for (const { toBroker, toClient } of proxied.all) toBroker.latencyMs = toClient.latencyMs = 150;
}

/** By partition. Asked by a client of its own, so that the producer's own learns nothing from it. */
async function leaders(proxied: ProxiedCluster, { topic }: NumberedStream): Promise<number[]> {
  await using kafka = new Kafka({ bootstrapServers: proxied.bootstrapServers, logger: silent });
  return (await kafka.consumer().partitionsFor(topic)).map(({ leader }) => leader ?? -1);
}

async function untilInSync(proxied: ProxiedCluster, { topic }: NumberedStream): Promise<void> {
  const fewest = async (): Promise<number> => {
    await using kafka = new Kafka({ bootstrapServers: proxied.bootstrapServers, logger: silent });
    const partitions = await kafka.consumer().partitionsFor(topic);
    return Math.min(...partitions.map(({ inSyncReplicas }) => inSyncReplicas.length));
  };
  await expect.poll(fewest, { timeout: 60_000, interval: 200 }).toBe(3);
}
