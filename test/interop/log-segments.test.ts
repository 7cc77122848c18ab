/** Kafka's own tool reads the segments that the embedded broker writes. */

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runJava } from "../../scripts/kafka/java.ts";
import { Kafka } from "../../src/client/kafka.ts";
import { TestCluster } from "../../src/testing/mod.ts";
import { describeKafka } from "../support/kafka.ts";

/** The last for which the tool is in the broker's own jar. */
const KAFKA_VERSION = "4.1.1";

async function dump(files: readonly string[], ...options: string[]): Promise<string> {
  const { stdout } = await runJava({
    program: "kafka.tools.DumpLogSegments",
    kafkaVersion: KAFKA_VERSION,
    args: ["--files", files.join(","), "--deep-iteration", ...options],
  });
  return stdout.toString();
}

describeKafka("Kafka's DumpLogSegments", ["java"], () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kafkawire-dump-"));
    await using cluster = await TestCluster.start({
      network: "memory",
      dataDirectory: directory,
      topics: { orders: { configs: { "cleanup.policy": "compact", "segment.bytes": "300" } } },
    });
    await using kafka = new Kafka({ bootstrapServers: cluster.bootstrapServers, platform: cluster.platform });
    await using producer = kafka.producer({ transactionalId: "billing", compressionType: "gzip" });
    for (const value of ["1", "2", "3"]) {
      await producer.transaction(async () => {
        await producer.send({ topic: "orders", key: "a", value });
        await producer.send({ topic: "orders", key: value, value: null });
      });
    }
    cluster.partition("orders", 0).compact();
    await using consumer = kafka.consumer({
      groupId: "readers",
      topics: ["orders"],
      enableAutoCommit: false,
    });
    await consumer.commit([{ topic: "orders", partition: 0, offset: 3n }]);
    expect(cluster.failures).toEqual([]);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** The files of segments of partitions whose names begin so, but for empty ones. */
  async function segments(prefix: string): Promise<string[]> {
    const names = await readdir(join(directory, "broker-1"), { recursive: true, withFileTypes: true });
    return names
      .filter(({ name, parentPath }) => name.endsWith(".log") && parentPath.includes(`/${prefix}`))
      .map(({ name, parentPath }) => join(parentPath, name))
      .sort();
  }

  it("reads batches, compacted ones and markers", { timeout: 60_000 }, async () => {
    const text = await dump(await segments("orders-0"), "--print-data-log");
    expect(text).not.toContain("isvalid: false");
    expect(text).toContain("isTransactional: true");
    expect(text).toContain("endTxnMarker: COMMIT");
    expect(text).toMatch(/key: a payload: 3/);
    expect(text).not.toMatch(/key: a payload: [12]/);
    expect(text).not.toContain("Found timestamp mismatch");
  });

  it("reads what coordinators have written", { timeout: 60_000 }, async () => {
    const offsets = await dump(await segments("__consumer_offsets-"), "--offsets-decoder");
    expect(offsets).toMatch(/"group":"readers","topic":"orders","partition":0/);
    expect(offsets).toMatch(/"offset":3/);
    const transactions = await dump(await segments("__transaction_state-"), "--transaction-log-decoder");
    expect(transactions).toContain("billing");
  });
});
