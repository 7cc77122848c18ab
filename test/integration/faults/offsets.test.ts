/**
 * Offsets that are committed while the group's coordinator goes away, or the network breaks: what was acknowledged is
 * what is read back, or something newer, and no commit fails that may be repeated.
 */

import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { FindCoordinator, OffsetCommit, OffsetFetch } from "../../../src/client/api.ts";
import { CommitError } from "../../../src/client/consumer/offsets/commit-error.ts";
import { describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { type CommitterUnderTest, withCommitter } from "../../support/offset-committer.ts";
import { type ProxiedCluster, proxiedClusterFor } from "../../support/proxied-cluster.ts";
import { chance, seed } from "../../support/seed.ts";
import { inSoak } from "../../support/soak.ts";
import { createTopic } from "../../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const PARTITIONS = 3;

/** Commits without end: offsets that rise, some calls more patient than others. */
class Committing {
  readonly failures: unknown[] = [];
  readonly acknowledged: number[] = Array.from({ length: PARTITIONS }, () => 0);
  readonly #under: CommitterUnderTest;
  readonly #topic: string;
  readonly #calls: Promise<void>[] = [];
  #next = 1;
  #goesOn = true;
  readonly #loop: Promise<void>;

  constructor(under: CommitterUnderTest, topic: string) {
    this.#under = under;
    this.#topic = topic;
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    while (this.#goesOn) {
      const number = this.#next++;
      const partition = number % PARTITIONS;
      const isHurried = number % 50 === 0;
      const offset = { topic: this.#topic, partition, offset: BigInt(number), metadata: `${number}` };
      this.#calls.push(
        this.#under.commit([offset], isHurried ? 20 : 60_000).then(
          () => {
            this.acknowledged[partition] = Math.max(this.acknowledged[partition] ?? 0, number);
          },
          (error: unknown) => {
            if (!isHurried || !(error instanceof CommitError)) this.failures.push(error);
          },
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Waits for acknowledgements of commits that are asked for after this call. */
  async progress(): Promise<void> {
    const from = this.#next;
    await expect.poll(() => Math.min(...this.acknowledged), { timeout: 40_000 }).toBeGreaterThanOrEqual(from);
  }

  /** What is read back is what was acknowledged last, or newer. */
  async check(): Promise<void> {
    const before = [...this.acknowledged];
    const found = await this.#under.committed(this.#topic, [0, 1, 2], 40_000);
    found.forEach((committed, partition) => {
      expect(Number(committed?.offset ?? 0)).toBeGreaterThanOrEqual(before[partition] as number);
      if (committed !== null) expect(committed.metadata).toBe(`${committed.offset}`);
    });
  }

  async stop(): Promise<void> {
    this.#goesOn = false;
    await this.#loop;
    await Promise.all(this.#calls);
  }
}

/** Resets a connection to one of the brokers every so often. */
function resetAtRandom({ proxies }: ProxiedCluster, random: () => number): { stop(): number } {
  let resets = 0;
  const timer = setInterval(() => {
    const open = proxies.flatMap(({ connections }) => connections);
    const connection = open[Math.floor(random() * open.length)];
    if (connection === undefined) return;
    connection.reset();
    resets++;
  }, 100);
  return {
    stop: () => {
      clearInterval(timer);
      return resets;
    },
  };
}

for (const kafkaVersion of inSoak(["4.4.0", "4.1.1", "3.9.1"], ["4.4.0"])) {
  describeKafka(`offsets that are committed in trouble [Kafka ${kafkaVersion}]`, "cluster", () => {
    const proxied = proxiedClusterFor({ kafkaVersion, brokers: 3, properties: QUICK_FENCING });

    const inTrouble = async (
      trouble: (committing: Committing, under: CommitterUnderTest) => Promise<void>,
    ): Promise<void> => {
      const { bootstrapServers } = proxied();
      await using kafka = new Kafka({ bootstrapServers, logger: silent });
      const topic = await createTopic(kafka, PARTITIONS);
      await withCommitter(bootstrapServers, {}, async (under) => {
        await under.internals.refresh([topic]);
        const committing = new Committing(under, topic);
        await committing.progress();
        await trouble(committing, under);
        await committing.stop();
        await committing.check();
        expect(committing.failures).toEqual([]);
      });
    };

    it("are all there when the coordinator is killed, is stopped, or stands still", async () => {
      await inTrouble(async (committing, { coordinators, groupId, deadline }) => {
        const { cluster } = proxied();
        const coordinator = () => coordinators.find("group", groupId, { deadline: deadline(30_000) });
        for (const stop of inSoak(["killBroker", "stopBroker"] as const, ["killBroker"] as const)) {
          const nodeId = await coordinator();
          await cluster[stop](nodeId);
          await committing.progress();
          await committing.check();
          expect(await coordinator()).not.toBe(nodeId);
          await cluster.startBroker(nodeId);
          await committing.progress();
          await committing.check();
        }
        // When it goes on it may still be the coordinator, and read what it was sent meanwhile.
        const nodeId = await coordinator();
        cluster.pauseBroker(nodeId);
        await new Promise((resolve) => setTimeout(resolve, inSoak(10_000, 2000)));
        cluster.resumeBroker(nodeId);
        await committing.progress();
        await committing.check();
      });
    }, 180_000);

    it("are all there when connections are reset at any moment, and answers are cut", async () => {
      await inTrouble(async (committing) => {
        const storm = resetAtRandom(proxied(), chance(seed));
        for (let i = 0; i < inSoak(60, 6); i++) {
          await new Promise((resolve) => setTimeout(resolve, 1000));
          await committing.check();
        }
        expect(storm.stop()).toBeGreaterThan(20);
        await committing.progress();
        for (const apiKey of [OffsetCommit.apiKey, OffsetFetch.apiKey, FindCoordinator.apiKey]) {
          for (const afterBytes of [0, 3, 11]) {
            for (const proxy of proxied().proxies) void proxy.cutResponse({ afterBytes, apiKey });
            await committing.progress();
            await committing.check();
          }
        }
        proxied().heal();
      });
    }, 180_000);

    it("are there within 12 s when the connections to the coordinator are half-open", async () => {
      await inTrouble(async (committing) => {
        for (const { connections } of proxied().proxies)
          for (const connection of connections) connection.toClient.swallow = true;
        const startMs = performance.now();
        await committing.progress();
        expect(performance.now() - startMs).toBeLessThan(12_000);
      });
    }, 60_000);
  });
}
