/**
 * Offsets that are committed while the group's coordinator goes away: what was acknowledged is what is read back, or
 * something newer, and no commit fails that may be repeated.
 */

import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { CommitError } from "../../../src/client/consumer/offsets/commit-error.ts";
import { clusterFor, describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { type CommitterUnderTest, withCommitter } from "../../support/offset-committer.ts";
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

for (const kafkaVersion of inSoak(["4.4.0", "4.1.1", "3.9.1"], ["4.4.0"])) {
  describeKafka(`a coordinator that goes away [Kafka ${kafkaVersion}]`, "cluster", () => {
    const cluster = clusterFor({ kafkaVersion, brokers: 3, properties: QUICK_FENCING });

    it("loses no offset that was acknowledged, and fails no commit", async () => {
      await using kafka = new Kafka({ bootstrapServers: cluster().bootstrapServers, logger: silent });
      const topic = await createTopic(kafka, PARTITIONS);
      await withCommitter(cluster().bootstrapServers, {}, async (under) => {
        const { internals, groupId, coordinators } = under;
        const coordinator = () => coordinators.find("group", groupId, { deadline: under.deadline(30_000) });
        await internals.refresh([topic]);
        const committing = new Committing(under, topic);
        await committing.progress();
        for (const stop of ["killBroker", "stopBroker"] as const) {
          const nodeId = await coordinator();
          await cluster()[stop](nodeId);
          await committing.progress();
          await committing.check();
          expect(await coordinator()).not.toBe(nodeId);
          await cluster().startBroker(nodeId);
          await committing.progress();
          await committing.check();
        }
        // One that stands still is still the coordinator when it goes on, and reads what it was sent meanwhile.
        const nodeId = await coordinator();
        cluster().pauseBroker(nodeId);
        await new Promise((resolve) => setTimeout(resolve, 2000));
        cluster().resumeBroker(nodeId);
        await committing.progress();
        await committing.check();
        await committing.stop();
        await committing.check();
        expect(committing.failures).toEqual([]);
      });
    }, 180_000);
  });
}
