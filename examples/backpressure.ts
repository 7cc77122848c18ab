/**
 * Sending faster than the brokers take it: `enqueue` says when the buffer is full, and `ready` when it has room again,
 * so that memory stays within `bufferMemory`.
 *
 * On a Kafka of your own: `npx tsx examples/backpressure.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { Kafka } from "kafkawire";

const RECORDS = 20_000;

/** What became of the records. */
export interface Outcome {
  readonly delivered: number;
  readonly failed: number;
  /** How often the buffer was full. */
  readonly pauses: number;
}

/** Sends many records through a buffer that is too small for them. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<Outcome> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "backpressure" });
  const topic = `backpressure-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 3 }]);
  const producer = kafka.producer({ bufferMemory: 262_144 });

  let delivered = 0;
  let failed = 0;
  let pauses = 0;
  for (let i = 0; i < RECORDS; i++) {
    const hasRoom = producer.enqueue({ topic, value: `measurement ${i}`.padEnd(100, ".") }, (error) => {
      if (error === null) delivered++;
      else failed++;
    });
    if (!hasRoom) {
      pauses++;
      await producer.ready();
    }
  }
  await producer.flush();
  print(`${delivered} records delivered, ${failed} failed; the buffer was full ${pauses} times`);
  await kafka.admin().deleteTopics([topic]);
  return { delivered, failed, pauses };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
