/**
 * What the two bindings of librdkafka share: `Producer.produce`, a record a call, which is the shortest way into the
 * library (their `HighLevelProducer` and the API after kafkajs make a promise or a callback of each record on top),
 * and delivery reports, without which nobody would learn of a failure.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import type { ProduceClient, Setup } from "../worker.ts";
import { makeWorkload } from "../workload.ts";

const QUEUE_FULL = -184;
/** The same bound as librdkafka's own default. */
const QUEUE = 100_000;

export async function librdkafka(packageName: string, setup: Setup): Promise<ProduceClient> {
  const { bootstrapServers, topic, valueSize, lingerMs, packages } = setup;
  const { Producer } = createRequire(join(packages ?? ".", "package.json"))(packageName);
  const producer = new Producer(
    {
      "client.id": "bench",
      "bootstrap.servers": bootstrapServers,
      "enable.idempotence": true,
      acks: -1,
      partitioner: "murmur2_random",
      "queue.buffering.max.messages": QUEUE,
      ...(lingerMs === null ? {} : { "linger.ms": lingerMs }),
      dr_cb: true,
    },
    {},
  );
  let waiting = 0;
  let drained = (): void => {};
  let waitFor = 0;
  let failure: unknown = null;
  producer.on("delivery-report", (error: unknown) => {
    failure ??= error;
    waiting--;
    if (waiting <= waitFor) drained();
  });
  await new Promise<void>((resolve, reject) => {
    producer.connect({}, (error: unknown) => (error ? reject(error) : resolve()));
  });
  // Delivery reports come by a thread of the library's own, and at once, where the binding has that.
  if (producer.setPollInBackground !== undefined) producer.setPollInBackground(true);
  else producer.setPollInterval(1);
  const { keys, values } = makeWorkload(valueSize);
  const downTo = async (limit: number): Promise<void> => {
    if (waiting > limit) {
      await new Promise<void>((resolve) => {
        waitFor = limit;
        drained = () => {
          drained = () => {};
          resolve();
        };
      });
    }
    if (failure !== null) throw failure;
  };
  const send = (i: number): void => {
    waiting++;
    producer.produce(
      topic,
      null,
      values[i & (values.length - 1)],
      keys[i & (keys.length - 1)],
      null,
      undefined,
      undefined,
    );
  };
  return {
    produce: async (count) => {
      for (let i = 0; i < count; i++) {
        if (waiting >= QUEUE / 2) await downTo(QUEUE / 4);
        try {
          send(i);
        } catch (error) {
          waiting--;
          if ((error as { code?: number }).code !== QUEUE_FULL) throw error;
          await downTo(QUEUE / 4);
          i--;
        }
      }
      await downTo(0);
    },
    sendOne: async (index) => {
      send(index);
      await downTo(0);
    },
  };
}
