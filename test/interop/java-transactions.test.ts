import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { TestCluster } from "../../src/testing/mod.ts";
import { kcatValues } from "../support/committed.ts";
import { describeKafka, sharedBroker } from "../support/kafka.ts";
import { seed } from "../support/seed.ts";
import { createTopic, text } from "../support/topics.ts";
import { transactionsByJava } from "./java.ts";

const PARTITIONS = 2;
const STEPS = 400;

describeKafka(`transactions of Kafka's Java client, seed ${seed}`, ["broker", "java", "kcat"], () => {
  it("are read committed, exactly and in the order of the log, over small fetches", async () => {
    await readCommitted(sharedBroker().bootstrapServers, STEPS);
  });
});

describeKafka(
  `transactions of Kafka's Java client on embedded brokers, seed ${seed}`,
  ["java", "kcat"],
  () => {
    it.each(["4.4", "3.9"] as const)("are read committed by kcat and by kafkawire, as %s", async (as) => {
      await using cluster = await TestCluster.start({ as, brokers: 2 });
      await readCommitted(cluster.bootstrapServers, STEPS / 4);
      expect(cluster.failures).toEqual([]);
      const added = cluster.requests.of("AddPartitionsToTxn").length;
      expect(added > 0).toBe(as === "3.9");
    });
  },
);

/** Has Java write transactions, of which some are aborted, and reads them with kafkawire and kcat. */
async function readCommitted(bootstrapServers: readonly string[], steps: number): Promise<void> {
  await using kafka = new Kafka({ bootstrapServers });
  const topic = await createTopic(kafka, PARTITIONS);
  const bootstrap = bootstrapServers.join(",");
  const committed = await transactionsByJava(bootstrap, {
    topic,
    partitions: PARTITIONS,
    seed,
    steps,
  });
  const sizes = { maxPartitionFetchBytes: 300, fetchMaxBytes: 500, fetchMaxWaitMs: 50 };
  await using consumer = kafka.consumer({ isolationLevel: "read_committed", ...sizes });
  consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
  const read: { partition: number; offset: bigint; value: string | null }[] = [];
  for await (const { partition, offset, value } of consumer) {
    read.push({ partition, offset, value: text(value) });
    if (read.length === committed.length) break;
  }
  expect(read.map(({ value }) => value).toSorted()).toEqual(committed.toSorted());
  const inOrder = read.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) =>
    read.filter((record) => record.partition === partition),
  );
  expect(partitions.flat()).toEqual(inOrder);
  expect(partitions.flat().map(({ value }) => value)).toEqual(await kcatValues(bootstrapServers, topic));
}
