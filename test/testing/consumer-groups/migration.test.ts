/** Groups whose members change from the classic protocol to the consumer protocol, and back. */

import { expect, it } from "vitest";
import {
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
} from "../../../src/protocol/consumer-protocol.ts";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import { HeartbeatRequest, HeartbeatResponse } from "../../../src/protocol/messages/heartbeat.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../../../src/protocol/messages/join-group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "../../../src/protocol/messages/leave-group.ts";
import { ListGroupsRequest, ListGroupsResponse } from "../../../src/protocol/messages/list-groups.ts";
import { SyncGroupRequest, SyncGroupResponse } from "../../../src/protocol/messages/sync-group.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";
import { describeGroup, RawMember } from "./raw-member.ts";

const groupId = "g";
const all = { t: [0, 1, 2, 3] };

/** A member of the classic protocol, request by request. */
class ClassicRaw {
  readonly #client: RawClient;
  memberId = "";
  generationId = -1;
  leader = "";
  owned: readonly number[] = [];

  constructor(client: RawClient) {
    this.#client = client;
  }

  async join(): Promise<string> {
    const ownedPartitions = [{ topic: "t", partitions: [...this.owned] }];
    const response = await this.#client.ask(JoinGroupRequest, JoinGroupResponse, 9, {
      groupId,
      memberId: this.memberId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      protocolType: "consumer",
      protocols: [
        { name: "cooperative-sticky", metadata: encodeSubscription({ topics: ["t"], ownedPartitions }) },
      ],
    });
    const { name } = errorCodeOf(response.errorCode);
    this.memberId = response.memberId;
    if (name === "MEMBER_ID_REQUIRED") return this.join();
    if (name === "NONE") this.generationId = response.generationId;
    this.leader = response.leader;
    return name;
  }

  async sync(assigned: readonly number[] | null = null): Promise<string | readonly number[]> {
    const assignedPartitions = [{ topic: "t", partitions: [...(assigned ?? [])] }];
    const response = await this.#client.ask(SyncGroupRequest, SyncGroupResponse, 5, {
      groupId,
      memberId: this.memberId,
      generationId: this.generationId,
      protocolType: "consumer",
      protocolName: "cooperative-sticky",
      assignments:
        assigned === null
          ? []
          : [{ memberId: this.memberId, assignment: encodeAssignment({ assignedPartitions }) }],
    });
    const { name } = errorCodeOf(response.errorCode);
    if (name !== "NONE") return name;
    this.owned = decodeAssignment(response.assignment).assignedPartitions.flatMap(
      ({ partitions }) => partitions,
    );
    return this.owned;
  }

  async beat(): Promise<string> {
    const { errorCode } = await this.#client.ask(HeartbeatRequest, HeartbeatResponse, 4, {
      groupId,
      memberId: this.memberId,
      generationId: this.generationId,
    });
    return errorCodeOf(errorCode).name;
  }

  async leave(): Promise<string> {
    const { members } = await this.#client.ask(LeaveGroupRequest, LeaveGroupResponse, 5, {
      groupId,
      members: [{ memberId: this.memberId, groupInstanceId: null }],
    });
    return errorCodeOf(members[0]?.errorCode ?? -1).name;
  }
}

interface Stage {
  readonly cluster: TestCluster;
  readonly client: RawClient;
}

async function onStage(policy: string, play: (stage: Stage) => Promise<void>): Promise<void> {
  await using cluster = await TestCluster.start({
    network: "memory",
    time: "manual",
    topics: { t: 4 },
    configs: {
      "group.consumer.assignment.interval.ms": "0",
      "group.consumer.migration.policy": policy,
      "group.initial.rebalance.delay.ms": "0",
    },
  });
  using client = await RawClient.to(cluster);
  await play({ cluster, client });
  expect(cluster.failures).toEqual([]);
}

async function kindOf(client: RawClient): Promise<string | undefined> {
  const { groups } = await client.ask(ListGroupsRequest, ListGroupsResponse, 5, {});
  return groups.find((group) => group.groupId === groupId)?.groupType;
}

/** A classic group of one member that has everything. */
async function classicGroup(client: RawClient): Promise<ClassicRaw> {
  const member = new ClassicRaw(client);
  expect(await member.join()).toBe("NONE");
  expect(await member.sync([0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
  expect(await kindOf(client)).toBe("classic");
  return member;
}

it.each(["bidirectional", "upgrade"])("a classic group goes on as a consumer group (%s)", (policy) =>
  onStage(policy, async ({ cluster, client }) => {
    const classic = await classicGroup(client);
    const { generationId } = classic;
    const modern = new RawMember(client, cluster, { memberId: "m" });
    expect(await modern.join()).toEqual({ error: "NONE", epoch: generationId + 1, assigned: {} });
    expect(await kindOf(client)).toBe("consumer");
    expect(await describeGroup(client)).toMatchObject({
      groupState: "Reconciling",
      members: [
        { memberId: classic.memberId, memberEpoch: generationId, memberType: 0 },
        { memberId: "m", memberType: 1 },
      ],
    });
    // The classic member hears that it has to join, gives up what is the other's now, and joins once more.
    expect(await classic.beat()).toBe("REBALANCE_IN_PROGRESS");
    expect(await classic.join()).toBe("NONE");
    expect(classic.leader).toBe("");
    expect(await classic.sync()).toEqual([0, 1]);
    expect(await classic.beat()).toBe("REBALANCE_IN_PROGRESS");
    expect(await modern.beat()).toMatchObject({ assigned: null });
    expect(await classic.join()).toBe("NONE");
    expect(classic.generationId).toBe(generationId + 1);
    expect(await classic.sync()).toEqual([0, 1]);
    expect(await classic.beat()).toBe("NONE");
    expect(await modern.beat()).toMatchObject({ assigned: { t: [2, 3] } });
    expect(await describeGroup(client)).toMatchObject({ groupState: "Stable" });
    expect(await classic.leave()).toBe("NONE");
    expect(await modern.beat()).toMatchObject({ assigned: all });
  }),
);

it.each(["disabled", "downgrade"])("a classic group stays one (%s)", (policy) =>
  onStage(policy, async ({ cluster, client }) => {
    const classic = await classicGroup(client);
    const modern = new RawMember(client, cluster, { memberId: "m" });
    expect(await modern.join()).toMatchObject({ error: "GROUP_ID_NOT_FOUND" });
    expect(await classic.beat()).toBe("NONE");
  }),
);

it.each(["bidirectional", "downgrade"])("a consumer group goes on as a classic group (%s)", (policy) =>
  onStage(policy, async ({ cluster, client }) => {
    const modern = new RawMember(client, cluster, { memberId: "m" });
    await modern.join();
    modern.owned = all;
    const classic = new ClassicRaw(client);
    expect(await classic.join()).toBe("NONE");
    expect(await classic.sync()).toEqual([]);
    await modern.settle();
    expect(modern.owned).toEqual({ t: [0, 1] });
    expect(await classic.beat()).toBe("REBALANCE_IN_PROGRESS");
    expect(await classic.join()).toBe("NONE");
    expect(await classic.sync()).toEqual([2, 3]);
    expect(await kindOf(client)).toBe("consumer");
    await modern.leave();
    expect(await kindOf(client)).toBe("classic");
    expect(await classic.beat()).toBe("REBALANCE_IN_PROGRESS");
    expect(await classic.join()).toBe("NONE");
    expect(classic.leader).toBe(classic.memberId);
    expect(await classic.sync([0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
  }),
);

it("a consumer group takes no classic member where nothing may be changed", () =>
  onStage("disabled", async ({ cluster, client }) => {
    await new RawMember(client, cluster, { memberId: "m" }).join();
    expect(await new ClassicRaw(client).join()).toBe("INCONSISTENT_GROUP_PROTOCOL");
  }));

it("a classic member that does not join or sync in time is out", () =>
  onStage("bidirectional", async ({ cluster, client }) => {
    const modern = new RawMember(client, cluster, { memberId: "m" });
    await modern.join();
    const [late, silent] = [new ClassicRaw(client), new ClassicRaw(client)];
    await late.join();
    await late.sync();
    await silent.join();
    for (let i = 0; i < 3; i++) {
      await modern.beat();
      expect(await late.beat()).toBe("REBALANCE_IN_PROGRESS");
      await cluster.clock.advance(9_000);
    }
    expect(await late.beat()).toBe("UNKNOWN_MEMBER_ID");
    expect((await describeGroup(client)).members.map(({ memberId }) => memberId)).toEqual(["m"]);
  }));
