/**
 * A worker that commits each order once it is done with it, and crashes in the middle of one: whoever comes next does
 * that order again, and none before it.
 *
 * On a Kafka of your own: `npx tsx examples/manual-commits.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { Kafka, string } from "kafkawire";

/** Resolves to the orders that were begun, in order. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<(string | null)[]> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "manual-commits" });
  const topic = `manual-commits-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 1 }]);
  await kafka.producer().send(["book", "pen", "lamp", "desk"].map((value) => ({ topic, value })));

  const begun: (string | null)[] = [];
  const work = async (crashAt: string | null): Promise<void> => {
    await using worker = kafka.consumer({
      groupId: topic,
      topics: [topic],
      valueDeserializer: string(),
      autoOffsetReset: "earliest",
      enableAutoCommit: false,
    });
    for await (const record of worker) {
      begun.push(record.value);
      if (record.value === crashAt) throw new Error(`crashed at ${crashAt}`);
      // Only now: a crash before this repeats the order, and none gets lost.
      await worker.commit(record);
      print(`${record.value} is done`);
      if (record.value === "desk") return;
    }
  };
  await work("lamp").catch((error: Error) => print(error.message));
  await work(null);
  await kafka.admin().deleteTopics([topic]);
  return begun;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
