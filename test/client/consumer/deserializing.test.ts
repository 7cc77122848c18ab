import { describe, expect, expectTypeOf, it, vi } from "vitest";
import type { ConsumerConfig } from "../../../src/client/config/consumer-config.ts";
import { type ConsumerRecord, int32, json, SerializationError, string } from "../../../src/mod.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";

interface Order {
  readonly total: number;
}

type Part = string | Uint8Array | null;

/** A consumer of a topic with one batch of these keys and values. */
async function setUp<K = Uint8Array, V = Uint8Array>(
  config: ConsumerConfig<K, V>,
  records: readonly (readonly [Part, Part])[],
) {
  const cluster = new FakeCluster();
  cluster.createTopic("t", 1);
  const builder = new RecordBatchBuilder();
  for (const [key, value] of records) builder.append(1, key, value, [{ key: "h", value: "x" }]);
  cluster.append("t", 0, await builder.build());
  const consumer = kafkaFor(cluster).consumer(config);
  consumer.assign([{ topic: "t", partition: 0, from: "earliest" }]);
  const read: ConsumerRecord<K, V>[] = [];
  await cluster.platform.run(
    (async () => {
      for await (const record of consumer) if (read.push(record) === records.length) break;
    })(),
  );
  return { read, consumer };
}

const KEY_5 = Uint8Array.of(0, 0, 0, 5);

it("keys and values are what the deserializers make of them, and null is null", async () => {
  const { read } = await setUp({ keyDeserializer: int32(), valueDeserializer: json<Order>() }, [
    [KEY_5, '{"total":9.5}'],
    [null, null],
  ]);
  expectTypeOf(read).toEqualTypeOf<ConsumerRecord<number, Order>[]>();
  expectTypeOf<(typeof read)[number]["value"]>().toEqualTypeOf<Order | null>();
  expect(read.map(({ key, value }) => [key, value])).toEqual([
    [5, { total: 9.5 }],
    [null, null],
  ]);
  const [first] = read;
  expect([first?.keyBytes, first?.valueBytes]).toEqual([
    KEY_5,
    Uint8Array.from(Buffer.from('{"total":9.5}')),
  ]);
  expect([first?.topic, first?.partition, first?.offset, first?.timestamp]).toEqual(["t", 0, 0n, 1]);
  expect(first?.headers.map(({ key }) => key)).toEqual(["h"]);
});

it("one of them leaves the other bytes", async () => {
  const values = await setUp({ valueDeserializer: string() }, [["k", "v"]]);
  expectTypeOf(values.read).toEqualTypeOf<ConsumerRecord<Uint8Array, string>[]>();
  expect(values.read.map(({ key, value }) => [key, value])).toEqual([[Uint8Array.of(107), "v"]]);
  const keys = await setUp({ keyDeserializer: string() }, [["k", "v"]]);
  expectTypeOf(keys.read).toEqualTypeOf<ConsumerRecord<string, Uint8Array>[]>();
  expect(keys.read.map(({ key, value }) => [key, value])).toEqual([["k", Uint8Array.of(118)]]);
});

it("none of them leaves bytes, with null as without", async () => {
  const { read } = await setUp({ keyDeserializer: null, valueDeserializer: null }, [["k", "v"]]);
  expectTypeOf(read).toEqualTypeOf<ConsumerRecord[]>();
  expect(read.map(({ key, value }) => [key, value])).toEqual([[Uint8Array.of(107), Uint8Array.of(118)]]);
});

describe("a deserializer", () => {
  it("is asked once for each part, when somebody looks at it", async () => {
    const deserialize = vi.fn((data: Uint8Array) => ({ data }));
    const { read } = await setUp({ valueDeserializer: { deserialize } }, [
      ["a", "1"],
      ["b", "2"],
    ]);
    expect(deserialize).not.toHaveBeenCalled();
    const [first, second] = read;
    expect(second?.value).toBe(second?.value);
    expect(first?.key).toEqual(Uint8Array.of(97));
    expect(deserialize).toHaveBeenCalledExactlyOnceWith(
      second?.valueBytes,
      expect.objectContaining({ topic: "t", part: "value" }),
    );
  });

  it("that can make nothing of a record holds nothing else up", async () => {
    const { read, consumer } = await setUp({ valueDeserializer: json<Order>() }, [
      ["a", "{"],
      ["b", '{"total":1}'],
    ]);
    const [damaged, whole] = read;
    const look = (): unknown => damaged?.value;
    expect(look).toThrow(SerializationError);
    expect(look).toThrow(
      expect.objectContaining({
        code: "DESERIALIZATION_FAILED",
        message:
          'Record in topic "t", partition 0, offset 0: the deserializer of its value failed: the 1 bytes are not JSON',
        topic: "t",
        partition: 0,
        offset: 0n,
        bytes: Uint8Array.of(123),
      } satisfies Partial<SerializationError>),
    );
    expect(damaged?.key).toEqual(Uint8Array.of(97));
    expect(damaged?.valueBytes).toEqual(Uint8Array.of(123));
    expect(whole?.value).toEqual({ total: 1 });
    expect(consumer.position({ topic: "t", partition: 0 })).toBe(2n);
  });
});
