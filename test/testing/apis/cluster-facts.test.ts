/** What a cluster tells of itself: its controllers, what has configurations, and that nobody wants metrics. */

import { expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../../src/protocol/messages/api-versions.ts";
import {
  DescribeQuorumRequest,
  DescribeQuorumResponse,
} from "../../../src/protocol/messages/describe-quorum.ts";
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from "../../../src/protocol/messages/get-telemetry-subscriptions.ts";
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from "../../../src/protocol/messages/list-config-resources.ts";
import {
  PushTelemetryRequest,
  PushTelemetryResponse,
} from "../../../src/protocol/messages/push-telemetry.ts";
import { ZERO_UUID } from "../../../src/protocol/uuid.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";

const started = (options: TestClusterOptions = {}): Promise<TestCluster> =>
  TestCluster.start({ network: "memory", time: "manual", ...options });

const nameOf = (errorCode: number): string => errorCodeOf(errorCode).name;

it("the quorum is the controller, and the other brokers follow it", async () => {
  await using cluster = await started({ brokers: 3 });
  using client = await RawClient.to(cluster, 2);
  const ask = async (topicName: string) => {
    const topics = [{ topicName, partitions: [{ partitionIndex: 0 }] }];
    const answer = await client.ask(DescribeQuorumRequest, DescribeQuorumResponse, 2, { topics });
    return { ...answer, partition: answer.topics[0]?.partitions[0] };
  };
  const { partition, nodes } = await ask("__cluster_metadata");
  expect(partition).toMatchObject({ errorCode: 0, leaderId: 1 });
  expect(partition?.currentVoters.map(({ replicaId }) => replicaId)).toEqual([1]);
  expect(partition?.observers.map(({ replicaId }) => replicaId)).toEqual([2, 3]);
  expect(nodes.map(({ nodeId }) => nodeId)).toEqual([1]);
  const other = await ask("orders");
  expect(nameOf(other.partition?.errorCode ?? 0)).toBe("UNKNOWN_TOPIC_OR_PARTITION");
});

it("topics and brokers have configurations", async () => {
  await using cluster = await started({ brokers: 2, topics: { orders: 1 } });
  using client = await RawClient.to(cluster);
  const ask = async (resourceTypes: number[], version = 1) => {
    const answer = await client.ask(ListConfigResourcesRequest, ListConfigResourcesResponse, version, {
      resourceTypes,
    });
    const names = answer.configResources.map(
      ({ resourceType, resourceName }) => `${resourceType} ${resourceName}`,
    );
    return [nameOf(answer.errorCode), ...names];
  };
  expect(await ask([])).toEqual(["NONE", "8 1", "8 2", "4 1", "4 2", "2 orders"]);
  expect(await ask([2])).toEqual(["NONE", "2 orders"]);
  expect(await ask([99])).toEqual(["UNSUPPORTED_VERSION"]);
  expect(await ask([], 0)).toEqual(["NONE"]);
});

it("metrics of clients are not wanted, and taken all the same", async () => {
  await using cluster = await started();
  using client = await RawClient.to(cluster);
  const { apiKeys } = await client.ask(ApiVersionsRequest, ApiVersionsResponse, 3, {
    clientSoftwareName: "test",
    clientSoftwareVersion: "1",
  });
  expect(apiKeys.some(({ apiKey }) => apiKey === 71 || apiKey === 72)).toBe(false);
  const ask = (clientInstanceId: string) =>
    client.ask(GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, 0, { clientInstanceId });
  const push = async (clientInstanceId: string, subscriptionId: number, terminating = false) => {
    const body = { clientInstanceId, subscriptionId, terminating, metrics: new Uint8Array(3) };
    return nameOf((await client.ask(PushTelemetryRequest, PushTelemetryResponse, 0, body)).errorCode);
  };
  const { clientInstanceId, subscriptionId, ...answer } = await ask(ZERO_UUID);
  expect(answer).toMatchObject({ errorCode: 0, pushIntervalMs: 300_000, requestedMetrics: [] });
  expect(clientInstanceId).not.toBe(ZERO_UUID);
  expect(nameOf((await ask(clientInstanceId)).errorCode)).toBe("THROTTLING_QUOTA_EXCEEDED");
  expect(await push(ZERO_UUID, subscriptionId)).toBe("INVALID_REQUEST");
  expect(await push(clientInstanceId, subscriptionId)).toBe("NONE");
  expect(await push(clientInstanceId, subscriptionId)).toBe("THROTTLING_QUOTA_EXCEEDED");
  await cluster.clock.advance(300_000);
  expect(await push(clientInstanceId, subscriptionId + 1)).toBe("UNKNOWN_SUBSCRIPTION_ID");
  expect(nameOf((await ask(clientInstanceId)).errorCode)).toBe("THROTTLING_QUOTA_EXCEEDED");
  await cluster.clock.advance(300_000);
  expect(await ask(clientInstanceId)).toMatchObject({ errorCode: 0, subscriptionId });
  expect(await push(clientInstanceId, subscriptionId, true)).toBe("NONE");
  expect(await push(clientInstanceId, subscriptionId)).toBe("INVALID_REQUEST");
});
