/**
 * Sends 1,000 records a second, each by itself, with the time in its value, for consumers to say how late they got it.
 * By kafkajs, so that it is none of those that are looked at most. Ends with its standard input.
 */

import { createRequire } from "node:module";
import { SENT_AT_DIGITS } from "./consume-worker.ts";

const { Kafka, logLevel } = createRequire(import.meta.url)("kafkajs");

const PER_SECOND = 1000;
const VALUE_SIZE = 100;

const { bootstrapServers, topic } = JSON.parse(process.argv[2] ?? "") as {
  readonly bootstrapServers: string;
  readonly topic: string;
};
const kafka = new Kafka({
  clientId: "stream",
  brokers: bootstrapServers.split(","),
  logLevel: logLevel.ERROR,
});
const producer = kafka.producer({ allowAutoTopicCreation: false });
await producer.connect();
const fail = (error: unknown): never => {
  process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  process.exit(1);
};
const begun = performance.now();
let sent = 0;
setInterval(() => {
  const due = Math.floor(((performance.now() - begun) * PER_SECOND) / 1000);
  for (; sent < due; sent++) {
    const nowUs = String(process.hrtime.bigint() / 1000n).padStart(SENT_AT_DIGITS, "0");
    const message = { key: `customer-${sent % 4096}`, value: nowUs.padEnd(VALUE_SIZE, ".") };
    producer.send({ topic, acks: 1, messages: [message] }).catch(fail);
  }
}, 1);
process.stdin.resume().on("end", () => process.exit(0));
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
