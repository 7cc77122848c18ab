/** Delegation tokens on embedded clusters. */

import { AuthenticationError, Kafka } from "kafkawire";
import { describe, expect, it } from "vitest";
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from "../../../src/protocol/messages/create-delegation-token.ts";
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from "../../../src/protocol/messages/describe-delegation-token.ts";
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from "../../../src/protocol/messages/expire-delegation-token.ts";
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from "../../../src/protocol/messages/renew-delegation-token.ts";
import {
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
} from "../../../src/protocol/messages/sasl-authenticate.ts";
import {
  SaslHandshakeRequest,
  SaslHandshakeResponse,
} from "../../../src/protocol/messages/sasl-handshake.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";
import { RawClient } from "../raw-client.ts";

const [AUTH_DISABLED, NOT_FOUND, OWNER_MISMATCH, NOT_ALLOWED, AUTHORIZATION_FAILED, EXPIRED, INVALID_TYPE] = [
  61, 62, 63, 64, 65, 66, 67,
];
const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];

function start(configs: Record<string, string> = { "delegation.token.secret.key": "of this test" }) {
  return TestCluster.start({
    network: "memory",
    time: "manual",
    configs,
    sasl: { users: { admin: "secret", alice: "secret", bob: "secret" } },
    authorizer: { superUsers: ["User:admin"] },
  });
}

async function as(cluster: TestCluster, user: string): Promise<RawClient> {
  const client = await RawClient.to(cluster);
  await client.ask(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: "PLAIN" });
  const authBytes = new TextEncoder().encode(`\0${user}\0secret`);
  const answer = await client.ask(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, { authBytes });
  expect(answer.errorCode).toBe(0);
  return client;
}

const create = (
  client: RawClient,
  { owner = "", renewers = [] as string[], type = "User", maxLifetimeMs = -1 } = {},
) =>
  client.ask(CreateDelegationTokenRequest, CreateDelegationTokenResponse, 3, {
    ownerPrincipalType: "User",
    ownerPrincipalName: owner,
    renewers: renewers.map((principalName) => ({ principalType: type, principalName })),
    maxLifetimeMs: BigInt(maxLifetimeMs),
  });
const renew = (client: RawClient, hmac: Uint8Array, renewPeriodMs = -1) =>
  client.ask(RenewDelegationTokenRequest, RenewDelegationTokenResponse, 2, {
    hmac,
    renewPeriodMs: BigInt(renewPeriodMs),
  });
const expire = (client: RawClient, hmac: Uint8Array, expiryTimePeriodMs = -1) =>
  client.ask(ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, 2, {
    hmac,
    expiryTimePeriodMs: BigInt(expiryTimePeriodMs),
  });
const idsSeenBy = async (client: RawClient, owners: string[] | null = null) => {
  const body = { owners: owners?.map((principalName) => ({ principalType: "User", principalName })) ?? null };
  const { errorCode, tokens } = await client.ask(
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
    3,
    body,
  );
  return errorCode === 0 ? tokens.map(({ tokenId }) => tokenId) : errorCode;
};

function byToken(
  cluster: TestCluster,
  { tokenId, hmac }: { tokenId: string; hmac: Uint8Array },
  tokenAuth = true,
): Kafka {
  return new Kafka({
    bootstrapServers: cluster.bootstrapServers,
    platform: cluster.platform,
    securityProtocol: "SASL_PLAINTEXT",
    saslMechanism: "SCRAM-SHA-512",
    saslCredentials: () => ({ username: tokenId, password: Buffer.from(hmac).toString("base64"), tokenAuth }),
    logger: new FakeLogger(),
  });
}

describe("delegation tokens", () => {
  it("let their owner in, as long as they are there", async () => {
    await using cluster = await start();
    using admin = await as(cluster, "admin");
    const token = await create(admin);
    expect(token).toMatchObject({
      errorCode: 0,
      principalName: "admin",
      tokenRequesterPrincipalName: "admin",
      expiryTimestampMs: token.issueTimestampMs + BigInt(24 * HOUR_MS),
      maxTimestampMs: token.issueTimestampMs + BigInt(7 * 24 * HOUR_MS),
    });
    await using kafka = byToken(cluster, token);
    expect((await kafka.producer().send({ topic: "orders", value: "x" })).offset).toBe(0n);
    const enter = async (tokenAuth: boolean) => {
      await using other = byToken(cluster, token, tokenAuth);
      return await other.producer().send({ topic: "orders", value: "x" });
    };
    await expect(enter(false)).rejects.toBeInstanceOf(AuthenticationError);
    expect(await expire(admin, token.hmac)).toMatchObject({ errorCode: 0 });
    await expect(enter(true)).rejects.toBeInstanceOf(AuthenticationError);
    expect(cluster.failures).toEqual([]);
  });

  it("expire, unless they are renewed, and in the end all the same", async () => {
    await using cluster = await start();
    using alice = await as(cluster, "alice");
    const { hmac, issueTimestampMs, maxTimestampMs } = await create(alice, { maxLifetimeMs: 3 * MINUTE_MS });
    expect(maxTimestampMs).toBe(issueTimestampMs + BigInt(3 * MINUTE_MS));
    const at = (ms: number): bigint => issueTimestampMs + BigInt(ms);
    expect(await expire(alice, hmac, MINUTE_MS)).toMatchObject({ expiryTimestampMs: at(MINUTE_MS) });
    await cluster.clock.advance(MINUTE_MS);
    expect(await renew(alice, hmac, MINUTE_MS)).toMatchObject({ expiryTimestampMs: at(2 * MINUTE_MS) });
    expect(await renew(alice, hmac)).toMatchObject({ expiryTimestampMs: maxTimestampMs });
    await cluster.clock.advance(2 * MINUTE_MS + 1);
    expect(await renew(alice, hmac)).toMatchObject({ errorCode: EXPIRED, expiryTimestampMs: -1n });
    expect(await expire(alice, hmac, MINUTE_MS)).toMatchObject({ errorCode: EXPIRED });
    await cluster.clock.advance(HOUR_MS + 1);
    expect(await renew(alice, hmac)).toMatchObject({ errorCode: NOT_FOUND });
  });

  it("are for those who own, renew or may see them", async () => {
    await using cluster = await start();
    using admin = await as(cluster, "admin");
    using alice = await as(cluster, "alice");
    using bob = await as(cluster, "bob");
    const ofAlice = await create(alice);
    const forBob = await create(admin, { owner: "alice", renewers: ["bob"] });
    expect(forBob).toMatchObject({ principalName: "alice", tokenRequesterPrincipalName: "admin" });
    expect(await create(bob, { owner: "alice" })).toMatchObject({ errorCode: AUTHORIZATION_FAILED });
    expect(await create(bob, { renewers: ["x"], type: "Group" })).toMatchObject({ errorCode: INVALID_TYPE });
    expect(await renew(bob, ofAlice.hmac)).toMatchObject({ errorCode: OWNER_MISMATCH });
    expect(await renew(bob, forBob.hmac)).toMatchObject({ errorCode: 0 });
    expect(await idsSeenBy(alice)).toEqual([ofAlice.tokenId, forBob.tokenId]);
    expect(await idsSeenBy(bob)).toEqual([forBob.tokenId]);
    expect(await idsSeenBy(admin, ["bob"])).toEqual([forBob.tokenId]);
    expect(await idsSeenBy(admin, [])).toEqual([]);
    expect(cluster.failures).toEqual([]);
  });

  it("are not there without a key, and not for everybody", async () => {
    await using cluster = await start({});
    using alice = await as(cluster, "alice");
    expect(await create(alice)).toMatchObject({ errorCode: AUTH_DISABLED });
    expect(await idsSeenBy(alice)).toBe(AUTH_DISABLED);
    await using open = await TestCluster.start({ network: "memory" });
    using nobody = await RawClient.to(open);
    expect(await create(nobody)).toMatchObject({ errorCode: NOT_ALLOWED });
    expect(await renew(nobody, new Uint8Array(1))).toMatchObject({ errorCode: NOT_ALLOWED });
  });
});
