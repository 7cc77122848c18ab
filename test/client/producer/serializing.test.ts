import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { Produce } from "../../../src/client/api.ts";
import type { ProducerConfig } from "../../../src/client/config/producer-config.ts";
import {
  int32,
  json,
  type Kafka,
  type ProducerRecord,
  partitionForKey,
  type RecordData,
  SerializationError,
  string,
} from "../../../src/mod.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";
import { FakeTransactions } from "../../support/fake-transactions.ts";

interface Order {
  readonly total: number;
}

function setUp<K = RecordData, V = RecordData>(config: ProducerConfig<K, V>, partitions = 1) {
  const cluster = new FakeCluster();
  cluster.createTopic("t", partitions);
  const producer = kafkaFor(cluster).producer({ ...config, lingerMs: 0 });
  /** Keys and values in the log, as text. */
  const written = () =>
    [...readRecordBatches(cluster.log("t").read(0n, 1e6))]
      .flatMap((batch) => [...batch.records()])
      .map(({ key, value }) => [hex(key), value === null ? null : Buffer.from(value).toString()]);
  return { cluster, platform: cluster.platform, producer, written };
}

const hex = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString("hex");

it("keys and values are sent as the serializers write them, by send and by enqueue", async () => {
  const { platform, producer, written } = setUp({ keySerializer: int32(), valueSerializer: json<Order>() });
  expectTypeOf(producer.send).parameter(0).extract<ProducerRecord<number, Order>>().not.toBeNever();
  await platform.run(producer.send({ topic: "t", key: 1, value: { total: 9.5 } }));
  await platform.run(
    producer.send([
      { topic: "t", key: 2, value: null },
      { topic: "t", value: { total: 0 } },
    ]),
  );
  const outcome = vi.fn();
  producer.enqueue({ topic: "t", key: -1, value: { total: 1 } }, outcome);
  await platform.run(producer.flush());
  expect(outcome).toHaveBeenCalledExactlyOnceWith(null, expect.objectContaining({ offset: 3n }));
  expect(written()).toEqual([
    ["00000001", '{"total":9.5}'],
    ["00000002", null],
    [null, '{"total":0}'],
    ["ffffffff", '{"total":1}'],
  ]);
});

it("the partition is that of the key's bytes", async () => {
  const { platform, producer } = setUp({ keySerializer: int32() }, 5);
  const sent = await platform.run(
    producer.send(Array.from({ length: 20 }, (_, key) => ({ topic: "t", key, value: "x" }))),
  );
  expect(sent.map(({ partition }) => partition)).toEqual(
    Array.from({ length: 20 }, (_, key) => partitionForKey(Uint8Array.of(0, 0, 0, key), 5)),
  );
});

it("the other part is sent as it is, and headers, partition and timestamp with it", async () => {
  const serialize = vi.fn(() => "written");
  const { cluster, platform, producer, written } = setUp<RecordData, string>(
    { valueSerializer: { serialize } },
    2,
  );
  const headers = { trace: "1" };
  const record = { topic: "t", key: Uint8Array.of(7), value: "v", headers, partition: 0, timestamp: 5 };
  expect(await platform.run(producer.send(record))).toEqual({
    topic: "t",
    partition: 0,
    offset: 0n,
    timestamp: 5,
  });
  expect(serialize).toHaveBeenCalledExactlyOnceWith("v", { topic: "t", part: "value", headers });
  expect(written()).toEqual([["07", "written"]]);
  const [batch] = readRecordBatches(cluster.log("t").read(0n, 1e6));
  expect([...(batch?.records() ?? [])][0]?.headers.map(({ key }) => key)).toEqual(["trace"]);
});

describe("a record that cannot be serialized", () => {
  it("fails, and with it nothing is sent of its call", async () => {
    const { cluster, platform, producer, written } = setUp({ valueSerializer: json<unknown>() });
    const sent = producer.send([
      { topic: "t", value: 1 },
      { topic: "t", value: 1n },
      { topic: "t", value: 3 },
    ]);
    const failure = await platform.failure(sent);
    expect(failure).toBeInstanceOf(SerializationError);
    expect(failure).toMatchObject({
      code: "SERIALIZATION_FAILED",
      topic: "t",
      part: "value",
      message: expect.stringContaining('Record for topic "t": the serializer of its value failed: '),
      cause: expect.any(TypeError),
    });
    expect(cluster.broker(1).of(Produce)).toEqual([]);
    await platform.run(producer.send({ topic: "t", value: 4 }));
    expect(written()).toEqual([[null, "4"]]);
  });

  it("is thrown by enqueue, and not taken", async () => {
    const { platform, producer, written } = setUp({ keySerializer: int32() });
    const outcome = vi.fn();
    expect(() => producer.enqueue({ topic: "t", key: 0.5 }, outcome)).toThrow(SerializationError);
    await platform.run(producer.flush());
    expect(outcome).not.toHaveBeenCalled();
    expect(written()).toEqual([]);
  });

  it("is not even tried where topic or partition cannot be right", async () => {
    const serialize = vi.fn(() => "x");
    const { platform, producer } = setUp({ keySerializer: { serialize } });
    const wrong = [
      { topic: "", key: "k" },
      { topic: "t", key: "k", partition: -1 },
    ];
    for (const record of wrong) {
      expect(await platform.failure(producer.send(record))).toMatchObject({ code: "INVALID_CONFIG" });
    }
    expect(serialize).not.toHaveBeenCalled();
  });
});

it("a record that cannot be serialized fails its transaction, awaited or not", async () => {
  const cluster = new FakeCluster();
  const transactions = new FakeTransactions(cluster, 2);
  cluster.createTopic("t", 1);
  const producer = kafkaFor(cluster).producer({ transactionalId: "x", valueSerializer: json<unknown>() });
  const failure = await cluster.platform.failure(
    producer.transaction(async (tx) => {
      void tx.send({ topic: "t", value: 1n });
      await tx.send({ topic: "t", value: 2 }).catch(() => {});
    }),
  );
  expect(failure).toMatchObject({ code: "TRANSACTION_ABORTABLE", cause: expect.any(SerializationError) });
  expect(transactions.ends).not.toContain("commit");
  await cluster.platform.run(producer.transaction((tx) => tx.send({ topic: "t", value: 3 })));
  expect(transactions.ends.at(-1)).toBe("commit");
});

it("a serializer can be taken back, and null is none", async () => {
  const { platform, producer, written } = setUp({ keySerializer: null });
  await platform.run(producer.send({ topic: "t", key: "k", value: Uint8Array.of(0x61) }));
  expect(written()).toEqual([["6b", "a"]]);
});

it("types say what is taken", () => {
  const kafka = undefined as unknown as Kafka;
  type Sent<P> = P extends { enqueue(record: infer R): boolean } ? R : never;
  const plain = () => kafka.producer();
  const typed = () => kafka.producer({ keySerializer: int32(), valueSerializer: json<Order>() });
  const half = () => kafka.producer({ valueSerializer: string() });
  const said = () => kafka.producer<number, string>();
  expectTypeOf<Sent<ReturnType<typeof plain>>>().toEqualTypeOf<ProducerRecord>();
  expectTypeOf<Sent<ReturnType<typeof typed>>>().toEqualTypeOf<ProducerRecord<number, Order>>();
  expectTypeOf<Sent<ReturnType<typeof half>>>().toEqualTypeOf<ProducerRecord<RecordData, string>>();
  expectTypeOf<Sent<ReturnType<typeof said>>>().toEqualTypeOf<ProducerRecord<number, string>>();
  expectTypeOf<ProducerRecord<number, Order>>().not.toExtend<ProducerRecord>();
});
