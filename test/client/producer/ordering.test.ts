import { describe, expect, it } from "vitest";
import { Produce } from "../../../src/client/api.ts";
import { cutShort, hangUp, later, silence } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";

const values = (count: number): string[] => Array.from({ length: count }, (_, i) => `value-${i}`);

function refusal(cluster: FakeCluster, topic: string, errorCode: number, partitions = [0]) {
  const topicId = cluster.topics.get(topic)?.topicId as string;
  const partitionResponses = partitions.map((index) => ({ index, errorCode, baseOffset: -1n }));
  return { responses: [{ name: topic, topicId, partitionResponses }] };
}

describe("the order of a partition's records", () => {
  it("is that of send(), whether a record had to wait for the topic or not", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t");
    const { platform } = cluster;
    const producer = kafkaFor(cluster).producer({ lingerMs: 0 });
    const sent: Promise<unknown>[] = [];
    // One at each step of the program: before anything is known, when the metadata comes, and after.
    for (const value of values(1000)) {
      sent.push(producer.send({ topic: "t", value }));
      await Promise.resolve();
    }
    await platform.run(Promise.all(sent));
    expect(cluster.log("t").values()).toEqual(values(1000));
  });

  it("has one batch of a partition on its way without idempotence, and the next behind it", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t", 2);
    const broker = cluster.broker(1);
    const producer = kafkaFor(cluster).producer({ lingerMs: 0, batchSize: 1, enableIdempotence: false });
    broker.script(Produce, later(100, undefined));
    const send = (partition: number, value: string) => producer.send({ topic: "t", partition, value });
    const sent = [send(0, "a"), send(0, "b")];
    await settle();
    sent.push(send(0, "c"), send(1, "other"));
    await settle();
    const partitions = () =>
      broker.of(Produce).map(({ body }) => body.topicData[0]?.partitionData.map(({ index }) => index));
    expect(partitions()).toEqual([[0], [1]]);
    const offsets = (await cluster.platform.run(Promise.all(sent))).map(({ offset }) => offset);
    expect(offsets).toEqual([0n, 1n, 2n, 0n]);
    expect(partitions()).toEqual([[0], [1], [0], [0]]);
  });

  it.each([
    ["NOT_LEADER_OR_FOLLOWER", 6],
    ["NOT_ENOUGH_REPLICAS", 19],
    ["UNKNOWN_TOPIC_ID", 100],
    ["KAFKA_STORAGE_ERROR", 56],
    ["REQUEST_TIMED_OUT", 7],
  ])("survives %s, and nothing is written twice", async (_, errorCode) => {
    const cluster = new FakeCluster();
    cluster.createTopic("t");
    const producer = kafkaFor(cluster).producer({ lingerMs: 0, batchSize: 100 });
    cluster.broker(1).script(Produce, ...Array(3).fill(refusal(cluster, "t", errorCode)));
    const records = values(20).map((value) => ({ topic: "t", value }));
    const metadata = await cluster.platform.run(producer.send(records));
    expect(cluster.log("t").values()).toEqual(values(20));
    expect(metadata.map(({ offset }) => offset)).toEqual(values(20).map((_, i) => BigInt(i)));
    // The very same bytes each time.
    const [first, ...again] = cluster
      .broker(1)
      .of(Produce)
      .slice(0, 4)
      .map(({ body }) => Buffer.from(body.topicData[0]?.partitionData[0]?.records ?? []).toString("hex"));
    expect(again).toEqual([first, first, first]);
  });

  it("survives a leader that moves while batches are queued", async () => {
    const cluster = new FakeCluster(2);
    cluster.createTopic("t");
    const producer = kafkaFor(cluster).producer({ lingerMs: 0, batchSize: 100 });
    await cluster.platform.run(producer.send({ topic: "t", value: "first" }));
    cluster.moveLeader("t", 0, 2);
    const records = values(20).map((value) => ({ topic: "t", value }));
    await cluster.platform.run(producer.send(records), 5000);
    expect(cluster.log("t").values()).toEqual(["first", ...values(20)]);
    expect(cluster.broker(2).of(Produce).length).toBeGreaterThan(1);
  });

  it("survives a broker that dies in mid-request, and asks for the new leader", async () => {
    const cluster = new FakeCluster(2);
    cluster.createTopic("t");
    const producer = kafkaFor(cluster).producer({ lingerMs: 0, batchSize: 100 });
    cluster.broker(1).handle(Produce, () => {
      cluster.broker(1).stop();
      cluster.alive.delete(1);
      cluster.moveLeader("t", 0, 2);
      return hangUp();
    });
    const records = values(20).map((value) => ({ topic: "t", value }));
    await cluster.platform.run(producer.send(records), 10_000);
    expect(cluster.log("t").values()).toEqual(values(20));
  });

  it("survives a broker that never answers, once its request has timed out", async () => {
    const cluster = new FakeCluster(2);
    cluster.createTopic("t");
    const kafka = kafkaFor(cluster, { requestTimeoutMs: 2000 });
    const producer = kafka.producer({ lingerMs: 0 });
    cluster.broker(1).handle(Produce, () => silence);
    const sent = producer.send({ topic: "t", value: "a" });
    await cluster.platform.clock.advance(1000);
    cluster.moveLeader("t", 0, 2);
    await cluster.platform.run(sent, 5000);
    expect(cluster.log("t").values()).toEqual(["a"]);
  });

  it.each([
    [true, ["a", "b", "c"]],
    [false, ["a", "a", "b", "c"]],
  ])("is kept when the acknowledgement is lost (idempotent: %s)", async (enableIdempotence, written) => {
    const cluster = new FakeCluster();
    cluster.createTopic("t");
    const producer = kafkaFor(cluster).producer({ lingerMs: 0, batchSize: 1, enableIdempotence });
    let lost = 1;
    cluster.broker(1).handle(Produce, ({ body }) => {
      if (lost-- <= 0) return undefined;
      cluster.log("t").append(body.topicData[0]?.partitionData[0]?.records as Uint8Array);
      return cutShort({}, 3);
    });
    const records = ["a", "b", "c"].map((value) => ({ topic: "t", value }));
    await cluster.platform.run(producer.send(records));
    expect(cluster.log("t").values()).toEqual(written);
  });

  it("goes on behind a batch that failed", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t", 2);
    const producer = kafkaFor(cluster).producer({ lingerMs: 0, batchSize: 1 });
    const MESSAGE_TOO_LARGE = 10;
    cluster.broker(1).script(Produce, refusal(cluster, "t", MESSAGE_TOO_LARGE));
    const outcomes = await cluster.platform.run(
      Promise.allSettled(["a", "b", "c"].map((value) => producer.send({ topic: "t", partition: 0, value }))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect((outcomes[0] as PromiseRejectedResult).reason).toMatchObject({
      name: "DeliveryError",
      code: "MESSAGE_TOO_LARGE",
      topic: "t",
      partition: 0,
      mayBeWritten: false,
      cause: { name: "BrokerError", broker: "b1:9092", api: "Produce" },
      message: expect.stringContaining("raise the topic's max.message.bytes"),
    });
    expect(cluster.log("t").values()).toEqual(["b", "c"]);
  });

  it.each([false, true])(
    "finds each topic's answer in one that is for several (without ids: %s)",
    async (withoutTopicIds) => {
      const cluster = new FakeCluster();
      cluster.withoutTopicIds = withoutTopicIds;
      for (const name of ["t", "u", "v"]) cluster.createTopic(name);
      const producer = kafkaFor(cluster).producer({ lingerMs: 5 });
      await cluster.platform.run(producer.send([{ topic: "u" }, { topic: "v" }, { topic: "v" }]));
      const sent = producer.send([{ topic: "t" }, { topic: "u" }, { topic: "v" }]);
      const metadata = await cluster.platform.run(sent);
      expect(metadata).toMatchObject([
        { topic: "t", offset: 0n },
        { topic: "u", offset: 1n },
        { topic: "v", offset: 2n },
      ]);
      expect(cluster.broker(1).of(Produce).at(-1)?.body.topicData).toHaveLength(3);
    },
  );

  it("fails of one request only the batch that was refused", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t", 3);
    const producer = kafkaFor(cluster).producer({ lingerMs: 5 });
    const topicId = cluster.topics.get("t")?.topicId as string;
    const partitionResponses = [
      { index: 0, baseOffset: 7n },
      { index: 1, errorCode: 29, errorMessage: "not yours" },
    ];
    // And it says nothing of partition 2, which is sent again.
    cluster.broker(1).script(Produce, { responses: [{ name: "t", topicId, partitionResponses }] });
    const sent = [0, 1, 2].map((partition) =>
      producer.send({ topic: "t", partition, value: `${partition}` }),
    );
    const outcomes = await cluster.platform.run(Promise.allSettled(sent));
    expect(outcomes).toMatchObject([
      { status: "fulfilled", value: { offset: 7n } },
      { status: "rejected", reason: { code: "TOPIC_AUTHORIZATION_FAILED", partition: 1 } },
      { status: "fulfilled", value: { offset: 0n } },
    ]);
    expect((outcomes[1] as PromiseRejectedResult).reason.message).toContain(
      "(not yours): the principal needs",
    );
    expect(cluster.broker(1).of(Produce)).toHaveLength(2);
  });
});
