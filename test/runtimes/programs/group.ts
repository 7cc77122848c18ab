/** Two members of a group read a topic between them, one of them leaves, and the other goes on; in both protocols. */

import { Kafka, type KafkaConfig } from "kafkawire";
import { input, output } from "./support.ts";

interface Input {
  readonly settings: KafkaConfig;
  readonly topic: string;
  readonly groups: { readonly [protocol in "classic" | "consumer"]: string };
}

const RECORDS = 20;
const { settings, topic, groups } = input<Input>();
const kafka = new Kafka(settings);
const read: { [protocol: string]: number[] } = {};
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
for (const [groupProtocol, groupId] of Object.entries(groups)) {
  const numbers: number[] = [];
  const member = () => {
    const consumer = kafka.consumer({
      groupId,
      groupProtocol: groupProtocol as "classic" | "consumer",
      topics: topic,
      // What other runtimes have sent is theirs.
      autoOffsetReset: "latest",
    });
    const decoder = new TextDecoder();
    const reading = consumer.run({
      concurrency: 2,
      eachRecord: ({ value }) => void numbers.push(Number(decoder.decode(value ?? undefined))),
    });
    return { consumer, reading };
  };
  const [first, second] = [member(), member()];
  const assigned = (): number[] => [first, second].map(({ consumer }) => consumer.assignment().length);
  while (assigned().join() !== "1,1") await soon();
  const producer = kafka.producer();
  const send = (from: number): Promise<unknown> =>
    producer.send(
      Array.from({ length: RECORDS / 2 }, (_, i) => ({ topic, partition: i % 2, value: String(from + i) })),
    );
  const isKnown = ({ consumer }: typeof first): boolean =>
    consumer.assignment().every((each) => consumer.position(each) !== null);
  while (!isKnown(first) || !isKnown(second)) await soon();
  await send(0);
  while (numbers.length < RECORDS / 2) await soon();
  await first.consumer.close();
  await first.reading;
  await send(RECORDS / 2);
  while (numbers.length < RECORDS) await soon();
  await second.consumer.close();
  await second.reading;
  read[groupProtocol] = numbers.sort((a, b) => a - b);
}
await kafka.close();
output(read);
