import { OffsetCommit } from "../../../../src/client/api.ts";
import type { ClusterOptions } from "../../../../src/client/cluster.ts";
import type { TopicPartition } from "../../../../src/client/consumer/assignment.ts";
import { GroupCoordinator } from "../../../../src/client/consumer/group/group-coordinator.ts";
import type { Membership } from "../../../../src/client/consumer/group/membership.ts";
import { OffsetCommitter } from "../../../../src/client/consumer/offsets/offset-committer.ts";
import { Coordinators } from "../../../../src/client/coordinators.ts";
import type { OffsetToCommit } from "../../../../src/client/offset-to-commit.ts";
import { Deadline } from "../../../../src/client/retry.ts";
import { FakeCluster } from "../../../support/fake-cluster.ts";
import { clusterFor, FakeLogger } from "../../../support/fake-kafka.ts";
import { FakeOffsets } from "../../../support/fake-offsets.ts";

/** A member whose generation a test moves. */
export class FakeMember implements Pick<Membership, "metadata" | "commitRefused"> {
  memberId = "m";
  generationId = 7;
  groupInstanceId: string | null = null;
  readonly refused: [errorCode: number, generationId: number][] = [];
  /** What a membership does that is waiting for an answer which will tell more: it is none. */
  isWaiting = false;

  get metadata() {
    const { memberId, generationId, groupInstanceId } = this;
    return { groupId: "g", memberId, generationId, groupInstanceId };
  }

  commitRefused(errorCode: number, generation: { readonly generationId?: number | undefined }): void {
    this.refused.push([errorCode, generation.generationId ?? -1]);
    if (!this.isWaiting) this.generationId = -1;
  }
}

export interface SetUp {
  readonly brokers?: number;
  readonly protocol?: "classic" | "consumer";
  readonly member?: FakeMember | null;
  readonly holdOn?: (partition: TopicPartition) => unknown;
  readonly options?: Partial<ClusterOptions>;
  /** Topics that the client knows. Default: `t`, with four partitions. */
  readonly known?: readonly string[];
}

/** A committer, its cluster and its coordinator. */
export async function setUp({
  brokers = 1,
  protocol = "classic",
  member = null,
  holdOn,
  options,
  known = ["t"],
}: SetUp = {}) {
  const fake = new FakeCluster(brokers);
  const offsets = new FakeOffsets(fake);
  const { platform } = fake;
  for (const topic of known) fake.createTopic(topic, 4);
  const logger = new FakeLogger();
  const cluster = clusterFor(fake, { logger, requestTimeoutMs: 3000, ...options });
  await platform.run(cluster.refresh(known));
  const coordinator = new GroupCoordinator(cluster, new Coordinators(cluster, 3000), "g", 3000);
  const standing: { member: FakeMember | null } = { member };
  const committer = new OffsetCommitter({
    cluster,
    coordinator,
    config: { groupProtocol: protocol },
    membership: () => standing.member,
    ...(holdOn === undefined ? {} : { holdOn }),
    logger,
    observability: cluster.observability,
  });
  const within = (timeoutMs: number): { readonly deadline: Deadline } => ({
    deadline: new Deadline(platform.clock, timeoutMs),
  });
  const commit = (given: readonly OffsetToCommit[], timeoutMs = 20_000, signal?: AbortSignal) => {
    const committed = committer.commit(given, { ...within(timeoutMs), signal });
    // It is awaited later.
    committed.catch(() => {});
    return committed;
  };
  const committed = (partitions: readonly TopicPartition[], timeoutMs = 20_000) =>
    committer.committed(partitions, within(timeoutMs));
  const asked = () => fake.brokers.flatMap((broker) => broker.of(OffsetCommit));
  return {
    fake,
    offsets,
    platform,
    logger,
    cluster,
    coordinator,
    standing,
    committer,
    commit,
    committed,
    asked,
    within,
  };
}

/** One offset for a partition of `t`. */
export function at(offset: bigint, partition = 0, more: Partial<OffsetToCommit> = {}): OffsetToCommit {
  return { topic: "t", partition, offset, ...more };
}
