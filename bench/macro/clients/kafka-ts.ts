/**
 * kafka-ts: `send` with many messages, two calls at a time, which it gathers into one request up to `maxBatchSize`.
 * Keys and values are text, the only thing that it takes. It is always idempotent, with acks from all.
 */

import { createRequire } from "node:module";
import { inChunks, serve } from "../worker.ts";
import { makeWorkload } from "../workload.ts";

const { createKafkaClient } = createRequire(import.meta.url)("kafka-ts");

await serve(async ({ bootstrapServers, topic, valueSize }) => {
  const [host, port] = bootstrapServers.split(",", 1)[0]?.split(":") ?? [];
  const kafka = createKafkaClient({ clientId: "bench", bootstrapServers: [{ host, port: Number(port) }] });
  const chunk = 5000;
  const producer = kafka.createProducer({ maxBatchSize: chunk });
  const { keyTexts, valueTexts } = makeWorkload(valueSize);
  const message = (i: number) => ({
    topic,
    key: keyTexts[i & (keyTexts.length - 1)],
    value: valueTexts[i & (valueTexts.length - 1)],
  });
  return {
    produce: (count) =>
      inChunks(count, chunk, 2, (first, size) => {
        const messages = new Array(size);
        for (let i = 0; i < size; i++) messages[i] = message(first + i);
        return producer.send(messages);
      }),
    sendOne: (index) => producer.send([message(index)]),
  };
});
