/**
 * Copies the records of one topic to another, each exactly once whenever it is killed: records and the offsets to go on
 * at are parts of one transaction. Prints a line after each, and ends when all has been copied.
 *
 * Arguments: bootstrap servers, input topic, output topic, group, transactional id, records in each partition of the
 * input.
 */

import { Kafka } from "../../../src/client/kafka.ts";
import type { OffsetToCommit } from "../../../src/client/offset-to-commit.ts";
import { committedOffsets } from "../../support/committed.ts";

const [bootstrap = "", input = "", output = "", groupId = "", transactionalId = "", last = ""] =
  process.argv.slice(2);
const bootstrapServers = bootstrap.split(",");
const end = BigInt(last);

const kafka = new Kafka({ bootstrapServers, logger: { debug() {}, info() {}, warn() {}, error() {} } });
const producer = kafka.producer({ transactionalId, lingerMs: 0 });
// First: what a predecessor has left must be ended before anybody asks how far it got.
await producer.initTransactions();
const consumer = kafka.consumer();
const partitions = await consumer.partitionsFor(input);
const positions = await committedOffsets(bootstrapServers, groupId, input, partitions.length);
const next = positions.map((position) => position ?? 0n);
consumer.assign(next.map((from, partition) => ({ topic: input, partition, from })));
console.log(`starts at ${next.join(" ")}`);

const isDone = (): boolean => next.every((position) => position >= end);
let size = 1;
let batch: { readonly partition: number; readonly offset: bigint; readonly value: Uint8Array | null }[] = [];

async function copy(): Promise<void> {
  await producer.transaction(async (tx) => {
    for (const { partition, value } of batch) void tx.send({ topic: output, partition, value });
    const offsets: OffsetToCommit[] = next.map((offset, partition) => ({ topic: input, partition, offset }));
    await tx.sendOffsets(offsets, { groupId });
  });
  console.log(`copied ${batch.length}`);
  batch = [];
  size = (size % 13) + 1;
}

if (!isDone()) {
  for await (const { partition, offset, value } of consumer) {
    batch.push({ partition, offset, value });
    next[partition] = offset + 1n;
    if (batch.length >= size || isDone()) await copy();
    if (isDone()) break;
  }
}
await kafka.close();
console.log("done");
