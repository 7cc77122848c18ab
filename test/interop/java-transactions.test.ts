import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { kcatValues } from "../support/committed.ts";
import { describeKafka, sharedBroker } from "../support/kafka.ts";
import { seed } from "../support/seed.ts";
import { createTopic, text } from "../support/topics.ts";
import { transactionsByJava } from "./java.ts";

const PARTITIONS = 2;
const STEPS = 400;

describeKafka(`transactions of Kafka's Java client, seed ${seed}`, ["broker", "java", "kcat"], () => {
  it("are read committed, exactly and in the order of the log, over small fetches", async () => {
    const { bootstrapServers } = sharedBroker();
    await using kafka = new Kafka({ bootstrapServers });
    const topic = await createTopic(kafka, PARTITIONS);
    const bootstrap = bootstrapServers.join(",");
    const committed = await transactionsByJava(bootstrap, {
      topic,
      partitions: PARTITIONS,
      seed,
      steps: STEPS,
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
  });
});
