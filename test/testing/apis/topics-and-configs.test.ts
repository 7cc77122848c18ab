/** Topics, their partitions and their configurations, as they are asked for on the wire. */

import { describe, expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../../src/protocol/messages/api-versions.ts";
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from "../../../src/protocol/messages/create-partitions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../src/protocol/messages/create-topics.ts";
import {
  DeleteRecordsRequest,
  DeleteRecordsResponse,
} from "../../../src/protocol/messages/delete-records.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../../src/protocol/messages/delete-topics.ts";
import {
  DescribeConfigsRequest,
  DescribeConfigsResponse,
} from "../../../src/protocol/messages/describe-configs.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../src/protocol/messages/incremental-alter-configs.ts";
import { MetadataRequest, MetadataResponse } from "../../../src/protocol/messages/metadata.ts";
import { Reader } from "../../../src/protocol/reader.ts";
import type { InferInput } from "../../../src/protocol/schema.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";

const started = (options: TestClusterOptions = {}): Promise<TestCluster> =>
  TestCluster.start({ network: "memory", time: "manual", ...options });

type NewTopic = NonNullable<InferInput<typeof CreateTopicsRequest>["topics"]>[number];

async function create(client: RawClient, topics: NewTopic[], validateOnly = false, version = 7) {
  const body = { topics, timeoutMs: 1000, validateOnly };
  const response = await client.ask(CreateTopicsRequest, CreateTopicsResponse, version, body);
  return response.topics.map((topic) => ({ ...topic, error: errorCodeOf(topic.errorCode).name }));
}

const topicOf = (name: string, more: NewTopic = {}): NewTopic => ({
  name,
  numPartitions: -1,
  replicationFactor: -1,
  ...more,
});

describe("CreateTopics", () => {
  it("makes topics with the brokers' defaults, or as it is told", async () => {
    await using cluster = await started({ brokers: 3, configs: { "num.partitions": "4" } });
    using client = await RawClient.to(cluster);
    const configs = [{ name: "retention.ms", value: "1000" }];
    const [plain, special] = await create(client, [
      topicOf("plain"),
      topicOf("special", { numPartitions: 2, replicationFactor: 3, configs }),
    ]);
    expect(plain).toMatchObject({ error: "NONE", numPartitions: 4, replicationFactor: 1 });
    expect(special).toMatchObject({ error: "NONE", numPartitions: 2, replicationFactor: 3 });
    expect(special?.configs?.find(({ name }) => name === "retention.ms")).toMatchObject({
      value: "1000",
      configSource: 1,
    });
    expect(cluster.partition("special", 1).replicas).toHaveLength(3);
  });

  it.each([
    ["a bad name", topicOf("no spaces"), "INVALID_TOPIC_EXCEPTION"],
    ["a name that is there", topicOf("there"), "TOPIC_ALREADY_EXISTS"],
    ["no partitions", topicOf("t", { numPartitions: 0 }), "INVALID_PARTITIONS"],
    ["too many replicas", topicOf("t", { replicationFactor: 2 }), "INVALID_REPLICATION_FACTOR"],
    ["an unknown key", topicOf("t", { configs: [{ name: "x", value: "1" }] }), "INVALID_CONFIG"],
    [
      "a value that is none",
      topicOf("t", { configs: [{ name: "retention.ms", value: "soon" }] }),
      "INVALID_CONFIG",
    ],
    [
      "an unknown broker",
      topicOf("t", { assignments: [{ partitionIndex: 0, brokerIds: [7] }] }),
      "INVALID_REPLICA_ASSIGNMENT",
    ],
  ])("refuses %s", async (_what, topic, error) => {
    await using cluster = await started({ topics: { there: 1 } });
    using client = await RawClient.to(cluster);
    expect(await create(client, [topic])).toMatchObject([{ error }]);
    expect(cluster.topics).toEqual(["there"]);
  });

  it("only looks where it is told to, and refuses a name that comes twice", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    expect(await create(client, [topicOf("t")], true)).toMatchObject([{ error: "NONE" }]);
    expect(await create(client, [topicOf("t"), topicOf("t")])).toMatchObject([{ error: "INVALID_REQUEST" }]);
    expect(cluster.topics).toEqual([]);
  });

  it("sends clients of an old release to the controller", async () => {
    await using cluster = await started({ as: "2.1", brokers: 2 });
    using other = await RawClient.to(cluster, 2);
    const topic = topicOf("t", { numPartitions: 1, replicationFactor: 1 });
    expect(await create(other, [topic], false, 3)).toMatchObject([{ error: "NOT_CONTROLLER" }]);
    using controller = await RawClient.to(cluster, 1);
    expect(await create(controller, [topic], false, 3)).toMatchObject([{ error: "NONE" }]);
  });
});

describe("other requests about topics", () => {
  it("makes a topic larger, and not smaller", async () => {
    await using cluster = await started({ topics: { orders: 2 } });
    using client = await RawClient.to(cluster);
    const enlarge = async (count: number) => {
      const body = { topics: [{ name: "orders", count, assignments: null }], timeoutMs: 1000 };
      const { results } = await client.ask(CreatePartitionsRequest, CreatePartitionsResponse, 3, body);
      return errorCodeOf(results[0]?.errorCode ?? -1).name;
    };
    expect(await enlarge(2)).toBe("INVALID_PARTITIONS");
    expect(await enlarge(5)).toBe("NONE");
    expect(cluster.partition("orders", 4).leader).toBe(1);
  });

  it("deletes by name and by id, and says what it does not know", async () => {
    await using cluster = await started({ topics: { a: 1, b: 1 } });
    using client = await RawClient.to(cluster);
    const metadata = await client.ask(MetadataRequest, MetadataResponse, 12, { topics: null });
    const { topicId = "" } = metadata.topics.find(({ name }) => name === "b") ?? {};
    const body = { topics: [{ name: "a" }, { topicId }, { name: "c" }], timeoutMs: 1000 };
    const { responses } = await client.ask(DeleteTopicsRequest, DeleteTopicsResponse, 6, body);
    const errors = responses.map(({ name, errorCode }) => [name, errorCodeOf(errorCode).name]);
    expect(Object.fromEntries(errors)).toEqual({ a: "NONE", b: "NONE", c: "UNKNOWN_TOPIC_OR_PARTITION" });
    expect(cluster.topics).toEqual([]);
  });

  it("moves the start of a log, and not beyond its end", async () => {
    await using cluster = await started({ topics: { orders: 1 } });
    using client = await RawClient.to(cluster);
    const body = (offset: bigint) => ({
      topics: [{ name: "orders", partitions: [{ partitionIndex: 0, offset }] }],
      timeoutMs: 1000,
    });
    const { topics } = await client.ask(DeleteRecordsRequest, DeleteRecordsResponse, 2, body(1n));
    expect(errorCodeOf(topics[0]?.partitions[0]?.errorCode ?? -1).name).toBe("OFFSET_OUT_OF_RANGE");
  });
});

describe("configurations", () => {
  it("changes and tells them, with where they come from", async () => {
    await using cluster = await started({ topics: { orders: 1 } });
    using client = await RawClient.to(cluster);
    const alter = async (name: string, configOperation: number, value: string | null) => {
      const resources = [
        { resourceType: 2, resourceName: "orders", configs: [{ name, configOperation, value }] },
      ];
      const { responses } = await client.ask(
        IncrementalAlterConfigsRequest,
        IncrementalAlterConfigsResponse,
        1,
        { resources },
      );
      return errorCodeOf(responses[0]?.errorCode ?? -1).name;
    };
    const tell = async (name: string) => {
      const resources = [{ resourceType: 2, resourceName: "orders", configurationKeys: [name] }];
      const { results } = await client.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, { resources });
      return results[0]?.configs[0];
    };
    expect(await tell("retention.ms")).toMatchObject({ value: "604800000", configSource: 5 });
    expect(await alter("retention.ms", 0, "5")).toBe("NONE");
    expect(await tell("retention.ms")).toMatchObject({ value: "5", configSource: 1 });
    expect(await alter("retention.ms", 1, null)).toBe("NONE");
    expect(await tell("retention.ms")).toMatchObject({ value: "604800000", configSource: 5 });
    expect(await alter("cleanup.policy", 2, "compact")).toBe("NONE");
    expect(await tell("cleanup.policy")).toMatchObject({ value: "compact" });
    expect(await alter("retention.ms", 2, "5")).toBe("INVALID_CONFIG");
    expect(await alter("nothing", 0, "5")).toBe("INVALID_CONFIG");
  });
});

describe("versions", () => {
  it("answers a version of ApiVersions that it does not know with those that it does", async () => {
    await using cluster = await started({ as: "2.1" });
    using client = await RawClient.to(cluster);
    client.send(ApiVersionsRequest, 3, { clientSoftwareName: "raw", clientSoftwareVersion: "1" });
    const reader = new Reader(await client.next());
    expect(reader.int32()).toBe(1);
    expect(errorCodeOf(reader.int16()).name).toBe("UNSUPPORTED_VERSION");
    expect([reader.int32(), reader.int16(), reader.int16(), reader.int16()]).toEqual([1, 18, 0, 2]);
  });

  it("hangs up on a version that is not served", async () => {
    await using cluster = await started({ as: "2.1" });
    using client = await RawClient.to(cluster);
    client.send(MetadataRequest, 8, { topics: null });
    await client.closed;
  });

  it("tells of the versions that the release has", async () => {
    await using cluster = await started({ as: "4.0" });
    using client = await RawClient.to(cluster);
    const software = { clientSoftwareName: "raw", clientSoftwareVersion: "1" };
    const { apiKeys } = await client.ask(ApiVersionsRequest, ApiVersionsResponse, 4, software);
    expect(apiKeys.find(({ apiKey }) => apiKey === 0)).toEqual({ apiKey: 0, minVersion: 0, maxVersion: 12 });
    expect(apiKeys.find(({ apiKey }) => apiKey === 1)).toEqual({ apiKey: 1, minVersion: 4, maxVersion: 17 });
  });
});
