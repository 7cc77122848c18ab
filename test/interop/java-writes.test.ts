import { beforeAll, expect, it } from "vitest";
import type { ConsumerConfig } from "../../src/mod.ts";
import { compressionTypes } from "../../src/protocol/records/compression-type.ts";
import { describeKafka } from "../support/kafka.ts";
import { seed } from "../support/seed.ts";
import { type AwkwardRecord, awkwardRecords } from "./awkward-records.ts";
import { recordBytes, show, showHeaders } from "./bytes.ts";
import { differences, type SeenRecord, type SentRecord } from "./compare.ts";
import { type Order, writeWithJava } from "./java.ts";
import { fromTheBeginning, readWithKafkawire } from "./kafkawire.ts";
import { ALONE, createLane, type Lane, laneKinds, recordsFor, TOGETHER } from "./lanes.ts";
import { kafkaForSuite } from "./topics.ts";

describeKafka(`records from Kafka's Java client to kafkawire, seed ${seed}`, ["broker", "java"], () => {
  const suite = kafkaForSuite();
  const table = awkwardRecords(seed).filter(({ notByJava }) => !notByJava);
  const lanes: Lane[] = [];
  let orders: readonly (Order & { readonly lane: Lane })[];
  let written: Omit<SeenRecord, "timestampType">[];
  let sent: SentRecord[];

  beforeAll(async () => {
    for (const kind of laneKinds) lanes.push(await createLane(suite(), kind));
    orders = lanes.flatMap((lane) => {
      const { topic, compressionType } = lane;
      return recordsFor(lane, table).flatMap((record) => [
        { lane, topic, compressionType, record, partition: TOGETHER, batching: "together" as const },
        { lane, topic, compressionType, record, partition: ALONE, batching: "alone" as const },
      ]);
    });
    written = await writeWithJava(suite().bootstrap, orders);
    sent = orders.map(({ record, lane: { timestampType } }, i) => {
      const { topic, partition, offset, timestamp } = written[i] as (typeof written)[number];
      const bytes = recordBytes(record);
      return { name: record.name, bytes, topic, partition, offset, timestamp, timestampType };
    });
  });

  it("are to Java the bytes that they are to kafkawire", () => {
    // Text went to Java as text: what differs here, Java's own serializers make other bytes of.
    const inJava = written.map(({ key, value, headers }) => ({ key, value, headers }));
    expect(inJava).toEqual(orders.map(({ record }) => shown(record)));
  });

  it.each(laneKinds)("are the same with $compressionType and $timestampType", async (kind) => {
    const lane = lanes[laneKinds.indexOf(kind)] as Lane;
    const expected = sent.filter(({ topic }) => topic === lane.topic);
    const seen = await read(expected, fromTheBeginning([lane]));
    expect(differences(expected, seen)).toEqual([]);
    console.log(
      `Java wrote, kafkawire read (${kind.compressionType}, ${kind.timestampType}): ${seen.length}`,
    );
  });

  it("are the same when fetched in the smallest portions", async () => {
    const lane = laneOf("gzip");
    const expected = sent.filter(({ topic }) => topic === lane.topic);
    const portions = { fetchMaxBytes: 1, maxPartitionFetchBytes: 1 };
    expect(differences(expected, await read(expected, fromTheBeginning([lane]), portions))).toEqual([]);
  });

  it.each(compressionTypes)("are the same from the middle of a batch on, with %s", async (type) => {
    const { topic } = laneOf(type);
    // The first records of the table are small, so they share a batch: none of these offsets begins one.
    for (const from of [1n, 7n, 20n]) {
      const expected = sent.filter(
        (record) => record.topic === topic && record.partition === TOGETHER && record.offset >= from,
      );
      const seen = await read(expected, [{ topic, partition: TOGETHER, from }]);
      expect(differences(expected, seen)).toEqual([]);
    }
  });

  const laneOf = (compressionType: Lane["compressionType"]): Lane =>
    lanes.find((lane) => lane.compressionType === compressionType) as Lane;

  const read = (
    expected: readonly SentRecord[],
    assignment: Parameters<typeof readWithKafkawire>[1],
    config?: ConsumerConfig,
  ) => readWithKafkawire(suite().kafka, assignment, expected.length, config);
});

function shown(record: AwkwardRecord): Pick<SeenRecord, "key" | "value" | "headers"> {
  const { key, value, headers } = recordBytes(record);
  return { key: show(key), value: show(value), headers: showHeaders(headers) };
}
