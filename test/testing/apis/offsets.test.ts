/** Committed offsets, as they are stored, told and forgotten. */

import { describe, expect, it } from "vitest";
import { decodeGroupCoordinatorRecord } from "../../../src/protocol/coordinator-records/group-coordinator.ts";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import { ListGroupsRequest, ListGroupsResponse } from "../../../src/protocol/messages/list-groups.ts";
import { MetadataRequest, MetadataResponse } from "../../../src/protocol/messages/metadata.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../../src/protocol/messages/offset-commit.ts";
import { OffsetDeleteRequest, OffsetDeleteResponse } from "../../../src/protocol/messages/offset-delete.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../../src/protocol/messages/offset-fetch.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import type { InferInput } from "../../../src/protocol/schema.ts";
import { ZERO_UUID } from "../../../src/protocol/uuid.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";

const ONE_PARTITION = { "offsets.topic.num.partitions": "1" };

const started = ({ configs, ...options }: TestClusterOptions = {}): Promise<TestCluster> =>
  TestCluster.start({
    network: "memory",
    time: "manual",
    topics: { t: 2, u: 1 },
    configs: { ...ONE_PARTITION, ...configs },
    ...options,
  });

type Commit = InferInput<typeof OffsetCommitRequest>;

/** Commits offsets of `t` by partition; gives the errors. */
async function commit(
  client: RawClient,
  offsets: Record<number, bigint>,
  more: Commit = {},
  version = 9,
): Promise<string[]> {
  const partitions = Object.entries(offsets).map(([index, committedOffset]) => ({
    partitionIndex: Number(index),
    committedOffset,
    committedMetadata: `at ${committedOffset}`,
  }));
  const body = { groupId: "g", topics: [{ name: "t", partitions }], ...more };
  const { topics } = await client.ask(OffsetCommitRequest, OffsetCommitResponse, version, body);
  return topics.flatMap((topic) => topic.partitions.map(({ errorCode }) => errorCodeOf(errorCode).name));
}

/** The offsets of a group by topic and partition. */
async function fetch(client: RawClient, groupId = "g"): Promise<Record<string, bigint>> {
  const body = { groups: [{ groupId, topics: null }] };
  const { groups } = await client.ask(OffsetFetchRequest, OffsetFetchResponse, 9, body);
  const entries = (groups[0]?.topics ?? []).flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset }) => [`${name}-${partitionIndex}`, committedOffset]),
  );
  return Object.fromEntries(entries);
}

/** What is written in the only partition of __consumer_offsets. */
async function written(client: RawClient): Promise<unknown[]> {
  const metadata = await client.ask(MetadataRequest, MetadataResponse, 12, {
    topics: [{ name: "__consumer_offsets" }],
  });
  const body = {
    maxBytes: 1_000_000,
    topics: [
      {
        topicId: metadata.topics[0]?.topicId ?? ZERO_UUID,
        partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }],
      },
    ],
  };
  const response = await client.ask(FetchRequest, FetchResponse, 16, body);
  const bytes = response.responses[0]?.partitions[0]?.records ?? new Uint8Array(0);
  return Array.from(readRecordBatches(bytes)).flatMap((batch) =>
    Array.from(batch.records(), ({ key, value }) => {
      const record = decodeGroupCoordinatorRecord(key, value);
      return { type: record.type, key: record.key, value: record.value };
    }),
  );
}

describe("OffsetCommit and OffsetFetch", () => {
  it.each([2, 5, 6, 7, 8, 9])("stores offsets in version %i", async (version) => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    expect(await commit(client, { 0: 5n, 1: 7n }, {}, version)).toEqual(["NONE", "NONE"]);
    expect(await fetch(client)).toEqual({ "t-0": 5n, "t-1": 7n });
    expect(cluster.failures).toEqual([]);
  });

  it("names topics by id in version 10, in both directions", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const metadata = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: [{ name: "t" }] });
    const topicId = metadata.topics[0]?.topicId as string;
    const unknown = "BBBBBBBBBBBBBBBBBBBBBA";
    const partition = {
      partitionIndex: 1,
      committedOffset: 8n,
      committedLeaderEpoch: 3,
      committedMetadata: "m",
    };
    const committed = await client.ask(OffsetCommitRequest, OffsetCommitResponse, 10, {
      groupId: "g",
      topics: [
        { topicId, partitions: [partition] },
        { topicId: unknown, partitions: [partition] },
      ],
    });
    expect(committed.topics).toEqual([
      { name: "", topicId: unknown, partitions: [{ partitionIndex: 1, errorCode: 100 }] },
      { name: "", topicId, partitions: [{ partitionIndex: 1, errorCode: 0 }] },
    ]);
    const { groups } = await client.ask(OffsetFetchRequest, OffsetFetchResponse, 10, {
      groups: [
        {
          groupId: "g",
          topics: [
            { topicId, partitionIndexes: [1] },
            { topicId: unknown, partitionIndexes: [1] },
          ],
        },
        { groupId: "nobody", topics: [{ topicId, partitionIndexes: [0] }] },
      ],
    });
    expect(groups).toMatchObject([
      {
        groupId: "g",
        errorCode: 0,
        topics: [
          {
            topicId,
            partitions: [{ committedOffset: 8n, committedLeaderEpoch: 3, metadata: "m", errorCode: 0 }],
          },
          { topicId: unknown, partitions: [{ committedOffset: -1n, errorCode: 100 }] },
        ],
      },
      {
        groupId: "nobody",
        errorCode: 0,
        topics: [{ partitions: [{ committedOffset: -1n, metadata: "", errorCode: 0 }] }],
      },
    ]);
  });

  it("tells of what was never committed in every version", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    for (let version = 1; version < 8; version++) {
      const body = { groupId: "g", topics: [{ name: "t", partitionIndexes: [0] }] };
      const response = await client.ask(OffsetFetchRequest, OffsetFetchResponse, version, body);
      expect(response).toMatchObject({
        errorCode: 0,
        topics: [{ name: "t", partitions: [{ committedOffset: -1n, metadata: "", errorCode: 0 }] }],
      });
    }
  });

  it("refuses partitions that there are not, and too much metadata, and takes the others", async () => {
    await using cluster = await started({ configs: { "offset.metadata.max.bytes": "5" } });
    using client = await RawClient.to(cluster);
    expect(await commit(client, { 0: 1n, 1: 1000n, 7: 1n })).toEqual([
      "UNKNOWN_TOPIC_OR_PARTITION",
      "NONE",
      "OFFSET_METADATA_TOO_LARGE",
    ]);
    expect(await fetch(client)).toEqual({ "t-0": 1n });
  });

  it.each([
    [8, "ILLEGAL_GENERATION"],
    [9, "GROUP_ID_NOT_FOUND"],
  ])("knows no generation of a group that there is not: version %i", async (version, error) => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const member = { generationIdOrMemberEpoch: 1, memberId: "m" };
    expect(await commit(client, { 0: 1n }, member, version)).toEqual([error]);
    expect(await commit(client, { 0: 1n })).toEqual(["NONE"]);
    expect(await commit(client, { 0: 2n }, member, version)).toEqual(["UNKNOWN_MEMBER_ID"]);
  });

  it("is the coordinator's business alone", async () => {
    await using cluster = await started({ brokers: 2 });
    cluster.moveCoordinator("group", "g", 2);
    using other = await RawClient.to(cluster, 1);
    using coordinator = await RawClient.to(cluster, 2);
    expect(await commit(other, { 0: 1n, 1: 1n })).toEqual(["NOT_COORDINATOR", "NOT_COORDINATOR"]);
    expect(await commit(coordinator, { 0: 1n })).toEqual(["NONE"]);
    const topics = [{ name: "t", partitionIndexes: [0] }];
    const v1 = await other.ask(OffsetFetchRequest, OffsetFetchResponse, 1, { groupId: "g", topics });
    expect(v1.topics).toMatchObject([{ name: "t", partitions: [{ errorCode: 16, committedOffset: -1n }] }]);
    const v5 = await other.ask(OffsetFetchRequest, OffsetFetchResponse, 5, { groupId: "g", topics });
    expect(v5).toMatchObject({ errorCode: 16, topics: [] });
    const v8 = await other.ask(OffsetFetchRequest, OffsetFetchResponse, 8, {
      groups: [{ groupId: "g", topics }],
    });
    expect(v8.groups).toMatchObject([{ groupId: "g", errorCode: 16, topics: [] }]);
  });

  it("fails where a fault says so", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    cluster.fault({ api: "OffsetCommit", group: "g", error: "COORDINATOR_LOAD_IN_PROGRESS", count: 1 });
    expect(await commit(client, { 0: 1n })).toEqual(["COORDINATOR_LOAD_IN_PROGRESS"]);
    cluster.fault({
      api: "OffsetCommit",
      topic: "t",
      partition: 1,
      error: "UNKNOWN_TOPIC_OR_PARTITION",
      count: 1,
    });
    expect(await commit(client, { 0: 1n, 1: 1n })).toEqual(["UNKNOWN_TOPIC_OR_PARTITION", "NONE"]);
    expect(await fetch(client)).toEqual({ "t-0": 1n });
  });
});

describe("OffsetDelete", () => {
  it("forgets single partitions", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const forget = (groupId: string) =>
      client.ask(OffsetDeleteRequest, OffsetDeleteResponse, 0, {
        groupId,
        topics: [{ name: "t", partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] }],
      });
    expect((await forget("g")).errorCode).toBe(69);
    expect((await forget("")).errorCode).toBe(24);
    await commit(client, { 0: 1n, 1: 2n });
    const response = await forget("g");
    expect(response.topics[0]?.partitions).toEqual([
      { partitionIndex: 9, errorCode: 3 },
      { partitionIndex: 0, errorCode: 0 },
    ]);
    expect(await fetch(client)).toEqual({ "t-1": 2n });
  });
});

describe("committed offsets", () => {
  it("are forgotten with their topic", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const partitions = [{ partitionIndex: 0, committedOffset: 4n, committedMetadata: "" }];
    const topics = [
      { name: "t", partitions },
      { name: "u", partitions },
    ];
    expect(await commit(client, {}, { topics })).toEqual(["NONE", "NONE"]);
    cluster.deleteTopic("t");
    expect(await fetch(client)).toEqual({ "u-0": 4n });
  });

  it("expire when nobody commits for long", async () => {
    await using cluster = await started({ configs: { "offsets.retention.minutes": "60" } });
    using client = await RawClient.to(cluster);
    await commit(client, { 0: 1n });
    await commit(client, { 1: 1n }, { retentionTimeMs: 180_000_000n }, 4);
    await cluster.clock.advance(59 * 60_000);
    expect(await fetch(client)).toEqual({ "t-0": 1n, "t-1": 1n });
    await cluster.clock.advance(11 * 60_000);
    expect(await fetch(client)).toEqual({ "t-1": 1n });
  });

  it("are the last of a group, which goes with them", async () => {
    await using cluster = await started({ configs: { "offsets.retention.minutes": "1" } });
    using client = await RawClient.to(cluster);
    await commit(client, { 0: 1n });
    const groups = async (): Promise<string[]> => {
      const listed = await client.ask(ListGroupsRequest, ListGroupsResponse, 4, {});
      return listed.groups.map(({ groupId }) => groupId);
    };
    expect(await groups()).toEqual(["g"]);
    await cluster.clock.advance(10 * 60_000);
    expect(await groups()).toEqual([]);
    const [, offset, group] = (await written(client)) as { type: string; value: unknown }[];
    expect(offset).toMatchObject({ type: "OFFSET_COMMIT", value: null });
    expect(group).toMatchObject({ type: "GROUP_METADATA", value: null });
  });

  it("are written as Kafka writes them", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    await commit(client, { 0: 1n });
    await client.ask(OffsetDeleteRequest, OffsetDeleteResponse, 0, {
      groupId: "g",
      topics: [{ name: "t", partitions: [{ partitionIndex: 0 }] }],
    });
    const key = { group: "g", topic: "t", partition: 0 };
    expect(await written(client)).toEqual([
      {
        type: "OFFSET_COMMIT",
        key,
        value: expect.objectContaining({ offset: 1n, metadata: "at 1", leaderEpoch: -1 }),
      },
      { type: "OFFSET_COMMIT", key, value: null },
    ]);
  });
});
