/** The committed set of messages that Kafka wrote, for machines without Java. `make.ts` makes it. */

import { readFile, writeFile } from "node:fs/promises";
import { DEFAULT_KAFKA_VERSION } from "../../scripts/kafka/versions.ts";
import { type Generated, generateByKafka } from "./java.ts";
import { names } from "./messages.ts";

const FILE = new URL("messages.golden.jsonl", import.meta.url);

/** Small, and the same on every machine: what is committed changes only with the schemas. */
const SEED = 1;
const INSTANCES = 2;
const SIZE = 3;

/** First line of the file; the others are messages. */
interface Origin {
  readonly kafkaVersion: string;
  readonly command: string;
}

export interface CommittedSet extends Origin {
  readonly messages: readonly Generated[];
}

export async function readCommitted(): Promise<CommittedSet> {
  const [first, ...lines] = (await readFile(FILE, "utf8")).trimEnd().split("\n");
  const origin = JSON.parse(first as string) as Origin;
  const messages = lines.map((line) => {
    const [name, version, hex, json] = JSON.parse(line) as [string, number, string, object];
    return { name, version, hex, json: JSON.stringify(json) };
  });
  return { ...origin, messages };
}

/** Lets Kafka write the set. */
export async function makeCommitted(): Promise<Generated[]> {
  const made = await generateByKafka({ names, count: INSTANCES, seed: SEED, size: SIZE });
  // In the form that reading the file gives: the two languages write 1.0 differently.
  return made.map((message) => ({ ...message, json: JSON.stringify(JSON.parse(message.json)) }));
}

export async function writeCommitted(): Promise<number> {
  const origin: Origin = { kafkaVersion: DEFAULT_KAFKA_VERSION, command: "npx tsx test/golden/make.ts" };
  const made = await makeCommitted();
  const lines = made.map(({ name, version, hex, json }) =>
    JSON.stringify([name, version, hex, JSON.parse(json)]),
  );
  await writeFile(FILE, `${[JSON.stringify(origin), ...lines].join("\n")}\n`);
  return made.length;
}
