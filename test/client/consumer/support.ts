import type { ConsumerConfig } from "../../../src/client/config/consumer-config.ts";
import type { KafkaConfig } from "../../../src/client/config/kafka-config.ts";
import type { Consumer } from "../../../src/client/consumer/consumer.ts";
import type { ConsumerRecord } from "../../../src/client/consumer/consumer-record.ts";
import type { FakeBroker } from "../../support/fake-broker.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";
import { batchOf } from "../../support/fake-log.ts";

/** A cluster with the topic `t`, and a consumer of it. */
export function setUp({
  brokers = 1,
  partitions = 1,
  config = {} as ConsumerConfig,
  kafkaConfig = {} as Partial<KafkaConfig>,
} = {}) {
  const cluster = new FakeCluster(brokers);
  cluster.createTopic("t", partitions);
  const kafka = kafkaFor(cluster, kafkaConfig);
  const consumer = kafka.consumer(config);
  const append = (values: readonly string[], partition = 0): void =>
    cluster.append("t", partition, batchOf(values));
  const broker = cluster.broker(1) as FakeBroker;
  return { cluster, platform: cluster.platform, broker, kafka, consumer, append };
}

export const textOf = ({ value }: ConsumerRecord): string => Buffer.from(value ?? []).toString();

/** The values of the next `count` records; the loop is left after them. */
export async function take(consumer: Consumer, count: number, signal?: AbortSignal): Promise<string[]> {
  const values: string[] = [];
  if (count === 0) return values;
  for await (const record of consumer.records(signal === undefined ? {} : { signal })) {
    values.push(textOf(record));
    if (values.length === count) break;
  }
  return values;
}

/** `from-0`, `from-1`, ... */
export const numbered = (count: number, name = "v"): string[] =>
  Array.from({ length: count }, (_, i) => `${name}-${i}`);
