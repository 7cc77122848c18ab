/** Reads partitions to their end and compares every record with what was written there. */

import { type ConsumerRecord, Kafka, type KafkaConfig } from "kafkawire";
import { described, madeRecords, RECORDS_PER_PARTITION } from "./made-records.ts";
import { input, output } from "./support.ts";

interface Input {
  readonly settings: KafkaConfig;
  readonly topic: string;
  readonly fromMs: number;
  readonly partitions: readonly number[];
}

const { settings, topic, fromMs, partitions } = input<Input>();
await using kafka = new Kafka(settings);
const consumer = kafka.consumer();
consumer.assign(partitions.map((partition) => ({ topic, partition, from: "earliest" as const })));
const read = new Map<number, string[]>();
const wrong: string[] = [];
let left = partitions.length * RECORDS_PER_PARTITION;
const take = ({ partition, offset, key, value, headers, timestamp }: ConsumerRecord): void => {
  const records = read.get(partition) ?? [];
  if (offset !== BigInt(records.length)) wrong.push(`${partition}: offset ${offset} after ${records.length}`);
  records.push(described({ key, value, headers: [...headers], timestamp }));
  read.set(partition, records);
};
if (left > 0) {
  for await (const record of consumer) {
    take(record);
    if (--left === 0) break;
  }
}
for (const [partition, records] of read) {
  madeRecords(partition, fromMs).forEach((made, i) => {
    if (described(made) !== records[i]) wrong.push(`${partition}/${i}: ${records[i]?.slice(0, 200)}`);
  });
}
await kafka.close();
output({ partitions: [...read.keys()].sort((a, b) => a - b), wrong });
