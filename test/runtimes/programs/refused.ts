/** What this runtime's failures look like to a user. */

import { Kafka, type KafkaConfig, KafkaError } from "kafkawire";
import { input, output } from "./support.ts";

const { cases } = input<{ readonly cases: { readonly [name: string]: KafkaConfig } }>();
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const failures: { [name: string]: string } = {};
await Promise.all(
  Object.entries(cases).map(async ([name, settings]) => {
    await using kafka = new Kafka({ ...settings, logger });
    try {
      await kafka.consumer().partitionsFor("orders", { timeoutMs: 1000 });
      failures[name] = "none";
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      const { code, message } = error.cause instanceof KafkaError ? error.cause : error;
      failures[name] = `${code}: ${message}`;
    }
  }),
);
output(failures);
