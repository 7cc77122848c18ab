/** Quotas on embedded clusters, by a clock that stands still: the figures are always the same. */

import { describe, expect, it } from "vitest";
import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from "../../../src/protocol/messages/alter-client-quotas.ts";
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from "../../../src/protocol/messages/create-partitions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../src/protocol/messages/create-topics.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../../src/protocol/messages/delete-topics.ts";
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from "../../../src/protocol/messages/describe-client-quotas.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import { MetadataRequest, MetadataResponse } from "../../../src/protocol/messages/metadata.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import { ZERO_UUID } from "../../../src/protocol/uuid.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { batchOf, RawClient } from "../raw-client.ts";

const THROTTLING_QUOTA_EXCEEDED = 89;
const INVALID_REQUEST = 42;
const UNSUPPORTED_VERSION = 35;
/** Ten whole windows, and the one that has just begun. */
const SPAN_SECONDS = 10;

type Entity = Record<string, string | null>;

function start(options: TestClusterOptions = {}): Promise<TestCluster> {
  return TestCluster.start({ network: "memory", time: "manual", topics: { orders: 1 }, ...options });
}

const partsOf = (entity: Entity) =>
  Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }));

function alter(client: RawClient, entries: [Entity, Record<string, number | null>][], validateOnly = false) {
  return client.ask(AlterClientQuotasRequest, AlterClientQuotasResponse, 1, {
    entries: entries.map(([entity, ops]) => ({
      entity: partsOf(entity),
      ops: Object.entries(ops).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
    })),
    validateOnly,
  });
}

/** Asks for quotas by type: a name, null for the default, undefined for all. */
async function quotas(client: RawClient, filter: Record<string, string | null | undefined>, strict = false) {
  const { errorCode, errorMessage, entries } = await client.ask(
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    1,
    {
      components: Object.entries(filter).map(([entityType, match]) => ({
        entityType,
        matchType: match === undefined ? 2 : match === null ? 1 : 0,
        match: match ?? null,
      })),
      strict,
    },
  );
  if (entries === null) return { errorCode, errorMessage };
  return entries.map(({ entity, values }) => [
    Object.fromEntries(entity.map(({ entityType, entityName }) => [entityType, entityName])),
    Object.fromEntries(values.map(({ key, value }) => [key, value])),
  ]);
}

const produce = (client: RawClient, size: number, clientId = "raw", acks = 1) => {
  const records = batchOf(["x".repeat(size)], { timestamp: 0 });
  const body = {
    acks,
    timeoutMs: 1000,
    topicData: [{ name: "orders", partitionData: [{ index: 0, records }] }],
  };
  return { body, ask: () => client.ask(ProduceRequest, ProduceResponse, 9, body, clientId) };
};
const fetch = (client: RawClient, sessionId = 0, sessionEpoch = -1, fetchOffset = 0n) =>
  client.ask(FetchRequest, FetchResponse, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    sessionId,
    sessionEpoch,
    topics:
      sessionEpoch > 0
        ? []
        : [
            {
              topic: "orders",
              topicId: ZERO_UUID,
              partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1e6 }],
            },
          ],
  });
const metadata = (client: RawClient) => client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] });

/** Whether a promise is settled, once everything has happened that needs no time. */
async function isSettled(promise: Promise<unknown>, cluster: TestCluster): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  await cluster.clock.advance(0);
  await cluster.clock.advance(0);
  return settled;
}

describe("quotas", () => {
  it("are set, told of and removed", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    const { entries } = await alter(client, [
      [{ user: "alice" }, { producer_byte_rate: 100, consumer_byte_rate: 200 }],
      [{ user: "alice", "client-id": null }, { request_percentage: 12.5 }],
      [{ "client-id": "app" }, { controller_mutation_rate: 0.5 }],
      [{ ip: "127.0.0.1" }, { connection_creation_rate: 5 }],
      [{ user: null }, { producer_byte_rate: 7 }],
    ]);
    expect(entries.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).toEqual(
      Array(5).fill([0, null]),
    );
    expect(await quotas(client, { user: "alice" })).toEqual([
      [{ user: "alice" }, { producer_byte_rate: 100, consumer_byte_rate: 200 }],
      [{ user: "alice", "client-id": null }, { request_percentage: 12.5 }],
    ]);
    expect(await quotas(client, { user: "alice" }, true)).toHaveLength(1);
    expect(await quotas(client, { user: null })).toEqual([[{ user: null }, { producer_byte_rate: 7 }]]);
    expect(await quotas(client, { user: undefined })).toHaveLength(3);
    expect(await quotas(client, { ip: undefined })).toEqual([
      [{ ip: "127.0.0.1" }, { connection_creation_rate: 5 }],
    ]);
    expect(await quotas(client, {})).toHaveLength(5);
    expect(await quotas(client, {}, true)).toEqual([]);
    await alter(client, [[{ user: "alice" }, { producer_byte_rate: null }]], true);
    await alter(client, [[{ user: "alice" }, { consumer_byte_rate: null }]]);
    expect(await quotas(client, { user: "alice" }, true)).toEqual([
      [{ user: "alice" }, { producer_byte_rate: 100 }],
    ]);
    await alter(client, [[{ user: "alice" }, { producer_byte_rate: null }]]);
    expect(await quotas(client, { user: "alice" }, true)).toEqual([]);
  });

  it.each<[Entity, Record<string, number>, string]>([
    [{}, { producer_byte_rate: 1 }, "Invalid empty client quota entity"],
    [{ group: "g" }, { producer_byte_rate: 1 }, "Unhandled client quota entity type: group"],
    [{ user: "" }, { producer_byte_rate: 1 }, "Empty user not supported"],
    [{ user: "a" }, { other: 1 }, "Invalid configuration key other"],
    [{ user: "a" }, { connection_creation_rate: 1 }, "Invalid configuration key connection_creation_rate"],
    [{ user: "a" }, { producer_byte_rate: 0 }, "Quota producer_byte_rate must be greater than 0"],
    [{ user: "a" }, { producer_byte_rate: 1.5 }, "producer_byte_rate cannot be a fractional value."],
    [{ ip: "a host" }, { connection_creation_rate: 1 }, "a host is not a valid IP or resolvable host."],
    [
      { ip: "1.2.3.4" },
      { connection_creation_rate: 2 ** 31 },
      "Proposed value for connection_creation_rate is too large for an INT.",
    ],
    [
      { ip: "1.2.3.4", user: "a" },
      { connection_creation_rate: 1 },
      "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId",
    ],
  ])("are refused where they make no sense: %j %j", async (entity, values, errorMessage) => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    const { entries } = await alter(client, [[entity, values]]);
    expect(entries).toMatchObject([{ errorCode: INVALID_REQUEST, errorMessage }]);
    expect(await quotas(client, {})).toEqual([]);
  });

  it("are looked for by filters that make sense", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    expect(await quotas(client, { group: "g" })).toEqual({
      errorCode: UNSUPPORTED_VERSION,
      errorMessage: "Unsupported entity type group",
    });
    expect(await quotas(client, { ip: undefined, user: "a" })).toMatchObject({ errorCode: INVALID_REQUEST });
  });

  it("have a producer wait until its rate is what it may be", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    await alter(client, [[{ "client-id": "raw" }, { producer_byte_rate: 1000 }]]);
    const { ask } = produce(client, 19_900);
    const { throttleTimeMs } = await ask();
    const size = cluster.requests.of("Produce").length > 0 ? throttleTimeMs + SPAN_SECONDS * 1000 : 0;
    // So many bytes at 1000 a second take as long as they do, of which ten seconds have gone by.
    expect(size).toBeGreaterThan(19_900);
    expect(size).toBeLessThan(20_100);
    const next = metadata(client);
    expect(await isSettled(next, cluster)).toBe(false);
    await cluster.clock.advance(throttleTimeMs - 1);
    expect(await isSettled(next, cluster)).toBe(false);
    await cluster.clock.advance(1);
    expect((await next).throttleTimeMs).toBe(0);
    // What was sent is still counted: the next byte is one too many.
    expect((await produce(client, 1).ask()).throttleTimeMs).toBeGreaterThan(0);
    await cluster.clock.advance(60_000);
    expect((await produce(client, 5000).ask()).throttleTimeMs).toBe(0);
    expect(cluster.failures).toEqual([]);
  });

  it("mute who wants no answer, too", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    await alter(client, [[{ user: null }, { producer_byte_rate: 1000 }]]);
    client.send(ProduceRequest, 9, produce(client, 50_000, "raw", 0).body);
    const next = metadata(client);
    expect(await isSettled(next, cluster)).toBe(false);
    await cluster.clock.advance(41_000);
    expect(await isSettled(next, cluster)).toBe(true);
  });

  it("give a consumer nothing while it has had too much, and go on with its session", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    using other = await RawClient.to(cluster);
    for (let i = 0; i < 3; i++) await produce(other, 8000).ask();
    await alter(client, [[{ "client-id": "raw" }, { consumer_byte_rate: 1000 }]]);
    const first = await fetch(client, 0, 0);
    // No more than what could be given without a wait.
    expect(first.responses[0]?.partitions[0]?.records?.byteLength).toBeLessThan(10_000);
    expect(first.throttleTimeMs).toBe(0);
    const second = await fetch(client, first.sessionId, 1);
    expect(second).toMatchObject({ errorCode: 0, sessionId: first.sessionId, responses: [] });
    expect(second.throttleTimeMs).toBeGreaterThan(0);
    const third = fetch(client, first.sessionId, 2);
    expect(await isSettled(third, cluster)).toBe(false);
    // Windows that have not gone by count as if they had: the first answer is still too much with the next.
    await cluster.clock.advance(second.throttleTimeMs);
    expect((await third).responses).toEqual([]);
    await cluster.clock.advance(60_000);
    const fourth = await fetch(client, first.sessionId, 3);
    expect(fourth.responses[0]?.partitions[0]?.records?.byteLength).toBeGreaterThan(0);
    expect(cluster.failures).toEqual([]);
  });

  it("count for whom they are most special, and for each on its own", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    const waitOf = async (clientId: string) => {
      using fresh = await RawClient.to(cluster);
      return (await produce(fresh, 50_000, clientId).ask()).throttleTimeMs;
    };
    await alter(client, [[{ "client-id": null }, { producer_byte_rate: 1000 }]]);
    expect(await waitOf("a")).toBeGreaterThan(30_000);
    expect(await waitOf("b")).toBeGreaterThan(30_000);
    await alter(client, [[{ "client-id": "c" }, { producer_byte_rate: 1e9 }]]);
    expect(await waitOf("c")).toBe(0);
    await alter(client, [[{ user: null }, { producer_byte_rate: 1000 }]]);
    expect(await waitOf("c")).toBeGreaterThan(30_000);
    await alter(client, [[{ user: "ANONYMOUS" }, { producer_byte_rate: 1e9 }]]);
    expect(await waitOf("d")).toBe(0);
    await alter(client, [[{ user: "ANONYMOUS", "client-id": "d" }, { producer_byte_rate: 1000 }]]);
    expect(await waitOf("d")).toBeGreaterThan(30_000);
    expect(await waitOf("e")).toBe(0);
  });

  it("limit what the controller does: an error from the versions on that know it", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    await alter(client, [[{ user: null }, { controller_mutation_rate: 1 }]]);
    const create = (name: string, numPartitions: number, version = 7) =>
      client.ask(CreateTopicsRequest, CreateTopicsResponse, version, {
        topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
        timeoutMs: 1000,
      });
    // There are eleven tokens to begin with, and who finds one may take more.
    expect(await create("a", 15)).toMatchObject({ throttleTimeMs: 0, topics: [{ errorCode: 0 }] });
    const refused = await create("b", 1);
    expect(refused.topics).toMatchObject([
      { errorCode: THROTTLING_QUOTA_EXCEEDED, errorMessage: "The throttling quota has been exceeded." },
    ]);
    expect(refused.throttleTimeMs).toBe(4000);
    const grown = client.ask(CreatePartitionsRequest, CreatePartitionsResponse, 3, {
      topics: [{ name: "orders", count: 3, assignments: null }],
      timeoutMs: 1000,
      validateOnly: false,
    });
    expect(await isSettled(grown, cluster)).toBe(false);
    await cluster.clock.advance(4000);
    expect(await grown).toMatchObject({ throttleTimeMs: 0, results: [{ errorCode: 0 }] });
    const gone = await client.ask(DeleteTopicsRequest, DeleteTopicsResponse, 5, {
      topicNames: ["a"],
      timeoutMs: 1000,
    });
    expect(gone).toMatchObject({
      throttleTimeMs: 2000,
      responses: [{ errorCode: THROTTLING_QUOTA_EXCEEDED }],
    });
    await cluster.clock.advance(2000);
    // Who does not know the error has it done, and waits afterwards.
    expect(await create("c", 3, 5)).toMatchObject({ throttleTimeMs: 3000, topics: [{ errorCode: 0 }] });
    expect(cluster.topics).toEqual(["orders", "a", "c"]);
    expect(cluster.failures).toEqual([]);
  });

  it("limit the time that requests take", async () => {
    await using cluster = await start({ time: "real", topics: {} });
    using client = await RawClient.to(cluster);
    await alter(client, [[{ user: null }, { request_percentage: 0.000_001 }]]);
    const { throttleTimeMs } = await metadata(client);
    expect(throttleTimeMs).toBeGreaterThan(0);
    expect(throttleTimeMs).toBeLessThanOrEqual(1000);
    // It waits in answers that have no place for it, as well.
    await cluster.clock.advance(throttleTimeMs);
    expect(cluster.failures).toEqual([]);
  });
});
