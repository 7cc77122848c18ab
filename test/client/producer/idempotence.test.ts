import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InitProducerId, Produce } from "../../../src/client/api.ts";
import type { ProducerConfig } from "../../../src/client/config/producer-config.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { cutShort, hangUp, later, type Reply, raw, silence } from "../../support/fake-broker.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";

const OUT_OF_ORDER_SEQUENCE_NUMBER = 45;
const UNKNOWN_PRODUCER_ID = 59;
const MESSAGE_TOO_LARGE = 10;
const NOT_ENOUGH_REPLICAS = 19;
const INVALID_PRODUCER_EPOCH = 47;

function setUp(config: ProducerConfig = {}) {
  const cluster = new FakeCluster();
  cluster.createTopic("t");
  const { platform } = cluster;
  const broker = cluster.broker(1);
  const kafka = kafkaFor(cluster, { requestTimeoutMs: 1000 });
  // A batch for each record, so that it can be seen which is where.
  const producer = kafka.producer({ lingerMs: 0, batchSize: 1, ...config });
  const send = (values: readonly string[]) =>
    Promise.allSettled(values.map((value) => producer.send({ topic: "t", value })));
  /** What was asked to be written: values with their epochs and sequences. */
  const attempts = (): string[] =>
    broker.of(Produce).map(({ body }) => {
      const [batch] = readRecordBatches(body.topicData[0]?.partitionData[0]?.records as Uint8Array);
      const values = Array.from(batch?.records() ?? [], ({ value }) => Buffer.from(value ?? []).toString());
      return `${values.join("+")} ${batch?.producerId}/${batch?.producerEpoch}/${batch?.baseSequence}`;
    });
  const refusal = (errorCode: number) => ({
    responses: [
      {
        name: "t",
        topicId: cluster.topics.get("t")?.topicId as string,
        partitionResponses: [{ index: 0, errorCode, baseOffset: -1n }],
      },
    ],
  });
  const written = (): string[] => cluster.log("t").values();
  /** Answers Produce so until it is told to stop. */
  const produce = (handler: (records: Uint8Array) => Reply<object>): (() => void) => {
    let isOn = true;
    broker.handle(Produce, ({ body }) => {
      const reply = isOn ? handler(body.topicData[0]?.partitionData[0]?.records as Uint8Array) : undefined;
      return reply as never;
    });
    return () => {
      isOn = false;
    };
  };
  return { cluster, platform, broker, kafka, producer, send, attempts, refusal, written, produce };
}

describe("an idempotent producer", () => {
  it("sends its first batch alone, then up to five", async () => {
    const { platform, broker, send, attempts } = setUp();
    await platform.run(send(["first"]));
    broker.script(Produce, later(100, undefined));
    const sent = send(["a", "b", "c", "d", "e", "f"]);
    await platform.clock.advance(50);
    expect(attempts()).toEqual(["first", "a", "b", "c", "d", "e"].map((value, i) => `${value} 1000/0/${i}`));
    await platform.run(sent);
    expect(attempts().at(-1)).toBe("f 1000/0/6");
  });

  it("sends again one after another what came to nothing, under the same numbers", async () => {
    const { platform, broker, send, attempts, written } = setUp();
    await platform.run(send(["first"]));
    broker.script(Produce, cutShort({}, 3));
    await platform.run(send(["a", "b", "c"]));
    expect(written()).toEqual(["first", "a", "b", "c"]);
    expect(attempts().filter((each) => each.startsWith("a"))).toEqual(["a 1000/0/1", "a 1000/0/1"]);
  });

  it("takes as written what the broker has already, with its offset", async () => {
    const { cluster, platform, produce, send, written } = setUp();
    await platform.run(send(["first"]));
    const stop = produce((records) => {
      stop();
      cluster.log("t").append(records);
      return hangUp();
    });
    const [a, b] = await platform.run(send(["a", "b"]));
    expect([a, b]).toMatchObject([{ value: { offset: 1n } }, { value: { offset: 2n } }]);
    expect(written()).toEqual(["first", "a", "b"]);
  });

  it("writes what is left under the next epoch, once the broker has proved that a batch is missing", async () => {
    const { platform, broker, send, attempts, refusal, written } = setUp();
    await platform.run(send(["first"]));
    broker.script(Produce, refusal(MESSAGE_TOO_LARGE));
    const outcomes = await platform.run(send(["a", "b", "c"]));
    expect(outcomes).toMatchObject([
      { status: "rejected", reason: { code: "MESSAGE_TOO_LARGE", mayBeWritten: false } },
      { status: "fulfilled", value: { offset: 1n } },
      { status: "fulfilled", value: { offset: 2n } },
    ]);
    expect(written()).toEqual(["first", "b", "c"]);
    expect(attempts().slice(-2)).toEqual(["b 1000/1/0", "c 1000/1/1"]);
  });

  it("uses the numbers again of a last batch that was certainly not written", async () => {
    const { platform, broker, send, attempts, refusal, written } = setUp();
    await platform.run(send(["first"]));
    broker.script(Produce, refusal(MESSAGE_TOO_LARGE));
    await platform.run(send(["a"]));
    await platform.run(send(["b"]));
    expect(attempts()).toEqual(["first 1000/0/0", "a 1000/0/1", "b 1000/0/1"]);
    expect(written()).toEqual(["first", "b"]);
  });

  it("goes on under the next epoch where a batch expired and nobody knows its fate", async () => {
    const { platform, produce, send, attempts, written } = setUp({ deliveryTimeoutMs: 3000 });
    await platform.run(send(["first"]));
    const stop = produce(() => silence);
    const [lost] = await platform.run(send(["a"]));
    expect(lost).toMatchObject({ reason: { code: "DELIVERY_TIMED_OUT", mayBeWritten: true } });
    stop();
    await platform.run(send(["b"]), 10_000);
    expect(attempts().at(-1)).toBe("b 1000/1/0");
    expect(written()).toEqual(["first", "b"]);
  });

  it("takes no sequence twice where what ends a connection in the midst is an error that no retry helps", async () => {
    const { cluster, platform, produce, send, written } = setUp();
    await platform.run(send(["first"]));
    const stop = produce((records) => {
      stop();
      cluster.log("t").append(records);
      return raw(Buffer.from("HTTP/1.1 502 Bad Gateway\r\n"));
    });
    const [a] = await platform.run(send(["a"]));
    expect(a).toMatchObject({ reason: { code: "NOT_A_KAFKA_BROKER", mayBeWritten: true } });
    const [b] = await platform.run(send(["b"]));
    expect(b).toMatchObject({ value: { offset: 2n } });
    expect(written()).toEqual(["first", "a", "b"]);
  });

  it("learns from the next batch what became of one that expired", async () => {
    const { cluster, platform, produce, send, attempts, written } = setUp({ deliveryTimeoutMs: 3000 });
    await platform.run(send(["first"]));
    // It is written, and nobody hears of it until its time is up.
    const stop = produce((records) => {
      cluster.log("t").append(records);
      return silence;
    });
    const lost = send(["a"]);
    await platform.clock.advance(2500);
    const behind = send(["b"]);
    await platform.clock.advance(600);
    stop();
    expect(await platform.run(lost)).toMatchObject([{ reason: { mayBeWritten: true } }]);
    expect(await platform.run(behind, 10_000)).toMatchObject([{ status: "fulfilled" }]);
    expect(written()).toEqual(["first", "a", "b"]);
    expect(attempts().at(-1)).toMatch(/^b 1000\/[01]\//);
  });

  it.each([UNKNOWN_PRODUCER_ID, OUT_OF_ORDER_SEQUENCE_NUMBER])(
    "begins anew where the broker has lost what it knew (%i)",
    async (errorCode) => {
      const { platform, broker, send, attempts, refusal, written } = setUp();
      await platform.run(send(["first"]));
      broker.script(Produce, refusal(errorCode));
      await platform.run(send(["a"]));
      expect(attempts()).toEqual(["first 1000/0/0", "a 1000/0/1", "a 1000/1/0"]);
      expect(written()).toEqual(["first", "a"]);
    },
  );

  it("pauses between epochs where a broker never takes anything", async () => {
    const { platform, broker, produce, send, refusal } = setUp({ deliveryTimeoutMs: 5000 });
    await platform.run(send(["first"]));
    produce(() => refusal(OUT_OF_ORDER_SEQUENCE_NUMBER));
    const [lost] = await platform.run(send(["a"]));
    expect(lost).toMatchObject({ reason: { code: "DELIVERY_TIMED_OUT", mayBeWritten: false } });
    expect(broker.of(Produce).length).toBeLessThan(20);
  });

  it("takes another producer id where brokers refuse its epoch", async () => {
    const { platform, broker, send, attempts, refusal, written } = setUp();
    await platform.run(send(["first"]));
    broker.script(Produce, refusal(INVALID_PRODUCER_EPOCH));
    await platform.run(send(["a", "b"]));
    expect(written()).toEqual(["first", "a", "b"]);
    expect(attempts().at(-1)).toBe("b 1001/0/1");
  });

  it("takes another producer id when the epochs of one are used up", async () => {
    const { platform, broker, send, attempts, refusal, written } = setUp();
    broker.script(InitProducerId, { producerId: 5n, producerEpoch: 0x7fff });
    await platform.run(send(["first"]));
    broker.script(Produce, refusal(OUT_OF_ORDER_SEQUENCE_NUMBER));
    await platform.run(send(["a"]));
    expect(attempts()).toEqual(["first 5/32767/0", "a 5/32767/1", "a 1000/0/0"]);
    expect(written()).toEqual(["first", "a"]);
  });

  it("is kept waiting no longer than deliveryTimeoutMs for an id, and says why", async () => {
    const { platform, broker, send } = setUp({ deliveryTimeoutMs: 3000 });
    const COORDINATOR_LOAD_IN_PROGRESS = 14;
    let isLoading = true;
    broker.handle(InitProducerId, () =>
      isLoading ? { errorCode: COORDINATOR_LOAD_IN_PROGRESS } : undefined,
    );
    const [lost] = await platform.run(send(["a"]));
    expect(lost).toMatchObject({
      reason: {
        code: "DELIVERY_TIMED_OUT",
        mayBeWritten: false,
        cause: { code: "COORDINATOR_LOAD_IN_PROGRESS" },
      },
    });
    isLoading = false;
    expect(await platform.run(send(["b"]))).toMatchObject([{ status: "fulfilled" }]);
  });

  it("keeps its process alive while records wait for an id without end", async () => {
    const { platform, broker, send, written } = setUp({ deliveryTimeoutMs: 0 });
    const COORDINATOR_LOAD_IN_PROGRESS = 14;
    broker.script(InitProducerId, ...Array(20).fill({ errorCode: COORDINATOR_LOAD_IN_PROGRESS }));
    await platform.run(send(["a"]));
    expect(written()).toEqual(["a"]);
    expect(platform.isAlive).toBe(false);
  });

  it("asks for no id any more once nothing waits for one", async () => {
    const { platform, broker, send } = setUp({ deliveryTimeoutMs: 2000 });
    const COORDINATOR_LOAD_IN_PROGRESS = 14;
    broker.handle(InitProducerId, () => ({ errorCode: COORDINATOR_LOAD_IN_PROGRESS }));
    await platform.run(send(["a"]));
    await platform.clock.advance(1500);
    const asked = broker.of(InitProducerId).length;
    await platform.clock.advance(10_000);
    expect(broker.of(InitProducerId)).toHaveLength(asked);
  });

  it("fails at once where it may have no id, until it may", async () => {
    const { platform, broker, send } = setUp();
    const CLUSTER_AUTHORIZATION_FAILED = 31;
    let isGranted = false;
    broker.handle(InitProducerId, () =>
      isGranted ? undefined : { errorCode: CLUSTER_AUTHORIZATION_FAILED },
    );
    const [lost] = await platform.run(send(["a"]), 100);
    expect(lost).toMatchObject({
      reason: {
        code: "CLUSTER_AUTHORIZATION_FAILED",
        mayBeWritten: false,
        message: expect.stringContaining("set enableIdempotence: false"),
      },
    });
    isGranted = true;
    await platform.clock.advance(1000);
    expect(await platform.run(send(["b"]))).toMatchObject([{ status: "fulfilled" }]);
  });
});

describe("a batch that is too large for the broker", () => {
  it.each([
    [true, "none"],
    [false, "none"],
    [true, "gzip"],
  ] as const)(
    "is split until it fits, in order (idempotent: %s, %s)",
    async (enableIdempotence, compressionType) => {
      const { cluster, platform, produce, producer, refusal } = setUp({
        enableIdempotence,
        compressionType,
        batchSize: 10_000,
        lingerMs: 5,
      });
      const LIMIT = 230;
      produce(({ byteLength }) => (byteLength > LIMIT ? refusal(MESSAGE_TOO_LARGE) : undefined));
      const values = Array.from({ length: 40 }, (_, i) => `value-${i} ${Math.sin(i)}`);
      const headers = [["a", null]] as const;
      const sent = producer.send(
        values.map((value, i) => ({ topic: "t", key: `${i}`, value, headers, timestamp: 1000 + i })),
      );
      const behind = producer.send({ topic: "t", value: "behind" });
      const metadata = await platform.run(sent);
      await platform.run(behind);
      const batches = [...readRecordBatches(cluster.log("t").read(0n, 1e6))];
      expect(batches.length).toBeGreaterThan(3);
      const read = batches.flatMap((batch) => {
        const payload = batch.compressionType === "gzip" ? gunzipSync(batch.bytes.subarray(61)) : undefined;
        return Array.from(batch.records(payload), ({ value }) => Buffer.from(value ?? []).toString());
      });
      expect(read).toEqual([...values, "behind"]);
      expect(metadata.map(({ offset }) => offset)).toEqual(values.map((_, i) => BigInt(i)));
      expect(metadata.map(({ timestamp }) => timestamp)).toEqual(values.map((_, i) => 1000 + i));
    },
  );

  it("has not used up `retries` by that (KIP-126)", async () => {
    const { platform, produce, producer, written, refusal } = setUp({
      batchSize: 10_000,
      lingerMs: 5,
      retries: 1,
    });
    const seen = new Set<number>();
    produce(({ byteLength }) => {
      if (byteLength > 500) return refusal(MESSAGE_TOO_LARGE);
      if (seen.has(byteLength)) return undefined;
      seen.add(byteLength);
      return refusal(NOT_ENOUGH_REPLICAS);
    });
    const values = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(100));
    await platform.run(producer.send(values.map((value) => ({ topic: "t", value }))));
    expect(written()).toEqual(values);
  });

  it("fails where it is a single record, and the others go on", async () => {
    const { platform, produce, producer, written, refusal } = setUp({ batchSize: 10_000, lingerMs: 5 });
    produce(({ byteLength }) => (byteLength > 500 ? refusal(MESSAGE_TOO_LARGE) : undefined));
    const values = ["a", "b", "x".repeat(1000), "c", "d"];
    const outcomes = await platform.run(
      Promise.allSettled(values.map((value) => producer.send({ topic: "t", value }))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
    expect(written()).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a batch of which the broker refuses some records", () => {
  it("fails each record with what was said of it (KIP-467)", async () => {
    const { cluster, platform, broker, producer } = setUp({ batchSize: 10_000, lingerMs: 5 });
    const INVALID_RECORD = 87;
    broker.script(Produce, {
      responses: [
        {
          name: "t",
          topicId: cluster.topics.get("t")?.topicId as string,
          partitionResponses: [
            {
              index: 0,
              errorCode: INVALID_RECORD,
              recordErrors: [{ batchIndex: 1, batchIndexErrorMessage: "no key" }],
              errorMessage: "compacted",
            },
          ],
        },
      ],
    });
    const outcomes = await platform.run(
      Promise.allSettled(["a", "b"].map((value) => producer.send({ topic: "t", value }))),
    );
    expect(outcomes).toMatchObject([
      {
        reason: {
          code: "INVALID_RECORD",
          message: expect.stringContaining("refused 1 other records of its batch"),
        },
      },
      { reason: { code: "INVALID_RECORD", message: expect.stringContaining("(no key)") } },
    ]);
  });
});

describe("replicas that are missing", () => {
  it("are waited for under the same numbers", async () => {
    const { platform, broker, send, attempts, refusal } = setUp();
    await platform.run(send(["first"]));
    broker.script(Produce, refusal(NOT_ENOUGH_REPLICAS), refusal(NOT_ENOUGH_REPLICAS));
    await platform.run(send(["a"]));
    expect(attempts().slice(1)).toEqual(["a 1000/0/1", "a 1000/0/1", "a 1000/0/1"]);
  });
});
