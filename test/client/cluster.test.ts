import { describe, expect, it } from "vitest";
import { type Api, ApiVersions, Metadata } from "../../src/client/api.ts";
import type { ClusterOptions } from "../../src/client/cluster.ts";
import { Deadline } from "../../src/client/retry.ts";
import type { Fields } from "../../src/protocol/schema.ts";
import { hangUp, later, silence } from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { clusterFor } from "../support/fake-kafka.ts";

function setUp(brokers = 1, options: Partial<ClusterOptions> = {}) {
  const fake = new FakeCluster(brokers);
  const cluster = clusterFor(fake, options);
  const { platform } = fake;
  const topic = (name: string, timeoutMs = 5000, signal?: AbortSignal) =>
    cluster.topic(name, { deadline: new Deadline(platform.clock, timeoutMs), signal });
  const asked = (nodeId = 1): (string | null)[][] =>
    fake
      .broker(nodeId)
      .of(Metadata)
      .map(({ body }) => (body.topics ?? []).map(({ name }) => name));
  return { fake, cluster, platform, topic, asked };
}

/** The order of the brokers in `bootstrapServers`: no shuffling. */
function inOrder({ platform }: { readonly platform: FakeCluster["platform"] }): void {
  let count = 0;
  platform.clock.nextRandom = () => (count++ % 100) / 100;
}

describe("asking for metadata", () => {
  it.each([
    [8, -1],
    [9, 3],
  ])(
    "in version %i, takes %i for the leader epoch that the broker tells as 3 (KAFKA-9212)",
    async (highest, leaderEpoch) => {
      const { fake, platform, topic } = setUp();
      fake.createTopic("a");
      fake.broker(1).versions.set(Metadata.apiKey, { lowest: 0, highest });
      fake.broker(1).handle(Metadata, () => ({
        brokers: [{ nodeId: 1, host: "b1", port: 9092 }],
        topics: [{ name: "a", partitions: [{ partitionIndex: 0, leaderId: 1, leaderEpoch: 3 }] }],
      }));
      expect((await platform.run(topic("a"))).partitions).toMatchObject([{ leaderId: 1, leaderEpoch }]);
    },
  );

  it("is one request for all who wait, and one more for who comes meanwhile", async () => {
    const { fake, cluster, platform, topic, asked } = setUp();
    for (const name of ["a", "b", "c", "d"]) fake.createTopic(name);
    fake.broker(1).script(Metadata, later(100, undefined));
    const first = topic("a");
    await settle();
    const others = ["b", "c", "b", "d"].map((name) => topic(name));
    const found = await platform.run(Promise.all([first, ...others]));
    expect(found.map(({ name }) => name)).toEqual(["a", "b", "c", "b", "d"]);
    expect(asked()).toEqual([["a"], ["b", "c", "d"]]);
    expect((await topic("a")).name).toBe("a");
    expect(cluster.metadata.brokers.get(1)).toEqual({ nodeId: 1, host: "b1", port: 9092, rack: null });
    expect(asked()).toHaveLength(2);
  });

  it("is never done twice at once, however the callers come", async () => {
    const { fake, cluster, platform } = setUp();
    let answered = 0;
    fake.broker(1).handle(Metadata, () => {
      platform.clock.setTimer(10, () => answered++, { background: true });
      return later(10, { brokers: [{ nodeId: 1, host: "b1", port: 9092 }] });
    });
    // Each asks again at the very moment when one request has ended and the next is about to start.
    const again = (depth: number): Promise<unknown> =>
      cluster
        .refresh([`t${depth}`])
        .then(() => Promise.all(depth > 0 ? [again(depth - 1), again(depth - 1)] : []));
    const done = Promise.all([again(3), again(3)]);
    const asked = () => fake.broker(1).of(Metadata);
    for (let ms = 0; ms < 200; ms++) {
      await platform.clock.advance(1);
      expect(asked().length - answered).toBeLessThanOrEqual(1);
    }
    await done;
    // And none asks for nothing, as one would that starts when all is said.
    expect(asked().every(({ body }) => (body.topics ?? []).length > 0)).toBe(true);
  });

  it("lets the caller's allowAutoCreateTopics through", async () => {
    const { fake, platform, topic } = setUp(1, { allowAutoCreateTopics: false });
    fake.createTopic("a");
    await platform.run(topic("a"));
    expect(fake.broker(1).of(Metadata)[0]?.body.allowAutoTopicCreation).toBe(false);
  });

  it("goes to the next broker when one cannot be reached", async () => {
    const { fake, platform, topic, asked } = setUp(3);
    inOrder({ platform });
    fake.createTopic("a");
    fake.broker(1).stop();
    fake.broker(2).handle(Metadata, () => hangUp());
    await platform.run(topic("a"), 0);
    expect([asked(2).length, asked(3).length]).toEqual([1, 1]);
  });

  it("goes to the next broker beside one that is silent, after a second, and takes who answers first", async () => {
    const { fake, platform, topic } = setUp(2);
    inOrder({ platform });
    fake.createTopic("a");
    fake.broker(1).handle(ApiVersions, () => silence);
    const startMs = platform.clock.monotonicMs();
    await platform.run(topic("a"));
    expect(platform.clock.monotonicMs() - startMs).toBe(1000);
    const late = setUp(2);
    inOrder(late);
    late.fake.createTopic("a");
    late.fake.broker(1).script(Metadata, later(1500, undefined));
    late.fake.broker(2).handle(Metadata, () => silence);
    await late.platform.run(late.topic("a"), 1500);
  });

  it("passes over a broker that knows of no broker yet", async () => {
    const { fake, cluster, platform, topic } = setUp(2);
    fake.createTopic("a");
    await platform.run(topic("a"));
    for (const broker of fake.brokers) broker.handle(Metadata, () => ({ brokers: [] }));
    expect(await platform.failure(cluster.refresh(["a"]), 5000)).toMatchObject({ retriable: true });
    expect(cluster.metadata.brokers.size).toBe(2);
    expect(cluster.leaderOf("a", 0)).toBe(1);
  });

  it("reports the response's own error", async () => {
    const { fake, cluster, platform } = setUp();
    fake.broker(1).handle(Metadata, () => ({ errorCode: 31 }));
    expect(await platform.failure(cluster.refresh([]))).toMatchObject({
      code: "CLUSTER_AUTHORIZATION_FAILED",
      broker: "b1:9092",
    });
  });

  it("tries again where one broker can come back, though another never will", async () => {
    const { fake, platform, topic } = setUp(2);
    fake.createTopic("a");
    fake.broker(1).stop();
    fake.broker(2).handle(ApiVersions, (request) => {
      request.peer.send(Buffer.from("HTTP/1.1 400 Bad Request"));
      return hangUp();
    });
    for (const order of [0, 1]) {
      platform.clock.nextRandom = () => (platform.attempts.length + order) % 2;
      const found = topic("a", 5000);
      await platform.clock.advance(1000);
      fake.broker(1).start();
      await platform.run(found);
      fake.broker(1).stop();
      await settle();
    }
  });
});

describe("a topic that is not found", () => {
  it("is asked for with a backoff, until the deadline", async () => {
    const { platform, topic, asked } = setUp();
    const startMs = platform.clock.monotonicMs();
    expect(await platform.failure(topic("no", 5000))).toMatchObject({
      name: "TimeoutError",
      code: "TIMEOUT",
      message: expect.stringMatching(
        /Topic "no" was not found within 5000 ms: the cluster has no such topic/,
      ),
      cause: { code: "UNKNOWN_TOPIC_OR_PARTITION", topic: "no" },
    });
    expect(platform.clock.monotonicMs() - startMs).toBe(5000);
    // 100, 200, 400, 800, then each second.
    expect(asked()).toHaveLength(8);
  });

  it("is an error at once where waiting cannot help, and asked for anew by the next call", async () => {
    const { fake, platform, topic } = setUp();
    fake.broker(1).script(Metadata, {
      topics: [{ name: "x", errorCode: 29 }],
      brokers: [{ nodeId: 1, host: "b1", port: 9092 }],
    });
    expect(await platform.failure(topic("x"), 0)).toMatchObject({
      code: "TOPIC_AUTHORIZATION_FAILED",
      topic: "x",
    });
    fake.broker(1).stop();
    // What was said before is not held against a cluster that cannot be asked.
    expect(await platform.failure(topic("x", 1000))).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining("Cannot connect to b1:9092"),
    });
    fake.broker(1).start();
    fake.createTopic("x");
    expect((await platform.run(topic("x"))).name).toBe("x");
  });

  it("is found once all its partitions are described", async () => {
    const { fake, platform, topic } = setUp();
    const { topicId } = fake.createTopic("a", 3);
    const brokers = [{ nodeId: 1, host: "b1", port: 9092 }];
    const partition = (partitionIndex: number) => ({ partitionIndex, leaderId: 1 });
    fake
      .broker(1)
      .script(
        Metadata,
        { brokers, topics: [{ name: "a", topicId, partitions: [] }] },
        { brokers, topics: [{ name: "a", topicId, partitions: [partition(2), partition(0)] }] },
      );
    const found = await platform.run(topic("a"));
    expect(found.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    expect(fake.broker(1).of(Metadata)).toHaveLength(3);
  });

  const silent = (api: typeof ApiVersions | typeof Metadata, fake: FakeCluster): void =>
    fake.broker(1).handle<Fields, Fields>(api as unknown as Api<Fields, Fields>, () => silence);
  const blackhole = ({ platform }: FakeCluster): void => void platform.listeners.set("b1:9092", "blackhole");
  const CAUSES: [does: string, prepare: (fake: FakeCluster) => void, message: string][] = [
    ["refuses", (fake) => fake.broker(1).stop(), "Cannot connect to b1:9092 (ECONNREFUSED)"],
    ["shakes no hands", (fake) => silent(ApiVersions, fake), "not completed the handshake for 5000 ms"],
    ["never accepts", blackhole, "not completed the handshake for 5000 ms"],
    ["says nothing", (fake) => silent(Metadata, fake), "the brokers have not answered a metadata request"],
  ];

  it.each(CAUSES)("is blamed on a broker that %s", async (_, prepare, message) => {
    const { fake, platform, topic } = setUp();
    prepare(fake);
    const startMs = platform.clock.monotonicMs();
    expect(await platform.failure(topic("a", 5000))).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining(message),
    });
    expect(platform.clock.monotonicMs() - startMs).toBe(5000);
  });

  it.each(["while it is asked for", "between two attempts"])("can be given up %s", async (moment) => {
    const { fake, platform, topic } = setUp();
    if (moment === "while it is asked for") fake.broker(1).handle(Metadata, () => silence);
    const abort = new AbortController();
    const reason = new Error("enough");
    const found = topic("a", 5000, abort.signal).catch((error: unknown) => error);
    await platform.clock.advance(50);
    abort.abort(reason);
    expect(await found).toBe(reason);
    expect(platform.clock.foregroundTimers).toBeLessThanOrEqual(1);
  });
});

describe("metadata that is old", () => {
  it("serves, and is asked for again beside", async () => {
    const { fake, cluster, platform, topic, asked } = setUp(1, { metadataMaxAgeMs: 1000 });
    fake.createTopic("a");
    await platform.run(topic("a"));
    await platform.clock.advance(1000);
    expect(cluster.cachedTopic("a")?.partitions).toHaveLength(1);
    await platform.clock.advance(1);
    fake.createTopic("a", 4);
    expect(cluster.cachedTopic("a")?.partitions).toHaveLength(1);
    expect(cluster.cachedTopic("a")?.partitions).toHaveLength(1);
    await settle();
    expect(cluster.cachedTopic("a")?.partitions).toHaveLength(4);
    expect(asked()).toHaveLength(2);
  });

  it("is asked for again soon after that failed", async () => {
    const { fake, cluster, platform, topic, asked } = setUp(1, { metadataMaxAgeMs: 60_000 });
    fake.createTopic("a");
    await platform.run(topic("a"));
    await platform.clock.advance(60_001);
    // The broker, and then the bootstrap server with the same address.
    fake.broker(1).script(Metadata, hangUp(), hangUp());
    const used = async (): Promise<number> => {
      cluster.cachedTopic("a");
      await platform.clock.advance(100);
      return asked().length;
    };
    expect([await used(), await used()]).toEqual([3, 3]);
    await platform.clock.advance(1000);
    expect([await used(), await used()]).toEqual([4, 4]);
    await platform.clock.advance(59_000);
    expect(await used()).toBe(4);
  });

  it("serves on when it cannot be asked for", async () => {
    const { fake, cluster, platform, topic } = setUp(1, { metadataMaxAgeMs: 1000 });
    fake.createTopic("a");
    await platform.run(topic("a"));
    fake.broker(1).stop();
    await platform.clock.advance(5000);
    expect(cluster.cachedTopic("a")?.name).toBe("a");
    await platform.clock.advance(5000);
    expect(cluster.cachedTopic("a")?.name).toBe("a");
    await platform.clock.advance(100_000);
  });
});

describe("brokers", () => {
  const askNode = (cluster: ReturnType<typeof clusterFor>, nodeId: number) =>
    cluster.request(nodeId, Metadata, { topics: [] }, { timeoutMs: 60_000 });

  it("that leave are asked nothing more, and may answer what they were asked", async () => {
    const { fake, cluster, platform } = setUp(2);
    await platform.run(cluster.refresh([]));
    fake.broker(2).script(Metadata, later(500, { clusterId: "late" }));
    const asked = askNode(cluster, 2);
    await settle();
    fake.alive.delete(2);
    await platform.run(cluster.refresh([]));
    expect(await platform.failure(askNode(cluster, 2))).toMatchObject({
      code: "BROKER_NOT_AVAILABLE",
      retriable: true,
      message: expect.stringContaining("No broker with id 2 is known"),
    });
    expect((await platform.run(asked)).response.clusterId).toBe("late");
    await settle();
    expect(platform.openConnections).toBe(1);
  });

  it("that leave and are silent are given up as others are", async () => {
    const { fake, cluster, platform } = setUp(2);
    await platform.run(cluster.refresh([]));
    fake.broker(2).handle(Metadata, () => silence);
    const lost = askNode(cluster, 2).catch((error: unknown) => error);
    await settle();
    fake.alive.delete(2);
    await platform.run(cluster.refresh([]));
    expect(await platform.run(lost, 10_000)).toMatchObject({ code: "CONNECTION_CLOSED", retriable: true });
  });

  it("that left are closed with the client", async () => {
    const { fake, cluster, platform } = setUp(2);
    await platform.run(cluster.refresh([]));
    fake.broker(2).handle(Metadata, () => silence);
    const lost = askNode(cluster, 2).catch((error: unknown) => error);
    await settle();
    fake.alive.delete(2);
    await platform.run(cluster.refresh([]));
    cluster.close();
    expect(await lost).toMatchObject({ code: "CLOSED" });
    await settle();
    expect(platform.openConnections).toBe(0);
  });

  it("that move are found at their new address", async () => {
    const { fake, cluster, platform } = setUp(2);
    await platform.run(cluster.refresh([]));
    const brokers = [
      { nodeId: 1, host: "b2", port: 9092 },
      { nodeId: 2, host: "b1", port: 9092 },
    ];
    for (const broker of fake.brokers) broker.handle(Metadata, () => ({ brokers }));
    await platform.run(cluster.refresh([]));
    expect((await platform.run(askNode(cluster, 1))).broker).toBe("b2:9092");
    expect((await platform.run(askNode(cluster, 2))).broker).toBe("b1:9092");
  });

  it("are leaders only while they are known", async () => {
    const { fake, cluster, platform, topic } = setUp(2);
    fake.createTopic("a", 2);
    await platform.run(topic("a"));
    expect([0, 1, 2].map((partition) => cluster.leaderOf("a", partition))).toEqual([1, 2, undefined]);
    fake.alive.delete(2);
    fake.moveLeader("a", 0, -1);
    await platform.run(cluster.refresh(["a"]));
    expect([0, 1].map((partition) => cluster.leaderOf("a", partition))).toEqual([undefined, undefined]);
    expect(cluster.leaderOf("other", 0)).toBeUndefined();
  });
});

describe("topics by id", () => {
  it("are found, and known by name from then on", async () => {
    const { fake, cluster, platform, asked } = setUp();
    const { topicId } = fake.createTopic("a");
    fake.createTopic("b");
    const deadline = new Deadline(platform.clock, 5000);
    const [byId, byName] = await platform.run(
      Promise.all([cluster.topicById(topicId, { deadline }), cluster.topic("b", { deadline })]),
    );
    expect([byId.name, byName.name]).toEqual(["a", "b"]);
    expect(cluster.cachedTopic("a")?.topicId).toBe(topicId);
    await cluster.topicById(topicId, { deadline });
    // Not both kinds in one request: brokers look at the ids only.
    expect(asked()).toEqual([[null], ["b"]]);
  });

  it("that are not there are asked for until the deadline", async () => {
    const { cluster, platform } = setUp();
    const deadline = new Deadline(platform.clock, 5000);
    expect(
      await platform.failure(cluster.topicById("nosuchtopic0000000000A", { deadline }), 5000),
    ).toMatchObject({
      code: "TIMEOUT",
      message:
        "The topic with id nosuchtopic0000000000A was not found within 5000 ms: the cluster has no such topic",
    });
  });

  it("cannot be asked for where brokers are too old", async () => {
    const { fake, cluster, platform } = setUp();
    fake.broker(1).versions.set(Metadata.apiKey, { lowest: 0, highest: 11 });
    const deadline = new Deadline(platform.clock, 5000);
    expect(await platform.failure(cluster.topicById("nosuchtopic0000000000A", { deadline }))).toMatchObject({
      code: "UNSUPPORTED_VERSION",
    });
  });
});

describe("a cluster whose brokers all have other addresses", () => {
  /** The brokers that were known are gone; others have come, and one of them has the bootstrap server's address. */
  async function moved(options: Partial<ClusterOptions> = {}) {
    const { fake, cluster, platform } = setUp(4, {
      bootstrapServers: [{ host: "b1", port: 9092 }],
      ...options,
    });
    fake.broker(1).stop();
    fake.broker(2).stop();
    const before = [{ nodeId: 7, host: "b2", port: 9092 }];
    const after = [{ nodeId: 7, host: "b4", port: 9092 }];
    fake.broker(1).handle(Metadata, () => ({ brokers: before }));
    fake.broker(1).start();
    await platform.run(cluster.refresh([]));
    fake.broker(1).stop();
    await settle();
    fake.broker(1).handle(Metadata, () => ({ brokers: after }));
    fake.broker(1).start();
    return { fake, cluster, platform };
  }

  it("is found through the bootstrap servers (KIP-899)", async () => {
    const { cluster, platform } = await moved();
    await platform.run(cluster.refresh([]));
    expect(cluster.metadata.brokers.get(7)?.host).toBe("b4");
    const { broker } = await platform.run(cluster.request(7, Metadata, {}, { timeoutMs: 1000 }));
    expect(broker).toBe("b4:9092");
  });

  it("is not, where that is not wanted", async () => {
    const { cluster, platform } = await moved({ metadataRecoveryStrategy: "none" });
    expect(await platform.failure(cluster.refresh([]))).toMatchObject({ broker: "b2:9092" });
  });

  it("is looked for there when a broker says so (KIP-1102)", async () => {
    const { fake, cluster, platform } = setUp(2, { bootstrapServers: [{ host: "b1", port: 9092 }] });
    fake.broker(1).handle(Metadata, () => ({ brokers: [{ nodeId: 2, host: "b2", port: 9092 }] }));
    await platform.run(cluster.refresh([]));
    fake.broker(2).handle(Metadata, () => ({ errorCode: 129 }));
    fake.broker(1).script(Metadata, hangUp());
    expect(await platform.failure(cluster.refresh([]))).toMatchObject({ code: "REBOOTSTRAP_REQUIRED" });
    expect(cluster.metadata.brokers.size).toBe(0);
    await platform.run(cluster.refresh([]));
    expect(cluster.metadata.brokers.size).toBe(1);
    expect(fake.broker(2).of(Metadata)).toHaveLength(1);
  });

  it("is another cluster when its id changes, and nothing is taken over", async () => {
    const { fake, cluster, platform, topic } = setUp();
    fake.createTopic("a");
    await platform.run(topic("a"));
    fake.broker(1).handle(Metadata, () => ({
      clusterId: "other",
      brokers: [{ nodeId: 1, host: "b1", port: 9092 }],
    }));
    await platform.run(cluster.refresh([]));
    expect(cluster.cachedTopic("a")).toBeUndefined();
  });
});

describe("what brokers tell of leaders (KIP-951)", () => {
  it("counts when it is newer, and names brokers that were not known", async () => {
    const { fake, cluster, platform, topic } = setUp(1);
    const { topicId } = fake.createTopic("a", 2);
    await platform.run(topic("a"));
    const hint = { topic: "a", topicId, partition: 1, leaderId: 9, leaderEpoch: 3 };
    const brokers = [{ nodeId: 9, host: "b9", port: 9092, rack: null }];
    expect(cluster.learnLeaders([hint], [])).toBe(0);
    expect(cluster.learnLeaders([hint], brokers)).toBe(1);
    expect([cluster.leaderOf("a", 0), cluster.leaderOf("a", 1)]).toEqual([1, 9]);
    for (const wrong of [
      { ...hint, leaderId: 1, leaderEpoch: 2 },
      { ...hint, leaderId: 1 },
      { ...hint, leaderId: -1, leaderEpoch: 4 },
      { ...hint, topic: "b", leaderEpoch: 4 },
      { ...hint, partition: 2, leaderEpoch: 4 },
    ]) {
      expect(cluster.learnLeaders([wrong], [])).toBe(0);
    }
    expect(cluster.leaderOf("a", 1)).toBe(9);
  });
});

describe("finalized features (KIP-584)", () => {
  it("are those of the broker that knows the latest, and are read with every new connection", async () => {
    const { fake, cluster, platform } = setUp(2);
    const tell = (nodeId: number, epoch: bigint, level: number): void => {
      const finalizedFeatures = [{ name: "transaction.version", maxVersionLevel: level, minVersionLevel: 0 }];
      const broker = fake.broker(nodeId);
      broker.handle(ApiVersions, () => ({
        ...broker.apiVersions(),
        finalizedFeaturesEpoch: epoch,
        finalizedFeatures,
      }));
    };
    const ask = (nodeId: number) =>
      platform.run(cluster.request(nodeId, Metadata, { topics: [] }, { timeoutMs: 1000 }));
    const known = (): unknown => [cluster.features.epoch, cluster.features.levels.get("transaction.version")];
    expect(known()).toEqual([-1n, undefined]);
    tell(1, 5n, 2);
    tell(2, 4n, 1);
    await platform.run(cluster.refresh([]));
    await ask(1);
    await ask(2);
    expect(known()).toEqual([5n, 2]);
    tell(2, 6n, 1);
    fake.broker(2).stop();
    fake.broker(2).start();
    await settle();
    await ask(2);
    expect(known()).toEqual([6n, 1]);
    cluster.close();
  });
});

describe("closing", () => {
  it.each(["while metadata is asked for", "between two attempts"])("ends what waits, %s", async (moment) => {
    const { fake, cluster, platform, topic } = setUp(2, { retryBackoff: { initialMs: 4000, maxMs: 4000 } });
    if (moment === "while metadata is asked for") {
      for (const broker of fake.brokers) broker.handle(Metadata, () => silence);
    }
    const waiting = [topic("a"), topic("b")].map((call) => call.catch((error: unknown) => error));
    await platform.clock.advance(1500);
    cluster.close();
    cluster.close();
    await settle();
    expect(platform.keepsAlive).toBe(false);
    const closed = { code: "CLOSED", message: "The client is closed: make a new one" };
    expect(await Promise.all(waiting)).toMatchObject([closed, closed]);
    expect(await platform.failure(cluster.refresh([]))).toMatchObject(closed);
    expect(await platform.failure(topic("a"))).toMatchObject(closed);
    const request = cluster.request(1, Metadata, {}, { timeoutMs: 1000 });
    expect(await platform.failure(request)).toMatchObject(closed);
  });
});
