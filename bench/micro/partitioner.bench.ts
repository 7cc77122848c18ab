/**
 * The partition of a key, a hundred keys a run: kafkawire against the default partitioners of kafkajs and kafka-ts and
 * that of @platformatic/kafka which agrees with Java, each given what its producer gives it. @platformatic/kafka
 * hashes bytes only, and its producer makes bytes of text first.
 *
 *   npm run bench -- partitioner
 */

import { createRequire } from "node:module";
import { partitionForKey } from "kafkawire";
import { bench, group } from "./cpu-time.ts";
import { reportCpuTime } from "./report.ts";
import { warmWithEverySchema } from "./warm.ts";

// biome-ignore lint/suspicious/noExplicitAny: these modules are internal to packages and have no types
type Untyped = any;

const require = createRequire(import.meta.url);
const at = (path: string): URL => new URL(`../node_modules/${path}`, import.meta.url);

const COUNT = 100;
const PARTITIONS = 12;
const topic = "orders";
const partitions = Array.from({ length: PARTITIONS }, (_, partitionId) => ({ partitionId, leader: 1 }));

const kafkajs: Untyped = require(at("kafkajs/src/producer/partitioners/default/index.js").pathname)();
const kafkaTs: Untyped = require(at("kafka-ts/dist/distributors/partitioner.js").pathname).defaultPartitioner(
  { metadata: { getTopicPartitions: () => ({ [topic]: partitions }) } },
);
const { compatibilityPartitioner: platformatic }: Untyped = await import(
  at("@platformatic/kafka/dist/clients/producer/partitioners.js").href
);

type Key = string | Buffer;

const WAYS: readonly (readonly [string, (key: Key) => number])[] = [
  ["kafkawire", (key) => partitionForKey(key, PARTITIONS)],
  ["kafkajs", (key) => kafkajs({ topic, partitionMetadata: partitions, message: { key } })],
  ["kafka-ts", (key) => kafkaTs({ topic, key })],
  ["@platformatic/kafka", (key) => platformatic(null, Buffer.from(key as string)) % PARTITIONS],
];

const numbers = Array.from({ length: COUNT }, (_, i) => 100_000 + i * 7919);
const KEYS: readonly (readonly [string, readonly Key[]])[] = [
  ["text of 8 ASCII characters", numbers.map((number) => `k-${number}`)],
  [
    "text of 36 ASCII characters",
    numbers.map((number) => `order-${number}-of-a-customer-${number}-eu`.slice(0, 36)),
  ],
  ["text that is not ASCII", numbers.map((number) => `clé-${number}-日本`)],
  ["16 bytes", numbers.map((number) => Buffer.alloc(16, `${number}`))],
];

for (const [kind, keys] of KEYS) {
  group(`${COUNT} keys: ${kind}`, () => {
    for (const [name, way] of WAYS) {
      if (keys.some((key) => way(key) !== partitionForKey(key, PARTITIONS))) {
        throw new Error(`${name} puts a key elsewhere: ${kind}`);
      }
      bench(name, () => keys.reduce((sum, key) => sum + way(key), 0));
    }
  });
}
warmWithEverySchema();
await reportCpuTime("partitioner");
