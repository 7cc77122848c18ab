/** Who leads, who has a replica, and where: as admin clients ask for it and change it. */

import { describe, expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from "../../../src/protocol/messages/alter-partition-reassignments.ts";
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from "../../../src/protocol/messages/alter-replica-log-dirs.ts";
import {
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
} from "../../../src/protocol/messages/describe-log-dirs.ts";
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from "../../../src/protocol/messages/describe-topic-partitions.ts";
import { ElectLeadersRequest, ElectLeadersResponse } from "../../../src/protocol/messages/elect-leaders.ts";
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from "../../../src/protocol/messages/list-partition-reassignments.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { batchOf, RawClient } from "../raw-client.ts";

const started = (options: TestClusterOptions = {}): Promise<TestCluster> =>
  TestCluster.start({ network: "memory", time: "manual", ...options });

const nameOf = (errorCode: number): string => errorCodeOf(errorCode).name;

const ON_THREE = { assignments: [[1, 2, 3]] };

async function produce(client: RawClient, acks = 1): Promise<number> {
  const { responses } = await client.ask(ProduceRequest, ProduceResponse, 9, {
    acks,
    timeoutMs: 1000,
    topicData: [{ name: "orders", partitionData: [{ index: 0, records: batchOf(["a"]) }] }],
  });
  return responses[0]?.partitionResponses[0]?.errorCode ?? -1;
}

describe("DescribeTopicPartitions", () => {
  it("goes through topics page by page", async () => {
    await using cluster = await started({ topics: { c: 1, a: 3, b: 2 } });
    using client = await RawClient.to(cluster);
    const pages: string[][] = [];
    const page = (cursor: { topicName: string; partitionIndex: number } | null) =>
      client.ask(DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, 0, {
        topics: [],
        responsePartitionLimit: 2,
        cursor,
      });
    for (let answer = await page(null); ; answer = await page(answer.nextCursor)) {
      pages.push(
        answer.topics.flatMap(({ name, partitions }) =>
          partitions.map(({ partitionIndex }) => `${name}-${partitionIndex}`),
        ),
      );
      if (answer.nextCursor === null) break;
    }
    expect(pages).toEqual([
      ["a-0", "a-1"],
      ["a-2", "b-0"],
      ["b-1", "c-0"],
    ]);
  });

  it("tells of topics that there are not, and refuses a cursor that is none of those asked for", async () => {
    await using cluster = await started({ topics: { a: 1 } });
    using client = await RawClient.to(cluster);
    const ask = async (names: string[], topicName?: string) => {
      const { topics } = await client.ask(
        DescribeTopicPartitionsRequest,
        DescribeTopicPartitionsResponse,
        0,
        {
          topics: names.map((name) => ({ name })),
          cursor: topicName === undefined ? null : { topicName, partitionIndex: 0 },
        },
      );
      return topics.map(({ name, errorCode }) => [name, nameOf(errorCode)]);
    };
    expect(await ask(["absent", "a", "no spaces"])).toEqual([
      ["a", "NONE"],
      ["absent", "UNKNOWN_TOPIC_OR_PARTITION"],
      ["no spaces", "INVALID_TOPIC_EXCEPTION"],
    ]);
    expect(await ask(["a"], "b")).toEqual([["a", "INVALID_REQUEST"]]);
  });
});

describe("ElectLeaders", () => {
  async function elect(client: RawClient, electionType: number, partitions: number[] | null = [0]) {
    const topicPartitions = partitions === null ? null : [{ topic: "orders", partitions }];
    const body = { electionType, topicPartitions, timeoutMs: 1000 };
    const response = await client.ask(ElectLeadersRequest, ElectLeadersResponse, 2, body);
    const results = response.replicaElectionResults.flatMap(({ partitionResult }) =>
      partitionResult.map(({ errorCode }) => nameOf(errorCode)),
    );
    return [nameOf(response.errorCode), ...results];
  }

  it("has the preferred replica lead again", async () => {
    await using cluster = await started({ brokers: 3, topics: { orders: ON_THREE } });
    using client = await RawClient.to(cluster, 2);
    expect(await elect(client, 0, [0, 1])).toEqual([
      "NONE",
      "ELECTION_NOT_NEEDED",
      "UNKNOWN_TOPIC_OR_PARTITION",
    ]);
    await cluster.broker(1).stop();
    expect(await elect(client, 0)).toEqual(["NONE", "PREFERRED_LEADER_NOT_AVAILABLE"]);
    await cluster.broker(1).start();
    expect(cluster.partition("orders", 0).leader).toBe(2);
    expect(await elect(client, 0, null)).toEqual(["NONE", "NONE"]);
    expect(cluster.partition("orders", 0).leader).toBe(1);
    expect(await elect(client, 0, null)).toEqual(["NONE"]);
    expect(await elect(client, 7)).toEqual(["INVALID_REQUEST", "INVALID_REQUEST"]);
  });

  it("has a replica lead that lacks records, where it is told to", async () => {
    await using cluster = await started({ brokers: 2, topics: { orders: { assignments: [[1, 2]] } } });
    using first = await RawClient.to(cluster, 1);
    using second = await RawClient.to(cluster, 2);
    const partition = cluster.partition("orders", 0);
    expect(await elect(second, 1)).toEqual(["NONE", "ELECTION_NOT_NEEDED"]);
    partition.holdFollower(2);
    partition.shrinkIsr(2);
    expect(await produce(first)).toBe(0);
    await cluster.broker(1).kill();
    expect(partition.leader).toBe(-1);
    expect(await elect(second, 1)).toEqual(["NONE", "NONE"]);
    expect(partition).toMatchObject({ leader: 2, isr: [2], logEndOffset: 0n });
  });
});

describe("reassignments", () => {
  async function move(client: RawClient, replicas: number[] | null, allowReplicationFactorChange = true) {
    const { responses } = await client.ask(
      AlterPartitionReassignmentsRequest,
      AlterPartitionReassignmentsResponse,
      1,
      {
        allowReplicationFactorChange,
        topics: [{ name: "orders", partitions: [{ partitionIndex: 0, replicas }] }],
      },
    );
    return nameOf(responses[0]?.partitions[0]?.errorCode ?? -2);
  }
  async function moving(client: RawClient) {
    const { topics } = await client.ask(
      ListPartitionReassignmentsRequest,
      ListPartitionReassignmentsResponse,
      0,
      { topics: null },
    );
    return topics.flatMap(({ partitions }) => partitions);
  }

  it("move a partition at once where the new replica follows", async () => {
    await using cluster = await started({ brokers: 3, topics: { orders: { assignments: [[1, 2]] } } });
    using client = await RawClient.to(cluster, 3);
    const partition = cluster.partition("orders", 0);
    expect(await move(client, [3, 2])).toBe("NONE");
    expect(partition).toMatchObject({ replicas: [3, 2], isr: [3, 2], leader: 3, leaderEpoch: 1 });
    expect(await produce(client, -1)).toBe(0);
    expect(await move(client, [2, 3])).toBe("NONE");
    expect(partition).toMatchObject({ replicas: [2, 3], leader: 3, leaderEpoch: 1 });
    expect(await moving(client)).toEqual([]);
  });

  it("wait for a replica that is held back, and can be given up until then", async () => {
    await using cluster = await started({ brokers: 3, topics: { orders: { assignments: [[1, 2]] } } });
    using client = await RawClient.to(cluster);
    const partition = cluster.partition("orders", 0);
    expect(await produce(client)).toBe(0);
    partition.holdFollower(3);
    expect(await move(client, [1, 3])).toBe("NONE");
    const underWay = { partitionIndex: 0, replicas: [1, 3, 2], addingReplicas: [3], removingReplicas: [2] };
    expect(await moving(client)).toEqual([underWay]);
    expect(await move(client, null)).toBe("NONE");
    expect(partition).toMatchObject({ replicas: [1, 2], isr: [1, 2] });
    expect(await move(client, null)).toBe("NO_REASSIGNMENT_IN_PROGRESS");
    expect(await move(client, [1, 3])).toBe("NONE");
    partition.releaseFollower(3);
    expect(partition).toMatchObject({ replicas: [1, 3], isr: [1, 3] });
    expect(await moving(client)).toEqual([]);
  });

  it("are refused where they make no sense", async () => {
    await using cluster = await started({ brokers: 3, topics: { orders: { assignments: [[1, 2]] } } });
    using client = await RawClient.to(cluster);
    expect(await move(client, [])).toBe("INVALID_REPLICA_ASSIGNMENT");
    expect(await move(client, [1, 1])).toBe("INVALID_REPLICA_ASSIGNMENT");
    expect(await move(client, [9])).toBe("INVALID_REPLICA_ASSIGNMENT");
    expect(await move(client, [1], false)).toBe("INVALID_REPLICATION_FACTOR");
    expect(await move(client, [1])).toBe("NONE");
    expect(cluster.partition("orders", 0).replicas).toEqual([1]);
  });
});

describe("log directories", () => {
  it("tell the size of what is in them", async () => {
    await using cluster = await started({ brokers: 2, topics: { orders: { assignments: [[1], [2]] } } });
    using client = await RawClient.to(cluster);
    expect(await produce(client)).toBe(0);
    const { errorCode, results } = await client.ask(DescribeLogDirsRequest, DescribeLogDirsResponse, 4, {
      topics: null,
    });
    expect(nameOf(errorCode)).toBe("NONE");
    expect(results).toMatchObject([
      {
        topics: [
          {
            name: "orders",
            partitions: [
              { partitionIndex: 0, partitionSize: BigInt(batchOf(["a"]).byteLength), offsetLag: 0n },
            ],
          },
        ],
      },
    ]);
  });

  it("are one for each broker", async () => {
    await using cluster = await started({ brokers: 2, topics: { orders: { assignments: [[1], [2]] } } });
    using client = await RawClient.to(cluster);
    const { results } = await client.ask(DescribeLogDirsRequest, DescribeLogDirsResponse, 4, { topics: [] });
    const errors: string[] = [];
    for (const path of [results[0]?.logDir ?? "", "/elsewhere"]) {
      const moved = await client.ask(AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, 2, {
        dirs: [{ path, topics: [{ name: "orders", partitions: [0, 1, 2] }] }],
      });
      for (const { partitions } of moved.results) {
        errors.push(...partitions.map(({ errorCode }) => nameOf(errorCode)));
      }
    }
    expect(errors).toEqual([
      "NONE",
      "REPLICA_NOT_AVAILABLE",
      "UNKNOWN_TOPIC_OR_PARTITION",
      ...Array(3).fill("LOG_DIR_NOT_FOUND"),
    ]);
  });
});
