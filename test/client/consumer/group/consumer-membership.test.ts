import { expect, it } from "vitest";
import { ConsumerGroupHeartbeat, FindCoordinator } from "../../../../src/client/api.ts";
import { ConsumerMembership } from "../../../../src/client/consumer/group/consumer-membership.ts";
import { GroupCoordinator } from "../../../../src/client/consumer/group/group-coordinator.ts";
import { Coordinators } from "../../../../src/client/coordinators.ts";
import type { ClientEventName } from "../../../../src/client/observe/events.ts";
import { Deadline } from "../../../../src/client/retry.ts";
import { listOf } from "../../../../src/group/consumer/partition-set.ts";
import { ModelCoordinator } from "../../../group/consumer/model-coordinator.ts";
import { hangUp, later, noAnswer, silence } from "../../../support/fake-broker.ts";
import { FakeCluster, type FakeTopic } from "../../../support/fake-cluster.ts";
import { clusterFor, FakeLogger } from "../../../support/fake-kafka.ts";
import { GroupHost } from "../../../support/group-host.ts";
import { chance } from "../../../support/seed.ts";

const NOT_COORDINATOR = 16;
const UNSUPPORTED_VERSION = 35;
const UNKNOWN_MEMBER_ID = 25;
const WHOLE = ["t-0", "t-1", "t-2"];

/** A group with its coordinator on one of two brokers. */
function setUp() {
  const fake = new FakeCluster(2);
  const { topicId } = fake.createTopic("t", 3);
  const { platform } = fake;
  const { clock } = platform;
  const model = new ModelCoordinator({
    topics: new Map([[topicId, 3]]),
    random: chance(1),
    sessionTimeoutMs: 45_000,
    takesRejoining: true,
  });
  const place = { nodeId: 1 };
  for (const [index, broker] of fake.brokers.entries()) {
    broker.handle(FindCoordinator, ({ body }) => ({
      coordinators: body.coordinatorKeys.map((key) => ({
        key,
        nodeId: place.nodeId,
        host: `b${place.nodeId}`,
        port: 9092,
      })),
    }));
    broker.handle(ConsumerGroupHeartbeat, ({ body }) => {
      if (place.nodeId !== index + 1) return { errorCode: NOT_COORDINATOR };
      model.expire(clock.monotonicMs());
      const names = body.subscribedTopicNames?.map((name) => (name === "t" ? topicId : name)) ?? null;
      const heard = model.heartbeat({ ...body, subscribedTopicNames: names }, clock.monotonicMs());
      if (heard.answer === null) return { errorCode: heard.errorCode };
      const { assignment, ...rest } = heard.answer;
      return { ...rest, assignment: assignment === null ? null : { topicPartitions: listOf(assignment) } };
    });
  }
  const cluster = clusterFor(fake);
  const coordinator = new GroupCoordinator(cluster, new Coordinators(cluster, 30_000), "g", 30_000);
  const logger = new FakeLogger();
  const host = new GroupHost();
  const membership = new ConsumerMembership({
    cluster,
    coordinator,
    config: { groupInstanceId: null, groupRemoteAssignor: null, maxPollIntervalMs: 300_000 },
    host,
    logger,
    rackId: "",
  });
  const events: string[] = [];
  return {
    fake,
    broker: fake.broker(1),
    place,
    clock,
    platform,
    model,
    cluster,
    host,
    logger,
    membership,
    events,
    listen: (...names: ClientEventName[]): void => {
      for (const name of names) {
        cluster.observability.events.source(name).add(({ type }) => events.push(type), false);
      }
    },
    join: async (): Promise<void> => {
      membership.subscribe({ topics: ["t"], pattern: null });
      await clock.advance(100);
    },
    leave: (timeoutMs = 5000): Promise<void> =>
      membership.leave({ deadline: new Deadline(clock, timeoutMs), reason: "test", staysMember: true }),
    heartbeats: () => fake.brokers.flatMap((each) => each.of(ConsumerGroupHeartbeat)).map(({ body }) => body),
  };
}

const complaints = ({ lines }: FakeLogger): string[] =>
  lines.filter((line) => line.startsWith("warn") || line.startsWith("error"));

it("joins, stays by heartbeats, and leaves", async () => {
  const { clock, platform, host, membership, join, leave, heartbeats, events, listen, cluster } = setUp();
  listen("group:rebalancing", "group:joined", "group:assigned", "group:left");
  await join();
  expect(host.held).toEqual(WHOLE);
  expect(membership.state).toBe("stable");
  const { memberId, generationId } = membership.metadata;
  expect(memberId).toMatch(/^[\w][\w-]{21}$/);
  expect(generationId).toBe(1);
  expect(events).toEqual(["group:rebalancing", "group:joined", "group:assigned"]);
  const before = heartbeats().length;
  await clock.advance(60_000);
  expect(heartbeats().length - before).toBe(12);
  expect(heartbeats().at(-1)).toMatchObject({ memberId, memberEpoch: 1, topicPartitions: null });
  // Nobody waits for a heartbeat.
  expect(clock.foregroundTimers).toBe(0);
  await platform.run(leave());
  expect(heartbeats().at(-1)).toMatchObject({ memberId, memberEpoch: -1 });
  expect(membership.state).toBe("unsubscribed");
  expect(membership.metadata).toMatchObject({ memberId: "", generationId: -1 });
  expect(events.at(-1)).toBe("group:left");
  expect(cluster.observability.waits.list()).toEqual([]);
});

it("keeps what it has when answers are lost, and says everything again", async () => {
  const { broker, clock, host, membership, join, heartbeats } = setUp();
  await join();
  broker.script(ConsumerGroupHeartbeat, noAnswer, hangUp());
  await clock.advance(5000 + 15_000 + 5000);
  expect(membership.state).toBe("stable");
  expect(host.log).toEqual(["assign t-0 t-1 t-2"]);
  const full = heartbeats().filter(
    ({ rebalanceTimeoutMs, memberEpoch }) => rebalanceTimeoutMs > 0 && memberEpoch > 0,
  );
  expect(full.map(({ topicPartitions }) => topicPartitions?.[0]?.partitions)).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

it("finds the coordinator again when that has moved", async () => {
  const { fake, place, clock, host, membership, join } = setUp();
  await join();
  place.nodeId = 2;
  await clock.advance(10_000);
  expect(membership.state).toBe("stable");
  expect(fake.broker(2).of(ConsumerGroupHeartbeat).length).toBeGreaterThan(0);
  expect(host.log).toEqual(["assign t-0 t-1 t-2"]);
});

it("hands nothing out when nothing is heard for a session, and counts itself out after another", async () => {
  const { broker, clock, host, membership, join, cluster } = setUp();
  await join();
  let isSilent = true;
  broker.handle(ConsumerGroupHeartbeat, () => (isSilent ? silence : undefined));
  await clock.advance(44_000);
  expect(host.held).toEqual(WHOLE);
  await clock.advance(2000);
  const waiting = () => cluster.observability.waits.list().map(({ waitingFor }) => waitingFor);
  expect(waiting()).toContain('the coordinator of group "g" to be heard, before records are handed out');
  expect(host.log).toEqual(["assign t-0 t-1 t-2", "suspend"]);
  await clock.advance(45_000);
  expect(host.held).toEqual([]);
  expect(membership.state).toBe("joining");
  expect(waiting()).toContain('group "g" to be rebalanced');
  isSilent = false;
  await clock.advance(20_000);
  expect(host.held).toEqual(WHOLE);
  expect(host.log).toEqual([
    "assign t-0 t-1 t-2",
    "suspend",
    "lose t-0 t-1 t-2",
    "resume",
    "assign t-0 t-1 t-2",
  ]);
});

it("leaves in the time that it has, whoever answers or not", async () => {
  const { broker, clock, platform, membership, join, leave, cluster } = setUp();
  await join();
  broker.handle(ConsumerGroupHeartbeat, () => silence);
  const before = clock.monotonicMs();
  await platform.run(leave(3000));
  expect(clock.monotonicMs() - before).toBe(3000);
  expect(membership.state).toBe("unsubscribed");
  membership.abandon(new Error("over"));
  cluster.close();
  await clock.advance(120_000);
  expect(clock.timers).toBe(0);
});

it("does nothing more once it is abandoned", async () => {
  const { clock, host, membership, join, leave, heartbeats } = setUp();
  await join();
  membership.abandon(new Error("over"));
  const before = heartbeats().length;
  membership.subscribe({ topics: ["t"], pattern: null });
  await leave();
  await clock.advance(60_000);
  expect(heartbeats()).toHaveLength(before);
  expect(host.log).toEqual(["assign t-0 t-1 t-2"]);
});

it("tells what to do where the broker does not know the protocol, or has not switched it on", async () => {
  const unknown = setUp();
  unknown.broker.versions.delete(ConsumerGroupHeartbeat.apiKey);
  await unknown.join();
  const off = setUp();
  off.broker.handle(ConsumerGroupHeartbeat, () => ({ errorCode: UNSUPPORTED_VERSION }));
  await off.join();
  for (const { host, membership } of [unknown, off]) {
    expect(membership.state).toBe("fatal");
    expect(host.failures).toMatchObject([
      { code: "UNSUPPORTED_VERSION", message: expect.stringContaining('set groupProtocol: "classic"') },
    ]);
  }
});

it("cannot have brokers of version 0 resolve a pattern", async () => {
  const { broker, clock, host, membership } = setUp();
  broker.versions.set(ConsumerGroupHeartbeat.apiKey, { lowest: 0, highest: 0 });
  membership.subscribe({ topics: [], pattern: "^t" });
  await clock.advance(100);
  expect(host.failures).toMatchObject([
    { code: "UNSUPPORTED_VERSION", fatal: true, message: expect.stringContaining("subscribe to a RegExp") },
  ]);
});

it("can subscribe to names there after that", async () => {
  const { broker, clock, platform, host, membership, join, leave } = setUp();
  broker.versions.set(ConsumerGroupHeartbeat.apiKey, { lowest: 0, highest: 0 });
  membership.subscribe({ topics: [], pattern: "^t" });
  await clock.advance(100);
  await platform.run(leave());
  await join();
  expect(host.held).toEqual(WHOLE);
});

it("takes over partitions of a topic once the cluster knows its name", async () => {
  const { fake, clock, host, membership, join, logger } = setUp();
  const topic = fake.topics.get("t") as FakeTopic;
  fake.topics.delete("t");
  await join();
  await clock.advance(40_000);
  expect(host.held).toEqual([]);
  expect(membership.state).toBe("reconciling");
  expect(complaints(logger)).toHaveLength(1);
  fake.topics.set("t", topic);
  await clock.advance(2000);
  expect(host.held).toEqual(WHOLE);
});

it("asks at once when a commit was refused", async () => {
  const { clock, membership, join, heartbeats } = setUp();
  await join();
  const before = heartbeats().length;
  const { metadata } = membership;
  membership.commitRefused(UNKNOWN_MEMBER_ID, { ...metadata, generationId: 0 });
  await clock.advance(1);
  expect(heartbeats()).toHaveLength(before);
  membership.commitRefused(UNKNOWN_MEMBER_ID, metadata);
  await clock.advance(1);
  expect(heartbeats()).toHaveLength(before + 1);
});

it("waits for as long as it is throttled", async () => {
  const { broker, clock, membership, join, heartbeats } = setUp();
  await join();
  const answer = { memberEpoch: 1, heartbeatIntervalMs: 5000, throttleTimeMs: 12_000 };
  broker.script(ConsumerGroupHeartbeat, answer);
  await clock.advance(5000);
  const before = heartbeats().length;
  membership.subscribe({ topics: ["t", "other"], pattern: null });
  await clock.advance(11_800);
  expect(heartbeats()).toHaveLength(before);
  await clock.advance(300);
  expect(heartbeats().at(-1)?.subscribedTopicNames).toEqual(["t", "other"]);
});

it("goes on with its heartbeats while its host works", async () => {
  const { clock, host, logger, membership, model, join, heartbeats } = setUp();
  await join();
  host.busy = new Promise(() => {});
  membership.subscribe({ topics: ["other"], pattern: null });
  await clock.advance(100);
  expect(membership.state).toBe("reconciling");
  const before = heartbeats().length;
  await clock.advance(50_000);
  expect(heartbeats().length - before).toBe(10);
  expect(model.memberIds).toHaveLength(1);
  expect(complaints(logger)).toEqual([]);
});

it("goes on with a host that fails", async () => {
  const { clock, host, logger, membership, join } = setUp();
  await join();
  host.busy = Promise.reject(new Error("a listener threw"));
  membership.subscribe({ topics: ["other"], pattern: null });
  await clock.advance(100);
  expect(membership.state).toBe("stable");
  expect(complaints(logger)).toHaveLength(1);
});

it("heeds no answer that comes after it left", async () => {
  const { broker, clock, platform, host, membership, join, leave } = setUp();
  await join();
  let answersLate = true;
  broker.handle(ConsumerGroupHeartbeat, ({ body }) => {
    if (body.memberEpoch <= 0 || !answersLate) return undefined;
    answersLate = false;
    const assignment = { topicPartitions: [] };
    return later(1000, { memberEpoch: 7, heartbeatIntervalMs: 5000, assignment });
  });
  await clock.advance(5000);
  await platform.run(leave());
  await clock.advance(5000);
  expect(membership.state).toBe("unsubscribed");
  expect(host.log).toEqual(["assign t-0 t-1 t-2"]);
});
