import { describe, expect, it } from "vitest";
import { Produce } from "../../../src/client/api.ts";
import { silence } from "../../support/fake-broker.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";

const HOUR_MS = 3_600_000;

describe("deliveryTimeoutMs", () => {
  it("of 0 lets records wait for ever, and they are written once", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t");
    const { platform } = cluster;
    const producer = kafkaFor(cluster).producer({ deliveryTimeoutMs: 0, lingerMs: 0 });
    await platform.run(producer.send({ topic: "t", value: "before" }));
    let isMute = true;
    cluster.broker(1).handle(Produce, ({ body }) => {
      if (!isMute) return undefined;
      for (const { records } of body.topicData[0]?.partitionData ?? []) {
        cluster.log("t").append(records as Uint8Array);
      }
      return silence;
    });
    const sent = ["a", "b", "c"].map((value) => producer.send({ topic: "t", value }));
    let settled = 0;
    for (const each of sent) each.finally(() => settled++).catch(() => {});
    await platform.clock.advance(HOUR_MS);
    expect(settled).toBe(0);
    isMute = false;
    const metadata = await platform.run(Promise.all(sent), 120_000);
    expect(metadata.map(({ offset }) => offset)).toEqual([1n, 2n, 3n]);
    expect(cluster.log("t").values()).toEqual(["before", "a", "b", "c"]);
  });

  it("is held to the millisecond, and its error says whether the records may be written", async () => {
    const cluster = new FakeCluster(2);
    cluster.createTopic("t", 2);
    const { platform } = cluster;
    const kafka = kafkaFor(cluster, { requestTimeoutMs: 1000 });
    const producer = kafka.producer({ deliveryTimeoutMs: 5000, lingerMs: 0 });
    await platform.run(producer.send({ topic: "t", partition: 0, value: "before" }));
    cluster.broker(1).handle(Produce, () => silence);
    cluster.broker(2).stop();
    for (const [partition, mayBeWritten] of [true, false].entries()) {
      const startMs = platform.clock.monotonicMs();
      const failure = await platform.failure(producer.send({ topic: "t", partition, value: "late" }));
      expect(failure).toMatchObject({ code: "DELIVERY_TIMED_OUT", partition, mayBeWritten });
      expect(platform.clock.monotonicMs() - startMs).toBe(5000);
    }
  });
});
