/** Access control lists on embedded clusters. */

import { describe, expect, it } from "vitest";
import { Kafka } from "../../../src/client/kafka.ts";
import { CreateAclsRequest, CreateAclsResponse } from "../../../src/protocol/messages/create-acls.ts";
import { DeleteAclsRequest, DeleteAclsResponse } from "../../../src/protocol/messages/delete-acls.ts";
import { DescribeAclsRequest, DescribeAclsResponse } from "../../../src/protocol/messages/describe-acls.ts";
import {
  DescribeClusterRequest,
  DescribeClusterResponse,
} from "../../../src/protocol/messages/describe-cluster.ts";
import {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from "../../../src/protocol/messages/init-producer-id.ts";
import { MetadataRequest, MetadataResponse } from "../../../src/protocol/messages/metadata.ts";
import {
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
} from "../../../src/protocol/messages/sasl-authenticate.ts";
import {
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from "../../../src/protocol/messages/sasl-handshake.ts";
import { type AuthorizerOptions, TestCluster } from "../../../src/testing/mod.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";
import { RawClient } from "../raw-client.ts";

const [TOPIC, GROUP, CLUSTER] = [2, 3, 4];
const [LITERAL, PREFIXED] = [3, 4];
const [DENY, ALLOW] = [2, 3];
const [
  ALL,
  READ,
  WRITE,
  CREATE,
  DELETE,
  ALTER,
  DESCRIBE,
  ,
  DESCRIBE_CONFIGS,
  ALTER_CONFIGS,
  IDEMPOTENT_WRITE,
] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const [CLUSTER_AUTHORIZATION_FAILED, INVALID_REQUEST, SECURITY_DISABLED] = [31, 42, 54];

interface Rule {
  readonly principal?: string;
  readonly host?: string;
  readonly resourceType?: number;
  readonly name?: string;
  readonly pattern?: number;
  readonly operation?: number;
  readonly permission?: number;
}

const ruleOf = (rule: Rule) => ({
  resourceType: rule.resourceType ?? TOPIC,
  resourceName: rule.name ?? "orders",
  resourcePatternType: rule.pattern ?? LITERAL,
  principal: rule.principal ?? "User:alice",
  host: rule.host ?? "*",
  operation: rule.operation ?? READ,
  permissionType: rule.permission ?? ALLOW,
});
const ANYTHING = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
};

function start(options: AuthorizerOptions = {}): Promise<TestCluster> {
  return TestCluster.start({
    network: "memory",
    topics: { orders: 1, "orders-old": 1, other: 1 },
    sasl: { users: { admin: "secret", alice: "secret", bob: "secret" } },
    authorizer: { superUsers: ["User:admin"], ...options },
  });
}

async function as(cluster: TestCluster, user: string): Promise<RawClient> {
  const client = await RawClient.to(cluster);
  await client.ask(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: "PLAIN" });
  const authBytes = new TextEncoder().encode(`\0${user}\0secret`);
  const { errorCode } = await client.ask(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, { authBytes });
  expect(errorCode).toBe(0);
  return client;
}

const create = (client: RawClient, ...rules: Rule[]) =>
  client.ask(CreateAclsRequest, CreateAclsResponse, 3, { creations: rules.map(ruleOf) });
const find = (client: RawClient, filter: object = {}) =>
  client.ask(DescribeAclsRequest, DescribeAclsResponse, 3, { ...ANYTHING, ...filter });

/** What is allowed with each topic that the client sees. */
async function operationsOn(client: RawClient): Promise<Record<string, number[]>> {
  const body = { topics: null, includeTopicAuthorizedOperations: true };
  const { topics } = await client.ask(MetadataRequest, MetadataResponse, 12, body);
  return Object.fromEntries(
    topics.map(({ name, topicAuthorizedOperations: bits }) => [
      name,
      Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (bits & (1 << bit)) !== 0),
    ]),
  );
}

async function allowedTo(rules: Rule[], options: AuthorizerOptions = {}) {
  await using cluster = await start(options);
  using admin = await as(cluster, "admin");
  if (rules.length > 0) {
    const { results } = await create(admin, ...rules);
    expect(results.every(({ errorCode }) => errorCode === 0)).toBe(true);
  }
  using alice = await as(cluster, "alice");
  const found = await operationsOn(alice);
  expect(cluster.failures).toEqual([]);
  return found;
}

describe("access control lists", () => {
  it("allow nothing to start with, and everything to super users", async () => {
    expect(await allowedTo([])).toEqual({});
    await using cluster = await start();
    using admin = await as(cluster, "admin");
    const everything = [READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS];
    expect(await operationsOn(admin)).toMatchObject({ orders: everything, other: everything });
  });

  it.each<[string, Rule[], Record<string, number[]>]>([
    ["to read is to describe", [{ operation: READ }], { orders: [READ, DESCRIBE] }],
    [
      "to alter configurations is to describe them",
      [{ operation: ALTER_CONFIGS }, { operation: DESCRIBE }],
      {
        orders: [DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS],
      },
    ],
    [
      "names may begin so",
      [{ operation: WRITE, pattern: PREFIXED, name: "ord" }],
      {
        orders: [WRITE, DESCRIBE],
        "orders-old": [WRITE, DESCRIBE],
      },
    ],
    ["a name is the whole name", [{ operation: WRITE, name: "ord" }], {}],
    [
      "all of a type",
      [{ operation: DELETE, name: "*" }],
      {
        orders: [DELETE, DESCRIBE],
        "orders-old": [DELETE, DESCRIBE],
        other: [DELETE, DESCRIBE],
      },
    ],
    ["of another type", [{ resourceType: GROUP, name: "*" }], {}],
    ["everybody", [{ principal: "User:*" }], { orders: [READ, DESCRIBE] }],
    ["somebody else", [{ principal: "User:bob" }], {}],
    ["from somewhere else", [{ host: "10.0.0.1" }], {}],
    [
      "what denies wins, and implies nothing",
      [{ operation: ALL }, { operation: READ, permission: DENY }],
      {
        orders: [WRITE, CREATE, DELETE, ALTER, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS],
      },
    ],
    [
      "denied by a part of the name",
      [{ name: "*" }, { pattern: PREFIXED, name: "orders-", operation: ALL, permission: DENY }],
      {
        orders: [READ, DESCRIBE],
        other: [READ, DESCRIBE],
      },
    ],
  ])("%s", async (_, rules, expected) => {
    expect(await allowedTo(rules)).toEqual(expected);
  });

  it("leave out what no rule is about, where that is so by default", async () => {
    const found = await allowedTo([{ principal: "User:bob" }], { allowEveryoneIfNoAclFound: true });
    expect(Object.keys(found)).toEqual(["orders-old", "other"]);
  });

  it("are told of by filters", async () => {
    await using cluster = await start();
    using admin = await as(cluster, "admin");
    await create(
      admin,
      {},
      {},
      { operation: WRITE },
      { name: "*", principal: "User:*" },
      { name: "ord", pattern: PREFIXED, permission: DENY },
      { resourceType: CLUSTER, name: "kafka-cluster", operation: ALTER },
    );
    const names = async (filter: object) =>
      (await find(admin, filter)).resources.map(({ resourceName, acls }) => [resourceName, acls.length]);
    expect(await names({})).toEqual([
      ["orders", 2],
      ["*", 1],
      ["ord", 1],
      ["kafka-cluster", 1],
    ]);
    expect(await names({ resourceNameFilter: "orders" })).toEqual([["orders", 2]]);
    expect(await names({ resourceNameFilter: "orders", patternTypeFilter: 2 })).toEqual([
      ["orders", 2],
      ["*", 1],
      ["ord", 1],
    ]);
    expect(await names({ patternTypeFilter: PREFIXED })).toEqual([["ord", 1]]);
    expect(await names({ principalFilter: "User:*" })).toEqual([["*", 1]]);
    expect(await names({ operation: WRITE })).toEqual([["orders", 1]]);
    expect(await names({ permissionType: DENY })).toEqual([["ord", 1]]);
    const filters = [
      { ...ANYTHING, principalFilter: "User:*" },
      { ...ANYTHING, resourceTypeFilter: TOPIC, patternTypeFilter: LITERAL },
      { ...ANYTHING, operation: 99 },
    ];
    const { filterResults } = await admin.ask(DeleteAclsRequest, DeleteAclsResponse, 3, { filters });
    expect(filterResults.map(({ errorCode, matchingAcls }) => [errorCode, matchingAcls.length])).toEqual([
      [0, 1],
      [0, 3],
      [INVALID_REQUEST, 0],
    ]);
    expect(await names({})).toEqual([
      ["ord", 1],
      ["kafka-cluster", 1],
    ]);
    expect(cluster.failures).toEqual([]);
  });

  it("are refused where they make no sense", async () => {
    await using cluster = await start();
    using admin = await as(cluster, "admin");
    const { results } = await create(
      admin,
      { name: "" },
      { resourceType: CLUSTER, name: "x" },
      { resourceType: 99 },
      { pattern: 9 },
      { operation: 99 },
      { permission: 9 },
    );
    expect(results.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).toEqual([
      [INVALID_REQUEST, "Invalid empty resource name"],
      [INVALID_REQUEST, "The only valid name for the CLUSTER resource is kafka-cluster"],
      [INVALID_REQUEST, "Invalid resourceType UNKNOWN"],
      [INVALID_REQUEST, "Invalid patternType UNKNOWN"],
      [INVALID_REQUEST, "Invalid operation UNKNOWN"],
      [INVALID_REQUEST, "Invalid permissionType UNKNOWN"],
    ]);
    await expect(create(admin, { operation: 0 })).rejects.toThrow("hung up");
  });

  it("are for those who may alter the cluster", async () => {
    await using cluster = await start();
    using alice = await as(cluster, "alice");
    expect((await create(alice, {})).results).toMatchObject([{ errorCode: CLUSTER_AUTHORIZATION_FAILED }]);
    expect((await find(alice)).errorCode).toBe(CLUSTER_AUTHORIZATION_FAILED);
    using admin = await as(cluster, "admin");
    const operations = async (): Promise<number> => {
      const body = { includeClusterAuthorizedOperations: true };
      const told = await alice.ask(DescribeClusterRequest, DescribeClusterResponse, 1, body);
      return told.clusterAuthorizedOperations;
    };
    const onCluster = { resourceType: CLUSTER, name: "kafka-cluster" };
    await create(admin, { ...onCluster, operation: IDEMPOTENT_WRITE });
    expect(await operations()).toBe(0);
    await create(admin, { ...onCluster, operation: ALTER });
    expect((await create(alice, {})).results).toMatchObject([{ errorCode: 0 }]);
    expect(await operations()).toBe((1 << ALTER) | (1 << DESCRIBE) | (1 << IDEMPOTENT_WRITE));
  });

  it("let idempotent producers in who may write somewhere", async () => {
    await using cluster = await start();
    using admin = await as(cluster, "admin");
    using alice = await as(cluster, "alice");
    const init = async () =>
      (
        await alice.ask(InitProducerIdRequest, InitProducerIdResponse, 4, {
          transactionalId: null,
          transactionTimeoutMs: 1,
        })
      ).errorCode;
    expect(await init()).toBe(CLUSTER_AUTHORIZATION_FAILED);
    await create(
      admin,
      { operation: WRITE },
      { operation: WRITE, pattern: PREFIXED, name: "o", permission: DENY },
    );
    expect(await init()).toBe(CLUSTER_AUTHORIZATION_FAILED);
    await create(admin, { operation: WRITE, name: "p" });
    expect(await init()).toBe(0);
    await create(admin, { operation: WRITE, name: "*", permission: DENY });
    expect(await init()).toBe(CLUSTER_AUTHORIZATION_FAILED);
    await create(admin, { operation: IDEMPOTENT_WRITE, resourceType: CLUSTER, name: "kafka-cluster" });
    expect(await init()).toBe(0);
  });

  it("are seen by the client as they are", async () => {
    await using cluster = await start();
    using admin = await as(cluster, "admin");
    await create(admin, { operation: WRITE });
    const kafka = (user: string) =>
      new Kafka({
        bootstrapServers: cluster.bootstrapServers,
        platform: cluster.platform,
        securityProtocol: "SASL_PLAINTEXT",
        saslMechanism: "PLAIN",
        saslUsername: user,
        saslPassword: "secret",
        logger: new FakeLogger(),
      });
    await using alice = kafka("alice");
    const producer = alice.producer();
    expect((await producer.send({ topic: "orders", value: "x" })).offset).toBe(0n);
    await expect(producer.send({ topic: "other", value: "x" })).rejects.toMatchObject({
      code: "TOPIC_AUTHORIZATION_FAILED",
    });
    await using bob = kafka("bob");
    await expect(
      bob.producer({ enableIdempotence: false, acks: 1 }).send({ topic: "orders", value: "x" }),
    ).rejects.toMatchObject({
      code: "TOPIC_AUTHORIZATION_FAILED",
    });
    expect(cluster.failures).toEqual([]);
  });

  it("are not there without an authorizer", async () => {
    await using cluster = await TestCluster.start({ network: "memory" });
    using client = await RawClient.to(cluster);
    expect((await create(client, {})).results).toEqual([
      { errorCode: SECURITY_DISABLED, errorMessage: "No Authorizer is configured." },
    ]);
    expect(await find(client)).toMatchObject({
      errorCode: SECURITY_DISABLED,
      errorMessage: "No Authorizer is configured on the broker",
    });
  });
});
