/** Classic groups, as their members and admins speak of them on the wire. */

import { describe, expect, it } from "vitest";
import { codecFor } from "../../../src/protocol/compile.ts";
import { encodeSubscription } from "../../../src/protocol/consumer-protocol.ts";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import { ResponseHeader, responseHeaderVersion } from "../../../src/protocol/header.ts";
import { DeleteGroupsRequest, DeleteGroupsResponse } from "../../../src/protocol/messages/delete-groups.ts";
import {
  DescribeGroupsRequest,
  DescribeGroupsResponse,
} from "../../../src/protocol/messages/describe-groups.ts";
import { HeartbeatRequest, HeartbeatResponse } from "../../../src/protocol/messages/heartbeat.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../../../src/protocol/messages/join-group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "../../../src/protocol/messages/leave-group.ts";
import { ListGroupsRequest, ListGroupsResponse } from "../../../src/protocol/messages/list-groups.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../../src/protocol/messages/offset-commit.ts";
import { OffsetDeleteRequest, OffsetDeleteResponse } from "../../../src/protocol/messages/offset-delete.ts";
import { SyncGroupRequest, SyncGroupResponse } from "../../../src/protocol/messages/sync-group.ts";
import { Reader } from "../../../src/protocol/reader.ts";
import type { InferInput } from "../../../src/protocol/schema.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";

const started = ({ configs, ...options }: TestClusterOptions = {}): Promise<TestCluster> =>
  TestCluster.start({
    network: "memory",
    time: "manual",
    topics: { t: 2, u: 1 },
    configs: { "offsets.topic.num.partitions": "1", ...configs },
    ...options,
  });

const nameOf = (errorCode: number): string => errorCodeOf(errorCode).name;
const SUBSCRIPTION = encodeSubscription({ topics: ["t"] });

const joining = (more: InferInput<typeof JoinGroupRequest> = {}) => ({
  groupId: "g",
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  memberId: "",
  protocolType: "consumer",
  protocols: [{ name: "range", metadata: SUBSCRIPTION }],
  ...more,
});

async function join(client: RawClient, more: InferInput<typeof JoinGroupRequest> = {}, version = 9) {
  const response = await client.ask(JoinGroupRequest, JoinGroupResponse, version, joining(more));
  return { ...response, error: nameOf(response.errorCode) };
}

/** The response to a JoinGroup that was sent before. */
async function joined(client: RawClient, version: number) {
  const reader = new Reader(await client.next());
  codecFor(ResponseHeader, responseHeaderVersion(JoinGroupResponse, version)).decode(reader);
  const response = codecFor(JoinGroupResponse, version).decode(reader);
  return { ...response, error: nameOf(response.errorCode) };
}

interface Member {
  readonly memberId: string;
  readonly generationId: number;
}

async function sync(client: RawClient, { memberId, generationId }: Member, assigned: string[] = []) {
  const response = await client.ask(SyncGroupRequest, SyncGroupResponse, 5, {
    groupId: "g",
    memberId,
    generationId,
    protocolType: "consumer",
    protocolName: "range",
    assignments: assigned.map((id) => ({ memberId: id, assignment: new TextEncoder().encode(`for ${id}`) })),
  });
  return {
    ...response,
    error: nameOf(response.errorCode),
    text: new TextDecoder().decode(response.assignment),
  };
}

async function heartbeat(client: RawClient, { memberId, generationId }: Member): Promise<string> {
  const body = { groupId: "g", memberId, generationId };
  return nameOf((await client.ask(HeartbeatRequest, HeartbeatResponse, 4, body)).errorCode);
}

/** A member of a stable group of its own. */
async function alone(client: RawClient, more: InferInput<typeof JoinGroupRequest> = {}): Promise<Member> {
  const first = await join(client, more);
  const member = first.error === "NONE" ? first : await join(client, { ...more, memberId: first.memberId });
  expect((await sync(client, member, [member.memberId])).text).toBe(`for ${member.memberId}`);
  return member;
}

async function describeGroup(client: RawClient, groupId = "g", version = 6) {
  const { groups } = await client.ask(DescribeGroupsRequest, DescribeGroupsResponse, version, {
    groups: [groupId],
  });
  const [group] = groups;
  if (group === undefined) throw new Error("it was not answered");
  return { ...group, error: nameOf(group.errorCode) };
}

describe("JoinGroup", () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])("begins a generation in version %i", async (version) => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    let answer = await join(client, {}, version);
    expect(answer.error).toBe(version < 4 ? "NONE" : "MEMBER_ID_REQUIRED");
    if (version >= 4) answer = await join(client, { memberId: answer.memberId }, version);
    expect(answer).toMatchObject({
      error: "NONE",
      generationId: 1,
      protocolName: "range",
      protocolType: version < 7 ? null : "consumer",
      leader: answer.memberId,
      members: [{ memberId: answer.memberId, metadata: SUBSCRIPTION }],
    });
    expect(answer.memberId).toMatch(/^raw-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(cluster.failures).toEqual([]);
  });

  it.each([
    ["no group", { groupId: "" }, "INVALID_GROUP_ID"],
    ["too short a session", { sessionTimeoutMs: 5999 }, "INVALID_SESSION_TIMEOUT"],
    ["too long a session", { sessionTimeoutMs: 1_800_001 }, "INVALID_SESSION_TIMEOUT"],
    ["an id of nobody", { memberId: "x" }, "UNKNOWN_MEMBER_ID"],
  ])("refuses %s", async (_, more, error) => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    expect(await join(client, more)).toMatchObject({
      error,
      memberId: "memberId" in more ? more.memberId : "",
    });
  });

  it("waits for the other members, until their time is up", async () => {
    await using cluster = await started();
    using first = await RawClient.to(cluster);
    using second = await RawClient.to(cluster);
    const leader = await alone(first);
    second.send(JoinGroupRequest, 3, joining());
    const answer = joined(second, 3);
    await expect.poll(() => heartbeat(first, leader)).toBe("REBALANCE_IN_PROGRESS");
    await cluster.clock.advance(8000);
    expect(await heartbeat(first, leader)).toBe("REBALANCE_IN_PROGRESS");
    await cluster.clock.advance(8000);
    expect(await heartbeat(first, leader)).toBe("REBALANCE_IN_PROGRESS");
    await cluster.clock.advance(8000);
    expect(await heartbeat(first, leader)).toBe("REBALANCE_IN_PROGRESS");
    await cluster.clock.advance(6000);
    const { generationId, leader: next, memberId } = await answer;
    expect([generationId, next]).toEqual([2, memberId]);
    expect(await heartbeat(first, leader)).toBe("UNKNOWN_MEMBER_ID");
  });

  it("waits for more members at first where that is configured", async () => {
    await using cluster = await started({ configs: { "group.initial.rebalance.delay.ms": "3000" } });
    using first = await RawClient.to(cluster);
    using second = await RawClient.to(cluster);
    first.send(JoinGroupRequest, 3, joining());
    const one = joined(first, 3);
    await cluster.clock.advance(2999);
    second.send(JoinGroupRequest, 3, joining());
    const two = joined(second, 3);
    await cluster.clock.advance(3001);
    expect((await one).members).toHaveLength(2);
    expect((await two).generationId).toBe(1);
  });

  it("moves with the coordinator: who waits asks the next one", async () => {
    await using cluster = await started({
      brokers: 2,
      configs: { "offsets.topic.replication.factor": "2" },
    });
    cluster.moveCoordinator("group", "g", 1);
    using first = await RawClient.to(cluster, 1);
    using second = await RawClient.to(cluster, 1);
    using elsewhere = await RawClient.to(cluster, 2);
    expect((await join(elsewhere)).error).toBe("NOT_COORDINATOR");
    const leader = await alone(first);
    const { memberId } = await join(second);
    second.send(JoinGroupRequest, 9, joining({ memberId }));
    const answer = joined(second, 9);
    await expect.poll(() => heartbeat(first, leader)).toBe("REBALANCE_IN_PROGRESS");
    cluster.moveCoordinator("group", "g", 2);
    expect((await answer).error).toBe("NOT_COORDINATOR");
    expect(await heartbeat(first, leader)).toBe("NOT_COORDINATOR");
    const again = await join(elsewhere, { memberId: leader.memberId });
    expect(again).toMatchObject({ error: "NONE", generationId: 2, memberId: leader.memberId });
  });

  it("outlives the coordinator: no session ends while there is none", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const member = await alone(client);
    await cluster.broker(1).stop();
    await cluster.clock.advance(60_000);
    await cluster.broker(1).start();
    using again = await RawClient.to(cluster);
    expect(await heartbeat(again, member)).toBe("NONE");
    await cluster.clock.advance(10_000);
    expect(await heartbeat(again, member)).toBe("UNKNOWN_MEMBER_ID");
  });

  it("fails where a fault says so", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    cluster.fault({ api: "JoinGroup", group: "g", error: "COORDINATOR_LOAD_IN_PROGRESS", count: 1 });
    expect((await join(client)).error).toBe("COORDINATOR_LOAD_IN_PROGRESS");
    expect((await join(client)).error).toBe("MEMBER_ID_REQUIRED");
  });
});

describe("SyncGroup", () => {
  it("needs the protocol from version 5 on, and a member", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const body = { groupId: "g", memberId: "x", generationId: 1 };
    const ask = async (version: number) =>
      nameOf((await client.ask(SyncGroupRequest, SyncGroupResponse, version, body)).errorCode);
    expect(await ask(5)).toBe("INCONSISTENT_GROUP_PROTOCOL");
    expect(await ask(4)).toBe("UNKNOWN_MEMBER_ID");
    await alone(client);
    expect(await ask(0)).toBe("UNKNOWN_MEMBER_ID");
  });
});

describe("LeaveGroup", () => {
  it("is of one member until version 2, and of several after", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const leave = async (memberId: string) =>
      nameOf(
        (await client.ask(LeaveGroupRequest, LeaveGroupResponse, 2, { groupId: "g", memberId })).errorCode,
      );
    expect(await leave("x")).toBe("UNKNOWN_MEMBER_ID");
    const { memberId } = await alone(client);
    expect(await leave(memberId)).toBe("NONE");
    await alone(client, { groupInstanceId: "i" });
    const response = await client.ask(LeaveGroupRequest, LeaveGroupResponse, 5, {
      groupId: "g",
      members: [{ memberId: "x" }, { memberId: "", groupInstanceId: "i", reason: "for a test" }],
    });
    expect(response).toMatchObject({
      errorCode: 0,
      members: [
        { memberId: "x", groupInstanceId: null, errorCode: 25 },
        { memberId: "", groupInstanceId: "i", errorCode: 0 },
      ],
    });
    expect(await describeGroup(client)).toMatchObject({ groupState: "Empty", members: [] });
  });
});

describe("members that commit", () => {
  it("have to be of the generation, and stay alive by it", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const { memberId, generationId } = await alone(client);
    const commit = async (generation: number, member = memberId): Promise<string> => {
      const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: "" }];
      const { topics } = await client.ask(OffsetCommitRequest, OffsetCommitResponse, 9, {
        groupId: "g",
        memberId: member,
        generationIdOrMemberEpoch: generation,
        topics: [{ name: "t", partitions }],
      });
      return nameOf(topics[0]?.partitions[0]?.errorCode ?? -1);
    };
    for (let seconds = 0; seconds < 30; seconds += 6) {
      await cluster.clock.advance(6000);
      expect(await commit(generationId)).toBe("NONE");
    }
    expect(await commit(generationId + 1)).toBe("ILLEGAL_GENERATION");
    expect(await commit(generationId, "x")).toBe("UNKNOWN_MEMBER_ID");
    expect(await commit(-1, "")).toBe("UNKNOWN_MEMBER_ID");
    await join(client, { memberId });
    expect(await commit(generationId + 1)).toBe("REBALANCE_IN_PROGRESS");
  });

  it("keep the offsets of what they subscribe to", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    await alone(client);
    const partitions = [{ partitionIndex: 0 }];
    const response = await client.ask(OffsetDeleteRequest, OffsetDeleteResponse, 0, {
      groupId: "g",
      topics: [
        { name: "t", partitions },
        { name: "u", partitions },
      ],
    });
    expect(response).toMatchObject({
      errorCode: 0,
      topics: [
        { name: "t", partitions: [{ errorCode: 86 }] },
        { name: "u", partitions: [{ errorCode: 0 }] },
      ],
    });
  });
});

describe("admins", () => {
  it("see groups with their members", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    expect(await describeGroup(client)).toMatchObject({
      error: "GROUP_ID_NOT_FOUND",
      errorMessage: "Group g not found.",
      groupState: "Dead",
    });
    expect(await describeGroup(client, "g", 5)).toMatchObject({ error: "NONE", groupState: "Dead" });
    const { memberId } = await alone(client, { groupInstanceId: "i" });
    expect(await describeGroup(client)).toMatchObject({
      error: "NONE",
      groupState: "Stable",
      protocolType: "consumer",
      protocolData: "range",
      members: [
        {
          memberId,
          groupInstanceId: "i",
          clientId: "raw",
          clientHost: "/memory",
          memberMetadata: SUBSCRIPTION,
          memberAssignment: new TextEncoder().encode(`for ${memberId}`),
        },
      ],
    });
    await join(client, { memberId, groupInstanceId: "i" });
    expect(await describeGroup(client)).toMatchObject({
      groupState: "CompletingRebalance",
      protocolData: "",
      members: [{ memberId, memberMetadata: new Uint8Array(0) }],
    });
  });

  it("list groups by state and kind, each at its coordinator", async () => {
    await using cluster = await started({ brokers: 2 });
    cluster.moveCoordinator("group", "g", 1);
    using client = await RawClient.to(cluster, 1);
    using other = await RawClient.to(cluster, 2);
    await alone(client);
    const partitions = [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: "" }];
    await client.ask(OffsetCommitRequest, OffsetCommitResponse, 9, {
      groupId: "h",
      topics: [{ name: "t", partitions }],
    });
    const list = async (statesFilter: string[], typesFilter: string[], from = client) => {
      const body = { statesFilter, typesFilter };
      const { groups } = await from.ask(ListGroupsRequest, ListGroupsResponse, 5, body);
      return groups.map((group) => Object.values(group).join(" "));
    };
    expect(await list([], [])).toEqual(["g consumer Stable classic", "h  Empty classic"]);
    expect(await list(["stable", "Dead"], [])).toEqual(["g consumer Stable classic"]);
    expect(await list([], ["consumer"])).toEqual([]);
    expect(await list([], ["Classic"])).toHaveLength(2);
    expect(await list(["Nothing"], [])).toEqual([]);
    expect(await list([], [], other)).toEqual([]);
  });

  it("delete groups that have no members", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const { memberId } = await alone(client);
    const remove = async () => {
      const body = { groupsNames: ["g", "g", "h"] };
      const { results } = await client.ask(DeleteGroupsRequest, DeleteGroupsResponse, 2, body);
      return results.map(({ groupId, errorCode }) => [groupId, nameOf(errorCode)]);
    };
    const unknown = ["h", "GROUP_ID_NOT_FOUND"];
    expect(await remove()).toEqual([["g", "NON_EMPTY_GROUP"], unknown]);
    await client.ask(LeaveGroupRequest, LeaveGroupResponse, 5, { groupId: "g", members: [{ memberId }] });
    expect(await remove()).toEqual([["g", "NONE"], unknown]);
    expect(await remove()).toEqual([["g", "GROUP_ID_NOT_FOUND"], unknown]);
  });
});
