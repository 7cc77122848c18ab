/** Groups and offsets in a cluster without connections: transactions, what is written, and what is read again. */

import { describe, expect, it } from "vitest";
import { platform } from "#platform";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { ZERO_UUID } from "../../../src/protocol/uuid.ts";
import { Broker } from "../../../src/testing/broker.ts";
import { BrokerClock } from "../../../src/testing/broker-clock.ts";
import { ClusterState } from "../../../src/testing/cluster-state.ts";
import { ConfigStore } from "../../../src/testing/config/config-store.ts";
import type { JoinAnswer } from "../../../src/testing/coordinator/classic/classic-events.ts";
import type { ClassicGroup } from "../../../src/testing/coordinator/classic/classic-group.ts";
import { CoordinatorTopics } from "../../../src/testing/coordinator/coordinator-topics.ts";
import { GroupCoordinator } from "../../../src/testing/coordinator/group-coordinator.ts";
import { factsOf } from "../../../src/testing/releases.ts";
import { Replication } from "../../../src/testing/topics/replication.ts";
import { TopicManager } from "../../../src/testing/topics/topic-manager.ts";

/** Version and epoch of a coordinator. */
const MARKER = new Uint8Array(6);

/** As much of a cluster as groups need. */
interface Groups {
  readonly clock: BrokerClock;
  readonly coordinators: CoordinatorTopics;
  readonly groups: GroupCoordinator;
}

function newCluster(): Groups {
  const broker = new Broker(1, "host", null, 10);
  broker.isUp = true;
  const configs = new ConfigStore(
    { "offsets.topic.num.partitions": "1", "group.initial.rebalance.delay.ms": "0" },
    "4.4",
  );
  const clock = new BrokerClock(platform.clock, false);
  const state = new ClusterState({
    clusterId: "c",
    release: factsOf("4.4"),
    clock,
    configs,
    brokers: [broker],
    forReading: () => {
      throw new Error("nothing is compressed here");
    },
  });
  const coordinators = new CoordinatorTopics(state, new TopicManager(state, new Replication(state)));
  return { clock, coordinators, groups: new GroupCoordinator(state, coordinators) };
}

/** Writes into another cluster what is in this one's __consumer_offsets, and has it read. */
function loaded(from: Groups): Groups {
  const to = newCluster();
  const [source] = from.coordinators.partitionsOf("group");
  const [target] = to.coordinators.partitionsOf("group");
  if (source === undefined || target === undefined) throw new Error("there is no partition");
  for (const { slab, at, size } of source.log.batches) {
    to.coordinators.appendBatch(target, slab.bytes.slice(at, at + size));
  }
  to.groups.load(target);
  return to;
}

const offset = (partition: number, at: bigint) => ({
  topic: "t",
  topicId: ZERO_UUID,
  partition,
  offset: at,
  leaderEpoch: 2,
  metadata: "m",
});

function offsetsOf({ groups }: Groups, groupId = "g"): Record<number, bigint> {
  const all = [...(groups.offsets.of(groupId)?.all() ?? [])];
  return Object.fromEntries(all.map(({ partition, committed }) => [partition, committed.offset]));
}

const OUTSIDER = {
  memberId: "",
  groupInstanceId: null,
  generationIdOrMemberEpoch: -1,
  isTransactional: false,
  version: 9,
};

/** Ends the transaction of a producer, as the marker does. */
function end(cluster: Groups, producerId: bigint, isCommitted: boolean): void {
  const [partition] = cluster.coordinators.partitionsOf("group");
  if (partition === undefined) throw new Error("there is no partition");
  const builder = new RecordBatchBuilder();
  builder.append(0, new Uint8Array([0, 0, 0, isCommitted ? 1 : 0]), MARKER);
  cluster.coordinators.appendBatch(
    partition,
    builder.build({ producerId, producerEpoch: 0, isTransactional: true, isControl: true }),
  );
  cluster.groups.offsets.endTransaction(partition.index, producerId, isCommitted);
}

describe("offsets of a transaction", () => {
  it("count once it has ended well, and are dropped otherwise", () => {
    const cluster = newCluster();
    const { groups } = cluster;
    expect(groups.commitRefusal("g", { ...OUTSIDER, isTransactional: true })).toBe(0);
    groups.offsets.commit("g", [offset(0, 1n)], null);
    groups.offsets.commitPending("g", [offset(0, 5n), offset(1, 6n)], 7n, 0);
    groups.offsets.commitPending("g", [offset(2, 9n)], 8n, 0);
    expect(offsetsOf(cluster)).toEqual({ 0: 1n });
    expect(groups.offsets.of("g")?.isPending("t", 1)).toBe(true);
    end(cluster, 7n, true);
    end(cluster, 8n, false);
    expect(offsetsOf(cluster)).toEqual({ 0: 5n, 1: 6n });
    expect(groups.offsets.of("g")?.hasPending).toBe(false);
    expect(offsetsOf(loaded(cluster))).toEqual({ 0: 5n, 1: 6n });
  });

  it("give way to what was committed after them", () => {
    const cluster = newCluster();
    cluster.groups.commitRefusal("g", OUTSIDER);
    cluster.groups.offsets.commitPending("g", [offset(0, 5n)], 7n, 0);
    cluster.groups.offsets.commit("g", [offset(0, 3n)], null);
    end(cluster, 7n, true);
    expect(offsetsOf(cluster)).toEqual({ 0: 3n });
    expect(offsetsOf(loaded(cluster))).toEqual({ 0: 3n });
  });

  it("are open after the records were read again", () => {
    const cluster = newCluster();
    cluster.groups.commitRefusal("g", OUTSIDER);
    cluster.groups.offsets.commitPending("g", [offset(0, 5n)], 7n, 0);
    const again = loaded(cluster);
    expect(again.groups.offsets.of("g")?.isPending("t", 0)).toBe(true);
    end(again, 7n, true);
    expect(offsetsOf(again)).toEqual({ 0: 5n });
  });
});

describe("records that are read again", () => {
  function joined(cluster: Groups): ClassicGroup {
    const group = cluster.groups.startClassic("g");
    const answers: JoinAnswer[] = [];
    group
      .join({
        memberId: "",
        groupInstanceId: "i",
        clientId: "client",
        clientHost: "/host",
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 20_000,
        protocolType: "connect",
        protocols: [{ name: "p", metadata: new Uint8Array([1]) }],
        newMemberId: "m",
        requiresMemberId: false,
        canSkipAssignment: true,
      })
      .onAnswered((answer) => answers.push(answer));
    expect(answers).toMatchObject([{ errorCode: 0, memberId: "m", generationId: 1 }]);
    group.sync({
      memberId: "m",
      groupInstanceId: "i",
      generationId: 1,
      protocolType: "connect",
      protocolName: "p",
      assignments: new Map([["m", new Uint8Array([2])]]),
    });
    return group;
  }

  it("bring back a group with its members, whose sessions begin anew", async () => {
    const cluster = newCluster();
    const before = joined(cluster).current;
    const again = loaded(cluster);
    const group = again.groups.get("g") as ClassicGroup;
    expect(group.current).toEqual(before);
    await again.clock.advance(9999);
    expect(group.state).toBe("Stable");
    await again.clock.advance(1);
    expect(group.state).toBe("Empty");
  });

  it("bring back groups that only have offsets, and none that was deleted", () => {
    const cluster = newCluster();
    joined(cluster).leave([{ memberId: "m", groupInstanceId: null }]);
    cluster.groups.commitRefusal("h", OUTSIDER);
    cluster.groups.offsets.commit("h", [{ ...offset(0, 1n), leaderEpoch: -1 }], 5000);
    expect(Array.from(loaded(cluster).groups.all, ({ groupId, state }) => [groupId, state])).toEqual([
      ["g", "Empty"],
      ["h", "Empty"],
    ]);
    cluster.groups.delete(cluster.groups.get("g") as ClassicGroup);
    const again = loaded(cluster);
    expect(Array.from(again.groups.all, ({ groupId }) => groupId)).toEqual(["h"]);
    expect([...(again.groups.offsets.of("h")?.all() ?? [])]).toEqual([
      ...(cluster.groups.offsets.of("h")?.all() ?? []),
    ]);
  });
});
