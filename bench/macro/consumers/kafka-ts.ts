/**
 * kafka-ts: `onBatch`, its only way to read, which is given all that a fetch has brought, with keys and values as text.
 * It commits after each fetch, which cannot be changed.
 */

import { createRequire } from "node:module";
import { serveConsumer } from "../consume-worker.ts";

const { createKafkaClient } = createRequire(import.meta.url)("kafka-ts");

await serveConsumer(async ({ bootstrapServers, topic, groupId, from }, meter) => {
  const [host, port] = bootstrapServers.split(",", 1)[0]?.split(":") ?? [];
  const kafka = createKafkaClient({ clientId: "bench", bootstrapServers: [{ host, port: Number(port) }] });
  await kafka.startConsumer({
    groupId,
    topics: [topic],
    fromTimestamp: from === "earliest" ? -2n : -1n,
    onBatch: async (messages: { key: string; value: string }[]) => {
      for (const { key, value } of messages) meter.text(key, value);
      if (meter.isOver) await meter.more();
    },
  });
});
