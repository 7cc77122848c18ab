import { beforeAll, expect, it } from "vitest";
import { partitionForKey } from "../../src/mod.ts";
import { describeKafka } from "../support/kafka.ts";
import { seed } from "../support/seed.ts";
import { show } from "./bytes.ts";
import { type JavaPartitions, partitionsByJava } from "./java.ts";
import { type Key, randomKeys } from "./keys.ts";
import { kafkaForSuite } from "./topics.ts";

const KEYS = 10_000;
const MAX_PARTITIONS = 100;
/** A prime, so that no regularity of the hash can hide. */
const PARTITIONS_OF_TOPIC = 7;
const READ_TIMEOUT_MS = 20_000;

describeKafka(`the partition of a key, seed ${seed}`, ["broker", "java"], () => {
  const suite = kafkaForSuite();
  const keys = randomKeys(KEYS, seed);
  let topicOfJava: string;
  let byJava: JavaPartitions[];

  beforeAll(async () => {
    const { bootstrap, createTopic } = suite();
    topicOfJava = await createTopic({ numPartitions: PARTITIONS_OF_TOPIC });
    byJava = await partitionsByJava(bootstrap, topicOfJava, MAX_PARTITIONS, keys);
  });

  it("was computed by Java for every key", () => {
    expect(keys).toHaveLength(KEYS);
    expect(byJava).toHaveLength(KEYS);
    expect(new Set(byJava.map(({ partitions }) => partitions.byteLength))).toEqual(new Set([MAX_PARTITIONS]));
  });

  it(`is that of Java's murmur2 for 1 to ${MAX_PARTITIONS} partitions`, () => {
    const differing: string[] = [];
    let compared = 0;
    keys.forEach((key, i) => {
      const java = byJava[i] as JavaPartitions;
      // With 2^31 partitions it is the positive hash itself, all bits that a partition can depend on.
      const counts = [
        [2 ** 31, java.hash],
        ...[...java.partitions].map((partition, n) => [n + 1, partition]),
      ];
      for (const [count, expected] of counts as [number, number][]) {
        const ours = partitionForKey(key, count);
        compared++;
        if (ours !== expected)
          differing.push(`${shown(key)} of ${count}: Java ${expected}, kafkawire ${ours}`);
      }
    });
    console.log(`Partitions compared with Java's: ${compared}, ${differing.length} differences`);
    // One is enough to look into.
    expect(differing.slice(0, 1)).toEqual([]);
    expect(compared).toBe(KEYS * (MAX_PARTITIONS + 1));
  });

  it("is where the records of both producers land", async () => {
    const { kafka, createTopic } = suite();
    const topic = await createTopic({ numPartitions: PARTITIONS_OF_TOPIC });
    await using producer = kafka.producer();
    const sent = await producer.send(keys.map((key, i) => ({ topic, key, value: `${i}` })));
    expect(sent.map(({ partition }) => partition)).toEqual(byJava.map(({ landedIn }) => landedIn));
    expect(new Set(sent.map(({ partition }) => partition)).size).toBe(PARTITIONS_OF_TOPIC);

    // What the producers say is one thing, what lies there another.
    const ours = await layout(topic);
    expect(ours).toHaveLength(KEYS);
    expect(ours).toEqual(await layout(topicOfJava));
  });

  /** Every record of a topic as "number of the key: partition, key", in the order of the numbers. */
  async function layout(topic: string): Promise<string[]> {
    await using consumer = suite().kafka.consumer();
    consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
    const records: string[] = [];
    let count = 0;
    for await (const record of consumer.records({ signal: AbortSignal.timeout(READ_TIMEOUT_MS) })) {
      const number = Buffer.from(record.value ?? []).toString();
      records[Number(number)] = `${number}: ${record.partition}, ${show(record.key)}`;
      if (++count === KEYS) break;
    }
    return records;
  }
});

function shown(key: Key): string {
  return typeof key === "string" ? JSON.stringify(key) : `bytes ${show(key)}`;
}
