/** An {@link OffsetCommitter} against real brokers, and the barest of members beside it. */

import { randomUUID } from "node:crypto";
import { type Api, ConsumerGroupHeartbeat, JoinGroup, SyncGroup } from "../../src/client/api.ts";
import type { Cluster } from "../../src/client/cluster.ts";
import { type AskOptions, GroupCoordinator } from "../../src/client/consumer/group/group-coordinator.ts";
import type { Membership } from "../../src/client/consumer/group/membership.ts";
import { OffsetCommitter } from "../../src/client/consumer/offsets/offset-committer.ts";
import type { Coordinators } from "../../src/client/coordinators.ts";
import type { OffsetToCommit } from "../../src/client/offset-to-commit.ts";
import type { RequestValue } from "../../src/client/request.ts";
import { Deadline } from "../../src/client/retry.ts";
import type { Fields } from "../../src/protocol/schema.ts";
import { withInternals } from "./internals.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const MEMBER_ID_REQUIRED = 79;
/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE and NOT_COORDINATOR. */
const MOVING: ReadonlySet<number> = new Set([14, 15, 16]);
const TIMEOUT_MS = 20_000;

/** As whom to commit; a test may change it. */
export class BareMember implements Pick<Membership, "metadata" | "commitRefused"> {
  readonly groupId: string;
  memberId: string;
  generationId: number;
  readonly refused: number[] = [];
  /** As a membership that waits for an answer which will tell more. Otherwise a refusal ends it. */
  isWaiting = false;

  constructor(groupId: string, memberId: string, generationId: number) {
    this.groupId = groupId;
    this.memberId = memberId;
    this.generationId = generationId;
  }

  get metadata() {
    const { groupId, memberId, generationId } = this;
    return { groupId, memberId, generationId, groupInstanceId: null };
  }

  commitRefused(errorCode: number): void {
    this.refused.push(errorCode);
    if (!this.isWaiting) this.generationId = -1;
  }
}

export interface CommitterUnderTest {
  readonly groupId: string;
  readonly internals: Cluster;
  readonly coordinator: GroupCoordinator;
  readonly coordinators: Coordinators;
  deadline(timeoutMs: number): Deadline;
  readonly committer: OffsetCommitter;
  /** Commits as this from now on; null, as at first, for nobody. */
  as(member: BareMember | null): void;
  commit(offsets: readonly OffsetToCommit[], timeoutMs?: number): Promise<void>;
  /** What is committed for partitions of a topic. */
  committed(
    topic: string,
    partitions: readonly number[],
    timeoutMs?: number,
  ): Promise<
    ({ readonly offset: bigint; readonly leaderEpoch: number | null; readonly metadata: string } | null)[]
  >;
}

export interface CommitterOptions {
  readonly groupId?: string;
  /** The highest version of any request. Default: what broker and client have in common. */
  readonly maxVersion?: number;
  readonly protocol?: "classic" | "consumer";
}

/** One that speaks to the coordinator as an older client would. */
class OlderCoordinator extends GroupCoordinator {
  maxVersion = Number.POSITIVE_INFINITY;

  override ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    value: RequestValue<Request>,
    options: AskOptions,
  ) {
    const maxVersion = Math.min(this.maxVersion, options.maxVersion ?? Number.POSITIVE_INFINITY);
    return super.ask(
      api,
      value,
      maxVersion === Number.POSITIVE_INFINITY ? options : { ...options, maxVersion },
    );
  }
}

/** Works with a committer of a group of its own. */
export function withCommitter(
  bootstrapServers: readonly string[],
  { groupId = `group-${randomUUID()}`, protocol = "classic", maxVersion }: CommitterOptions,
  work: (committer: CommitterUnderTest) => Promise<void>,
): Promise<void> {
  return withInternals(bootstrapServers, async ({ internals, coordinators }) => {
    const coordinator = new OlderCoordinator(internals, coordinators, groupId, 30_000);
    if (maxVersion !== undefined) coordinator.maxVersion = maxVersion;
    let member: BareMember | null = null;
    const committer = new OffsetCommitter({
      cluster: internals,
      coordinator,
      config: { groupProtocol: protocol },
      membership: () => member,
      logger: silent,
      observability: internals.observability,
    });
    const deadline = (timeoutMs: number): Deadline => new Deadline(internals.clock, timeoutMs);
    const within = (timeoutMs: number) => ({ deadline: deadline(timeoutMs) });
    await work({
      groupId,
      internals,
      coordinator,
      coordinators,
      deadline,
      committer,
      as: (other) => {
        member = other;
      },
      commit: (offsets, timeoutMs = TIMEOUT_MS) => committer.commit(offsets, within(timeoutMs)),
      committed: async (topic, partitions, timeoutMs = TIMEOUT_MS) => {
        const wanted = partitions.map((partition) => ({ topic, partition }));
        const found = await committer.committed(wanted, within(timeoutMs));
        return partitions.map((partition) => {
          const committed = found.get(`${topic}-${partition}`);
          if (committed === undefined) throw new Error(`nothing is said of ${topic}-${partition}`);
          if (committed === null) return null;
          const { offset, leaderEpoch, metadata } = committed;
          return { offset, leaderEpoch, metadata };
        });
      },
    });
  });
}

/** Asks again while there is no coordinator, as when the first group of a broker has just made its topic. */
async function whileItMoves<Response extends { readonly errorCode: number }>(
  internals: Cluster,
  deadline: Deadline,
  ask: () => Promise<{ readonly response: Response }>,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const { response } = await ask();
    if (!MOVING.has(response.errorCode)) return response;
    await internals.pause(
      attempt,
      { deadline },
      () => new Error(`error ${response.errorCode} does not pass`),
    );
  }
}

/** The only member of a classic group, until the group misses its heartbeats. */
export async function joinClassic({
  coordinator,
  internals,
  groupId,
}: CommitterUnderTest): Promise<BareMember> {
  const deadline = new Deadline(internals.clock, TIMEOUT_MS);
  const ask = (memberId: string) =>
    coordinator.ask(
      JoinGroup,
      {
        groupId,
        sessionTimeoutMs: 30_000,
        rebalanceTimeoutMs: 30_000,
        memberId,
        protocolType: "consumer",
        protocols: [{ name: "none", metadata: new Uint8Array() }],
      },
      { deadline, isLong: true },
    );
  let response = await whileItMoves(internals, deadline, () => ask(""));
  if (response.errorCode === MEMBER_ID_REQUIRED) ({ response } = await ask(response.memberId));
  const { errorCode, memberId, generationId } = response;
  if (errorCode !== 0) throw new Error(`JoinGroup: error ${errorCode}`);
  const assignments = [{ memberId, assignment: new Uint8Array() }];
  const value = { groupId, memberId, generationId, assignments };
  const synced = await coordinator.ask(
    SyncGroup,
    (version) => (version < 5 ? value : { ...value, protocolType: "consumer", protocolName: "none" }),
    { deadline },
  );
  if (synced.response.errorCode !== 0) throw new Error(`SyncGroup: error ${synced.response.errorCode}`);
  return new BareMember(groupId, memberId, generationId);
}

/** A member of a group of KIP-848, until the group misses its heartbeats. */
export async function joinConsumer(
  { coordinator, internals, groupId }: CommitterUnderTest,
  topics: readonly string[],
): Promise<BareMember> {
  const deadline = new Deadline(internals.clock, TIMEOUT_MS);
  const response = await whileItMoves(internals, deadline, () =>
    coordinator.ask(
      ConsumerGroupHeartbeat,
      {
        groupId,
        memberId: randomUUID(),
        memberEpoch: 0,
        rebalanceTimeoutMs: 30_000,
        subscribedTopicNames: topics,
        topicPartitions: [],
      },
      { deadline },
    ),
  );
  const { errorCode, errorMessage, memberId, memberEpoch } = response;
  if (errorCode !== 0) throw new Error(`ConsumerGroupHeartbeat: error ${errorCode}: ${errorMessage}`);
  return new BareMember(groupId, memberId ?? "", memberEpoch);
}
