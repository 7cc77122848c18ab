/**
 * kafkajs: `send` with as many messages as fit in a request, two calls at a time: it sends one request to a broker at
 * a time when idempotent, and groups the next meanwhile.
 */

import { createRequire } from "node:module";
import { inChunks, serve } from "../worker.ts";
import { makeWorkload } from "../workload.ts";

const { Kafka, logLevel, Partitioners } = createRequire(import.meta.url)("kafkajs");

await serve(async ({ bootstrapServers, topic, valueSize }) => {
  const kafka = new Kafka({
    clientId: "bench",
    brokers: bootstrapServers.split(","),
    logLevel: logLevel.ERROR,
  });
  const producer = kafka.producer({
    idempotent: true,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const { keys, values } = makeWorkload(valueSize);
  const message = (i: number) => ({
    key: keys[i & (keys.length - 1)],
    value: values[i & (values.length - 1)],
  });
  const chunk = valueSize > 500 ? 1000 : 5000;
  return {
    produce: (count) =>
      inChunks(count, chunk, 2, (first, size) => {
        const messages = new Array(size);
        for (let i = 0; i < size; i++) messages[i] = message(first + i);
        return producer.send({ topic, acks: -1, messages });
      }),
    sendOne: (index) => producer.send({ topic, acks: -1, messages: [message(index)] }),
  };
});
