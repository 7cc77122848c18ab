import { expect, it } from "vitest";
import { describeKafka } from "../support/kafka.ts";
import { seed } from "../support/seed.ts";
import { bytesOf } from "./bytes.ts";
import { type KeyPlace, placesByKcat, spreadWithKcat } from "./kcat.ts";
import { randomKeys } from "./keys.ts";
import { kafkaForSuite } from "./topics.ts";

/** One in ten is empty. */
const KEYS = 12_000;
/** A prime, so that no regularity of a hash can hide. */
const numPartitions = 31;

describeKafka(`partitioners of librdkafka, seed ${seed}`, ["broker", "kcat"], () => {
  const suite = kafkaForSuite();
  const keys = randomKeys(KEYS, seed);
  const bytes = keys.map((key) => bytesOf(key) as Buffer);

  it.each(["consistent_random", "consistent", "murmur2_random", "fnv1a_random"] as const)(
    "%s puts records where librdkafka does",
    async (partitioner) => {
      const { bootstrap, createTopic, kafka } = suite();
      const ours = await createTopic({ numPartitions });
      await using producer = kafka.producer({ partitioner });
      const sent = await producer.send(keys.map((key, i) => ({ topic: ours, key, value: `${i}` })));
      const theirs = await createTopic({ numPartitions });
      await spreadWithKcat(bootstrap, theirs, partitioner, bytes);

      const placed = await placesByKcat(bootstrap, ours);
      expect(placed.map(({ partition }) => partition)).toEqual(sent.map(({ partition }) => partition));
      expect(placed.map(({ number }) => number)).toEqual([...keys.keys()]);
      const placedByKcat = await placesByKcat(bootstrap, theirs);
      expect(placedByKcat).toHaveLength(KEYS);

      // An empty key is left to chance by its default partitioner, and hashed by the others.
      const isHashed = ({ key }: KeyPlace): boolean => partitioner !== "consistent_random" || key.length > 0;
      const hashed = placed.filter(isHashed);
      const differing = hashed.filter(({ number, partition, key }) => {
        const other = placedByKcat[number];
        return other?.partition !== partition || !other.key.equals(key);
      });
      console.log(
        `Partitions by ${partitioner} compared with librdkafka's: ${hashed.length}, ${differing.length} differences`,
      );
      expect(differing.slice(0, 1)).toEqual([]);
      expect(hashed.length).toBeGreaterThanOrEqual(10_000);
      expect(new Set(placed.map(({ partition }) => partition)).size).toBe(numPartitions);
    },
  );
});
