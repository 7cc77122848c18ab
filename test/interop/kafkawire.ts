/** The table of records written and read with the client under test. */

import type { ConsumerConfig, Kafka, PartitionAssignment, RecordMetadata } from "../../src/mod.ts";
import type { AwkwardRecord } from "./awkward-records.ts";
import { recordBytes, show, showHeaders } from "./bytes.ts";
import type { SeenRecord, SentRecord } from "./compare.ts";
import { ALONE, LARGE_BATCH, LARGEST_REQUEST, type Lane, recordsFor, TOGETHER } from "./lanes.ts";

/** No read of these tests takes more than a few seconds; without a limit a lost record would be a silent hang. */
const READ_TIMEOUT_MS = 20_000;

/** Sends what of the table can go this way: together to one partition, and one by one to the other. */
export async function sendWithKafkawire(
  kafka: Kafka,
  lane: Lane,
  table: readonly AwkwardRecord[],
): Promise<SentRecord[]> {
  const { topic, compressionType, timestampType } = lane;
  const records = recordsFor(lane, table);
  await using producer = kafka.producer({
    compressionType,
    lingerMs: 100,
    batchSize: LARGE_BATCH,
    maxRequestSize: LARGEST_REQUEST,
  });
  await using immediate = kafka.producer({ compressionType, lingerMs: 0, maxRequestSize: LARGEST_REQUEST });

  const sent: SentRecord[] = [];
  const remember = (record: AwkwardRecord, { partition, offset, timestamp }: RecordMetadata): void => {
    const { name } = record;
    sent.push({ name, topic, partition, offset, timestamp, timestampType, bytes: recordBytes(record) });
  };
  const together = producer.send(records.map((record) => toSend(record, topic, TOGETHER)));
  for (const record of records) remember(record, await immediate.send(toSend(record, topic, ALONE)));
  const metadata = await together;
  records.forEach((record, i) => {
    remember(record, metadata[i] as RecordMetadata);
  });
  return sent;
}

export function toSend({ key, value, headers, timestamp }: AwkwardRecord, topic: string, partition: number) {
  return { topic, partition, key, value, headers, timestamp };
}

/** Reads as many records as were sent, from wherever the assignment says. */
export async function readWithKafkawire(
  kafka: Kafka,
  assignment: readonly PartitionAssignment[],
  count: number,
  config: ConsumerConfig = {},
): Promise<SeenRecord[]> {
  await using consumer = kafka.consumer(config);
  consumer.assign(assignment);
  const seen: SeenRecord[] = [];
  const signal = AbortSignal.timeout(READ_TIMEOUT_MS);
  try {
    for await (const record of consumer.records({ signal })) {
      const { topic, partition, offset, timestamp, timestampType, key, value, headers } = record;
      seen.push({
        topic,
        partition,
        offset,
        timestamp,
        timestampType,
        key: show(key),
        value: show(value),
        headers: showHeaders(
          headers.map((header) => [Buffer.from(header.key), header.value && copy(header.value)]),
        ),
      });
      if (seen.length === count) break;
    }
  } catch (error) {
    // What is missing says more than that time is up.
    if (!signal.aborted) throw error;
  }
  return seen;
}

function copy(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

/** Both partitions of each lane, from their beginning. */
export function fromTheBeginning(lanes: readonly Lane[]): PartitionAssignment[] {
  return lanes.flatMap(({ topic }) =>
    [TOGETHER, ALONE].map((partition) => ({ topic, partition, from: "earliest" as const })),
  );
}
