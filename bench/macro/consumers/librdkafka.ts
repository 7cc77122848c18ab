/**
 * What the two bindings of librdkafka share: `KafkaConsumer.consume(n)` for many records at a time, which is what costs
 * them least for each; and where records come one by one, `consume()` with its thread that hands over each as it comes.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import type { ConsumeSetup } from "../consume-worker.ts";
import type { Meter } from "../meter.ts";

interface Message {
  readonly key: Buffer;
  readonly value: Buffer;
}

const AT_A_TIME = 1000;

export async function librdkafka(packageName: string, setup: ConsumeSetup, meter: Meter): Promise<void> {
  const { bootstrapServers, topic, groupId, from, packages } = setup;
  const { KafkaConsumer } = createRequire(join(packages ?? ".", "package.json"))(packageName);
  const consumer = new KafkaConsumer(
    { "client.id": "bench", "bootstrap.servers": bootstrapServers, "group.id": groupId },
    { "auto.offset.reset": from },
  );
  await new Promise<void>((resolve, reject) => {
    consumer.connect({}, (error: unknown) => (error ? reject(error) : resolve()));
  });
  consumer.subscribe([topic]);
  if (from === "latest") {
    await oneByOne(consumer, meter);
    return;
  }
  for (;;) {
    const messages = await new Promise<readonly Message[]>((resolve, reject) => {
      consumer.consume(AT_A_TIME, (error: unknown, read: readonly Message[]) =>
        error ? reject(error) : resolve(read),
      );
    });
    for (const { key, value } of messages) meter.bytes(key, value);
    if (messages.length > 0 && meter.isOver) await meter.more();
  }
}

/** It cannot be held up: what comes meanwhile is passed over. */
function oneByOne(
  consumer: { consume: (each: (error: unknown, message: Message) => void) => void },
  meter: Meter,
): Promise<never> {
  return new Promise((_, reject) => {
    let isHeldUp = false;
    consumer.consume((error, message) => {
      if (error) reject(error);
      if (error || isHeldUp) return;
      meter.bytes(message.key, message.value);
      if (!meter.isOver) return;
      isHeldUp = true;
      void meter.more().then(() => {
        isHeldUp = false;
      });
    });
  });
}
