/**
 * @platformatic/kafka: `data` events of its stream, which is its only way to read, and quicker so than by `for await`.
 * It commits every five seconds, as the others do, and not after each fetch, as it would.
 */

import { once } from "node:events";
import { serveConsumer } from "../consume-worker.ts";

// Not installed where the type checker runs.
const { Consumer } = await import(String("@platformatic/kafka"));

await serveConsumer(async ({ bootstrapServers, topic, groupId, from }, meter) => {
  const consumer = new Consumer({
    clientId: "bench",
    bootstrapBrokers: bootstrapServers.split(","),
    groupId,
  });
  const stream = await consumer.consume({
    topics: [topic],
    mode: "committed",
    fallbackMode: from,
    autocommit: 5000,
  });
  stream.on("data", ({ key, value }: { key: Buffer; value: Buffer }) => {
    meter.bytes(key, value);
    if (!meter.isOver) return;
    stream.pause();
    void meter.more().then(() => stream.resume());
  });
  const [error] = await once(stream, "error");
  throw error;
});
