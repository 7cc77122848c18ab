import { describe, expect, it } from "vitest";
import { Fetch, ListOffsets, Metadata, OffsetForLeaderEpoch, Produce } from "../../src/client/api.ts";
import { silence } from "../support/fake-broker.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { kafkaFor } from "../support/fake-kafka.ts";

const NOT_LEADER_OR_FOLLOWER = 6;

/** A topic led by broker 1, which then says that broker 2 leads, on whose metadata request nobody answers. */
async function moved() {
  const cluster = new FakeCluster(2);
  const { platform } = cluster;
  const { topicId } = cluster.createTopic("t");
  const retryBackoffMs = 60_000;
  const kafka = kafkaFor(cluster, { retryBackoffMs, retryBackoffMaxMs: retryBackoffMs });
  const producer = kafka.producer({ lingerMs: 0 });
  await platform.run(producer.send({ topic: "t", value: "first" }));
  const move = (): void => {
    cluster.moveLeader("t", 0, 2);
    for (const broker of cluster.brokers) broker.handle(Metadata, () => silence);
  };
  const refusal = {
    partitionIndex: 0,
    index: 0,
    errorCode: NOT_LEADER_OR_FOLLOWER,
    baseOffset: -1n,
    currentLeader: { leaderId: 2, leaderEpoch: 1 },
  };
  const nodeEndpoints = [{ nodeId: 2, host: "b2", port: 9092 }];
  return { cluster, platform, kafka, producer, topicId, move, refusal, nodeEndpoints };
}

describe("a broker that names the new leader (KIP-951)", () => {
  it("has batches sent there at once", async () => {
    const { cluster, platform, producer, topicId, move, refusal, nodeEndpoints } = await moved();
    move();
    cluster.broker(1).handle(Produce, () => ({
      responses: [{ name: "t", topicId, partitionResponses: [refusal] }],
      nodeEndpoints,
    }));
    await platform.run(producer.send({ topic: "t", value: "second" }), 100);
    expect(cluster.broker(2).of(Produce)).toHaveLength(1);
    expect(cluster.log("t").values()).toEqual(["first", "second"]);
  });

  it("has the partition fetched there at once", async () => {
    const { cluster, platform, kafka, topicId, move, refusal, nodeEndpoints } = await moved();
    const consumer = kafka.consumer();
    consumer.assign([{ topic: "t", partition: 0, from: 0n }]);
    move();
    cluster.broker(1).handle(Fetch, () => ({
      responses: [{ topic: "t", topicId, partitions: [refusal] }],
      nodeEndpoints,
    }));
    const records = consumer[Symbol.asyncIterator]();
    expect((await platform.run(records.next(), 1000)).value?.offset).toBe(0n);
    expect(cluster.broker(2).of(Fetch).length).toBeGreaterThan(0);
  });
});

describe("a leader that is silent on a Produce request", () => {
  async function silent(logEnd: bigint, watermark: bigint) {
    const cluster = new FakeCluster();
    const { platform } = cluster;
    cluster.createTopic("t");
    const broker = cluster.broker(1);
    broker.handle(ListOffsets, () => ({
      topics: [{ name: "t", partitions: [{ partitionIndex: 0, offset: watermark, leaderEpoch: 4 }] }],
    }));
    broker.handle(OffsetForLeaderEpoch, ({ body }) => ({
      topics: body.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, leaderEpoch }) => ({
          partition,
          endOffset: leaderEpoch === 4 ? logEnd : -1n,
        })),
      })),
    }));
    broker.script(Produce, silence);
    const producer = kafkaFor(cluster).producer({ lingerMs: 0 });
    void producer.send({ topic: "t", value: "v" }).catch(() => {});
    await platform.clock.advance(20_000);
    return broker.of(Produce).length;
  }

  it("is waited for while its log is ahead of the high watermark: it waits for replicas", async () => {
    expect(await silent(8n, 7n)).toBe(1);
  });

  it("has not got it, where nothing is ahead: it is sent again, on another connection", async () => {
    expect(await silent(7n, 7n)).toBe(2);
  });
});
