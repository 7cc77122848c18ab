/**
 * Transactions while what takes part in them dies: a program that copies is killed again and again, and the coordinator
 * is. What a reader of librdkafka's sees in the end is each record exactly once.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Kafka, KafkaError, type Producer } from "kafkawire";
import { expect, it } from "vitest";
import { kcatValues } from "../../support/committed.ts";
import { withInternals } from "../../support/internals.ts";
import { clusterFor, describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { inSoak } from "../../support/soak.ts";
import { createTopic } from "../../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const COPIER = fileURLToPath(new URL("../programs/copier.ts", import.meta.url));
const PARTITIONS = 3;

/** A copier that runs, and the lines that it prints. */
class Copier {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  output = "";
  errors = "";
  #heard: () => void = () => {};

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ["--import", "tsx", COPIER, ...args]);
    this.#child.stdout?.on("data", (chunk: Uint8Array) => {
      this.output += chunk;
      this.#heard();
    });
    this.#child.stderr?.on("data", (chunk: Uint8Array) => {
      this.errors += chunk;
    });
    this.#ended = new Promise((resolve) => this.#child.on("exit", () => resolve()));
  }

  get copied(): number {
    return this.output.split("\n").filter((line) => line.startsWith("copied")).length;
  }

  /** Resolves when it has copied so many batches, or has ended. */
  async until(batches: number): Promise<void> {
    while (this.copied < batches) {
      const heard = new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
      const isOver = await Promise.race([heard.then(() => false), this.#ended.then(() => true)]);
      if (isOver) return;
    }
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  end(): Promise<void> {
    return this.#ended;
  }
}

/** Version 2 of the transaction protocol, and version 1. */
const CLUSTERS = [
  { kafkaVersion: "4.4.0", brokers: 3 },
  { kafkaVersion: "3.9.1", brokers: inSoak(3, 1) },
];

for (const { kafkaVersion, brokers } of CLUSTERS) {
  describeKafka(`transactions in trouble [Kafka ${kafkaVersion}]`, ["cluster", "kcat"], () => {
    const cluster = clusterFor({
      kafkaVersion,
      brokers,
      // Transactions that take too long are looked for every 10 s by default.
      properties: { ...QUICK_FENCING, "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500" },
    });
    const bootstrapServers = () => cluster().bootstrapServers;

    it("copy every record exactly once, whenever the copier is killed", async () => {
      const kills = inSoak(10, 2);
      const each = inSoak(2000, 300);
      await using kafka = new Kafka({ bootstrapServers: bootstrapServers(), logger: silent });
      const input = await createTopic(kafka, PARTITIONS);
      const output = await createTopic(kafka, PARTITIONS);
      const values = Array.from({ length: PARTITIONS }, (_, partition) =>
        Array.from({ length: each }, (__, i) => `${partition}-${i}`),
      );
      await using producer = kafka.producer();
      await producer.send(
        values.flatMap((own, partition) => own.map((value) => ({ topic: input, partition, value }))),
      );
      const names = [`group-${randomUUID()}`, `copier-${randomUUID()}`];
      const args = [bootstrapServers().join(","), input, output, ...names, String(each)];
      let reached = 0;
      for (let i = 0; i < kills; i++) {
        const copier = new Copier(args);
        // Somewhere in a transaction: before its first record, between the records, in the midst of the commit.
        await copier.until(1 + (i % 5));
        await new Promise((resolve) => setTimeout(resolve, (i * 13) % 60));
        await copier.kill();
        expect(copier.errors).toBe("");
        expect(copier.output).not.toContain("done");
        reached += copier.copied;
      }
      expect(reached).toBeGreaterThan(0);
      const last = new Copier(args);
      await last.end();
      expect([last.errors, last.output.endsWith("done\n")]).toEqual(["", true]);
      await expect
        .poll(async () => (await kcatValues(bootstrapServers(), output)).length, { timeout: 20_000 })
        .toBeGreaterThanOrEqual(each * PARTITIONS);
      // Each once, and in the order of its partition.
      expect(await kcatValues(bootstrapServers(), output)).toEqual(values.flat());
      const all = await kcatValues(bootstrapServers(), output, "read_uncommitted");
      console.log(`killed ${kills} times: ${all.length - each * PARTITIONS} records written in vain`);
    }, 400_000);

    it("that take too long are aborted by their coordinator, and are the end of their producer", async () => {
      await using kafka = new Kafka({ bootstrapServers: bootstrapServers(), logger: silent });
      const topic = await createTopic(kafka, 1);
      const transactionalId = randomUUID();
      const slow = kafka.producer({ transactionalId, transactionTimeoutMs: 1000 });
      await slow.beginTransaction();
      await slow.send({ topic, value: "too slow" });
      await using other = kafka.producer();
      await other.send({ topic, value: "of another" });
      // No reader gets past an open transaction.
      await expect
        .poll(() => kcatValues(bootstrapServers(), topic), { timeout: 20_000, interval: 200 })
        .toEqual(["of another"]);
      // In version 2 the coordinator still knows the transaction by its epoch, and that it ended the other way.
      await expect(slow.commitTransaction()).rejects.toMatchObject({
        code: kafkaVersion === "4.4.0" ? "INVALID_TXN_STATE" : "PRODUCER_FENCED",
        fatal: true,
      });
      await slow.close();
      await using next = kafka.producer({ transactionalId });
      await next.transaction((tx) => tx.send({ topic, value: "in time" }));
      await expect.poll(() => kcatValues(bootstrapServers(), topic)).toEqual(["of another", "in time"]);
    }, 60_000);

    // The others take over.
    if (brokers === 1) return;

    it("end one way or the other when their coordinator is killed in the midst of a commit", async () => {
      const rounds = inSoak(6, 1);
      await using kafka = new Kafka({ bootstrapServers: bootstrapServers(), logger: silent });
      const topic = await createTopic(kafka, PARTITIONS, { "min.insync.replicas": "2" });
      const transactionalId = randomUUID();
      await using producer = kafka.producer({ transactionalId });
      const committed: string[] = [];
      let count = 0;
      const commit = async (): Promise<void> => {
        const values = Array.from({ length: 6 }, () => `${count++}`);
        if (await settled(producer, topic, values)) committed.push(...values);
      };
      await commit();
      for (let round = 0; round < rounds; round++) {
        const nodeId = await coordinatorOf(bootstrapServers(), transactionalId);
        await producer.beginTransaction();
        const values = Array.from({ length: 6 }, () => `${count++}`);
        await producer.send(values.map((value, i) => ({ topic, partition: i % PARTITIONS, value })));
        const ending = producer.commitTransaction();
        const killed = cluster().killBroker(nodeId);
        await ending;
        committed.push(...values);
        await killed;
        for (let i = 0; i < 20; i++) await commit();
        await cluster().startBroker(nodeId);
      }
      await expect
        .poll(async () => (await kcatValues(bootstrapServers(), topic)).length, { timeout: 30_000 })
        .toBeGreaterThanOrEqual(committed.length);
      expect((await kcatValues(bootstrapServers(), topic)).toSorted()).toEqual(committed.toSorted());
    }, 300_000);
  });
}

/** Sends values in a transaction, and says whether it was committed: what is not known is asked for. */
async function settled(producer: Producer, topic: string, values: readonly string[]): Promise<boolean> {
  try {
    await producer.transaction((tx) =>
      tx.send(values.map((value, i) => ({ topic, partition: i % PARTITIONS, value }))),
    );
    return true;
  } catch (error) {
    if (!(error instanceof KafkaError) || error.fatal) throw error;
    if (error.code !== "TIMEOUT") return false;
    await producer.commitTransaction();
    return true;
  }
}

async function coordinatorOf(bootstrapServers: readonly string[], transactionalId: string): Promise<number> {
  let found = -1;
  await withInternals(bootstrapServers, async ({ coordinators, deadline }) => {
    found = await coordinators.find("transaction", transactionalId, { deadline });
  });
  return found;
}
