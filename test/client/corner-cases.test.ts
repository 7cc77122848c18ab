import { describe, expect, it } from "vitest";
import { FindCoordinator, ListOffsets, Metadata, Produce } from "../../src/client/api.ts";
import { Broker, type BrokerOptions, type RequestOptions } from "../../src/client/broker.ts";
import { Connection, type SendOptions } from "../../src/client/connection.ts";
import { Coordinators } from "../../src/client/coordinators.ts";
import { Deadline } from "../../src/client/retry.ts";
import { FakeBroker, later, noAnswer, silence } from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { brokerOptions, clusterFor, connectionOptions, FakeLogger, kafkaFor } from "../support/fake-kafka.ts";
import type { FakePeer } from "../support/fake-peer.ts";
import { FakePlatform, systemError } from "../support/fake-platform.ts";

async function setUp(options: Partial<BrokerOptions> = {}) {
  const platform = new FakePlatform();
  const peer = new FakeBroker(platform, "b1:9092");
  peer.handle(Metadata, () => ({ clusterId: "c" }));
  const logger = new FakeLogger();
  const broker = new Broker({ host: "b1", port: 9092 }, brokerOptions(platform, { logger, ...options }));
  const ask = async (options: Partial<RequestOptions> = {}): Promise<string | null> =>
    (await broker.request(Metadata, {}, { timeoutMs: 60_000, ...options })).response.clusterId;
  await platform.run(ask());
  const cut = (): FakePeer => {
    const socket = platform.peers.at(-1) as FakePeer;
    socket.onData = () => {};
    return socket;
  };
  return { platform, peer, broker, ask, cut, logger };
}

async function connected(options: object = {}) {
  const platform = new FakePlatform();
  const broker = new FakeBroker(platform, "b1:9092");
  broker.handle(Metadata, ({ body }) => ({ clusterId: body.topics?.[0]?.name ?? null }));
  broker.handle(Produce, () => noAnswer);
  const connection = await platform.run(
    Connection.open({ host: "b1", port: 9092 }, connectionOptions(platform, options)),
  );
  const ask = async (name: string, send: Partial<SendOptions> = {}): Promise<string | null> =>
    (await connection.send(Metadata, 12, { topics: [{ name }] }, { timeoutMs: 1000, ...send })).clusterId;
  return { platform, broker, connection, ask, peer: platform.peers[0] as FakePeer };
}

describe("throttling", () => {
  it("does not make the connection look dead whose later requests the broker does not read", async () => {
    const { platform, peer, ask } = await setUp();
    peer.script(Metadata, { clusterId: "a", throttleTimeMs: 12_000 }, later(12_000, { clusterId: "b" }));
    expect(await platform.run(Promise.all([ask(), ask()]), 30_000)).toEqual(["a", "b"]);
    expect(platform.attempts).toHaveLength(1);
  });

  it("does not end sooner since a later answer says less", async () => {
    const { platform, peer, ask } = await setUp();
    peer.script(Metadata, { clusterId: "a", throttleTimeMs: 3000 }, { clusterId: "b", throttleTimeMs: 10 });
    await platform.run(Promise.all([ask(), ask()]));
    const start = platform.clock.monotonicMs();
    await platform.run(ask());
    expect(peer.of(Metadata).at(-1)?.atMs).toBe(start + 3000);
  });
});

it("a new leader that says OFFSET_NOT_AVAILABLE waits for replicas", async () => {
  const cluster = new FakeCluster();
  cluster.createTopic("t");
  const broker = cluster.broker(1);
  broker.handle(ListOffsets, () => ({
    topics: [{ name: "t", partitions: [{ partitionIndex: 0, errorCode: 78, offset: -1n, leaderEpoch: -1 }] }],
  }));
  broker.script(Produce, silence);
  const producer = kafkaFor(cluster).producer({ lingerMs: 0 });
  void producer.send({ topic: "t", value: "v" }).catch(() => {});
  await cluster.platform.clock.advance(20_000);
  expect(broker.of(Produce)).toHaveLength(1);
});

describe("the second connection", () => {
  it("finds out within 10 s that packets to all addresses of a name vanish", async () => {
    const { platform, ask, cut } = await setUp();
    cut();
    platform.names.set("b1", ["10.0.0.1", "10.0.0.2"]);
    platform.listeners.set("10.0.0.1:9092", "blackhole");
    platform.listeners.set("10.0.0.2:9092", "blackhole");
    expect(await platform.failure(ask(), 10_000)).toMatchObject({ code: "CONNECTION_CLOSED" });
  });

  it("does not take a silent resolver for an unreachable broker", async () => {
    const { platform, peer, ask } = await setUp();
    peer.script(Metadata, later(12_000, { clusterId: "late" }));
    platform.lookup = () => new Promise(() => {});
    expect(await platform.run(ask(), 30_000)).toBe("late");
  });

  it("does not take its own want of file descriptors for an unreachable broker", async () => {
    const { platform, peer, ask } = await setUp();
    peer.script(Metadata, later(12_000, { clusterId: "late" }));
    platform.listeners.set("b1:9092", { refuse: systemError("EMFILE") });
    expect(await platform.run(ask(), 30_000)).toBe("late");
  });
});

it("finds a half-open connection within 10 s behind a request that was allowed to take long", async () => {
  const { platform, peer, ask, cut } = await setUp();
  // Alarms that were set before are over.
  await platform.clock.advance(100_000);
  peer.script(Metadata, later(1000, { clusterId: "slow" }));
  const slow = ask({ mayTakeMs: 30_000 });
  await settle();
  const lost = ask();
  void cut();
  await platform.run(slow);
  // From now on nothing comes.
  peer.handle(Metadata, () => silence);
  expect(await platform.failure(lost, 10_000)).toMatchObject({ code: "CONNECTION_CLOSED" });
});

describe("a retired connection", () => {
  it("ends when the last request that waited has timed out", async () => {
    const { platform, peer, broker, ask } = await setUp();
    peer.script(Metadata, { clusterId: "c", throttleTimeMs: 30_000 });
    await platform.run(ask());
    const waiting = ask({ timeoutMs: 1000 }).catch(() => {});
    const ended = broker.retire(new Error("gone"));
    await platform.clock.advance(2000);
    await waiting;
    expect(platform.openConnections).toBe(0);
    await platform.run(ended);
  });

  it("ends when the last request that waited was aborted", async () => {
    const { platform, peer, broker, ask } = await setUp();
    peer.script(Metadata, { clusterId: "c", throttleTimeMs: 30_000 });
    await platform.run(ask());
    const abort = new AbortController();
    const waiting = ask({ signal: abort.signal }).catch(() => {});
    void broker.retire(new Error("gone"));
    abort.abort(new Error("x"));
    await waiting;
    await platform.clock.advance(31_000);
    expect(platform.openConnections).toBe(0);
  });
});

describe("a connection on which nothing is awaited", () => {
  const records = { acks: 0, timeoutMs: 1000, topicData: [] };
  it("keeps no process alive after it drained", async () => {
    const { platform, connection, peer } = await connected();
    peer.isFull = true;
    const options = { timeoutMs: 30_000, withoutResponse: true };
    await connection.send(Produce, 9, records, options);
    const second = connection.send(Produce, 9, records, options);
    peer.drain();
    await second;
    await settle();
    expect(platform.isAlive).toBe(false);
  });

  it("keeps no process alive after its gate opened", async () => {
    const { platform, connection } = await connected();
    let open = false;
    connection.setGate(() => open);
    const sent = connection.send(Produce, 9, records, { timeoutMs: 30_000, withoutResponse: true });
    open = true;
    connection.resume();
    await sent;
    await settle();
    expect(platform.isAlive).toBe(false);
  });

  it("keeps no process alive after its only request was given up", async () => {
    const { platform, broker, ask } = await connected();
    broker.handle(Metadata, () => silence);
    const abort = new AbortController();
    const sent = ask("a", { signal: abort.signal, timeoutMs: 30_000 }).catch(() => {});
    await settle();
    abort.abort(new Error("x"));
    await sent;
    await settle();
    expect(platform.isAlive).toBe(false);
  });
});

it("a hint for a topic that was made anew meanwhile is none", async () => {
  const fake = new FakeCluster(2);
  const cluster = clusterFor(fake);
  const { platform } = fake;
  fake.createTopic("t");
  await platform.run(cluster.refresh(["t"]));
  const topicId = cluster.cachedTopic("t")?.topicId;
  fake.createTopic("t");
  await platform.run(cluster.refresh(["t"]));
  expect(cluster.cachedTopic("t")?.topicId).not.toBe(topicId);
  cluster.learnLeaders(
    [{ topic: "t", topicId: topicId ?? null, partition: 0, leaderId: 2, leaderEpoch: 50 }],
    [],
  );
  await platform.run(cluster.refresh(["t"]));
  expect(cluster.leaderOf("t", 0)).toBe(1);
});

describe("asking by name and by id at once", () => {
  it("gives who asked by name what it asked for, where brokers know no ids", async () => {
    const fake = new FakeCluster();
    const cluster = clusterFor(fake);
    fake.createTopic("b");
    fake.broker(1).versions.set(Metadata.apiKey, { lowest: 0, highest: 11 });
    const deadline = new Deadline(fake.platform.clock, 5000);
    void cluster.refresh([]);
    void cluster.topicById("nosuchtopic0000000000A", { deadline }).catch(() => {});
    expect((await fake.platform.run(cluster.topic("b", { deadline }))).name).toBe("b");
  });

  it("tells at once of a topic that one may not see", async () => {
    const fake = new FakeCluster();
    const cluster = clusterFor(fake);
    fake.broker(1).handle(Metadata, ({ body }) => ({
      brokers: [{ nodeId: 1, host: "b1", port: 9092 }],
      topics: (body.topics ?? []).map((asked) => ({ ...asked, errorCode: 29 })),
    }));
    const deadline = new Deadline(fake.platform.clock, 5000);
    expect(
      await fake.platform.failure(cluster.topicById("nosuchtopic0000000000A", { deadline })),
    ).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED" });
  });
});

it("nothing is open after close, whenever that comes", async () => {
  const left: number[] = [];
  for (let ticks = 0; ticks < 120; ticks++) {
    const platform = new FakePlatform();
    const peer = new FakeBroker(platform, "b1:9092");
    peer.handle(Metadata, () => ({ clusterId: "c" }));
    const broker = new Broker({ host: "b1", port: 9092 }, brokerOptions(platform));
    const asked = broker.request(Metadata, {}, { timeoutMs: 1000 }).catch(() => {});
    for (let i = 0; i < ticks; i++) await null;
    broker.close(new Error("closed"));
    await asked;
    await settle();
    if (platform.openConnections > 0) left.push(ticks);
  }
  expect(left).toEqual([]);
});

it("a peer that talks before it is listened to is closed all the same", async () => {
  const platform = new FakePlatform();
  platform.listeners.set("b1:9092", { accept: (peer) => peer.send(new Uint8Array([255, 255, 255, 255])) });
  const broker = new Broker({ host: "b1", port: 9092 }, brokerOptions(platform));
  await platform.failure(broker.request(Metadata, {}, { timeoutMs: 1000 }));
  await settle();
  expect(platform.openConnections).toBe(0);
});

it("an answer about other keys is a failure that may go away, not asked again without a pause", async () => {
  const fake = new FakeCluster(1);
  const coordinators = new Coordinators(clusterFor(fake), 30_000);
  fake.broker(1).handle(FindCoordinator, () => ({
    coordinators: [{ key: "other", nodeId: 1, host: "b1", port: 9092 }],
  }));
  const found = coordinators.find("group", "a", { deadline: new Deadline(fake.platform.clock, 500) });
  found.catch(() => {});
  for (let i = 0; i < 2000; i++) await null;
  expect(fake.broker(1).of(FindCoordinator).length).toBeLessThan(3);
});

it("a coordinator that is looked up keeps its rack", async () => {
  const fake = new FakeCluster(1);
  const cluster = clusterFor(fake);
  const { platform } = fake;
  fake.broker(1).handle(Metadata, () => ({ brokers: [{ nodeId: 1, host: "b1", port: 9092, rack: "r" }] }));
  await platform.run(cluster.refresh([]));
  const coordinators = new Coordinators(cluster, 30_000);
  fake.broker(1).handle(FindCoordinator, ({ body }) => ({
    coordinators: body.coordinatorKeys.map((key) => ({ key, nodeId: 1, host: "b1", port: 9092 })),
  }));
  await platform.run(coordinators.find("group", "a", { deadline: new Deadline(platform.clock, 500) }));
  expect(cluster.metadata.brokers.get(1)?.rack).toBe("r");
});

it("trouble does not tell of a handshake that was given up", async () => {
  const platform = new FakePlatform();
  platform.listeners.set("b1:9092", "blackhole");
  const broker = new Broker({ host: "b1", port: 9092 }, brokerOptions(platform));
  const asked = broker.request(Metadata, {}, { timeoutMs: 1000, purpose: "p" }).catch(() => {});
  await platform.clock.advance(100);
  broker.release("p", new Error("not needed"));
  await asked;
  await platform.clock.advance(60_000);
  expect(broker.trouble).toBeNull();
});
