/**
 * Compares our schemas with those in Kafka's jars: `npx tsx scripts/check-schemas/main.ts [Kafka's version]`.
 * Ends with 1 when they differ.
 */

import { messages } from "../../src/protocol/messages.ts";
import { DEFAULT_KAFKA_VERSION } from "../kafka/versions.ts";
import { compareSchemas, missingMessages } from "./compare.ts";
import { kafkaSchemas } from "./kafka-schemas.ts";

const kafkaVersion = process.argv[2] ?? DEFAULT_KAFKA_VERSION;
const kafka = await kafkaSchemas(kafkaVersion);

for (const [type, names] of missingMessages(messages, kafka)) {
  console.log(`Not described here, ${type} (${names.length}): ${names.join(", ")}`);
}
const differences = compareSchemas(messages, kafka);
for (const { path, property, ours, kafka: theirs } of differences) {
  console.log(`${path}: ${property} is ${ours} here and ${theirs} in Kafka ${kafkaVersion}`);
}
console.log(
  `${messages.size} messages compared with Kafka ${kafkaVersion}, ${differences.length} differences`,
);
if (differences.length > 0) process.exitCode = 1;
