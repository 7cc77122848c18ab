/**
 * Records that are not delivered: what the error says, and whether the record may have been written all the same.
 *
 * On a Kafka of your own: `npx tsx examples/delivery-errors.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { ConfigError, DeliveryError, Kafka, KafkaError, SendError } from "kafkawire";

/** Provokes each kind of failure, and resolves to the codes of the errors. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<string[]> {
  await using kafka = new Kafka({
    bootstrapServers,
    clientId: "delivery-errors",
    allowAutoCreateTopics: false,
  });
  const topic = `delivery-errors-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 1, configs: { "max.message.bytes": "1000" } }]);
  const producer = kafka.producer({ maxBlockMs: 500 });
  const codes: string[] = [];
  const attempt = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      codes.push(error.code);
      print(`${what}: ${describe(error)}`);
    }
  };

  await attempt("A topic that is not there", () => producer.send({ topic: `${topic}-nowhere`, value: "a" }));
  await attempt("A record that cannot be right", () => producer.send({ topic, partition: 9, value: "a" }));
  await attempt("A record that the topic does not take", () =>
    producer.send({ topic, value: "x".repeat(2000) }),
  );
  await attempt("One of three", () =>
    producer.send([
      { topic, value: "first" },
      { topic, value: "x".repeat(2000) },
      { topic, value: "third" },
    ]),
  );
  await kafka.admin().deleteTopics([topic]);
  return codes;
}

/** What a program would decide by. */
function describe(error: KafkaError): string {
  if (error instanceof SendError) {
    const outcomes = error.results.map((result) =>
      result instanceof Error ? "failed" : `offset ${result.offset}`,
    );
    return `${error.code}, by record: ${outcomes.join(", ")}`;
  }
  if (error instanceof ConfigError) return `${error.code}: correct the program`;
  if (error instanceof DeliveryError && error.mayBeWritten)
    return `${error.code}: look before sending it again`;
  if (error.retriable) return `${error.code}: not written, and may work later`;
  return `${error.code}: not written`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
