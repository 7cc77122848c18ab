/**
 * Three shops send what their customers do, keyed by customer, and a group of readers shares the partitions: a third
 * reader joins while records go through, and the first leaves. What `npm run quickstart` shows.
 *
 * On a Kafka of your own: `npx tsx examples/quickstart.ts localhost:9092`
 */

import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type Consumer, Kafka, type TopicPartition } from "kafkawire";

const SHOPS = new Map([
  ["north", ["alice", "bob"]],
  ["south", ["carol", "dave"]],
  ["east", ["erin", "frank"]],
]);
const PARTITIONS = 6;
/** So many records are read between one event and the next. */
const BETWEEN_EVENTS = 12;
const PAUSE_MS = 250;
/** Longer than this the group does not take for anything, also on a Kafka that waits for members at first. */
const LONGEST_MS = 60_000;

/** A record on its way: which shop sent it, who has read it. */
export interface Sighting {
  readonly shop: string;
  readonly customer: string;
  readonly value: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly reader: string;
}

/** Resolves to what was read, in the order of reading; each record that was sent is there once. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<Sighting[]> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "quickstart" });
  const topic = `quickstart-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: PARTITIONS }]);
  print(`Topic "${topic}" has ${PARTITIONS} partitions. A key always goes to the same one.\n`);

  const read: Sighting[] = [];
  const readers = new Readers(kafka, topic, read, print);
  const shops = new Shops(kafka, topic);
  const signal = AbortSignal.timeout(LONGEST_MS);
  /** Resolves once it is so. What has ended a reader or a shop rejects. */
  const until = async (isSo: () => boolean): Promise<void> => {
    const failed = Promise.race([...readers.running, ...shops.running].map(rejection));
    while (!isSo()) await Promise.race([failed, sleep(20, undefined, { signal })]);
  };

  readers.join("anna");
  readers.join("ben");
  await until(() => readers.share(2));
  shops.open();
  await until(() => read.length >= BETWEEN_EVENTS);
  print("\nCleo joins the group: some partitions become hers.\n");
  readers.join("cleo");
  await until(() => readers.share(3));
  const withThree = read.length;
  await until(() => read.length >= withThree + BETWEEN_EVENTS);
  print("\nAnna leaves: she commits what she has read, and others go on behind it.\n");
  await readers.leave("anna");
  await until(() => readers.share(2));
  const withTwo = read.length;
  await until(() => read.length >= withTwo + BETWEEN_EVENTS);
  const sent = await shops.close();
  await until(() => read.length >= sent);
  print("\nThe shops have closed, and all is read: the others leave.\n");
  await readers.end();
  await kafka.admin().deleteTopics([topic]);
  print(summary(sent, read));
  return read;
}

/** Producers, one for each shop, each of whose customers does one thing after another. */
class Shops {
  readonly running: Promise<void>[] = [];
  readonly #kafka: Kafka;
  readonly #topic: string;
  #isOpen = true;
  #sent = 0;

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka;
    this.#topic = topic;
  }

  open(): void {
    for (const [shop, customers] of SHOPS) this.running.push(this.#sell(shop, customers));
  }

  /** Resolves to how many records were sent. */
  async close(): Promise<number> {
    this.#isOpen = false;
    await Promise.all(this.running);
    return this.#sent;
  }

  async #sell(shop: string, customers: readonly string[]): Promise<void> {
    await using producer = this.#kafka.producer();
    for (let order = 1; this.#isOpen; order++) {
      const records = customers.map((customer) => ({
        topic: this.#topic,
        key: customer,
        value: `order ${order}`,
        headers: { shop },
      }));
      await producer.send(records);
      this.#sent += records.length;
      await sleep(PAUSE_MS);
    }
  }
}

/** The members of a group. */
class Readers {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #read: Sighting[];
  readonly #print: (line: string) => void;
  readonly #members = new Map<string, { readonly consumer: Consumer; readonly reading: Promise<void> }>();

  constructor(kafka: Kafka, topic: string, read: Sighting[], print: (line: string) => void) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#read = read;
    this.#print = print;
  }

  get running(): Promise<void>[] {
    return Array.from(this.#members.values(), ({ reading }) => reading);
  }

  join(name: string): void {
    const consumer = this.#kafka.consumer({
      groupId: this.#topic,
      topics: [this.#topic],
      autoOffsetReset: "earliest",
      // Who keeps a partition goes on reading it while others move.
      partitionAssignmentStrategy: ["cooperative-sticky"],
      // Members hear of each other by heartbeats; three seconds, as it is by default, are long to look at.
      heartbeatIntervalMs: 300,
      rebalanceListener: {
        onPartitionsAssigned: (given) => this.#tell(name, "now reads", given),
        onPartitionsRevoked: (taken) => this.#tell(name, "gives up", taken),
      },
    });
    this.#members.set(name, { consumer, reading: this.#readAs(name, consumer) });
  }

  /** Whether so many members have all partitions among them, none more than its share. */
  share(members: number): boolean {
    const shares = Array.from(this.#members.values(), ({ consumer }) => consumer.assignment().length);
    return shares.length === members && shares.every((share) => share === PARTITIONS / members);
  }

  async leave(name: string): Promise<void> {
    const member = this.#members.get(name);
    this.#members.delete(name);
    await member?.consumer.close();
    await member?.reading;
  }

  async end(): Promise<void> {
    for (const name of [...this.#members.keys()]) await this.leave(name);
  }

  /** Ends when the consumer is closed. A record counts as processed when the next is asked for. */
  async #readAs(reader: string, consumer: Consumer): Promise<void> {
    for await (const { key, value, partition, offset, headers } of consumer) {
      const [shop, customer, order] = [
        headers.find((header) => header.key === "shop")?.value ?? null,
        key,
        value,
      ].map(text) as [string, string, string];
      this.#read.push({ shop, customer, value: order, partition, offset, reader });
      this.#print(
        `  ${shop.padEnd(5)} →  partition ${partition}, offset ${String(offset).padStart(2)}  →  ` +
          `${reader.padEnd(4)}   ${customer}: ${order}`,
      );
    }
  }

  #tell(name: string, does: string, partitions: readonly TopicPartition[]): void {
    if (partitions.length === 0) return;
    this.#print(
      `* ${name} ${does} ${partitions
        .map(({ partition }) => partition)
        .sort()
        .join(", ")}`,
    );
  }
}

function summary(sent: number, read: readonly Sighting[]): string {
  const places = new Set(read.map(({ partition, offset }) => `${partition}@${offset}`));
  const counts = [...new Set(read.map(({ reader }) => reader))].map(
    (name) => `${name} ${read.filter(({ reader }) => reader === name).length}`,
  );
  const customers = [...SHOPS.values()].flat();
  const inOrder = customers.every((customer) =>
    read.filter((each) => each.customer === customer).every(({ value }, i) => value === `order ${i + 1}`),
  );
  return (
    `\n${sent} records were sent and ${read.length} read (${counts.join(", ")}): ` +
    `${sent === read.length && places.size === sent ? "each once" : "NOT each once"}, ` +
    `${inOrder ? "every customer's in order" : "NOT every customer's in order"}.`
  );
}

/** Settles only if that fails. */
function rejection(running: Promise<void>): Promise<never> {
  return new Promise((_, reject) => running.catch(reject));
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? "null" : new TextDecoder().decode(bytes);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
