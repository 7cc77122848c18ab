/**
 * Exactly once from topic to topic: orders are read, and of each an invoice and a shipment are made. Both are seen
 * together with the place up to which orders are done, or none of them is.
 *
 * On a Kafka of your own: `npx tsx examples/transactions.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { Kafka, KafkaError } from "kafkawire";

const ORDERS = ["book", "pen", "lamp"];

/** What came of it. The topics stay, so that they can be looked into. */
export interface Outcome {
  readonly invoices: string;
  readonly shipments: string;
  readonly processed: number;
  /** Why a transaction was aborted. */
  readonly aborted: string;
  /** What a producer is told whose transactional id another has taken over. */
  readonly fenced: string;
}

/** Processes some orders, gives one up, and is fenced in the end. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<Outcome> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "transactions" });
  const [orders, invoices, shipments] = ["orders", "invoices", "shipments"].map(
    (name) => `${name}-${Date.now()}`,
  ) as [string, string, string];
  await kafka
    .admin()
    .createTopics([orders, invoices, shipments].map((topic) => ({ topic, numPartitions: 1 })));
  await kafka.producer().send(ORDERS.map((value, i) => ({ topic: orders, key: `${i}`, value })));

  // The name stays the same when the program starts again: whatever it left open is then ended first.
  const transactionalId = `billing-${orders}`;
  const groupId = "billing";
  const producer = kafka.producer({ transactionalId });

  const consumer = kafka.consumer();
  consumer.assign([{ topic: orders, partition: 0, from: "earliest" }]);
  let processed = 0;
  for await (const { key, value, partition, offset } of consumer) {
    await producer.transaction(async (tx) => {
      await tx.send([
        { topic: invoices, key, value },
        { topic: shipments, key, value },
      ]);
      // Where to go on: behind this order.
      await tx.sendOffsets([{ topic: orders, partition, offset: offset + 1n }], { groupId });
    });
    processed++;
    print(`Order ${new TextDecoder().decode(value ?? undefined)}: invoice and shipment committed`);
    if (processed === ORDERS.length) break;
  }

  let aborted = "";
  try {
    await producer.transaction(async (tx) => {
      await tx.send({ topic: invoices, key: "9", value: "for nothing" });
      throw new Error("out of stock");
    });
  } catch (error) {
    aborted = (error as Error).message;
    print(`Aborted, and its invoice is never seen: ${aborted}`);
  }

  // A second one with the same name, as when a program that was believed dead comes back.
  const successor = kafka.producer({ transactionalId });
  await successor.initTransactions();
  let fenced = "";
  // A program tries a transaction again that has failed, until an error is fatal.
  for (let attempt = 1; attempt <= 3 && fenced === ""; attempt++) {
    try {
      await producer.transaction((tx) => tx.send({ topic: invoices, key: "10", value: "too late" }));
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      if (error.fatal) fenced = error.code;
      print(
        `Attempt ${attempt} of the first producer: ${error.code}${error.fatal ? ", it has to be closed" : ""}`,
      );
    }
  }
  print(`Look: kcat -C -e -b ${bootstrapServers} -t ${invoices} -X isolation.level=read_committed`);
  return { invoices, shipments, processed, aborted, fenced };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
