/** Other clients log in to the embedded broker. */

import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TestCluster, type TestClusterOptions } from "../../src/testing/mod.ts";
import { certificate } from "../platform/support.ts";
import { describeKafka } from "../support/kafka.ts";
import { java } from "./java.ts";
import { kcat } from "./kcat.ts";

const { ca, cert, key } = certificate;
const file = (name: string): string =>
  fileURLToPath(new URL(`../platform/fixtures/${name}`, import.meta.url));

let cluster: TestCluster | undefined;
const started = async (options: TestClusterOptions): Promise<string> => {
  cluster = await TestCluster.start({ topics: { orders: 1, secret: 1 }, ...options });
  return cluster.bootstrapServers.join(",");
};
beforeEach(() => {
  cluster = undefined;
});
afterEach(async () => {
  await cluster?.close();
  expect(cluster?.failures).toEqual([]);
});

describeKafka("kcat and a secured embedded broker", "kcat", () => {
  /** Writes a record and reads it again. */
  const roundTrip = async (bootstrap: string, settings: Record<string, string>): Promise<string> => {
    const options = Object.entries(settings).flatMap(([name, value]) => ["-X", `${name}=${value}`]);
    await kcat(["-P", "-b", bootstrap, "-t", "orders", ...options], Buffer.from("paid\n"));
    const read = ["-C", "-q", "-e", "-o", "beginning", "-X", "fetch.wait.max.ms=10"];
    return (await kcat([...read, "-b", bootstrap, "-t", "orders", ...options])).toString();
  };
  const password = { "sasl.username": "alice", "sasl.password": "pencil" };
  const OPTIONS: TestClusterOptions = {
    sasl: { users: { alice: "pencil" } },
    authorizer: { superUsers: ["User:alice", "User:CN=localhost"] },
  };

  it.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])("log in by %s", async (mechanism) => {
    const bootstrap = await started(OPTIONS);
    const settings = { "security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": mechanism };
    expect(await roundTrip(bootstrap, { ...settings, ...password })).toBe("paid\n");
  });

  it("refuses a wrong password", async () => {
    const bootstrap = await started(OPTIONS);
    const settings = [
      "security.protocol=SASL_PLAINTEXT",
      "sasl.mechanisms=SCRAM-SHA-256",
      "sasl.username=alice",
    ];
    const options = [...settings, "sasl.password=pen"].flatMap((setting) => ["-X", setting]);
    await expect(kcat(["-L", "-m", "2", "-b", bootstrap, ...options])).rejects.toThrow(
      "invalid credentials with SASL mechanism SCRAM-SHA-256",
    );
  });

  it("speak TLS, and show whose certificate it is", async () => {
    const { authorizer } = OPTIONS;
    const tls = { cert, key, ca, requireClientCertificate: true };
    const bootstrap = await started({ tls, ...(authorizer === undefined ? {} : { authorizer }) });
    const own = {
      "ssl.certificate.location": file("localhost.pem"),
      "ssl.key.location": file("localhost.key"),
    };
    const settings = { "security.protocol": "SSL", "ssl.ca.location": file("ca.pem"), ...own };
    expect(await roundTrip(bootstrap, settings)).toBe("paid\n");
  });

  it("log in by an unsigned token over TLS", async () => {
    const bootstrap = await started({ ...OPTIONS, tls: { cert, key } });
    const settings = {
      "security.protocol": "SASL_SSL",
      "ssl.ca.location": file("ca.pem"),
      "sasl.mechanisms": "OAUTHBEARER",
      "enable.sasl.oauthbearer.unsecure.jwt": "true",
      "sasl.oauthbearer.config": "principal=alice",
    };
    expect(await roundTrip(bootstrap, settings)).toBe("paid\n");
  });
});

describeKafka("Kafka's own clients and a secured embedded broker", "java", () => {
  it("log in in every way, and make users, rules and quotas", async () => {
    const bootstrap = await started({
      tls: { cert, key },
      sasl: { users: { admin: "secret" } },
      authorizer: { superUsers: ["User:admin"] },
      configs: { "delegation.token.secret.key": "of this test" },
    });
    const results = Object.fromEntries(await java("Secured", [bootstrap, file("ca.pem")]));
    expect(results).toEqual({
      "make a user": "null",
      "describe users": expect.stringContaining("carol"),
      "make a rule": "null",
      "describe rules": expect.stringMatching(/patternType=PREFIXED.*User:carol.*operation=WRITE/),
      "set a quota": "null",
      "describe quotas": expect.stringMatching(/user=carol.*producer_byte_rate=1000000\.0/),
      "SCRAM-SHA-512": "0",
      "what no rule allows": expect.stringContaining("TopicAuthorizationException"),
      "a wrong password": expect.stringMatching(
        /SaslAuthenticationException.*invalid credentials with SASL mechanism SCRAM-SHA-512/,
      ),
      "SCRAM-SHA-256": "1",
      "a wrong password by PLAIN": expect.stringContaining(
        "Authentication failed: Invalid username or password",
      ),
      "describe tokens": expect.stringMatching(/owner=User:admin/),
      "a delegation token": "2",
      OAUTHBEARER: "3",
    });
  });
});
