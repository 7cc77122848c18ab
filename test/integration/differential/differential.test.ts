/** The same requests to the embedded broker and to a real one, whose answers have to be the same. */

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { TestCluster } from "../../../src/testing/mod.ts";
import { describeKafka, sharedBroker } from "../../support/kafka.ts";
import { script } from "./script.ts";
import { Side } from "./side.ts";
import type { Step } from "./step.ts";

describeKafka("the embedded broker and Kafka 4.4.0", "broker", () => {
  let cluster: TestCluster;
  let embedded: Side;
  let real: Side;

  beforeAll(async () => {
    const topic = `differential-${randomUUID()}`;
    // As the shared broker has them.
    const configs = {
      "offsets.topic.num.partitions": "5",
      "transaction.state.log.num.partitions": "5",
      "group.consumer.heartbeat.interval.ms": "1000",
      "group.consumer.min.heartbeat.interval.ms": "1000",
    };
    cluster = await TestCluster.start({ autoCreateTopics: false, configs });
    embedded = await Side.open(cluster.bootstrapServers[0] as string, topic);
    real = await Side.open(sharedBroker().bootstrapServers[0] as string, topic);
    // A topic is there for its broker a moment after it was made.
    const metadata = script.find(({ name }) => name.startsWith("topics by name")) as Step;
    for (let attempt = 0; JSON.stringify(await real.ask(metadata)).includes('"errorCode":3'); attempt++) {
      if (attempt === 1000) throw new Error("The topic does not come about");
    }
  });
  afterAll(async () => {
    embedded?.close();
    real?.close();
    await cluster?.close();
    expect(cluster?.failures).toEqual([]);
  });

  it.each(script)("answer alike: $name", async (step) => {
    const alike = async (): Promise<void> => {
      expect(await embedded.ask(step)).toEqual(await real.ask(step));
    };
    await (step.isEventual === true ? vi.waitFor(alike, { timeout: 10_000, interval: 20 }) : alike());
  });
});
