/** Writes a partition with each codec, and says which codecs this runtime lacks. */

import { type CompressionType, Kafka, type KafkaConfig, KafkaError } from "kafkawire";
import { madeRecords } from "./made-records.ts";
import { input, output } from "./support.ts";

interface Input {
  readonly settings: KafkaConfig;
  readonly topic: string;
  readonly fromMs: number;
  readonly partitions: { readonly [codec in CompressionType]?: number };
}

const { settings, topic, fromMs, partitions } = input<Input>();
const kafka = new Kafka(settings);
const written: { [codec: string]: string } = {};
const refused: { [codec: string]: string } = {};
for (const [codec, partition] of Object.entries(partitions)) {
  try {
    const producer = kafka.producer({ compressionType: codec as CompressionType, lingerMs: 50 });
    const sent = await producer.send(
      madeRecords(partition, fromMs).map((record) => ({ topic, partition, ...record })),
    );
    written[codec] = sent.map(({ offset }) => offset).join();
    await producer.close();
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    refused[codec] = error.code;
  }
}
await kafka.close();
output({ written, refused });
