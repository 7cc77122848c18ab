/**
 * @platformatic/kafka: `send` with many messages, two calls at a time: it has one request in flight when idempotent.
 * Its stream is a `send` of what was written, with a `Writable` in front of it.
 */

import { inChunks, serve } from "../worker.ts";
import { makeWorkload } from "../workload.ts";

// Not installed where the type checker runs.
const { Producer } = await import(String("@platformatic/kafka"));

await serve(async ({ bootstrapServers, topic, valueSize }) => {
  const producer = new Producer({
    clientId: "bench",
    bootstrapBrokers: bootstrapServers.split(","),
    idempotent: true,
    autocreateTopics: false,
  });
  const { keys, values } = makeWorkload(valueSize);
  const message = (i: number) => ({
    topic,
    key: keys[i & (keys.length - 1)],
    value: values[i & (values.length - 1)],
  });
  // More at a time cost it more for each.
  const chunk = 1000;
  // Two calls at once before the first has made the producer id would ask for one twice.
  await producer.initIdempotentProducer({});
  return {
    produce: (count) =>
      inChunks(count, chunk, 2, (first, size) => {
        const messages = new Array(size);
        for (let i = 0; i < size; i++) messages[i] = message(first + i);
        return producer.send({ messages });
      }),
    sendOne: (index) => producer.send({ messages: [message(index)] }),
  };
});
