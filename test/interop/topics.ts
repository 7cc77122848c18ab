import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { Kafka, type NewTopic } from "../../src/mod.ts";
import { sharedBroker } from "../support/kafka.ts";

export interface KafkaForSuite {
  readonly kafka: Kafka;
  /** As Java's and librdkafka's clients take it. */
  readonly bootstrap: string;
  /** Creates a topic under a name of its own, which is deleted when the suite is done. */
  createTopic(options: Omit<NewTopic, "topic">): Promise<string>;
}

/** A client for the shared broker, for suites that require `broker`. Call the result in hooks and tests. */
export function kafkaForSuite(): () => KafkaForSuite {
  const topics: string[] = [];
  let suite: KafkaForSuite | undefined;

  beforeAll(() => {
    const { bootstrapServers } = sharedBroker();
    const kafka = new Kafka({ bootstrapServers, clientId: "interop" });
    const createTopic = async (options: Omit<NewTopic, "topic">): Promise<string> => {
      const topic = `interop-${randomUUID()}`;
      await kafka.admin().createTopics([{ ...options, topic }]);
      topics.push(topic);
      return topic;
    };
    suite = { kafka, bootstrap: bootstrapServers.join(","), createTopic };
  });

  afterAll(async () => {
    if (suite === undefined) return;
    const { kafka } = suite;
    try {
      if (topics.length > 0) await kafka.admin().deleteTopics(topics);
    } finally {
      await kafka.close();
    }
  });

  return () => {
    if (suite === undefined) throw new Error("Kafka is there in hooks and tests only");
    return suite;
  };
}
