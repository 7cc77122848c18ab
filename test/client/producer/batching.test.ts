import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Produce } from "../../../src/client/api.ts";
import type { ProducerConfig } from "../../../src/client/config/producer-config.ts";
import { partitionForKey } from "../../../src/client/producer/partitioners/partition-for-key.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { recordSizeUpperBound } from "../../../src/protocol/records/record-batch-builder.ts";
import { settle } from "../../support/fake-clock.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";

async function setUp(config: ProducerConfig = {}, partitions = 1) {
  const cluster = new FakeCluster();
  cluster.createTopic("t", partitions);
  const producer = kafkaFor(cluster).producer(config);
  const { platform } = cluster;
  const broker = cluster.broker(1);
  // The topic is known from here on.
  await platform.run(producer.send({ topic: "t", partition: 0, value: "first" }));
  await platform.run(producer.flush());
  broker.requests.length = 0;
  /** How many partitions each request was for. */
  const requests = (): number[] =>
    broker.of(Produce).map(({ body }) => body.topicData[0]?.partitionData.length ?? 0);
  return { cluster, platform, broker, producer, requests };
}

describe("lingering", () => {
  it("waits lingerMs for more records, and sends them together", async () => {
    const { platform, producer, requests } = await setUp({ lingerMs: 20 });
    const sent = [producer.send({ topic: "t", value: "a" })];
    await platform.clock.advance(10);
    sent.push(producer.send({ topic: "t", value: "b" }));
    await platform.clock.advance(9);
    expect(requests()).toEqual([]);
    await platform.clock.advance(1);
    expect(requests()).toEqual([1]);
    expect((await Promise.all(sent)).map(({ offset }) => offset)).toEqual([1n, 2n]);
  });

  it("ends at once when a batch is full", async () => {
    const { cluster, platform, producer } = await setUp({ lingerMs: 10_000, batchSize: 200 });
    const value = "x".repeat(100);
    const sent = [producer.send({ topic: "t", value }), producer.send({ topic: "t", value })];
    await settle();
    // The second had no room in the first batch: that one goes, and the second lingers.
    expect(cluster.log("t").values()).toEqual(["first", value]);
    await platform.clock.advance(10_000);
    await Promise.all(sent);
  });

  it("ends at once for a record that fills a batch by itself", async () => {
    const { cluster, producer } = await setUp({ lingerMs: 10_000, batchSize: 200 });
    const value = "x".repeat(500);
    const sent = producer.send({ topic: "t", value });
    await settle();
    expect(cluster.log("t").values()).toEqual(["first", value]);
    await sent;
  });

  it("sends with one request what is ready for one broker, within maxRequestSize", async () => {
    const { platform, producer, requests } = await setUp({ lingerMs: 5, maxRequestSize: 1000 }, 5);
    const value = "x".repeat(300);
    const sent = [0, 1, 2, 3, 4].map((partition) => producer.send({ topic: "t", partition, value }));
    await platform.run(Promise.all(sent));
    expect(requests().sort()).toEqual([1, 2, 2]);
  });

  it("hands over no more requests than may be on their way, so that none is late for waiting here", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t", 6);
    const { platform } = cluster;
    const kafka = kafkaFor(cluster, { requestTimeoutMs: 1000, maxInFlightRequestsPerConnection: 1 });
    const producer = kafka.producer({ lingerMs: 0, maxRequestSize: 1000, enableIdempotence: false });
    await platform.run(producer.send({ topic: "t", partition: 0, value: "first" }));
    const broker = cluster.broker(1);
    broker.handle(Produce, async () => {
      await new Promise<void>((resolve) => platform.clock.setTimer(400, resolve));
      return undefined;
    });
    const records = [0, 1, 2, 3, 4, 5].map((partition) => ({
      topic: "t",
      partition,
      value: "x".repeat(600),
    }));
    await platform.run(producer.send(records));
    expect(broker.of(Produce)).toHaveLength(7);
    expect(kafka.metrics().producer.batchesRetried).toBe(0);
  });

  it("leaves no timer behind when all is sent", async () => {
    const { platform, producer } = await setUp({ lingerMs: 5 });
    await platform.run(producer.send({ topic: "t", value: "a" }));
    await settle();
    expect(platform.clock.foregroundTimers).toBe(0);
  });
});

describe("sizes", () => {
  it("refuses a record that no request holds, and sends the largest that one does", async () => {
    const maxRequestSize = 1000;
    const { cluster, platform, producer } = await setUp({ maxRequestSize, lingerMs: 0 });
    const BATCH_OVERHEAD = 61;
    const largest = maxRequestSize - BATCH_OVERHEAD - recordSizeUpperBound(null, "");
    const value = (size: number): Uint8Array => new Uint8Array(size);
    // Two bytes more for the length of the value, which is a varint.
    await platform.run(producer.send({ topic: "t", value: value(largest - 2) }));
    const error = await platform.failure(producer.send({ topic: "t", value: value(largest) }));
    expect(error).toMatchObject({
      name: "ConfigError",
      code: "MESSAGE_TOO_LARGE",
      message: expect.stringContaining("maxRequestSize is 1000: raise maxRequestSize"),
    });
    expect(cluster.log("t").values()).toHaveLength(2);
  });

  it("sends nothing of a list in which a record is wrong", async () => {
    const { cluster, platform, producer } = await setUp({ lingerMs: 0 });
    const sent = producer.send([
      { topic: "t", value: "a" },
      { topic: "t", value: 5 as never },
    ]);
    expect(await platform.failure(sent)).toMatchObject({
      message: expect.stringContaining("its value is a number; give a string"),
    });
    await platform.run(producer.flush());
    expect(cluster.log("t").values()).toEqual(["first"]);
  });

  it.each([
    [{ topic: "" }, "needs a topic"],
    [undefined as never, "must be an object with a topic"],
    [{ topic: "t", partition: -1 }, "partition -1 is not a number from 0 up"],
    [{ topic: "t", partition: 0.5 }, "partition 0.5 is not"],
    [{ topic: "t", timestamp: -1 }, "timestamp -1 is not a whole number"],
    [{ topic: "t", timestamp: Number.NaN }, "timestamp NaN is not"],
    [{ topic: "t", key: {} }, "its key is a object"],
    [{ topic: "t", headers: { trace: 1 } }, 'its header "trace" is a number'],
    [{ topic: "t", headers: [[1, "a"]] }, "a header's key must be a string"],
  ])("refuses %j", async (record, message) => {
    const { platform, producer } = await setUp();
    expect(await platform.failure(producer.send(record as never))).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining(message),
    });
  });
});

describe("what is written", () => {
  const fetched = (cluster: FakeCluster) => [...readRecordBatches(cluster.log("t").read(1n, 1e6))];

  it("is each part of the record, as it was given", async () => {
    const { cluster, platform, producer } = await setUp();
    const bytes = Uint8Array.of(0, 255);
    const headers = [["h", "1"], { key: "h", value: null }, ["b", bytes.buffer]] as const;
    const sent = await platform.run(
      producer.send([
        { topic: "t", key: "ключ", value: bytes, headers, timestamp: 1234 },
        { topic: "t", key: null, value: null, headers: { a: "" } },
      ]),
    );
    expect(sent).toEqual([
      { topic: "t", partition: 0, offset: 1n, timestamp: 1234 },
      { topic: "t", partition: 0, offset: 2n, timestamp: platform.clock.wallMs() - 5 },
    ]);
    const [a, b] = fetched(cluster).flatMap((batch) => [...batch.records()]);
    const text = (data: Uint8Array | null | undefined) => data && Buffer.from(data).toString();
    expect([text(a?.key), a?.value, a?.timestamp]).toEqual(["ключ", bytes, 1234]);
    expect(a?.headers.map(({ key, value }) => [key, value && Buffer.from(value).toString("hex")])).toEqual([
      ["h", "31"],
      ["h", null],
      ["b", "00ff"],
    ]);
    expect([b?.key, b?.value, b?.headers.map(({ key }) => key)]).toEqual([null, null, ["a"]]);
  });

  it("is compressed with gzip where that is asked for", async () => {
    const { cluster, platform, producer } = await setUp({ compressionType: "gzip" });
    await platform.run(producer.send({ topic: "t", value: "x".repeat(10_000) }));
    const [batch] = fetched(cluster);
    expect(batch?.compressionType).toBe("gzip");
    expect(batch?.bytes.byteLength).toBeLessThan(200);
    const payload = gunzipSync(batch?.bytes.subarray(61) ?? new Uint8Array());
    expect([...(batch?.records(payload) ?? [])][0]?.value).toHaveLength(10_000);
  });

  it.each([
    [undefined, -1],
    ["all", -1],
    [-1, -1],
    [1, 1],
  ] as const)("is asked to be acknowledged as acks says (%s)", async (acks, onTheWire) => {
    const { platform, broker, producer } = await setUp({ acks } as ProducerConfig);
    await platform.run(producer.send({ topic: "t", value: "a" }));
    expect(broker.of(Produce)[0]?.body.acks).toBe(onTheWire);
  });

  it("has the broker's timestamp where the broker says so", async () => {
    const { cluster, platform, broker, producer } = await setUp();
    const topicId = cluster.topics.get("t")?.topicId as string;
    const partitionResponses = [{ index: 0, baseOffset: 5n, logAppendTimeMs: 99n }];
    broker.script(Produce, { responses: [{ name: "t", topicId, partitionResponses }] });
    expect(await platform.run(producer.send({ topic: "t", value: "a" }))).toMatchObject({
      offset: 5n,
      timestamp: 99,
    });
  });

  it.each([
    ["by id from v13 on", false, 13],
    ["by name where a topic has no id", true, 12],
  ])("names topics %s", async (_, withoutTopicIds, version) => {
    const cluster = new FakeCluster();
    cluster.withoutTopicIds = withoutTopicIds;
    cluster.createTopic("t");
    const producer = kafkaFor(cluster).producer();
    await cluster.platform.run(producer.send({ topic: "t", value: "a" }));
    expect(cluster.broker(1).of(Produce)[0]?.version).toBe(version);
  });
});

describe("the partition", () => {
  it("is the one given, else that of the key, else one that changes", async () => {
    const { platform, producer } = await setUp({}, 7);
    const keys = ["", "a", "b", "order-42"];
    const sent = await platform.run(
      producer.send([
        { topic: "t", partition: 6, key: "a" },
        ...keys.map((key) => ({ topic: "t", key })),
        { topic: "t", key: new TextEncoder().encode("order-42") },
      ]),
    );
    const ofKey = (key: string): number => partitionForKey(key, 7);
    expect(sent.map(({ partition }) => partition)).toEqual([6, ...keys.map(ofKey), ofKey("order-42")]);
  });

  it("is one that has a leader where there is no key", async () => {
    const { cluster, platform, producer } = await setUp({ lingerMs: 0, batchSize: 10 }, 4);
    for (const partition of [0, 1, 3]) cluster.moveLeader("t", partition, -1);
    const unsent = producer.send({ topic: "t", partition: 0, value: "stuck" }).catch(() => {});
    await platform.clock.advance(500);
    const sent = Array.from({ length: 10 }, () => producer.send({ topic: "t", value: "a" }));
    expect(new Set((await platform.run(Promise.all(sent))).map(({ partition }) => partition))).toEqual(
      new Set([2]),
    );
    await platform.run(producer.close({ timeoutMs: 1 }));
    await unsent;
  });
});
