/** The properties of a Java client, against a broker that wants all of them: TLS, an authority in PEM, and SASL. */

import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { clusterFor, describeKafka } from "../support/kafka.ts";
import { createTopic } from "../support/topics.ts";

describeKafka("Kafka.fromProperties", "cluster", () => {
  const cluster = clusterFor({ security: "sasl_ssl" });

  it.each([
    ["PLAIN", "plain.PlainLoginModule"],
    ["SCRAM-SHA-512", "scram.ScramLoginModule"],
  ])("logs in, sends and reads: %s", async (mechanism, module) => {
    const { bootstrapServers, credentials } = cluster();
    const { username, password, caPem = "" } = credentials ?? expect.fail("no credentials");
    const properties = `
# Written for Java's client
bootstrap.servers = ${bootstrapServers.join(",")}
security.protocol = SASL_SSL
ssl.truststore.type = PEM
ssl.truststore.certificates = ${caPem.trim().replaceAll("\n", " \\\n    ")}
sasl.mechanism = ${mechanism}
sasl.jaas.config = org.apache.kafka.common.security.${module} required \\
  username="${username}" \\
  password="${password}";
compression.type = gzip
auto.offset.reset = earliest
key.serializer = org.apache.kafka.common.serialization.StringSerializer
metric.reporters =
`;
    await using kafka = Kafka.fromProperties(properties);
    const topic = await createTopic(kafka, 1);
    await kafka.producer().send({ topic, value: mechanism });
    const consumer = kafka.consumer();
    consumer.assign([{ topic, partition: 0 }]);
    for await (const { value } of consumer) {
      expect(new TextDecoder().decode(value ?? undefined)).toBe(mechanism);
      break;
    }
  });

  it("says that a password was wrong, and not which", async () => {
    const { bootstrapServers, credentials } = cluster();
    await using kafka = Kafka.fromProperties(
      {
        "bootstrap.servers": bootstrapServers,
        "security.protocol": "SASL_SSL",
        "ssl.truststore.certificates": credentials?.caPem,
        "sasl.mechanism": "PLAIN",
        "sasl.username": credentials?.username,
        "sasl.password": "hunter2",
      },
      { logger: { debug() {}, info() {}, warn() {}, error() {} } },
    );
    const failure = await kafka
      .admin()
      .createTopics([{ topic: "x" }])
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "SASL_AUTHENTICATION_FAILED", fatal: true });
    expect(String(failure)).not.toContain("hunter2");
  });
});
