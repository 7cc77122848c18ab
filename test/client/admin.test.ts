import { describe, expect, it } from "vitest";
import { CreateTopics, DeleteTopics } from "../../src/client/api.ts";
import { hangUp, silence } from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { kafkaFor } from "../support/fake-kafka.ts";

const NOT_CONTROLLER = 41;

function setUp() {
  const cluster = new FakeCluster(2);
  const kafka = kafkaFor(cluster, { requestTimeoutMs: 2000 });
  return { cluster, platform: cluster.platform, kafka, admin: kafka.admin(), controller: cluster.broker(1) };
}

describe("Admin", () => {
  it("asks nothing where a topic has no name", async () => {
    const { admin, controller } = setUp();
    const misnamed = [{ topic: "a" }, { name: "b" } as unknown as { topic: string }];
    await expect(admin.createTopics(misnamed)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("give it as `topic`"),
    });
    await expect(admin.deleteTopics([""])).rejects.toMatchObject({ code: "INVALID_CONFIG" });
    expect([...controller.of(CreateTopics), ...controller.of(DeleteTopics)]).toEqual([]);
  });

  it("creates topics with what was given, and the cluster's defaults for the rest", async () => {
    const { platform, admin, controller } = setUp();
    const topicId = "topicA000000000000000A";
    controller.handle(CreateTopics, () => ({ topics: [{ name: "a", topicId }, { name: "b" }] }));
    const created = await platform.run(
      admin.createTopics([
        { topic: "a", numPartitions: 3, configs: { "cleanup.policy": "compact" } },
        { topic: "b" },
      ]),
    );
    expect(created).toEqual([
      { topic: "a", topicId },
      { topic: "b", topicId: null },
    ]);
    expect(controller.of(CreateTopics)[0]?.body.topics).toMatchObject([
      {
        name: "a",
        numPartitions: 3,
        replicationFactor: -1,
        configs: [{ name: "cleanup.policy", value: "compact" }],
      },
      { name: "b", numPartitions: -1, replicationFactor: -1, configs: [] },
    ]);
  });

  it.each([
    [{ topic: "b" }, "Give numPartitions and replicationFactor"],
    [{ topic: "b", numPartitions: 1 }, 'Topic "b" was not created: brokers before Kafka 2.4'],
    [{ topic: "b", replicationFactor: 1 }, 'Topic "b" was not created: brokers before Kafka 2.4'],
  ])("leaves nothing to brokers that have no defaults: %j", async (topic, message) => {
    const { platform, admin, controller } = setUp();
    controller.versions.set(CreateTopics.apiKey, { lowest: 0, highest: 3 });
    controller.handle(CreateTopics, () => ({ topics: [{ name: "a" }] }));
    const whole = { topic: "a", numPartitions: 1, replicationFactor: 1 };
    expect(await platform.failure(admin.createTopics([whole, topic]))).toMatchObject({
      code: "UNSUPPORTED_VERSION",
      message: expect.stringContaining(message),
    });
    expect(controller.of(CreateTopics)).toEqual([]);
    expect(await platform.run(admin.createTopics([whole]))).toEqual([{ topic: "a", topicId: null }]);
  });

  it.each([
    [5, { topicNames: ["a"] }],
    [6, { topics: [{ name: "a" }] }],
  ])("deletes topics by name in version %i", async (highest, body) => {
    const { platform, admin, controller } = setUp();
    controller.versions.set(DeleteTopics.apiKey, { lowest: 1, highest });
    controller.handle(DeleteTopics, () => ({ responses: [{ name: "a" }] }));
    await platform.run(admin.deleteTopics(["a"]));
    expect(controller.of(DeleteTopics)[0]).toMatchObject({ version: highest, body });
  });

  it("tells the first error, and asks only once", async () => {
    const { platform, admin, controller } = setUp();
    const topics = [{ name: "a" }, { name: "b", errorCode: 36, errorMessage: "it exists" }];
    controller.handle(CreateTopics, () => ({ topics }));
    expect(await platform.failure(admin.createTopics([{ topic: "a" }, { topic: "b" }]))).toMatchObject({
      code: "TOPIC_ALREADY_EXISTS",
      topic: "b",
      broker: "b1:9092",
      message: expect.stringContaining("(it exists)"),
    });
    expect(controller.of(CreateTopics)).toHaveLength(1);
  });

  it("follows the controller, and connects again", async () => {
    const { cluster, platform, admin, controller } = setUp();
    controller.script(CreateTopics, hangUp());
    controller.handle(CreateTopics, () => {
      cluster.alive.delete(1);
      return { topics: [{ name: "a", errorCode: NOT_CONTROLLER }] };
    });
    cluster.broker(2).handle(CreateTopics, () => ({ topics: [{ name: "a" }] }));
    await platform.run(admin.createTopics([{ topic: "a" }]), 2000);
    expect([controller, cluster.broker(2)].map((broker) => broker.of(CreateTopics).length)).toEqual([1, 1]);
  });

  it("gives up at its deadline, and when it is told to", async () => {
    const { platform, admin, controller, kafka } = setUp();
    controller.handle(CreateTopics, () => silence);
    const startMs = platform.clock.monotonicMs();
    expect(await platform.failure(admin.createTopics([{ topic: "a" }], { timeoutMs: 500 }))).toMatchObject({
      name: "TimeoutError",
      message: expect.stringContaining("Could not create topics within 500 ms"),
    });
    expect(platform.clock.monotonicMs() - startMs).toBe(500);
    const abort = new AbortController();
    const given = admin
      .createTopics([{ topic: "a" }], { signal: abort.signal })
      .catch((error: unknown) => error);
    await platform.clock.advance(100);
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await given).toBe(reason);
    await kafka.close();
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });
});
