/** What groups of the consumer protocol write, and what is made of it when it is read again. */

import { expect, it } from "vitest";
import { platform } from "#platform";
import { encodeAssignment, encodeSubscription } from "../../../src/protocol/consumer-protocol.ts";
import { decodeGroupCoordinatorRecord } from "../../../src/protocol/coordinator-records/group-coordinator.ts";
import { Broker } from "../../../src/testing/broker.ts";
import { BrokerClock } from "../../../src/testing/broker-clock.ts";
import { ClusterState } from "../../../src/testing/cluster-state.ts";
import { ConfigStore } from "../../../src/testing/config/config-store.ts";
import { ConsumerGroups } from "../../../src/testing/coordinator/consumer/consumer-groups.ts";
import type { Heartbeat } from "../../../src/testing/coordinator/consumer/heartbeat.ts";
import { CoordinatorTopics } from "../../../src/testing/coordinator/coordinator-topics.ts";
import { GroupCoordinator } from "../../../src/testing/coordinator/group-coordinator.ts";
import { factsOf } from "../../../src/testing/releases.ts";
import { Replication } from "../../../src/testing/topics/replication.ts";
import { TopicManager } from "../../../src/testing/topics/topic-manager.ts";

const SESSION_MS = 45_000;

class Stage {
  readonly clock = new BrokerClock(platform.clock, false);
  readonly coordinators: CoordinatorTopics;
  readonly #state: ClusterState;
  coordinator: GroupCoordinator;
  groups: ConsumerGroups;

  constructor() {
    const broker = new Broker(1, "host", null, 10);
    broker.isUp = true;
    const configs = {
      "offsets.topic.num.partitions": "1",
      "group.consumer.assignment.interval.ms": "0",
      "group.initial.rebalance.delay.ms": "0",
    };
    this.#state = new ClusterState({
      clusterId: "c",
      release: factsOf("4.4"),
      clock: this.clock,
      configs: new ConfigStore(configs, "4.4"),
      brokers: [broker],
      forReading: () => {
        throw new Error("nothing is compressed here");
      },
    });
    const topics = new TopicManager(this.#state, new Replication(this.#state));
    this.coordinators = new CoordinatorTopics(this.#state, topics);
    topics.create({ name: "t", numPartitions: 4, replicationFactor: 1 });
    this.coordinator = new GroupCoordinator(this.#state, this.coordinators);
    this.groups = new ConsumerGroups(this.#state, this.coordinator);
  }

  beat(memberId: string, memberEpoch: number, more: Partial<Heartbeat> = {}) {
    const join = { rebalanceTimeoutMs: 60_000, topics: ["t"], owned: new Map() };
    const stay = { rebalanceTimeoutMs: -1, topics: null, owned: null };
    const heartbeat: Heartbeat = {
      memberId,
      memberEpoch,
      instanceId: null,
      rackId: null,
      pattern: null,
      assignor: null,
      clientId: "raw",
      clientHost: "/127.0.0.1",
      ...(memberEpoch === 0 ? join : stay),
      ...more,
    };
    return this.groups.heartbeat("g", heartbeat, true, () => true);
  }

  /** As after a start: everything is read from the log. */
  restart(): void {
    this.coordinator = new GroupCoordinator(this.#state, this.coordinators);
    this.groups = new ConsumerGroups(this.#state, this.coordinator);
    const [partition] = this.coordinators.partitionsOf("group");
    if (partition !== undefined) this.coordinator.load(partition);
  }

  /** The kinds of records that were written, in their order. */
  get written(): string[] {
    const [partition] = this.coordinators.partitionsOf("group");
    if (partition === undefined) return [];
    return [...this.coordinators.records(partition)].map(({ key, value }) => {
      const { type } = decodeGroupCoordinatorRecord(key, value);
      return value === null ? `${type} gone` : type;
    });
  }

  /** All that a group consists of. */
  get whole() {
    const { core } = this.groups.get("g");
    const { members, epoch, target, metadataHash, patterns, state } = core;
    const targets = new Map([...members.keys()].map((memberId) => [memberId, core.targetOf(memberId)]));
    return {
      members: new Map(members),
      epoch,
      target,
      metadataHash,
      patterns: new Map(patterns),
      state,
      targets,
    };
  }
}

it("writes what Kafka writes, in its order", () => {
  const stage = new Stage();
  stage.beat("a", 0);
  expect(stage.written).toEqual([
    "CONSUMER_GROUP_MEMBER_METADATA",
    "CONSUMER_GROUP_METADATA",
    "CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER",
    "CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA",
    "CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT",
  ]);
  stage.beat("a", 2);
  expect(stage.written).toHaveLength(5);
  stage.beat("a", -1);
  expect(stage.written.slice(5)).toEqual([
    "CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT gone",
    "CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER gone",
    "CONSUMER_GROUP_MEMBER_METADATA gone",
    "CONSUMER_GROUP_METADATA",
    "CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA",
  ]);
});

it("is the same group when it is read again, in the middle of a move", async () => {
  const stage = new Stage();
  stage.beat("a", 0, { instanceId: "one", assignor: "range", rackId: "r" });
  stage.beat("b", 0, { topics: null, pattern: "t.*" });
  stage.beat("b", 2);
  stage.beat("a", 2, { instanceId: "one" });
  const { whole } = stage;
  expect(whole.state).toBe("Reconciling");
  stage.restart();
  expect(stage.whole).toEqual(whole);
  // Sessions begin anew: who is not heard of is removed.
  await stage.clock.advance(SESSION_MS - 1);
  stage.beat("b", whole.members.get("b")?.epoch ?? 0);
  await stage.clock.advance(1);
  expect([...stage.whole.members.keys()]).toEqual(["b"]);
});

it("is gone when it was deleted", () => {
  const stage = new Stage();
  stage.beat("a", 0);
  stage.beat("a", -1);
  stage.coordinator.delete(stage.groups.get("g"));
  stage.restart();
  expect([...stage.coordinator.all]).toEqual([]);
});

it("is the same group when it was made of a classic one", () => {
  const stage = new Stage();
  const classic = stage.coordinator.startClassic("g");
  classic.join({
    memberId: "",
    groupInstanceId: null,
    clientId: "raw",
    clientHost: "/127.0.0.1",
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: encodeSubscription({ topics: ["t"] }) }],
    newMemberId: "old",
    requiresMemberId: false,
    canSkipAssignment: true,
  });
  const assignment = encodeAssignment({ assignedPartitions: [{ topic: "t", partitions: [0, 1, 2, 3] }] });
  classic.sync({
    memberId: "old",
    groupInstanceId: null,
    generationId: 1,
    protocolType: "consumer",
    protocolName: "range",
    assignments: new Map([["old", assignment]]),
  });
  stage.beat("new", 0);
  const { whole } = stage;
  expect([...whole.members.keys()]).toEqual(["old", "new"]);
  stage.restart();
  expect(stage.whole).toEqual(whole);
});
