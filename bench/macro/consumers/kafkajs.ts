/**
 * kafkajs: `eachBatch`, which does less for a record than `eachMessage`. A batch is what came of one partition. It
 * commits every five seconds, as the others do, and not after each batch, as it would.
 */

import { createRequire } from "node:module";
import { serveConsumer } from "../consume-worker.ts";

const { Kafka, logLevel } = createRequire(import.meta.url)("kafkajs");

await serveConsumer(async ({ bootstrapServers, topic, groupId, from }, meter) => {
  const kafka = new Kafka({
    clientId: "bench",
    brokers: bootstrapServers.split(","),
    logLevel: logLevel.ERROR,
  });
  // Its heartbeats wait for the handler, which is held up while others are measured.
  const consumer = kafka.consumer({ groupId, sessionTimeout: 300_000, rebalanceTimeout: 300_000 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: from === "earliest" });
  await consumer.run({
    autoCommitInterval: 5000,
    eachBatchAutoResolve: true,
    eachBatch: async ({ batch }: { batch: { messages: { key: Buffer; value: Buffer }[] } }) => {
      for (const { key, value } of batch.messages) meter.bytes(key, value);
      if (meter.isOver) await meter.more();
    },
  });
});
