/** kafkawire through `for await` over the consumer, a record at a time, with the settings that it has by itself. */

import { Kafka } from "kafkawire";
import { serveConsumer } from "../consume-worker.ts";

await serveConsumer(async ({ bootstrapServers, topic, groupId, from }, meter) => {
  const kafka = new Kafka({ bootstrapServers, clientId: "bench" });
  const consumer = kafka.consumer({ groupId, topics: [topic], autoOffsetReset: from });
  for await (const { key, value } of consumer) {
    meter.bytes(key as Uint8Array, value as Uint8Array);
    if (meter.isOver) await meter.more();
  }
});
