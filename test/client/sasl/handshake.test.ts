import { describe, expect, it } from "vitest";
import { ApiVersions, Metadata, SaslAuthenticate, SaslHandshake } from "../../../src/client/api.ts";
import { AuthenticationError } from "../../../src/client/errors.ts";
import { KafkaError } from "../../../src/protocol/errors.ts";
import { hangUp, silence } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";
import { FakeSasl } from "../../support/fake-sasl.ts";
import { setUp, USER } from "./support.ts";

const secret = { username: "user", password: "s3cret" };
const apis = (requests: readonly { readonly api: string }[]): string[] => requests.map(({ api }) => api);

describe("a new connection", () => {
  it("authenticates behind ApiVersions and before all else", async () => {
    const { platform, peer, sasl, ask } = setUp();
    expect(await platform.run(Promise.all([ask("a"), ask("b")]))).toEqual(["a", "b"]);
    expect(apis(peer.requests)).toEqual([
      "ApiVersions",
      "SaslHandshake",
      "SaslAuthenticate",
      "Metadata",
      "Metadata",
    ]);
    expect([peer.of(SaslHandshake)[0]?.version, peer.of(SaslAuthenticate)[0]?.version]).toEqual([1, 2]);
    expect(sasl.strays).toEqual([]);
    expect(platform.clock.foregroundTimers).toBe(0);
  });

  it.each(["SCRAM-SHA-256", "SCRAM-SHA-512"] as const)("does so by %s", async (mechanism) => {
    const users = { "us=er,ü": "pässwörd ﬁ" };
    const credentials = () => ({ username: "us=er,ü", password: "pässwörd ﬁ" });
    const { peer, ask } = setUp({ mechanism, credentials }, { users });
    // Web Crypto takes real time, and no timer is needed on the way.
    expect(await ask()).toBe("a");
    expect(peer.of(SaslAuthenticate)).toHaveLength(2);
  });

  it("does so by OAUTHBEARER", async () => {
    const { platform, ask } = setUp({ mechanism: "OAUTHBEARER", token: async () => ({ value: "token" }) });
    expect(await platform.run(ask())).toBe("a");
  });

  it("speaks with brokers that know SaslAuthenticate in version 0 only", async () => {
    const { platform, peer, ask } = setUp(USER, { sessionLifetimeMs: 1000 });
    peer.versions.set(SaslAuthenticate.apiKey, { lowest: 0, highest: 0 });
    expect(await platform.run(ask())).toBe("a");
    expect(peer.of(SaslAuthenticate)[0]?.version).toBe(0);
  });

  it.each([
    [SaslHandshake, "UNSUPPORTED_VERSION", "serves SaslHandshake in version 0 only"],
    [SaslAuthenticate, "UNSUPPORTED_VERSION", "SaslAuthenticate cannot be used"],
  ])("is refused to brokers that are too old for it", async (api, code, words) => {
    const { platform, peer, ask } = setUp();
    if (api === SaslHandshake) peer.versions.set(api.apiKey, { lowest: 0, highest: 0 });
    else peer.versions.delete(api.apiKey);
    const error = await platform.failure(ask());
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
  });
});

describe("a refusal", () => {
  it("of the password says what the broker says, and what to do", async () => {
    const { platform, broker, ask, logger } = setUp({ mechanism: "PLAIN", credentials: () => secret });
    const error = await platform.failure(ask());
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toBeInstanceOf(KafkaError);
    expect(error).toMatchObject({
      code: "SASL_AUTHENTICATION_FAILED",
      retriable: false,
      fatal: true,
      broker: "b1:9092",
      mechanism: "PLAIN",
      message:
        'Authentication with b1:9092 by PLAIN failed: the broker says "Invalid username or password": ' +
        "check saslUsername and saslPassword, or what saslCredentials gives, and that the user exists for this mechanism",
    });
    expect([broker.isFailing, broker.trouble]).toEqual([true, (error as Error).message]);
    expect(logger.lines.join()).not.toContain("s3cret");
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it.each(["SCRAM-SHA-256", "SCRAM-SHA-512"] as const)("of %s is one too", async (mechanism) => {
    const { ask } = setUp({ mechanism, credentials: () => secret });
    await expect(ask()).rejects.toMatchObject({
      code: "SASL_AUTHENTICATION_FAILED",
      message: expect.stringContaining('the broker says "invalid credentials"'),
    });
  });

  it("of a token shows what the broker has against it", async () => {
    const { platform, peer, ask } = setUp({ mechanism: "OAUTHBEARER", token: () => ({ value: "s3cret" }) });
    const error = await platform.failure(ask());
    expect(error).toMatchObject({
      code: "SASL_AUTHENTICATION_FAILED",
      message: expect.stringContaining('before that it said {"status":"invalid_token","scope":"kafka"}'),
    });
    expect((error as Error).message).not.toContain("s3cret");
    expect([...(peer.of(SaslAuthenticate)[1]?.body.authBytes ?? [])]).toEqual([1]);
  });

  it("of the mechanism names it, and those that there are", async () => {
    const { platform, ask } = setUp(USER, { mechanisms: ["SCRAM-SHA-512", "OAUTHBEARER"] });
    expect(await platform.failure(ask())).toMatchObject({
      code: "UNSUPPORTED_SASL_MECHANISM",
      name: "AuthenticationError",
      retriable: false,
      message:
        "Authentication with b1:9092 by PLAIN failed: the listener does not offer PLAIN; it offers " +
        "SCRAM-SHA-512, OAUTHBEARER: set saslMechanism to one of those, or enable PLAIN in the broker's " +
        "sasl.enabled.mechanisms",
    });
  });

  it.each([
    ["SaslHandshake", SaslHandshake],
    ["SaslAuthenticate", SaslAuthenticate],
  ])("of SASL as such, to %s, says that the listener has none", async (_, api) => {
    const { platform, peer, ask } = setUp();
    peer.handle(api as typeof SaslHandshake, () => ({ errorCode: 34 }));
    expect(await platform.failure(ask())).toMatchObject({
      code: "ILLEGAL_SASL_STATE",
      name: "AuthenticationError",
      message: expect.stringContaining('set securityProtocol to "SSL" or "PLAINTEXT"'),
    });
  });

  it("for another reason is the broker's error", async () => {
    const { platform, peer, ask } = setUp();
    peer.script(SaslHandshake, { errorCode: -1 });
    expect(await platform.failure(ask())).toMatchObject({ name: "BrokerError", api: "SaslHandshake" });
    peer.script(SaslAuthenticate, { errorCode: 7, errorMessage: "busy" });
    expect(await platform.failure(ask())).toMatchObject({
      name: "BrokerError",
      code: "REQUEST_TIMED_OUT",
      retriable: true,
      message: expect.stringContaining("busy"),
    });
  });

  it("without a word, by hanging up, is explained", async () => {
    const { platform, peer, ask } = setUp();
    peer.script(SaslAuthenticate, hangUp());
    expect(await platform.failure(ask())).toMatchObject({
      code: "CONNECTION_CLOSED",
      retriable: true,
      message: expect.stringContaining("while this client authenticated, without saying why"),
    });
  });

  it("of a client that does not speak SASL is explained", async () => {
    const cluster = new FakeCluster();
    const [broker] = cluster.brokers;
    broker?.handle(Metadata, () => hangUp());
    await using kafka = kafkaFor(cluster);
    const asked = kafka.consumer().partitionsFor("orders", { timeoutMs: 500 });
    expect(await cluster.platform.failure(asked)).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining('set securityProtocol to "SASL_SSL" or "SASL_PLAINTEXT"'),
    });
    expect(broker?.of(ApiVersions).length).toBeGreaterThan(0);
  });

  it("by silence ends at the time for setting up", async () => {
    const { platform, peer, ask } = setUp();
    peer.handle(SaslAuthenticate, () => silence);
    const error = await platform.failure(ask("a", { timeoutMs: 60_000 }), 10_000);
    expect(error).toMatchObject({
      code: "REQUEST_TIMED_OUT",
      message: expect.stringContaining("did not answer SaslAuthenticate v2 within 10000 ms"),
    });
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("by us, of a broker that cannot prove itself, is as final", async () => {
    const mechanism = "SCRAM-SHA-256";
    const { peer, ask } = setUp({ mechanism, credentials: () => ({ username: "user", password: "pencil" }) });
    let answers = 0;
    peer.handle(SaslAuthenticate, () => (++answers === 2 ? { authBytes: Buffer.from("v=QUJD") } : undefined));
    await expect(ask()).rejects.toMatchObject({
      code: "SASL_AUTHENTICATION_FAILED",
      message: expect.stringContaining("could not prove that it knows this user"),
    });
  });
});

describe("credentials", () => {
  it("are asked for anew for each connection", async () => {
    let password = "pencil";
    let asked = 0;
    const credentials = async () => {
      asked++;
      return { username: "user", password };
    };
    const { platform, peer, sasl, ask, broker } = setUp({ mechanism: "PLAIN", credentials });
    await platform.run(ask());
    sasl.options = { ...sasl.options, users: { user: "crayon" } };
    password = "crayon";
    // The open connection goes on with what it has.
    await platform.run(ask());
    expect(asked).toBe(1);
    broker.release("main", new Error("lost"));
    expect(await platform.run(ask())).toBe("a");
    expect([asked, peer.of(SaslHandshake).length]).toEqual([2, 2]);
  });

  it.each<[string, () => never, string]>([
    [
      "throw",
      () => {
        throw new Error("no vault");
      },
      "There are no PLAIN credentials for b1:9092: saslCredentials: no vault",
    ],
    ["reject", () => Promise.reject(new Error("no vault")) as never, "saslCredentials: no vault"],
    ["give nothing", () => undefined as never, "username must be a text that is not empty"],
    ["give half", () => ({ username: "u" }) as never, "password must be a text that is not empty"],
    [
      "give a delegation token to PLAIN",
      () => ({ username: "u", password: "p", tokenAuth: true }) as never,
      "delegation tokens (tokenAuth) need SCRAM",
    ],
    ["give what PLAIN cannot say", () => ({ username: "u", password: "p\0" }) as never, "NUL"],
    ["never come", () => new Promise(() => {}) as never, "saslCredentials did not settle within 10000 ms"],
  ])("that %s are an error within the time for setting up", async (_, credentials, words) => {
    const { platform, ask } = setUp({ mechanism: "PLAIN", credentials });
    const error = await platform.failure(ask("a", { timeoutMs: 60_000 }), 10_000);
    expect(error).toMatchObject({
      name: "AuthenticationError",
      code: "SASL_CREDENTIALS_UNAVAILABLE",
      retriable: false,
      message: expect.stringContaining(words),
    });
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("that say of their failure that it passes are asked for again", async () => {
    const credentials = () => {
      throw new KafkaError("VAULT_SEALED", "the vault is sealed", { retriable: true });
    };
    const { platform, ask } = setUp({ mechanism: "PLAIN", credentials });
    expect(await platform.failure(ask())).toMatchObject({ retriable: true, fatal: false });
  });

  it.each([
    [{ value: "" }, "the token is empty"],
    [{ value: "t", lifetimeMs: 1_000_000 }, "the token that it gave has expired at 1970-01-01T00:16:40.000Z"],
    [{ value: "t", extensions: { auth: "x" } }, '"auth"'],
    [null as never, "the token is empty"],
  ])("that are no good token are refused here: %j", async (token, words) => {
    const { platform, ask, peer } = setUp({ mechanism: "OAUTHBEARER", token: () => token });
    expect(await platform.failure(ask())).toMatchObject({
      code: "SASL_CREDENTIALS_UNAVAILABLE",
      message: expect.stringContaining(words),
    });
    expect(peer.of(SaslHandshake)).toHaveLength(0);
  });

  it("are given up when the connection is", async () => {
    const { platform, broker, ask } = setUp({ mechanism: "PLAIN", credentials: () => new Promise(() => {}) });
    const asked = ask().catch((error: unknown) => error);
    await platform.clock.advance(100);
    const cause = new Error("over");
    broker.close(cause);
    expect(await asked).toBe(cause);
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });
});

describe("what waits for a broker that refuses us", () => {
  const refused = { name: "AuthenticationError", code: "SASL_AUTHENTICATION_FAILED" };

  it.each(["send", "partitionsFor", "createTopics", "reading"] as const)(
    "fails at once: %s",
    async (call) => {
      const cluster = new FakeCluster(3);
      cluster.createTopic("orders");
      for (const broker of cluster.brokers) new FakeSasl(broker, cluster.platform);
      const kafka = kafkaFor(cluster, {
        securityProtocol: "SASL_PLAINTEXT",
        saslMechanism: "PLAIN",
        saslUsername: "user",
        saslPassword: "wrong",
      });
      const calls = {
        send: () => kafka.producer().send({ topic: "orders", value: "x" }),
        partitionsFor: () => kafka.consumer().partitionsFor("orders"),
        createTopics: () => kafka.admin().createTopics([{ topic: "new" }]),
        reading: async () => {
          const consumer = kafka.consumer();
          consumer.assign([{ topic: "orders", partition: 0, from: "earliest" }]);
          for await (const _ of consumer) return;
        },
      };
      const startMs = cluster.platform.clock.monotonicMs();
      expect(await cluster.platform.failure(calls[call]())).toMatchObject(refused);
      expect(cluster.platform.clock.monotonicMs() - startMs).toBeLessThan(1000);
      await cluster.platform.run(kafka.close());
    },
  );

  it("fails although another broker cannot be reached", async () => {
    const cluster = new FakeCluster(2);
    new FakeSasl(cluster.broker(1), cluster.platform);
    cluster.broker(2).stop();
    const kafka = kafkaFor(cluster, {
      securityProtocol: "SASL_PLAINTEXT",
      saslMechanism: "PLAIN",
      saslUsername: "user",
      saslPassword: "wrong",
    });
    const sent = kafka.producer().send({ topic: "orders", value: "x" });
    expect(await cluster.platform.failure(sent, 2000)).toMatchObject(refused);
    await cluster.platform.run(kafka.close());
  });
});
