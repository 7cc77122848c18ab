/** SASL on embedded clusters: the client, and requests as they stand on the wire where the client would not send them. */

import { AuthenticationError, Kafka, type KafkaConfig, type SaslMechanism } from "kafkawire";
import { describe, expect, it } from "vitest";
import { codecFor } from "../../../src/protocol/compile.ts";
import { RequestHeader, requestHeaderVersion } from "../../../src/protocol/header.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../../src/protocol/messages/alter-user-scram-credentials.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../../src/protocol/messages/api-versions.ts";
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "../../../src/protocol/messages/describe-user-scram-credentials.ts";
import { MetadataRequest, MetadataResponse } from "../../../src/protocol/messages/metadata.ts";
import {
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
} from "../../../src/protocol/messages/sasl-authenticate.ts";
import {
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from "../../../src/protocol/messages/sasl-handshake.ts";
import { Writer } from "../../../src/protocol/writer.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";
import { unsecuredToken } from "../../support/unsecured-token.ts";
import { RawClient } from "../raw-client.ts";

const MECHANISMS: readonly SaslMechanism[] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"];
const [ILLEGAL_SASL_STATE, UNSUPPORTED_SASL_MECHANISM, SASL_AUTHENTICATION_FAILED] = [34, 33, 58];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const plain = (name: string, password: string): Uint8Array => bytes(`\0${name}\0${password}`);

function start(options: TestClusterOptions = {}): Promise<TestCluster> {
  return TestCluster.start({
    network: "memory",
    sasl: { users: { alice: "secret", "bob=,": "pässwörd" } },
    ...options,
  });
}

function clientOf(cluster: TestCluster, config: Partial<KafkaConfig>): Kafka {
  return new Kafka({
    bootstrapServers: cluster.bootstrapServers,
    platform: cluster.platform,
    securityProtocol: "SASL_PLAINTEXT",
    logger: new FakeLogger(),
    ...config,
  });
}

async function sends(cluster: TestCluster, config: Partial<KafkaConfig>): Promise<void> {
  await using kafka = clientOf(cluster, config);
  await using producer = kafka.producer();
  await producer.send({ topic: "orders", value: "x" });
}

/** What the client says when it is refused. */
async function refusal(cluster: TestCluster, config: Partial<KafkaConfig>): Promise<AuthenticationError> {
  const error = await sends(cluster, config).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(AuthenticationError);
  return error as AuthenticationError;
}

const handshake = (client: RawClient, mechanism: string, version = 1) =>
  client.ask(SaslHandshakeRequest, SaslHandshakeResponse, version, { mechanism });
const authenticate = (client: RawClient, authBytes: Uint8Array, version = 2) =>
  client.ask(SaslAuthenticateRequest, SaslAuthenticateResponse, version, { authBytes });
const metadata = (client: RawClient) => client.ask(MetadataRequest, MetadataResponse, 12, { topics: [] });

async function loggedIn(cluster: TestCluster, user = "alice", password = "secret"): Promise<RawClient> {
  const client = await RawClient.to(cluster);
  await handshake(client, "PLAIN");
  expect(await authenticate(client, plain(user, password))).toMatchObject({ errorCode: 0 });
  return client;
}

describe("SASL", () => {
  it.each(MECHANISMS)("lets users in by %s, whatever their names", async (saslMechanism) => {
    await using cluster = await start();
    await sends(cluster, { saslMechanism, saslUsername: "alice", saslPassword: "secret" });
    await sends(cluster, { saslMechanism, saslUsername: "bob=,", saslPassword: "pässwörd" });
    expect(cluster.failures).toEqual([]);
  });

  it.each(["2.1", "3.9"] as const)("is there in %s", async (as) => {
    await using cluster = await start({ as });
    for (const saslMechanism of MECHANISMS) {
      await sends(cluster, { saslMechanism, saslUsername: "alice", saslPassword: "secret" });
    }
    expect(cluster.failures).toEqual([]);
  });

  it.each([
    ["PLAIN", "Authentication failed: Invalid username or password"],
    [
      "SCRAM-SHA-256",
      "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256",
    ],
    [
      "SCRAM-SHA-512",
      "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512",
    ],
  ] as const)(
    "refuses wrong passwords and unknown users by %s in Kafka's words",
    async (saslMechanism, words) => {
      await using cluster = await start();
      for (const wrong of [
        { saslUsername: "alice", saslPassword: "wrong" },
        { saslUsername: "eve", saslPassword: "secret" },
      ]) {
        const error = await refusal(cluster, { saslMechanism, ...wrong });
        expect(error.code).toBe("SASL_AUTHENTICATION_FAILED");
        expect(error.message).toContain(words);
      }
      expect(cluster.failures).toEqual([]);
    },
  );

  it("takes tokens that nobody signed, and refuses those that are no good", async () => {
    await using cluster = await start();
    const token = (value: string): Partial<KafkaConfig> => ({
      saslMechanism: "OAUTHBEARER",
      saslOauthbearerToken: () => ({ value, extensions: { traceId: "a b" } }),
    });
    await sends(cluster, token(unsecuredToken()));
    for (const bad of [
      unsecuredToken({ exp: 1 }),
      "x",
      `${unsecuredToken()}x`,
      unsecuredToken({ iat: 1e11, exp: 2e11 }),
    ]) {
      const error = await refusal(cluster, token(bad));
      expect(error.message).toContain('"status":"invalid_token"');
    }
    expect(cluster.failures).toEqual([]);
  });

  it("asks a function of the test about tokens", async () => {
    const seen: string[] = [];
    await using cluster = await start({
      sasl: {
        mechanisms: ["OAUTHBEARER"],
        validateToken: async (token) => {
          seen.push(token);
          if (token === "broken") throw new Error("cannot look");
          return token === "good" ? { principal: "carol", expiresAtMs: null } : null;
        },
      },
    });
    const token = (value: string): Partial<KafkaConfig> => ({
      saslMechanism: "OAUTHBEARER",
      saslOauthbearerToken: () => ({ value, lifetimeMs: Date.now() + 60_000, principal: "carol" }),
    });
    await sends(cluster, token("good"));
    expect((await refusal(cluster, token("bad"))).message).toContain("invalid_token");
    expect((await refusal(cluster, token("broken"))).message).toContain("invalid credentials");
    expect(new Set(seen)).toEqual(new Set(["good", "bad", "broken"]));
    expect(
      (await refusal(cluster, { saslMechanism: "PLAIN", saslUsername: "a", saslPassword: "b" })).code,
    ).toBe("UNSUPPORTED_SASL_MECHANISM");
  });

  it("tells which mechanisms there are, and hangs up", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    expect(await handshake(client, "GSSAPI")).toEqual({
      errorCode: UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"],
    });
    await client.closed;
  });

  it("hangs up on who asks for anything before logging in", async () => {
    await using cluster = await start();
    using early = await RawClient.to(cluster);
    await expect(metadata(early)).rejects.toThrow("hung up");
    using twice = await RawClient.to(cluster);
    const versions = { clientSoftwareName: "raw", clientSoftwareVersion: "1" };
    const first = await twice.ask(ApiVersionsRequest, ApiVersionsResponse, 3, versions);
    expect(first.errorCode).toBe(0);
    await expect(twice.ask(ApiVersionsRequest, ApiVersionsResponse, 3, versions)).rejects.toThrow("hung up");
    using bare = await RawClient.to(cluster);
    await expect(authenticate(bare, plain("alice", "secret"))).rejects.toThrow("hung up");
  });

  it("refuses other requests in the middle of logging in, and hangs up", async () => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    await handshake(client, "PLAIN");
    const { errorCode } = await client.ask(MetadataRequest, MetadataResponse, 13, { topics: [] });
    expect(errorCode).toBe(ILLEGAL_SASL_STATE);
    await client.closed;
  });

  it("refuses to log in again where sessions have no end, and where there is no SASL", async () => {
    await using cluster = await start();
    using client = await loggedIn(cluster);
    expect(await handshake(client, "PLAIN")).toEqual({ errorCode: ILLEGAL_SASL_STATE, mechanisms: [] });
    expect(await authenticate(client, plain("alice", "secret"))).toMatchObject({
      errorCode: ILLEGAL_SASL_STATE,
      errorMessage: "SaslAuthenticate request received after successful authentication",
    });
    expect((await metadata(client)).brokers).toHaveLength(1);
    await using open = await TestCluster.start({ network: "memory" });
    using other = await RawClient.to(open);
    expect((await handshake(other, "PLAIN")).errorCode).toBe(ILLEGAL_SASL_STATE);
    expect((await authenticate(other, plain("alice", "secret"))).errorCode).toBe(ILLEGAL_SASL_STATE);
  });

  it.each([
    ["", "Invalid SASL/PLAIN response: expected 3 tokens, got 1"],
    ["\0\0\0\0\0", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"],
    ["\0\0secret", "Authentication failed: username not specified"],
    ["\0alice\0", "Authentication failed: password not specified"],
    [
      "eve\0alice\0secret",
      "Authentication failed: Client requested an authorization id that is different from username",
    ],
  ])("says what is wrong with a PLAIN token: %j", async (token, errorMessage) => {
    await using cluster = await start();
    using client = await RawClient.to(cluster);
    await handshake(client, "PLAIN");
    expect(await authenticate(client, bytes(token))).toMatchObject({
      errorCode: SASL_AUTHENTICATION_FAILED,
      errorMessage,
    });
    await client.closed;
  });

  it("takes bare tokens after a handshake of version 0", async () => {
    await using cluster = await start({ as: "2.1" });
    using client = await RawClient.to(cluster);
    await handshake(client, "PLAIN", 0);
    client.sendFrame(plain("alice", "secret"));
    expect((await client.next()).byteLength).toBe(0);
    expect((await client.ask(MetadataRequest, MetadataResponse, 5, { topics: [] })).brokers).toHaveLength(1);
    using refused = await RawClient.to(cluster);
    await handshake(refused, "PLAIN", 0);
    refused.sendFrame(plain("alice", "wrong"));
    await refused.closed;
  });

  it("keeps passwords out of what is kept of requests", async () => {
    await using cluster = await start();
    using client = await loggedIn(cluster);
    expect((await metadata(client)).brokers).toHaveLength(1);
    expect(cluster.requests.of("SaslAuthenticate")).toHaveLength(1);
    expect(cluster.requests.of("SaslAuthenticate")[0]?.body).toEqual({ authBytes: new Uint8Array(0) });
  });

  it("is refused where it does not go with the rest", async () => {
    await expect(TestCluster.start({ securityProtocol: "SASL_SSL", sasl: {} })).rejects.toThrow("set tls");
    await expect(TestCluster.start({ securityProtocol: "PLAINTEXT", sasl: {} })).rejects.toThrow(
      "leave out sasl",
    );
    await expect(TestCluster.start({ network: "memory", tls: { cert: "", key: "" } })).rejects.toThrow(
      "has no TLS",
    );
  });
});

describe("sessions that end", () => {
  const LIFETIME = { "connections.max.reauth.ms": "60000" };

  it("are hung up on when something is asked after their end", async () => {
    await using cluster = await start({ time: "manual", configs: LIFETIME });
    using client = await loggedIn(cluster);
    await cluster.clock.advance(60_000);
    expect((await metadata(client)).brokers).toHaveLength(1);
    await cluster.clock.advance(1);
    await expect(metadata(client)).rejects.toThrow("hung up");
  });

  it("are renewed on the same connection, also after their end", async () => {
    await using cluster = await start({ time: "manual", configs: LIFETIME });
    using client = await loggedIn(cluster);
    for (const waitMs of [50_000, 70_000]) {
      await cluster.clock.advance(waitMs);
      expect((await handshake(client, "PLAIN")).errorCode).toBe(0);
      expect(await authenticate(client, plain("alice", "secret"))).toMatchObject({
        errorCode: 0,
        sessionLifetimeMs: 60_000n,
      });
      expect((await metadata(client)).brokers).toHaveLength(1);
    }
    // Kafka lets nobody do that more than once a second.
    expect((await handshake(client, "PLAIN")).errorCode).toBe(ILLEGAL_SASL_STATE);
  });

  it("stay with their user", async () => {
    await using cluster = await start({ time: "manual", configs: LIFETIME });
    using client = await loggedIn(cluster);
    await handshake(client, "PLAIN");
    expect(await authenticate(client, plain("bob=,", "pässwörd"))).toMatchObject({
      errorCode: SASL_AUTHENTICATION_FAILED,
      errorMessage: "Cannot change principals during re-authentication from User.alice: User.bob=,",
    });
    await client.closed;
  });

  it("stay with their mechanism: the next request is the end", async () => {
    await using cluster = await start({ time: "manual", configs: LIFETIME });
    using client = await loggedIn(cluster);
    expect((await handshake(client, "SCRAM-SHA-256")).errorCode).toBe(0);
    await expect(authenticate(client, bytes("n,,n=alice,r=x"))).rejects.toThrow("hung up");
  });

  it("end with the token", async () => {
    await using cluster = await start({ time: "manual", configs: LIFETIME });
    using client = await RawClient.to(cluster);
    await handshake(client, "OAUTHBEARER");
    const exp = Math.ceil(cluster.clock.wallMs() / 1000) + 10;
    const token = unsecuredToken({ exp, iat: 1 });
    const { sessionLifetimeMs } = await authenticate(client, bytes(`n,,\x01auth=Bearer ${token}\x01\x01`));
    expect(sessionLifetimeMs).toBe(BigInt(exp * 1000 - cluster.clock.wallMs()));
  });

  it("are renewed by the client without notice", async () => {
    await using cluster = await start({ configs: { "connections.max.reauth.ms": "1500" } });
    await using kafka = clientOf(cluster, {
      saslMechanism: "SCRAM-SHA-256",
      saslUsername: "alice",
      saslPassword: "secret",
    });
    let renewed = 0;
    const failures: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      kafka.on("connection:authenticated", ({ again }) => {
        if (again && ++renewed === 2) resolve();
      });
    });
    kafka.on("connection:failed", (event) => failures.push(event.error));
    const producer = kafka.producer();
    const sending = setInterval(
      () => void producer.send({ topic: "orders", value: "x" }).catch((e) => failures.push(e)),
      50,
    );
    await done;
    clearInterval(sending);
    await producer.close();
    expect(failures).toEqual([]);
    expect(cluster.failures).toEqual([]);
  });
});

describe("users for SCRAM", () => {
  const alter = (client: RawClient, body: Parameters<typeof ask>[1]) => ask(client, body);
  function ask(
    client: RawClient,
    body: {
      deletions?: { name: string; mechanism: number }[];
      upsertions?: {
        name: string;
        mechanism: number;
        iterations: number;
        salt: Uint8Array;
        saltedPassword: Uint8Array;
      }[];
    },
  ) {
    return client.ask(AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, 0, {
      deletions: [],
      upsertions: [],
      ...body,
    });
  }
  const describeUsers = (client: RawClient, users: string[] | null) =>
    client.ask(DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, 0, {
      users: users?.map((name) => ({ name })) ?? null,
    });

  async function upsertion(name: string, password: string, iterations = 4096) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, [
      "deriveBits",
    ]);
    const bits = await crypto.subtle.deriveBits(
      { name: "PBKDF2", hash: "SHA-256", salt, iterations },
      key,
      256,
    );
    return { name, mechanism: 1, iterations, salt, saltedPassword: new Uint8Array(bits) };
  }

  it("are made, told of and removed", async () => {
    await using cluster = await start();
    using client = await loggedIn(cluster);
    const made = await alter(client, { upsertions: [await upsertion("dora", "first", 8192)] });
    expect(made.results).toEqual([{ user: "dora", errorCode: 0, errorMessage: null }]);
    const dora = { saslMechanism: "SCRAM-SHA-256", saslUsername: "dora", saslPassword: "first" } as const;
    await sends(cluster, dora);
    const all = await describeUsers(client, null);
    expect(all.results.map(({ user, credentialInfos }) => [user, credentialInfos])).toEqual([
      [
        "alice",
        [
          { mechanism: 1, iterations: 4096 },
          { mechanism: 2, iterations: 4096 },
        ],
      ],
      [
        "bob=,",
        [
          { mechanism: 1, iterations: 4096 },
          { mechanism: 2, iterations: 4096 },
        ],
      ],
      ["dora", [{ mechanism: 1, iterations: 8192 }]],
    ]);
    await alter(client, { deletions: [{ name: "dora", mechanism: 1 }] });
    expect((await refusal(cluster, dora)).code).toBe("SASL_AUTHENTICATION_FAILED");
    const kept = JSON.stringify(cluster.requests.of("AlterUserScramCredentials")[0]?.body, (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    expect(kept).toContain('"saltedPassword":{}');
  });

  it("are checked one by one", async () => {
    await using cluster = await start();
    using client = await loggedIn(cluster);
    const good = await upsertion("x", "y");
    const { results } = await alter(client, {
      deletions: [
        { name: "nobody", mechanism: 1 },
        { name: "twice", mechanism: 1 },
        { name: "alice", mechanism: 3 },
        { name: "bob=,", mechanism: 2 },
      ],
      upsertions: [
        { ...good, name: "few", iterations: 4095 },
        { ...good, name: "many", iterations: 16_385 },
        { ...good, name: "" },
        { ...good, name: "bob=," },
      ],
    });
    expect(results.map(({ user, errorCode, errorMessage }) => [user, errorCode, errorMessage])).toEqual([
      ["nobody", 91, "Attempt to delete a user credential that does not exist"],
      ["twice", 91, "Attempt to delete a user credential that does not exist"],
      ["alice", 33, "Unknown SCRAM mechanism"],
      ["bob=,", 92, "A user credential cannot be altered twice in the same request"],
      ["few", 93, "Too few iterations"],
      ["many", 93, "Too many iterations"],
      ["", 93, "Username must not be empty"],
    ]);
    const described = await describeUsers(client, ["alice", "nobody", "alice"]);
    expect(described.results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
      ["alice", 92],
      ["nobody", 91],
    ]);
  });
});

it("a request that cannot be read is met with the end while nobody is logged in", async () => {
  await using cluster = await start();
  using client = await RawClient.to(cluster);
  const writer = new Writer();
  codecFor(RequestHeader, requestHeaderVersion(SaslHandshakeRequest, 1)).encode(writer, {
    requestApiKey: 17,
    requestApiVersion: 1,
    correlationId: 1,
    clientId: null,
  });
  client.sendFrame(writer.toBytes());
  await client.closed;
});
