/**
 * Two members of a group share a topic; one leaves in the middle, and the other goes on with its partitions. No record
 * is lost, none is read twice.
 *
 * On a Kafka of your own: `npx tsx examples/first-group.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { Kafka } from "kafkawire";

const RECORDS = 40;

/** Resolves to what each member has read. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<{ readonly first: string[]; readonly second: string[] }> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "first-group" });
  const topic = `first-group-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 4 }]);
  const producer = kafka.producer();

  const read = { first: [] as string[], second: [] as string[] };
  const member = (name: "first" | "second") => {
    const consumer = kafka.consumer({
      groupId: topic,
      topics: [topic],
      autoOffsetReset: "earliest",
      rebalanceListener: {
        onPartitionsAssigned: (given) => print(`${name} gets ${list(given)}`),
        onPartitionsRevoked: (taken) => print(`${name} gives up ${list(taken)}`),
      },
    });
    const reading = consumer.run({
      eachRecord: ({ value }) => void read[name].push(text(value)),
    });
    return { consumer, reading };
  };
  const [first, second] = [member("first"), member("second")];

  const send = async (from: number): Promise<void> => {
    const numbers = Array.from({ length: RECORDS / 2 }, (_, i) => from + i);
    await producer.send(numbers.map((n) => ({ topic, partition: n % 4, value: String(n) })));
  };
  const allRead = async (count: number): Promise<void> => {
    while (read.first.length + read.second.length < count) await new Promise((go) => setTimeout(go, 20));
  };
  // Both have to be members, or there is nothing to share yet.
  while (first.consumer.assignment().length !== 2 || second.consumer.assignment().length !== 2) {
    await new Promise((go) => setTimeout(go, 20));
  }
  await send(0);
  await allRead(RECORDS / 2);

  // Commits what it has processed, gives up its partitions, tells the group.
  await first.consumer.close();
  await first.reading;
  await send(RECORDS / 2);
  await allRead(RECORDS);
  await second.consumer.close();
  await second.reading;
  print(`first has read ${read.first.length} records, second ${read.second.length}`);
  await kafka.admin().deleteTopics([topic]);
  return read;
}

function list(partitions: readonly { readonly partition: number }[]): string {
  return partitions.length === 0 ? "nothing" : partitions.map(({ partition }) => partition).join(", ");
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? "null" : new TextDecoder().decode(bytes);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
