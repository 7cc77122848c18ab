/** The edge of a classic member, in virtual time: its requests in old and new versions, and a network that fails. */

import { beforeEach, describe, expect, it } from "vitest";
import {
  api,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  Metadata,
  SyncGroup,
} from "../../../../src/client/api.ts";
import type { TopicPartition } from "../../../../src/client/consumer/assignment.ts";
import { ClassicMembership } from "../../../../src/client/consumer/group/classic-membership.ts";
import { GroupCoordinator } from "../../../../src/client/consumer/group/group-coordinator.ts";
import { Coordinators } from "../../../../src/client/coordinators.ts";
import { Deadline } from "../../../../src/client/retry.ts";
import {
  DescribeGroupsRequest,
  DescribeGroupsResponse,
} from "../../../../src/protocol/messages/describe-groups.ts";
import {
  type JoinReply,
  ModelCoordinator,
  type SyncReply,
} from "../../../group/classic/model-coordinator.ts";
import { dealer } from "../../../support/dealer.ts";
import { silence } from "../../../support/fake-broker.ts";
import { FakeCluster } from "../../../support/fake-cluster.ts";
import { clusterFor, FakeLogger } from "../../../support/fake-kafka.ts";

const SESSION_TIMEOUT_MS = 10_000;
const DescribeGroups = api(DescribeGroupsRequest, DescribeGroupsResponse);

/** Serves a group, on the only broker there is. */
function serve(cluster: FakeCluster, requiresMemberId: boolean): void {
  const { clock } = cluster.platform;
  const broker = cluster.broker(1);
  const scheduler = {
    get nowMs() {
      return clock.monotonicMs();
    },
    after: (delayMs: number, run: () => void) => void clock.setTimer(delayMs, run, { background: true }),
  };
  const group = new ModelCoordinator(scheduler, {
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    rebalanceTimeoutMs: 60_000,
    requiresMemberId,
  });
  const place = { nodeId: 1, host: "b1", port: 9092 };
  broker.handle(FindCoordinator, ({ body, version }) =>
    version < 4 ? place : { coordinators: body.coordinatorKeys.map((key) => ({ key, ...place })) },
  );
  broker.handle(JoinGroup, async ({ body, version }) => {
    const { memberId, groupInstanceId, protocols } = body;
    const metadata = protocols[0]?.metadata ?? new Uint8Array();
    const reply = await new Promise<JoinReply>((resolve) =>
      group.join({ memberId, groupInstanceId, metadata }, resolve),
    );
    const { skipsAssignment: skipAssignment, members, ...rest } = reply;
    return {
      ...rest,
      protocolName: reply.errorCode === 0 ? "dealer" : version < 7 ? "" : null,
      members: [...members],
      ...(version < 9 ? {} : { skipAssignment }),
    };
  });
  broker.handle(SyncGroup, async ({ body }) => {
    const assignments = new Map(body.assignments.map((each) => [each.memberId, each.assignment]));
    return await new Promise<SyncReply>((resolve) => group.sync({ ...body, assignments }, resolve));
  });
  broker.handle(Heartbeat, ({ body }) => ({ errorCode: group.heartbeat(body) }));
  broker.handle(LeaveGroup, ({ body, version }) => {
    for (const id of version < 3 ? [body.memberId] : body.members.map(({ memberId }) => memberId))
      group.leave(id);
    return {};
  });
}

describe("the membership in a classic group", () => {
  let fake: FakeCluster;
  let lines: string[];
  let failures: Error[];

  beforeEach(() => {
    fake = new FakeCluster(1);
    fake.createTopic("orders", 3);
    lines = [];
    failures = [];
  });

  function member(groupInstanceId: string | null = null): ClassicMembership {
    const cluster = clusterFor(fake);
    const coordinators = new Coordinators(cluster, 30_000);
    const coordinator = new GroupCoordinator(cluster, coordinators, "billing", 30_000);
    const say = (what: string) => async (partitions: readonly TopicPartition[]) =>
      void lines.push(`${what} ${partitions.length}`);
    return new ClassicMembership({
      cluster,
      coordinator,
      config: {
        groupInstanceId,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        heartbeatIntervalMs: 1000,
        maxPollIntervalMs: 60_000,
      },
      requestTimeoutMs: 30_000,
      metadataMaxAgeMs: 5000,
      assignors: [dealer("cooperative", "dealer")],
      host: {
        assignment: () => [],
        revoke: say("revoke"),
        lose: say("lose"),
        suspend: () => void lines.push("suspend"),
        resume: () => void lines.push("resume"),
        assign: say("assign"),
        failed: (error) => void failures.push(error),
      },
      logger: new FakeLogger(),
      rackId: null,
    });
  }

  const subscription = { topics: ["orders"], pattern: null };
  const broker = () => fake.broker(1);

  it("is joined, kept and ended with Kafka of today", async () => {
    serve(fake, true);
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(5000);
    expect(lines).toEqual(["assign 3"]);
    expect(membership.state).toBe("stable");
    expect(membership.metadata).toEqual({
      groupId: "billing",
      memberId: "member-1",
      generationId: 1,
      groupInstanceId: null,
    });
    expect(
      broker()
        .of(JoinGroup)
        .map(({ body }) => [body.memberId, body.rebalanceTimeoutMs]),
    ).toEqual([
      ["", 60_000],
      ["member-1", 60_000],
    ]);
    expect(broker().of(Heartbeat).length).toBeGreaterThanOrEqual(5);
    const deadline = new Deadline(fake.platform.clock, 1000);
    await fake.platform.run(membership.leave({ deadline, reason: "it is enough", staysMember: false }));
    expect(
      broker()
        .of(LeaveGroup)
        .map(({ body }) => body.members),
    ).toEqual([[{ memberId: "member-1", groupInstanceId: null, reason: "it is enough" }]]);
    expect(membership.state).toBe("ended");
    expect(failures).toEqual([]);
  });

  it("is joined, kept and ended with Kafka of the past", async () => {
    serve(fake, false);
    for (const [api, highest] of [
      [JoinGroup, 3],
      [SyncGroup, 2],
      [Heartbeat, 2],
      [LeaveGroup, 2],
      [FindCoordinator, 2],
    ] as const)
      broker().versions.set(api.apiKey, { lowest: 0, highest });
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(5000);
    expect(lines).toEqual(["assign 3"]);
    const deadline = new Deadline(fake.platform.clock, 1000);
    await fake.platform.run(membership.leave({ deadline, reason: "it is enough", staysMember: false }));
    expect(
      broker()
        .of(LeaveGroup)
        .map(({ body }) => body.memberId),
    ).toEqual(["member-1"]);
    const fixed = member("a");
    fixed.subscribe(subscription);
    await fake.platform.clock.advance(1000);
    expect(failures).toMatchObject([{ code: "UNSUPPORTED_VERSION" }]);
  });

  it("hands nothing out when the coordinator is not heard of for a session, and loses all after another", async () => {
    serve(fake, true);
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(5000);
    broker().stop();
    await fake.platform.clock.advance(8900);
    expect(lines).toEqual(["assign 3"]);
    await fake.platform.clock.advance(1200);
    expect(lines).toEqual(["assign 3", "suspend"]);
    expect(membership.metadata).toMatchObject({ memberId: "member-1", generationId: 1 });
    await fake.platform.clock.advance(SESSION_TIMEOUT_MS);
    expect(lines).toEqual(["assign 3", "suspend", "lose 3", "resume"]);
    expect(membership.metadata).toMatchObject({ memberId: "", generationId: -1 });
    broker().start();
    await fake.platform.clock.advance(20_000);
    expect(lines).toEqual(["assign 3", "suspend", "lose 3", "resume", "assign 3"]);
    expect(failures).toEqual([]);
  });

  it("goes on where it was, when the next coordinator has it still", async () => {
    serve(fake, true);
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(5000);
    let isAway = true;
    broker().handle(Heartbeat, () => (isAway ? silence : { errorCode: 0 }));
    await fake.platform.clock.advance(SESSION_TIMEOUT_MS);
    expect(lines).toEqual(["assign 3", "suspend"]);
    isAway = false;
    await fake.platform.clock.advance(4000);
    expect(lines).toEqual(["assign 3", "suspend", "resume"]);
    expect(membership.metadata).toMatchObject({ memberId: "member-1", generationId: 1 });
  });

  it("keeps its coordinator where all connections have died, and is heard in the same session", async () => {
    serve(fake, true);
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(5000);
    const dead = new Set(fake.brokers.flatMap(({ requests }) => requests.map(({ peer }) => peer)));
    for (const each of fake.brokers) {
      each.handle(Heartbeat, ({ peer }) => (dead.has(peer) ? silence : undefined));
      each.handle(FindCoordinator, ({ peer }) => (dead.has(peer) ? silence : undefined));
      each.handle(Metadata, ({ peer }) => (dead.has(peer) ? silence : undefined));
    }
    await fake.platform.clock.advance(6000);
    expect(
      broker()
        .of(Heartbeat)
        .filter(({ peer }) => !dead.has(peer)).length,
    ).toBeGreaterThan(0);
    await fake.platform.clock.advance(SESSION_TIMEOUT_MS);
    expect(lines).toEqual(["assign 3"]);
  });

  it("sees soon that a coordinator which keeps its first JoinGroup back has no reason to, with Kafka of the past", async () => {
    serve(fake, false);
    for (const [api, highest] of [
      [JoinGroup, 3],
      [DescribeGroups, 1],
      [FindCoordinator, 2],
    ] as const)
      broker().versions.set(api.apiKey, { lowest: 0, highest });
    let groupState = "PreparingRebalance";
    let isFirst = true;
    broker().handle(DescribeGroups, ({ body }) => ({
      groups: body.groups.map((groupId) => ({
        errorCode: 0,
        groupId,
        groupState,
        protocolType: "consumer",
        protocolData: "",
        members: [],
      })),
    }));
    broker().handle(JoinGroup, () => {
      if (!isFirst) return undefined;
      isFirst = false;
      return silence;
    });
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(20_000);
    // The group waits for others to join.
    expect(broker().of(JoinGroup)).toHaveLength(1);
    groupState = "Empty";
    await fake.platform.clock.advance(12_000);
    expect(membership.state).toBe("stable");
    expect(broker().of(JoinGroup)).toHaveLength(2);
  });

  it("joins again over another connection when JoinGroup is not answered for half a session", async () => {
    serve(fake, true);
    let isFirst = true;
    broker().handle(JoinGroup, ({ body }) => {
      if (body.memberId === "" || !isFirst) return undefined;
      isFirst = false;
      return silence;
    });
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(4900);
    expect(membership.state).toBe("joining");
    await fake.platform.clock.advance(1000);
    expect(membership.state).toBe("stable");
    const peers = broker()
      .of(JoinGroup)
      .map(({ peer }) => peer);
    expect(new Set(peers).size).toBe(2);
  });

  it("is led anew when a topic grows", async () => {
    serve(fake, true);
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(2000);
    fake.createTopic("orders", 5);
    await fake.platform.clock.advance(8000);
    expect(lines).toEqual(["assign 3", "assign 2"]);
    expect(membership.metadata.generationId).toBe(2);
  });

  it("ends in time though nobody hears of it", async () => {
    serve(fake, true);
    broker().handle(LeaveGroup, () => silence);
    const membership = member();
    membership.subscribe(subscription);
    await fake.platform.clock.advance(2000);
    const deadline = new Deadline(fake.platform.clock, 700);
    const before = fake.platform.clock.monotonicMs();
    await fake.platform.run(membership.leave({ deadline, reason: "it is enough", staysMember: false }));
    expect(fake.platform.clock.monotonicMs() - before).toBeLessThanOrEqual(700);
    expect(membership.state).toBe("ended");
  });
});
