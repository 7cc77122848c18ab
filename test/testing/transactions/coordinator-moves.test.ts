/** What a coordinator goes on with that takes over the records of another, and what offsets of groups come to. */

import { expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../../src/protocol/messages/offset-fetch.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from "../../../src/protocol/messages/txn-offset-commit.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { transactionRecord } from "../../../src/testing/transactions/transaction-records.ts";
import {
  newTransactionalId,
  type TransactionState,
} from "../../../src/testing/transactions/transaction-state.ts";
import { RawClient } from "../raw-client.ts";
import { type Producer, TransactionClient } from "./transaction-client.ts";

const TOPICS = { orders: { assignments: [[1, 2]] } };
/** Java's hash code of "id" is 3355, and there are 50 partitions. */
const PARTITION_OF_ID = 5;
const LAST_EPOCH = 32_766;

/** Writes a state as its coordinator would, and has another one read it. */
async function takenOver(cluster: TestCluster, changes: Partial<TransactionState>): Promise<void> {
  cluster.moveCoordinator("transaction", "id", 1);
  const state = { ...newTransactionalId("id", 7n, 60_000, 0), ...changes };
  const { key, value } = transactionRecord(state, 2);
  const builder = new RecordBatchBuilder();
  builder.append(cluster.clock.wallMs(), key, value);
  using client = await RawClient.to(cluster);
  const { responses } = await client.ask(
    ProduceRequest,
    ProduceResponse,
    12,
    {
      acks: -1,
      timeoutMs: 1000,
      topicData: [
        {
          name: "__transaction_state",
          partitionData: [{ index: PARTITION_OF_ID, records: builder.build() }],
        },
      ],
    },
    "__admin_client",
  );
  expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
  cluster.moveCoordinator("transaction", "id", 2);
}

it("a transaction whose end was decided is ended by whoever takes over", async () => {
  await using cluster = await TestCluster.start({ network: "memory", brokers: 2, topics: TOPICS });
  await takenOver(cluster, {
    status: "PrepareCommit",
    producerEpoch: 3,
    partitions: [{ topic: "orders", partition: 0 }],
    startMs: 1,
    clientVersion: 2,
  });
  using client = await TransactionClient.of(cluster, { broker: 2 });
  expect(await client.describe()).toMatchObject({ transactionState: "CompleteCommit", producerEpoch: 3 });
  expect(cluster.partition("orders", 0).logEndOffset).toBe(1n);
  expect(cluster.failures).toEqual([]);
});

it.each([true, false])(
  "the last epoch of a producer id is followed by another id, committed %s",
  async (commits) => {
    await using cluster = await TestCluster.start({ network: "memory", brokers: 2, topics: TOPICS });
    await takenOver(cluster, { status: "CompleteCommit", producerEpoch: LAST_EPOCH, startMs: 1 });
    using client = await TransactionClient.of(cluster, { broker: 2 });
    using leader = await TransactionClient.of(cluster, { broker: 1 });
    const last = { producerId: 7n, producerEpoch: LAST_EPOCH };
    expect(await leader.produce(last, ["a"])).toBe("NONE");
    const next = await client.end(last, commits);
    expect(next).toMatchObject({ error: "NONE", producerEpoch: 0 });
    expect(next.producerId).not.toBe(7n);
    // The answer was lost, and the question comes again.
    expect(await client.end(last, commits)).toEqual(next);
    expect(await leader.produce(next, ["b"])).toBe("NONE");
    expect(await client.end(next, true)).toMatchObject({ error: "NONE", producerEpoch: 1 });
    expect(await leader.endOffset()).toBe(4n);
    expect(cluster.failures).toEqual([]);
  },
);

it("an InitProducerId that is asked again of another coordinator is not known there, as in Kafka", async () => {
  await using cluster = await TestCluster.start({ network: "memory", brokers: 2, topics: TOPICS });
  cluster.moveCoordinator("transaction", "id", 1);
  using one = await TransactionClient.of(cluster);
  const producer = await one.init();
  const raised = await one.init({ expected: producer });
  expect(await one.init({ expected: producer })).toEqual(raised);
  cluster.moveCoordinator("transaction", "id", 2);
  using two = await TransactionClient.of(cluster, { broker: 2 });
  expect(await two.init({ expected: producer })).toMatchObject({ error: "PRODUCER_FENCED" });
});

it("offsets count with the commit of their transaction, wherever the group has moved meanwhile", async () => {
  await using cluster = await TestCluster.start({ network: "memory", brokers: 2, topics: TOPICS });
  cluster.moveCoordinator("transaction", "id", 1);
  cluster.moveCoordinator("group", "group", 1);
  using client = await TransactionClient.of(cluster);
  const commit = async (producer: Producer, offset: bigint, version: number, more: object = {}) => {
    const { topics } = await client.raw.ask(TxnOffsetCommitRequest, TxnOffsetCommitResponse, version, {
      transactionalId: "id",
      groupId: "group",
      ...producer,
      topics: [
        {
          name: "orders",
          partitions: [{ partitionIndex: 0, committedOffset: offset, committedMetadata: null }],
        },
      ],
      ...more,
    });
    return errorCodeOf(topics[0]?.partitions[0]?.errorCode ?? -1).name;
  };
  const committed = async (broker: number) => {
    using raw = await RawClient.to(cluster, broker);
    const { topics } = await raw.ask(OffsetFetchRequest, OffsetFetchResponse, 7, {
      groupId: "group",
      topics: [{ name: "orders", partitionIndexes: [0] }],
      requireStable: true,
    });
    const { errorCode = -1, committedOffset } = topics[0]?.partitions[0] ?? {};
    return errorCode === 0 ? committedOffset : errorCodeOf(errorCode).name;
  };
  const { error: _, ...first } = await client.init();
  expect(await commit(first, 5n, 3)).toBe("INVALID_TXN_STATE");
  expect(await commit(first, 5n, 4)).toBe("TRANSACTION_ABORTABLE");
  expect(await commit(first, 5n, 5)).toBe("NONE");
  expect(await commit({ ...first, producerId: 99n }, 5n, 5)).toBe("INVALID_PRODUCER_ID_MAPPING");
  const stranger = { memberId: "nobody", generationIdOrMemberEpoch: 3 };
  expect(await commit(first, 5n, 5, stranger)).toBe("UNKNOWN_MEMBER_ID");
  expect(await committed(1)).toBe("UNSTABLE_OFFSET_COMMIT");
  cluster.moveCoordinator("group", "group", 2);
  expect(await committed(2)).toBe("UNSTABLE_OFFSET_COMMIT");
  const { error: __, ...second } = await client.end(first, true);
  expect(await committed(2)).toBe(5n);
  cluster.moveCoordinator("group", "group", 1);
  expect(await commit(second, 9n, 5)).toBe("NONE");
  await client.end(second, false);
  expect(await committed(1)).toBe(5n);
  expect(cluster.failures).toEqual([]);
});
