/**
 * A program that must do each of its steps exactly once, on an embedded cluster: each step is a transaction that
 * writes a number into two partitions and commits how far it has come as an offset of a group. A step that was aborted
 * is done again; where its producer is lost it begins anew, with another one, where that offset says.
 */

import { Kafka, KafkaError, type Producer } from "kafkawire";
import { decodeControlRecord } from "../../src/protocol/control-records.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../src/protocol/messages/offset-fetch.ts";
import { readRecordBatches } from "../../src/protocol/records/read-record-batches.ts";
import type { TestCluster } from "../../src/testing/mod.ts";
import { RawClient } from "../testing/raw-client.ts";
import { TransactionClient } from "../testing/transactions/transaction-client.ts";

export const TOPIC = "numbers";
export const TRANSACTIONAL_ID = "copier";
export const GROUP = "copiers";
/** Read only: what the offsets of the group are about. */
const SOURCE = "source";
const PARTITIONS = [0, 1];
/** More failures than any fault is worth. */
const MOST_FAILURES = 10;

export const TOPICS = { [TOPIC]: PARTITIONS.length, [SOURCE]: 1 };

/** Does all steps up to `count`. @returns what the program had to do a step again for */
export async function copy(
  cluster: TestCluster,
  count: number,
  beforeStep: (step: number) => void = () => {},
  withinStep: (step: number) => Promise<void> | void = () => {},
): Promise<unknown[]> {
  await using kafka = new Kafka({
    bootstrapServers: cluster.bootstrapServers,
    platform: cluster.platform,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    requestTimeoutMs: 400,
    retryBackoffMs: 5,
    retryBackoffMaxMs: 20,
    metadataMaxAgeMs: 1000,
  });
  const begin = async (): Promise<Producer> => {
    const producer = kafka.producer({
      transactionalId: TRANSACTIONAL_ID,
      maxBlockMs: 5000,
      deliveryTimeoutMs: 3000,
    });
    await producer.initTransactions();
    return producer;
  };
  const failures: unknown[] = [];
  let producer = await begin();
  let next = await committedOffset(cluster);
  while (next < count) {
    beforeStep(next);
    try {
      await producer.transaction(async (tx) => {
        await Promise.all(
          PARTITIONS.map((partition) => tx.send({ topic: TOPIC, partition, value: String(next) })),
        );
        await withinStep(next);
        await tx.sendOffsets([{ topic: SOURCE, partition: 0, offset: BigInt(next + 1) }], { groupId: GROUP });
      });
      next++;
    } catch (error) {
      failures.push(error);
      if (failures.length > MOST_FAILURES) throw error;
      if (error instanceof KafkaError && !error.fatal && error.code !== "TIMEOUT") continue;
      await producer.close().catch(() => {});
      producer = await begin();
      next = await committedOffset(cluster);
    }
  }
  await producer.close();
  return failures;
}

/** How far the group has come, once nothing about that is open. */
export async function committedOffset(cluster: TestCluster): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    for (const broker of cluster.brokers.filter(({ isUp }) => isUp)) {
      using client = await RawClient.to(cluster, broker.id);
      const { errorCode, topics } = await client.ask(OffsetFetchRequest, OffsetFetchResponse, 5, {
        groupId: GROUP,
        topics: [{ name: SOURCE, partitionIndexes: [0] }],
      });
      const partition = topics[0]?.partitions[0];
      if (errorCode === 0 && partition?.errorCode === 0)
        return Math.max(0, Number(partition.committedOffset));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("no broker tells how far the group has come");
}

/** What committed readers get of each partition, and how many transactions are open there. */
export async function outcomeOf(
  cluster: TestCluster,
): Promise<readonly { readonly values: readonly number[]; readonly open: number }[]> {
  const outcomes = [];
  for (const partition of PARTITIONS) {
    const { leader } = cluster.partition(TOPIC, partition);
    using client = await TransactionClient.of(cluster, { topic: TOPIC, broker: leader });
    const open = new Map<bigint, number[]>();
    const values: number[] = [];
    const end = cluster.partition(TOPIC, partition).logEndOffset;
    for (let offset = 0n; offset < end; ) {
      const { records } = await client.fetch({ isCommitted: false, partition, offset });
      for (const batch of readRecordBatches(records ?? new Uint8Array(0))) {
        offset = batch.lastOffset + 1n;
        for (const { key, value } of batch.records()) {
          const pending = open.get(batch.producerId) ?? [];
          if (!batch.isControl) {
            open.set(batch.producerId, [...pending, Number(new TextDecoder().decode(value ?? undefined))]);
            continue;
          }
          if (decodeControlRecord(key, value).type === "COMMIT") values.push(...pending);
          open.delete(batch.producerId);
        }
      }
    }
    outcomes.push({ values, open: open.size });
  }
  return outcomes;
}
