/** SASL against real brokers: every mechanism, and what each refusal says. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AuthenticationError, Kafka, type KafkaConfig, type SaslMechanism } from "kafkawire";
import { describe, expect, it, vi } from "vitest";
import { platform } from "#platform";
import { Broker } from "../../src/client/broker.ts";
import { resolveKafkaConfig } from "../../src/client/config/kafka-config.ts";
import { Authenticator } from "../../src/client/sasl/authenticator.ts";
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from "../../src/protocol/messages/create-delegation-token.ts";
import { brokerOptions, FakeLogger } from "../support/fake-kafka.ts";
import { clusterFor, describeKafka } from "../support/kafka.ts";
import { createTopic, readAll, text } from "../support/topics.ts";
import { unsecuredToken } from "../support/unsecured-token.ts";

const JAAS = "org.apache.kafka.common.security";
const OTHERS = { username: "üser=,", password: 'pässwörd ﬁ\u00a0"\\;' };
const quoted = (value: string): string => `"${value.replace(/["\\]/g, "\\$&")}"`;

describe.each(["4.4.0", "3.9.1"])("Kafka %s", (kafkaVersion) => {
  describeKafka("SASL", "cluster", () => {
    const cluster = clusterFor({
      kafkaVersion,
      security: "sasl_ssl",
      properties: {
        "delegation.token.secret.key": "of this test",
        "connection.failed.authentication.delay.ms": "10",
      },
      listeners: [
        {
          name: "BARE",
          securityProtocol: "SASL_PLAINTEXT",
          properties: {
            "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
            "scram-sha-512.sasl.jaas.config": `${JAAS}.scram.ScramLoginModule required;`,
            "plain.sasl.jaas.config": `${JAAS}.plain.PlainLoginModule required ${quoted(`user_${OTHERS.username}`)}=${quoted(OTHERS.password)};`,
          },
        },
        { name: "OPEN", securityProtocol: "PLAINTEXT" },
      ],
    });

    const credentials = () => cluster().credentials ?? expect.fail("no credentials");
    const port = (name: string): string => `localhost:${cluster().brokers[0]?.listenerPorts?.[name]}`;
    const user = () => ({ saslUsername: credentials().username, saslPassword: credentials().password });

    /** A client of the listener with TLS. */
    const client = (config: Partial<KafkaConfig>): Kafka =>
      new Kafka({
        bootstrapServers: cluster().bootstrapServers,
        securityProtocol: "SASL_SSL",
        ...(config.securityProtocol === undefined || config.securityProtocol === "SASL_SSL"
          ? { sslTruststoreCertificates: credentials().caPem ?? "" }
          : {}),
        logger: new FakeLogger(),
        ...config,
      });

    const roundTrip = async (kafka: Kafka): Promise<void> => {
      await using _ = kafka;
      const topic = await createTopic(kafka, 1);
      await using producer = kafka.producer();
      await producer.send([..."abc"].map((value) => ({ topic, value })));
      expect((await readAll(kafka, topic, 3)).map(({ value }) => text(value))).toEqual(["a", "b", "c"]);
    };

    const refusal = async (config: Partial<KafkaConfig>): Promise<AuthenticationError> => {
      await using kafka = client(config);
      const startMs = performance.now();
      const error = await kafka
        .producer()
        .send({ topic: "nothing", value: "x" })
        .catch((reason: unknown) => reason);
      // At once, and not at some deadline.
      expect(performance.now() - startMs).toBeLessThan(5000);
      expect(error).toBeInstanceOf(AuthenticationError);
      return error as AuthenticationError;
    };

    it.each<SaslMechanism>(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])(
      "lets a user in by %s",
      (saslMechanism) => roundTrip(client({ saslMechanism, ...user() })),
    );

    it("lets in who has a token, extensions and all", () =>
      roundTrip(
        client({
          saslMechanism: "OAUTHBEARER",
          saslOauthbearerToken: async () => ({ value: unsecuredToken(), extensions: { traceId: "a b" } }),
        }),
      ));

    it("lets in who asks a token endpoint, which is asked once for all connections", async () => {
      let asked = 0;
      const server = createServer((_, response) => {
        asked++;
        response.end(
          JSON.stringify({ access_token: unsecuredToken(), token_type: "Bearer", expires_in: 600 }),
        );
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        await roundTrip(
          client({
            saslMechanism: "OAUTHBEARER",
            saslOauthbearerTokenEndpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
            saslOauthbearerClientCredentialsClientId: "client",
            saslOauthbearerClientCredentialsClientSecret: "secret",
          }),
        );
        expect(asked).toBe(1);
      } finally {
        server.close();
      }
    });

    it("works without TLS, and with names and passwords of any characters", () =>
      roundTrip(
        client({
          bootstrapServers: port("BARE"),
          securityProtocol: "SASL_PLAINTEXT",
          saslMechanism: "PLAIN",
          saslCredentials: () => OTHERS,
        }),
      ));

    it("lets in who has a delegation token", async () => {
      const { sasl, tls } = resolveKafkaConfig({
        bootstrapServers: cluster().bootstrapServers,
        securityProtocol: "SASL_SSL",
        sslTruststoreCertificates: credentials().caPem ?? "",
        saslMechanism: "SCRAM-SHA-256",
        ...user(),
      });
      const [address] = cluster().brokers;
      const logger = new FakeLogger();
      const broker = new Broker(
        { host: address?.host ?? "", port: address?.port ?? 0 },
        {
          ...brokerOptions(platform as never, { logger, tls }),
          authenticator: new Authenticator((sasl ?? expect.fail("no SASL")).source, {
            clock: platform.clock,
            logger,
          }),
        },
      );
      const api = {
        apiKey: CreateDelegationTokenRequest.apiKey as number,
        request: CreateDelegationTokenRequest,
        response: CreateDelegationTokenResponse,
      };
      const { response } = await broker.request(api, { maxLifetimeMs: -1n }, { timeoutMs: 10_000 });
      broker.close(new Error("done"));
      expect(response).toMatchObject({ errorCode: 0 });
      const saslCredentials = () => ({
        username: response.tokenId,
        password: Buffer.from(response.hmac).toString("base64"),
        tokenAuth: true,
      });
      // The controller makes the token, and the broker gets to know it a moment later.
      await vi.waitFor(() => roundTrip(client({ saslMechanism: "SCRAM-SHA-256", saslCredentials })), 10_000);
      const asUser = () => ({ ...saslCredentials(), tokenAuth: false });
      expect(await refusal({ saslMechanism: "SCRAM-SHA-256", saslCredentials: asUser })).toMatchObject({
        code: "SASL_AUTHENTICATION_FAILED",
      });
    });

    it.each<[SaslMechanism, RegExp]>([
      ["PLAIN", /the broker says "Authentication failed: Invalid username or password"/],
      ["SCRAM-SHA-256", /the broker says ".*invalid credentials with SASL mechanism SCRAM-SHA-256"/],
      ["SCRAM-SHA-512", /the broker says ".*invalid credentials with SASL mechanism SCRAM-SHA-512"/],
    ])(
      "refuses a wrong password and an unknown user by %s, and says what to check",
      async (saslMechanism, words) => {
        for (const wrong of [{ saslPassword: "s3cret" }, { saslUsername: "nobody" }]) {
          const error = await refusal({ saslMechanism, ...user(), ...wrong });
          expect(error).toMatchObject({
            code: "SASL_AUTHENTICATION_FAILED",
            retriable: false,
            fatal: true,
            mechanism: saslMechanism,
            message: expect.stringMatching(words),
          });
          expect(error.message).toContain(
            "check saslUsername and saslPassword, or what saslCredentials gives, and that the user exists",
          );
          expect(error.message).not.toContain("s3cret");
        }
      },
    );

    it.each([
      ["has expired", () => unsecuredToken({ exp: 1 })],
      ["is no JWT", () => "s3cret"],
      ["is signed by nobody known", () => `${unsecuredToken()}s3cret`],
    ])("refuses a token that %s, and shows why", async (_, value) => {
      const error = await refusal({
        saslMechanism: "OAUTHBEARER",
        saslOauthbearerToken: () => ({ value: value() }),
      });
      expect(error).toMatchObject({
        code: "SASL_AUTHENTICATION_FAILED",
        mechanism: "OAUTHBEARER",
        message: expect.stringContaining('"status":"invalid_token"'),
      });
      expect(error.message).toContain("check the token's issuer, audience, scope and lifetime");
      expect(error.message).not.toContain("s3cret");
    });

    it("names the mechanisms that a listener offers when it does not offer ours", async () => {
      const error = await refusal({
        bootstrapServers: port("BARE"),
        securityProtocol: "SASL_PLAINTEXT",
        saslMechanism: "OAUTHBEARER",
        saslOauthbearerToken: () => ({ value: unsecuredToken() }),
      });
      expect(error).toMatchObject({
        code: "UNSUPPORTED_SASL_MECHANISM",
        message: expect.stringMatching(
          /it offers (SCRAM-SHA-512, PLAIN|PLAIN, SCRAM-SHA-512): set saslMechanism/,
        ),
      });
    });

    it("says that a listener has no SASL", async () => {
      const error = await refusal({
        bootstrapServers: port("OPEN"),
        securityProtocol: "SASL_PLAINTEXT",
        saslMechanism: "SCRAM-SHA-512",
        ...user(),
      });
      expect(error).toMatchObject({
        code: "ILLEGAL_SASL_STATE",
        message: expect.stringContaining('set securityProtocol to "SSL" or "PLAINTEXT"'),
      });
    });

    it("says that a listener has SASL to who does not speak it", async () => {
      await using kafka = client({ bootstrapServers: port("BARE"), securityProtocol: "PLAINTEXT" });
      await expect(kafka.consumer().partitionsFor("orders", { timeoutMs: 5000 })).rejects.toMatchObject({
        code: "TIMEOUT",
        message: expect.stringContaining('set securityProtocol to "SASL_SSL" or "SASL_PLAINTEXT"'),
      });
    });

    it("takes new credentials for new connections once they have changed", async () => {
      let saslPassword = "old";
      await using kafka = client({
        saslMechanism: "SCRAM-SHA-512",
        saslCredentials: async () => ({ username: credentials().username, password: saslPassword }),
      });
      const producer = kafka.producer();
      const topic = `test-${crypto.randomUUID()}`;
      await expect(producer.send({ topic, value: "x" })).rejects.toMatchObject({
        code: "SASL_AUTHENTICATION_FAILED",
      });
      saslPassword = credentials().password;
      await kafka.admin().createTopics([{ topic, numPartitions: 1 }]);
      expect((await producer.send({ topic, value: "x" })).offset).toBe(0n);
    });
  });
});
