/** Configurations of single groups. */

import { expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import {
  DescribeConfigsRequest,
  DescribeConfigsResponse,
} from "../../../src/protocol/messages/describe-configs.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../src/protocol/messages/incremental-alter-configs.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";
import { RawMember } from "./raw-member.ts";

const GROUP = 32;
const SET = 0;
const DELETE = 1;

async function alter(client: RawClient, name: string, value: string | null, resourceName = "g") {
  const configs = [{ name, configOperation: value === null ? DELETE : SET, value }];
  const { responses } = await client.ask(IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, 1, {
    resources: [{ resourceType: GROUP, resourceName, configs }],
  });
  return errorCodeOf(responses[0]?.errorCode ?? -1).name;
}

async function described(client: RawClient, key: string) {
  const { results } = await client.ask(DescribeConfigsRequest, DescribeConfigsResponse, 4, {
    resources: [{ resourceType: GROUP, resourceName: "g", configurationKeys: [key] }],
  });
  const [config] = results[0]?.configs ?? [];
  return { value: config?.value, source: config?.configSource };
}

const started = (): Promise<TestCluster> =>
  TestCluster.start({ network: "memory", time: "manual", topics: { t: 1 } });

it("a group has its own session timeout and heartbeat interval", async () => {
  await using cluster = await started();
  using client = await RawClient.to(cluster);
  expect(await alter(client, "consumer.session.timeout.ms", "60000")).toBe("NONE");
  expect(await alter(client, "consumer.heartbeat.interval.ms", "7000")).toBe("NONE");
  expect(await described(client, "consumer.session.timeout.ms")).toEqual({ value: "60000", source: 8 });
  const member = new RawMember(client, cluster, { memberId: "a" });
  await member.join();
  expect(await member.ask({})).toMatchObject({ errorCode: 0, heartbeatIntervalMs: 7000 });
  await cluster.clock.advance(59_999);
  expect(await member.beat()).toMatchObject({ error: "NONE" });
  expect(await alter(client, "consumer.session.timeout.ms", null)).toBe("NONE");
  expect(await described(client, "consumer.session.timeout.ms")).toEqual({ value: "45000", source: 5 });
  await member.beat();
  await cluster.clock.advance(45_000);
  expect(await member.beat()).toMatchObject({ error: "UNKNOWN_MEMBER_ID" });
  expect(cluster.failures).toEqual([]);
});

it.each([
  ["consumer.session.timeout.ms", "44999", "INVALID_CONFIG"],
  ["consumer.session.timeout.ms", "60001", "INVALID_CONFIG"],
  ["consumer.session.timeout.ms", "soon", "INVALID_CONFIG"],
  ["nonsense", "1", "INVALID_CONFIG"],
])("a group cannot have %s = %s", async (name, value, error) => {
  await using cluster = await started();
  using client = await RawClient.to(cluster);
  expect(await alter(client, name, value)).toBe(error);
  expect(await alter(client, "consumer.session.timeout.ms", "50000", "")).toBe("INVALID_REQUEST");
});
