/** A member of the consumer protocol, heartbeat by heartbeat. */

import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from "../../../src/protocol/messages/consumer-group-describe.ts";
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "../../../src/protocol/messages/consumer-group-heartbeat.ts";
import type { Infer, InferInput } from "../../../src/protocol/schema.ts";
import type { TestCluster } from "../../../src/testing/mod.ts";
import type { RawClient } from "../raw-client.ts";

type Beat = InferInput<typeof ConsumerGroupHeartbeatRequest>;
type Assigned = Record<string, readonly number[]>;

/** What a heartbeat was answered, for short: partitions by the names of their topics; null for no change. */
export interface Told {
  readonly error: string;
  readonly epoch: number;
  readonly assigned: Assigned | null;
}

export class RawMember {
  readonly #client: RawClient;
  readonly #cluster: TestCluster;
  readonly #groupId: string;
  readonly #version: number;
  memberId: string;
  epoch = 0;
  owned: Assigned = {};

  constructor(
    client: RawClient,
    cluster: TestCluster,
    { memberId = "", groupId = "g", version = 1 }: { memberId?: string; groupId?: string; version?: number },
  ) {
    this.#client = client;
    this.#cluster = cluster;
    this.#groupId = groupId;
    this.#version = version;
    this.memberId = memberId;
  }

  /** Joins with all that there is to say. */
  join(more: Beat = {}): Promise<Told> {
    this.owned = {};
    return this.beat({
      memberEpoch: 0,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ["t"],
      topicPartitions: [],
      ...more,
    });
  }

  /** Says that it is still there, or what it is given. */
  async beat(more: Beat = {}): Promise<Told> {
    const response = await this.ask(more);
    const { errorCode, memberEpoch, memberId, assignment } = response;
    const { name: error } = errorCodeOf(errorCode);
    if (error === "NONE") {
      this.memberId = memberId ?? "";
      this.epoch = memberEpoch;
    }
    const assigned = assignment === null ? null : this.#named(assignment.topicPartitions);
    return { error, epoch: memberEpoch, assigned };
  }

  /** Says what it owns, as after it has given up what was taken from it. */
  owns(owned: Assigned, more: Beat = {}): Promise<Told> {
    this.owned = owned;
    const topicPartitions = Object.entries(owned).map(([topic, partitions]) => ({
      topicId: this.#topicId(topic),
      partitions: [...partitions],
    }));
    return this.beat({ topicPartitions, ...more });
  }

  /** Does what it is told until nothing changes any more. */
  async settle(): Promise<Assigned> {
    for (let i = 0; i < 10; i++) {
      const { assigned } = await this.owns(this.owned);
      if (assigned === null) break;
      this.owned = assigned;
    }
    return this.owned;
  }

  leave(memberEpoch = -1, more: Beat = {}): Promise<Told> {
    return this.beat({ memberEpoch, ...more });
  }

  /** The answer as it came. */
  ask(more: Beat): Promise<Infer<typeof ConsumerGroupHeartbeatResponse>> {
    return this.#client.ask(ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, this.#version, {
      groupId: this.#groupId,
      memberId: this.memberId,
      memberEpoch: this.epoch,
      ...more,
    });
  }

  #named(list: readonly { topicId: string; partitions: readonly number[] }[]): Assigned {
    const entries = list.map(({ topicId, partitions }) => [
      this.#cluster.topicName(topicId) ?? topicId,
      partitions,
    ]);
    return Object.fromEntries(entries.sort());
  }

  #topicId(topic: string): string {
    const topicId = this.#cluster.topicId(topic);
    if (topicId === null) throw new Error(`there is no topic ${topic}`);
    return topicId;
  }
}

/** The group as ConsumerGroupDescribe tells it. */
export async function describeGroup(client: RawClient, groupId = "g") {
  const { groups } = await client.ask(ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, 1, {
    groupIds: [groupId],
  });
  const [group] = groups;
  if (group === undefined) throw new Error("nothing is described");
  return group;
}
