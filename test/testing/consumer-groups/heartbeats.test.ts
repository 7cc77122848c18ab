/** Groups of the consumer protocol, as their members see them. */

import { describe, expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
} from "../../../src/protocol/messages/find-coordinator.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../../src/protocol/messages/offset-commit.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";
import { describeGroup, RawMember } from "./raw-member.ts";

const SESSION_MS = 45_000;
/** Targets are computed for every change, and not only every second. */
const AT_ONCE = { "group.consumer.assignment.interval.ms": "0" };

interface Stage {
  readonly cluster: TestCluster;
  readonly client: RawClient;
  readonly member: (memberId: string, version?: number) => RawMember;
}

async function onStage(options: TestClusterOptions, play: (stage: Stage) => Promise<void>): Promise<void> {
  const isNew = (options.as ?? "4.4") === "4.4";
  await using cluster = await TestCluster.start({
    network: "memory",
    time: "manual",
    topics: { t: 4 },
    ...options,
    configs: { ...(isNew ? AT_ONCE : {}), ...options.configs },
  });
  using client = await RawClient.to(cluster);
  const member = (memberId: string, version = 1) => new RawMember(client, cluster, { memberId, version });
  await play({ cluster, client, member });
  expect(cluster.failures).toEqual([]);
}

const all = { t: [0, 1, 2, 3] };

describe("a group of the consumer protocol", () => {
  it.each(["4.0", "4.1", "4.4"] as const)("gives the first member everything, as %s", (as) =>
    onStage({ as }, async ({ member, client }) => {
      const first = as === "4.4" ? 2 : 1;
      const a = member("a");
      expect(await a.join()).toEqual({ error: "NONE", epoch: first, assigned: all });
      expect(await a.beat()).toEqual({ error: "NONE", epoch: first, assigned: null });
      expect(await describeGroup(client)).toMatchObject({
        groupState: "Stable",
        groupEpoch: first,
        assignmentEpoch: first,
        assignorName: "uniform",
        members: [{ memberId: "a", memberEpoch: first, subscribedTopicNames: ["t"], memberType: 1 }],
      });
    }),
  );

  it("takes partitions from one member before another gets them", () =>
    onStage({}, async ({ member, client }) => {
      const [a, b] = [member("a"), member("b")];
      await a.join();
      expect(await b.join()).toEqual({ error: "NONE", epoch: 3, assigned: {} });
      expect(await describeGroup(client)).toMatchObject({ groupState: "Reconciling", groupEpoch: 3 });
      // The first member stays where it is until it has given up what is the other's now.
      expect(await a.beat()).toEqual({ error: "NONE", epoch: 2, assigned: { t: [0, 1] } });
      expect(await a.owns(all)).toEqual({ error: "NONE", epoch: 2, assigned: null });
      expect(await b.beat()).toEqual({ error: "NONE", epoch: 3, assigned: null });
      expect(await a.owns({ t: [0, 1] })).toEqual({ error: "NONE", epoch: 3, assigned: null });
      expect(await b.beat()).toEqual({ error: "NONE", epoch: 3, assigned: { t: [2, 3] } });
      expect(await describeGroup(client)).toMatchObject({ groupState: "Stable" });
    }));

  it("gives what a member had to the others once it has left", () =>
    onStage({}, async ({ member, client }) => {
      const [a, b] = [member("a"), member("b")];
      await a.join();
      await b.join();
      expect(await a.leave()).toEqual({ error: "NONE", epoch: -1, assigned: null });
      expect(await b.beat()).toEqual({ error: "NONE", epoch: 4, assigned: all });
      await b.leave();
      expect(await describeGroup(client)).toMatchObject({ groupState: "Empty", members: [] });
    }));

  it("computes targets at most once in an interval", () =>
    onStage({ configs: { "group.consumer.assignment.interval.ms": "1000" } }, async (stage) => {
      const [a, b] = [stage.member("a"), stage.member("b")];
      await a.join();
      expect(await b.join()).toEqual({ error: "NONE", epoch: 2, assigned: {} });
      expect(await describeGroup(stage.client)).toMatchObject({ groupState: "Assigning" });
      await stage.cluster.clock.advance(1000);
      expect(await a.beat()).toMatchObject({ assigned: { t: [0, 1] } });
    }));

  it("removes a member that is not heard of, and knows it no more", () =>
    onStage({}, async ({ cluster, member }) => {
      const [a, b] = [member("a"), member("b")];
      await a.join();
      await cluster.clock.advance(SESSION_MS - 1000);
      await b.join();
      await cluster.clock.advance(1000);
      expect(await b.beat()).toMatchObject({ epoch: 4, assigned: all });
      expect(await a.beat()).toMatchObject({ error: "UNKNOWN_MEMBER_ID" });
    }));

  it("removes a member that does not give up in time what it is to give up", () =>
    onStage({}, async ({ cluster, member }) => {
      const [a, b] = [member("a"), member("b")];
      await a.join({ rebalanceTimeoutMs: 10_000 });
      await b.join();
      await a.beat();
      await cluster.clock.advance(9_999);
      expect(await a.owns(all)).toMatchObject({ error: "NONE" });
      await cluster.clock.advance(1);
      expect(await a.beat()).toMatchObject({ error: "UNKNOWN_MEMBER_ID" });
      expect(await b.beat()).toMatchObject({ assigned: all });
    }));

  it("fences members at another epoch, unless they missed an answer", () =>
    onStage({}, async ({ member }) => {
      const a = member("a");
      await a.join();
      expect(await a.beat({ memberEpoch: 7 })).toMatchObject({ error: "FENCED_MEMBER_EPOCH" });
      expect(await a.beat({ memberEpoch: 1 })).toMatchObject({ error: "FENCED_MEMBER_EPOCH" });
      // The answer to its join did not come: it owns nothing, and is told everything again.
      a.epoch = 0;
      expect(await a.join()).toEqual({ error: "NONE", epoch: 2, assigned: all });
      await member("b").join();
      await a.beat();
      await a.owns({ t: [0, 1] });
      expect(a.epoch).toBe(3);
      expect(await a.owns({ t: [0, 1] }, { memberEpoch: 2 })).toMatchObject({ error: "NONE", epoch: 3 });
      expect(await a.owns(all, { memberEpoch: 2 })).toMatchObject({ error: "FENCED_MEMBER_EPOCH" });
    }));

  it("notices topics that are made, enlarged and deleted", () =>
    onStage({ topics: {} }, async ({ cluster, member }) => {
      const a = member("a");
      expect(await a.join({ subscribedTopicNames: ["t", "u"] })).toMatchObject({ assigned: {} });
      cluster.createTopic("t", { partitions: 2 });
      expect(await a.beat()).toMatchObject({ epoch: 3, assigned: { t: [0, 1] } });
      cluster.createTopic("u", { partitions: 1 });
      expect(await a.beat()).toMatchObject({ epoch: 4, assigned: { t: [0, 1], u: [0] } });
      cluster.createTopic("unrelated");
      expect(await a.beat()).toMatchObject({ epoch: 4, assigned: null });
      a.owned = { t: [0, 1] };
      cluster.deleteTopic("u");
      expect(await a.beat()).toMatchObject({ epoch: 4, assigned: { t: [0, 1] } });
      expect(await a.settle()).toEqual({ t: [0, 1] });
    }));

  it("moves partitions when a subscription changes", () =>
    onStage({ topics: { t: 2, u: 2 } }, async ({ member }) => {
      const [a, b] = [member("a"), member("b")];
      await a.join({ subscribedTopicNames: ["t", "u"] });
      await b.join({ subscribedTopicNames: ["u"] });
      a.owned = { t: [0, 1], u: [0, 1] };
      await a.settle();
      await b.settle();
      expect(a.owned).toEqual({ t: [0, 1] });
      expect(b.owned).toEqual({ u: [0, 1] });
      expect(await a.beat({ subscribedTopicNames: ["u"] })).toMatchObject({ assigned: {} });
      await a.owns({});
      await b.settle();
      await a.settle();
      expect([a.owned, b.owned]).toEqual([{ u: [1] }, { u: [0] }]);
    }));

  it("makes ids for members of version 0 that come without one", () =>
    onStage({}, async ({ member }) => {
      const a = member("", 0);
      expect(await a.join()).toMatchObject({ error: "NONE", assigned: all });
      expect(a.memberId).not.toBe("");
      expect(await member("", 1).join()).toMatchObject({ error: "INVALID_REQUEST" });
    }));

  it("takes no more members than it may", () =>
    onStage({ configs: { "group.consumer.max.size": "1" } }, async ({ member }) => {
      const a = member("a");
      await a.join();
      expect(await member("b").join()).toMatchObject({ error: "GROUP_MAX_SIZE_REACHED" });
      expect(await a.beat()).toMatchObject({ error: "NONE" });
    }));

  it("assigns as most members ask it to", () =>
    onStage({}, async ({ member, client }) => {
      const [a, b] = [member("a"), member("b")];
      await a.join({ serverAssignor: "range" });
      expect(await describeGroup(client)).toMatchObject({ assignorName: "range" });
      expect(await b.join({ serverAssignor: "nonsense" })).toMatchObject({ error: "UNSUPPORTED_ASSIGNOR" });
      expect(await a.beat({ serverAssignor: "uniform" })).toMatchObject({ epoch: 3 });
      expect(await describeGroup(client)).toMatchObject({ assignorName: "uniform" });
    }));

  it.each([
    ["no group id", { groupId: " " }],
    ["an empty instance id", { instanceId: "" }],
    ["an empty rack", { rackId: "" }],
    ["no time to give up partitions", { rebalanceTimeoutMs: -1 }],
    ["nothing said of what it owns", { topicPartitions: null }],
    ["no subscription", { subscribedTopicNames: null }],
    ["an epoch that there is not", { memberEpoch: -3 }],
    ["a static member's leave without its instance id", { memberEpoch: -2 }],
  ])("refuses a join with %s", (_what, more) =>
    onStage({}, async ({ member }) => {
      expect(await member("a").join(more)).toMatchObject({ error: "INVALID_REQUEST" });
    }),
  );

  it("goes on with another coordinator, with whole sessions", () =>
    onStage(
      { brokers: 2, configs: { "offsets.topic.num.partitions": "1" } },
      async ({ cluster, client, member }) => {
        const groupId = "g";
        await client.ask(FindCoordinatorRequest, FindCoordinatorResponse, 4, { coordinatorKeys: [groupId] });
        cluster.moveCoordinator("group", groupId, 1);
        const a = member("a");
        await a.join();
        await cluster.clock.advance(SESSION_MS - 1);
        cluster.moveCoordinator("group", groupId, 2);
        expect(await a.beat()).toMatchObject({ error: "NOT_COORDINATOR" });
        using other = await RawClient.to(cluster, 2);
        const same = new RawMember(other, cluster, { memberId: "a" });
        await cluster.clock.advance(SESSION_MS - 1);
        expect(await same.beat({ memberEpoch: 2 })).toMatchObject({ error: "NONE", epoch: 2 });
        await cluster.clock.advance(SESSION_MS);
        expect(await same.beat()).toMatchObject({ error: "UNKNOWN_MEMBER_ID" });
      },
    ));

  it("is not there for who does not join it", () =>
    onStage({}, async ({ member }) => {
      expect(await member("a").beat({ memberEpoch: 3 })).toMatchObject({ error: "GROUP_ID_NOT_FOUND" });
      expect(await member("a").leave()).toMatchObject({ error: "GROUP_ID_NOT_FOUND" });
    }));

  it.each([
    ["3.9", {}],
    ["4.4", { "group.coordinator.rebalance.protocols": "classic" }],
  ] as const)("is not to be had as %s with %o", (as, configs) =>
    onStage({ as, configs }, async ({ member }) => {
      expect(await member("a", 0).join()).toMatchObject({ error: "UNSUPPORTED_VERSION" });
    }),
  );
});

describe("a member that commits", () => {
  async function commit(client: RawClient, memberId: string, epoch: number, partitionIndex: number) {
    const { topics } = await client.ask(OffsetCommitRequest, OffsetCommitResponse, 9, {
      groupId: "g",
      memberId,
      generationIdOrMemberEpoch: epoch,
      topics: [{ name: "t", partitions: [{ partitionIndex, committedOffset: 1n, committedMetadata: "" }] }],
    });
    return errorCodeOf(topics[0]?.partitions[0]?.errorCode ?? -1).name;
  }

  it.each([
    ["4.1", "STALE_MEMBER_EPOCH"],
    ["4.4", "NONE"],
  ] as const)("may be an epoch behind where it kept the partition, as %s: %s", (as, expected) =>
    onStage({ as }, async ({ member, client }) => {
      const a = member("a");
      await a.join();
      const { epoch } = a;
      await member("b").join();
      a.owned = all;
      await a.settle();
      expect(a.epoch).toBe(epoch + 1);
      expect(await commit(client, "a", epoch + 1, 0)).toBe("NONE");
      expect(await commit(client, "a", epoch, 0)).toBe(expected);
      // That one is another's now.
      expect(await commit(client, "a", epoch, 3)).toBe("STALE_MEMBER_EPOCH");
      expect(await commit(client, "a", epoch + 2, 0)).toBe("STALE_MEMBER_EPOCH");
      expect(await commit(client, "b", epoch, 3)).toBe("STALE_MEMBER_EPOCH");
      expect(await commit(client, "nobody", epoch, 0)).toBe("UNKNOWN_MEMBER_ID");
    }),
  );
});

describe("a static member", () => {
  const instanceId = "one";

  it("gets what it had when it comes back, and nobody else does meanwhile", () =>
    onStage({}, async ({ member, client }) => {
      const [a, b] = [member("a"), member("b")];
      await a.join({ instanceId });
      await b.join();
      a.owned = all;
      await a.settle();
      await b.settle();
      const had = a.owned;
      expect(await a.leave(-2, { instanceId })).toMatchObject({ error: "NONE", epoch: -2 });
      expect(await b.beat()).toMatchObject({ assigned: null });
      const again = member("c");
      expect(await again.join({ instanceId })).toEqual({ error: "NONE", epoch: 3, assigned: had });
      expect(await describeGroup(client)).toMatchObject({ groupEpoch: 3 });
      expect(await a.beat({ instanceId, memberEpoch: 3 })).toMatchObject({ error: "FENCED_INSTANCE_ID" });
    }));

  it("is removed when it does not come back in time", () =>
    onStage({}, async ({ member, cluster }) => {
      const [a, b] = [member("a"), member("b")];
      await a.join({ instanceId });
      await a.leave(-2, { instanceId });
      await cluster.clock.advance(SESSION_MS / 2);
      await b.join();
      expect(await b.beat()).toMatchObject({ assigned: null });
      await cluster.clock.advance(SESSION_MS / 2);
      expect(await b.beat()).toMatchObject({ assigned: all });
    }));

  it("keeps its place as long as it has not left", () =>
    onStage({}, async ({ member }) => {
      const a = member("a");
      await a.join({ instanceId });
      expect(await member("b").join({ instanceId })).toMatchObject({ error: "UNRELEASED_INSTANCE_ID" });
      expect(await member("a").leave(-1, { instanceId: "other" })).toMatchObject({
        error: "UNKNOWN_MEMBER_ID",
      });
      expect(await a.leave(-1, { instanceId })).toMatchObject({ error: "NONE" });
      expect(await member("b").join({ instanceId })).toMatchObject({ error: "NONE", assigned: all });
    }));
});

describe("a subscription by pattern", () => {
  const byPattern = (pattern: string) => ({ subscribedTopicNames: null, subscribedTopicRegex: pattern });

  it("is known with the heartbeat after the one that brought it", () =>
    onStage({ topics: { t: 1, "t-2": 1, u: 1 } }, async ({ member, client }) => {
      const a = member("a");
      expect(await a.join(byPattern("t.*"))).toMatchObject({ error: "NONE", assigned: {} });
      expect(await a.beat()).toMatchObject({ assigned: { t: [0], "t-2": [0] } });
      expect(await describeGroup(client)).toMatchObject({
        members: [{ subscribedTopicNames: [], subscribedTopicRegex: "t.*" }],
      });
      const b = member("b");
      await b.join(byPattern("t.*"));
      expect(await describeGroup(client)).toMatchObject({ groupState: "Reconciling" });
    }));

  it("finds new topics at most every ten seconds", () =>
    onStage({ topics: { t: 1 } }, async ({ member, cluster }) => {
      const a = member("a");
      await a.join(byPattern("t.*"));
      await a.beat();
      cluster.createTopic("t-2");
      await a.beat();
      expect(await a.beat()).toMatchObject({ assigned: null });
      await cluster.clock.advance(10_001);
      await a.beat();
      expect(await a.beat()).toMatchObject({ assigned: { t: [0], "t-2": [0] } });
    }));

  it("ends with an empty one", () =>
    onStage({ topics: { t: 1, u: 1 } }, async ({ member }) => {
      const a = member("a");
      await a.join(byPattern("t"));
      await a.beat();
      expect(
        await a.owns({ t: [0] }, { subscribedTopicRegex: "", subscribedTopicNames: ["u"] }),
      ).toMatchObject({
        assigned: {},
      });
      expect(await a.owns({})).toMatchObject({ assigned: { u: [0] } });
    }));

  it.each(["(", "a**", "(?=a)", "a\\1", "\\"])("is refused where RE2 does not take it: %s", (pattern) =>
    onStage({}, async ({ member, client }) => {
      expect(await member("a").join(byPattern(pattern))).toMatchObject({
        error: "INVALID_REGULAR_EXPRESSION",
      });
      expect((await describeGroup(client)).errorMessage).toMatch("not found");
    }),
  );
});
