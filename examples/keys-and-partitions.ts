/**
 * Which partition a record goes to: by its key, by a number, by a partitioner of your own, or, without any of these,
 * wherever there is room.
 *
 * On a Kafka of your own: `npx tsx examples/keys-and-partitions.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { Kafka, type Partitioner, partitionForKey } from "kafkawire";

const PARTITIONS = 4;

/** The last partition is for those who must not wait behind others. */
const urgentLast: Partitioner = ({ key, headers }, { partitionCount }) =>
  headers.some((header) => header.key === "urgent")
    ? partitionCount - 1
    : partitionForKey(key ?? "", Math.max(1, partitionCount - 1));

/** Partitions by what decided them. */
export interface Places {
  /** By customer, in the order of the records. */
  readonly byKey: { readonly [customer: string]: readonly number[] };
  readonly byNumber: number;
  readonly byPartitioner: readonly number[];
}

/** Sends a few records in each way. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<Places> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "keys-and-partitions" });
  const topic = `keys-and-partitions-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: PARTITIONS }]);

  const producer = kafka.producer();
  const byKey: { [customer: string]: number[] } = {};
  for (const customer of ["alice", "bob", "carol"]) {
    const steps = ["ordered", "paid", "shipped"].map((value) => ({ topic, key: customer, value }));
    byKey[customer] = (await producer.send(steps)).map(({ partition }) => partition);
    print(`${customer}: all steps in partition ${byKey[customer][0]}`);
    // Java's client, and every other that hashes as it does, comes to the same.
    print(`  as computed: ${partitionForKey(customer, PARTITIONS)}`);
  }

  const { partition: byNumber } = await producer.send({
    topic,
    key: "alice",
    partition: 2,
    value: "by number",
  });
  print(`A record that names its partition goes there: ${byNumber}`);

  const own = kafka.producer({ partitioner: urgentLast });
  const sent = await own.send([
    { topic, key: "alice", value: "calm" },
    { topic, key: "alice", value: "urgent", headers: { urgent: "yes" } },
  ]);
  const byPartitioner = sent.map(({ partition }) => partition);
  print(`Alice's calm record went to partition ${byPartitioner[0]}, her urgent one to ${byPartitioner[1]}`);
  await kafka.admin().deleteTopics([topic]);
  return { byKey, byNumber, byPartitioner };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
