/** Transactions as they stand on the wire: the coordinator, its markers, and what they do to readers. */

import { describe, expect, it } from "vitest";
import { decodeControlRecord } from "../../../src/protocol/control-records.ts";
import { decodeTransactionLogRecord } from "../../../src/protocol/coordinator-records/transaction-coordinator.ts";
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from "../../../src/protocol/messages/describe-producers.ts";
import {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from "../../../src/protocol/messages/list-transactions.ts";
import {
  UpdateFeaturesRequest,
  UpdateFeaturesResponse,
} from "../../../src/protocol/messages/update-features.ts";
import {
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
} from "../../../src/protocol/messages/write-txn-markers.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { RawClient } from "../raw-client.ts";
import { type Producer, TransactionClient } from "./transaction-client.ts";

const FIRST_VERSION = { as: "3.9" } as const;
/** Of `__transaction_state`: Java's hash code of "id", of 50. */
const PARTITION_OF_ID = 5;

async function started(options: TestClusterOptions = {}): Promise<TestCluster> {
  return TestCluster.start({ network: "memory", time: "manual", topics: { orders: 2 }, ...options });
}

/** What stands in a partition: values of records, and markers as `COMMIT` and `ABORT` with their epoch. */
function contents(records: Uint8Array | null): string[] {
  const found: string[] = [];
  for (const batch of readRecordBatches(records ?? new Uint8Array(0))) {
    for (const { key, value } of batch.records()) {
      const marker = batch.isControl ? decodeControlRecord(key, value) : null;
      found.push(
        marker === null
          ? new TextDecoder().decode(value ?? undefined)
          : `${marker.type} ${batch.producerEpoch}`,
      );
    }
  }
  return found;
}

describe("transactions of the second version", () => {
  it("take in partitions with their first batch, and each ends with the next epoch", async () => {
    await using cluster = await started();
    using client = await TransactionClient.of(cluster);
    const first = await client.init();
    expect(first).toMatchObject({ error: "NONE", producerEpoch: 0 });
    expect(await client.produce(first, ["a", "b"])).toBe("NONE");
    expect(await client.describe()).toMatchObject({
      transactionState: "Ongoing",
      topics: [{ topic: "orders", partitions: [0] }],
    });
    expect(await client.endOffset()).toBe(0n);
    expect(await client.endOffset({ isCommitted: false })).toBe(2n);

    const second = await client.end(first, true);
    expect(second).toEqual({ error: "NONE", producerId: first.producerId, producerEpoch: 1 });
    expect(await client.end(first, true)).toEqual(second);
    expect(await client.end(first, false)).toMatchObject({ error: "INVALID_TXN_STATE" });
    expect(await client.produce(first, ["late"])).toBe("INVALID_PRODUCER_EPOCH");

    expect(await client.produce(second, ["c"])).toBe("NONE");
    const third = await client.end(second, false);
    expect(third).toMatchObject({ error: "NONE", producerEpoch: 2 });
    const { records, abortedTransactions, lastStableOffset } = await client.fetch();
    expect(contents(records)).toEqual(["a", "b", "COMMIT 1", "c", "ABORT 2"]);
    expect(abortedTransactions).toEqual([{ producerId: first.producerId, firstOffset: 3n }]);
    expect(lastStableOffset).toBe(5n);
    expect(await client.describe()).toMatchObject({ transactionState: "CompleteAbort", producerEpoch: 2 });
    expect(cluster.failures).toEqual([]);
  });

  it("can be aborted before anything of them was heard of", async () => {
    await using cluster = await started();
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    expect(await client.end(producer, true)).toMatchObject({ error: "INVALID_TXN_STATE" });
    expect(await client.end(producer, false)).toMatchObject({ error: "NONE", producerEpoch: 1 });
    expect(await client.produce(producer, ["late"])).toBe("INVALID_PRODUCER_EPOCH");
  });

  it("begin with sequence 0", async () => {
    await using cluster = await started();
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    expect(await client.produce(producer, ["b"], { sequence: 1 })).toBe("OUT_OF_ORDER_SEQUENCE_NUMBER");
    expect(await client.produce(producer, ["a"])).toBe("NONE");
    expect(await client.produce(producer, ["b"], { sequence: 1 })).toBe("NONE");
  });

  it("are those of the first version where brokers have agreed on that, in mid-life", async () => {
    await using cluster = await started();
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    await client.produce(producer, ["a"]);
    const second = await client.end(producer, true);
    const { errorCode } = await client.raw.ask(UpdateFeaturesRequest, UpdateFeaturesResponse, 2, {
      featureUpdates: [{ feature: "transaction.version", maxVersionLevel: 1, upgradeType: 2 }],
    });
    expect(errorCode).toBe(0);
    // What clients of that version do.
    expect(await client.add(second)).toEqual(["NONE"]);
    expect(await client.produce(second, ["b"], { version: 11 })).toBe("NONE");
    expect(await client.end(second, true, 4)).toMatchObject({ error: "NONE" });
    expect(await client.describe()).toMatchObject({ transactionState: "CompleteCommit", producerEpoch: 1 });
    cluster.setFeature("transaction.version", 2);
    expect(await client.produce(second, ["c"], { sequence: 1 })).toBe("NONE");
    expect(await client.end(second, true)).toMatchObject({ error: "NONE", producerEpoch: 2 });
    expect(() => cluster.setFeature("transaction.version", 3)).toThrow(RangeError);
    expect(contents((await client.fetch()).records)).toEqual([
      "a",
      "COMMIT 1",
      "b",
      "COMMIT 1",
      "c",
      "COMMIT 2",
    ]);
  });
});

describe("transactions of the first version", () => {
  it("keep their epoch, and begin with AddPartitionsToTxn", async () => {
    await using cluster = await started(FIRST_VERSION);
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    expect(await client.end(producer, false, 4)).toMatchObject({ error: "INVALID_TXN_STATE" });
    expect(await client.produce(producer, ["a"], { version: 10 })).toBe("INVALID_TXN_STATE");
    expect(await client.produce(producer, ["a"], { version: 11 })).toBe("TRANSACTION_ABORTABLE");
    expect(await client.add(producer)).toEqual(["NONE"]);
    expect(await client.produce(producer, ["a"], { version: 11 })).toBe("NONE");
    expect(await client.end(producer, true, 4)).toMatchObject({ error: "NONE" });
    expect(await client.end(producer, true, 4)).toMatchObject({ error: "NONE" });
    expect(await client.end(producer, false, 4)).toMatchObject({ error: "INVALID_TXN_STATE" });
    expect(await client.add(producer)).toEqual(["NONE"]);
    expect(await client.produce(producer, ["b"], { version: 11, sequence: 1 })).toBe("NONE");
    expect(await client.end(producer, false, 4)).toMatchObject({ error: "NONE" });
    const { records, abortedTransactions } = await client.fetch();
    expect(contents(records)).toEqual(["a", "COMMIT 0", "b", "ABORT 0"]);
    expect(abortedTransactions).toEqual([{ producerId: producer.producerId, firstOffset: 2n }]);
  });

  it("take in all partitions of a request, or none", async () => {
    await using cluster = await started(FIRST_VERSION);
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    expect(await client.add(producer, { partitions: [0, 7] })).toEqual([
      "OPERATION_NOT_ATTEMPTED",
      "UNKNOWN_TOPIC_OR_PARTITION",
    ]);
    expect(await client.describe()).toMatchObject({ transactionState: "Empty", topics: [] });
    expect(await client.add({ ...producer, producerId: 77n })).toEqual(["INVALID_PRODUCER_ID_MAPPING"]);
    expect(await client.add({ ...producer, producerEpoch: 5 })).toEqual(["PRODUCER_FENCED"]);
    expect(await client.add({ ...producer, producerEpoch: 5 }, { version: 1 })).toEqual([
      "INVALID_PRODUCER_EPOCH",
    ]);
  });

  it("are not verified where brokers are told not to, or are too old", async () => {
    for (const options of [
      { as: "2.1" },
      { as: "3.9", configs: { "transaction.partition.verification.enable": "false" } },
    ] as const) {
      await using cluster = await started(options);
      using client = await TransactionClient.of(cluster);
      const producer = await client.init({ version: 1 });
      expect(await client.produce(producer, ["hangs"], { version: 7 })).toBe("NONE");
      expect(await client.endOffset()).toBe(0n);
    }
  });
});

describe("a producer that comes back", () => {
  it.each(["3.9", "4.4"] as const)(
    "locks out the one before it, and has its transaction aborted (%s)",
    async (as) => {
      await using cluster = await started({ as });
      using client = await TransactionClient.of(cluster);
      const isOld = as === "3.9";
      const endVersion = isOld ? 4 : 5;
      const old = await client.init();
      if (isOld) await client.add(old);
      expect(await client.produce(old, ["zombie"], { version: isOld ? 11 : 12 })).toBe("NONE");
      expect(await client.init()).toMatchObject({ error: "CONCURRENT_TRANSACTIONS" });
      const young = await client.init();
      expect(young).toMatchObject({ error: "NONE", producerId: old.producerId, producerEpoch: 2 });
      expect(await client.end(old, true, endVersion)).toMatchObject({ error: "PRODUCER_FENCED" });
      expect(await client.add(old)).toEqual(["PRODUCER_FENCED"]);
      expect(await client.produce(old, ["again"], { version: isOld ? 11 : 12, sequence: 1 })).toBe(
        "INVALID_PRODUCER_EPOCH",
      );
      expect(await client.init({ expected: old })).toMatchObject({ error: "PRODUCER_FENCED" });
      expect(await client.init({ expected: old, version: 3 })).toMatchObject({
        error: "INVALID_PRODUCER_EPOCH",
      });
      expect(contents((await client.fetch()).records)).toEqual(["zombie", "ABORT 1"]);
    },
  );

  it("is refused a timeout that is too long, an empty id and half an identity", async () => {
    await using cluster = await started();
    using client = await TransactionClient.of(cluster);
    expect(await client.init({ timeoutMs: 900_001 })).toMatchObject({ error: "INVALID_TRANSACTION_TIMEOUT" });
    expect(await client.init({ timeoutMs: 0 })).toMatchObject({ error: "INVALID_TRANSACTION_TIMEOUT" });
    expect(await client.init({ expected: { producerId: 5n, producerEpoch: -1 } })).toMatchObject({
      error: "INVALID_REQUEST",
    });
    using nameless = await TransactionClient.of(cluster, { transactionalId: "" });
    expect(await nameless.init()).toMatchObject({ error: "INVALID_REQUEST" });
  });
});

describe("time", () => {
  it("aborts what takes too long, at the coordinator's next look", async () => {
    await using cluster = await started();
    using client = await TransactionClient.of(cluster);
    const producer = await client.init({ timeoutMs: 15_000 });
    await client.produce(producer, ["slow"]);
    await cluster.clock.advance(15_000);
    expect(await client.describe()).toMatchObject({ transactionState: "Ongoing" });
    await cluster.clock.advance(5_000);
    expect(await client.describe()).toMatchObject({ transactionState: "CompleteAbort" });
    expect(await client.end(producer, true)).toMatchObject({ error: "INVALID_TXN_STATE" });
    expect(await client.produce(producer, ["later"], { sequence: 1 })).toBe("INVALID_PRODUCER_EPOCH");
    expect(contents((await client.fetch()).records)).toEqual(["slow", "ABORT 1"]);
  });

  it("makes partitions forget producers that write nothing, unless they have a transaction open", async () => {
    await using cluster = await started({ configs: { "producer.id.expiration.ms": "600000" } });
    using client = await TransactionClient.of(cluster);
    const producer = await client.init({ timeoutMs: 900_000 });
    const timestamp = cluster.clock.wallMs();
    await client.produce(producer, ["open"], { timestamp });
    const other = { producerId: 77n, producerEpoch: 0 };
    const plain = { isTransactional: false, timestamp } as const;
    expect(await client.produce(other, ["a"], plain)).toBe("NONE");
    expect(await client.produce(other, ["b"], { ...plain, sequence: 7 })).toBe(
      "OUT_OF_ORDER_SEQUENCE_NUMBER",
    );
    await cluster.clock.advance(800_000);
    expect(await client.produce(producer, ["more"], { sequence: 1, timestamp })).toBe("NONE");
    expect(await client.produce(other, ["b"], { ...plain, sequence: 7 })).toBe("NONE");
    expect(await client.end(producer, true)).toMatchObject({ error: "NONE" });
  });

  it("makes brokers forget ids that nobody uses", async () => {
    await using cluster = await started({ configs: { "transactional.id.expiration.ms": "7200000" } });
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    await cluster.clock.advance(3_600_000);
    expect(await client.describe()).toMatchObject({ error: "NONE", transactionState: "Empty" });
    await cluster.clock.advance(3_600_000);
    expect(await client.describe()).toMatchObject({ error: "TRANSACTIONAL_ID_NOT_FOUND" });
    expect(await client.produce(producer, ["a"])).toBe("INVALID_PRODUCER_ID_MAPPING");
    expect(await client.end(producer, false)).toMatchObject({ error: "INVALID_PRODUCER_ID_MAPPING" });
  });
});

describe("where brokers come and go", () => {
  it("a transaction ends once all its partitions have leaders, and asks for patience until then", async () => {
    await using cluster = await started({
      brokers: 2,
      topics: { orders: { assignments: [[1], [2]] } },
    });
    cluster.moveCoordinator("transaction", "id", 1);
    using client = await TransactionClient.of(cluster);
    using other = await TransactionClient.of(cluster, { broker: 2 });
    const producer = await client.init();
    await client.produce(producer, ["a"]);
    await other.produce(producer, ["b"], { partition: 1 });
    await cluster.broker(2).kill();
    const next = await client.end(producer, true);
    expect(next).toMatchObject({ error: "NONE", producerEpoch: 1 });
    expect(await client.describe()).toMatchObject({
      transactionState: "PrepareCommit",
      topics: [{ topic: "orders", partitions: [1] }],
    });
    expect(await client.end(producer, true)).toMatchObject({ error: "CONCURRENT_TRANSACTIONS" });
    expect(await client.init()).toMatchObject({ error: "CONCURRENT_TRANSACTIONS" });
    expect(await client.produce(next, ["c"])).toBe("CONCURRENT_TRANSACTIONS");
    await cluster.broker(2).start();
    expect(await client.describe()).toMatchObject({ transactionState: "CompleteCommit", topics: [] });
    expect(await client.produce(next, ["c"])).toBe("NONE");
    using again = await TransactionClient.of(cluster, { broker: 2 });
    expect(contents((await again.fetch({ partition: 1 })).records)).toEqual(["b", "COMMIT 1"]);
  });

  it("another coordinator goes on with what the records say", async () => {
    await using cluster = await started({ brokers: 2 });
    cluster.moveCoordinator("transaction", "id", 1);
    using one = await TransactionClient.of(cluster);
    using two = await TransactionClient.of(cluster, { broker: 2 });
    const leader = cluster.partition("orders", 0).leader;
    const producer = await one.init();
    expect(await two.init()).toMatchObject({ error: "NOT_COORDINATOR" });
    expect(await (leader === 1 ? one : two).produce(producer, ["a"])).toBe("NONE");
    cluster.moveCoordinator("transaction", "id", 2);
    expect(await one.end(producer, true)).toMatchObject({ error: "NOT_COORDINATOR" });
    expect(await two.describe()).toMatchObject({
      transactionState: "Ongoing",
      producerId: producer.producerId,
    });
    expect(await two.end(producer, true)).toMatchObject({ error: "NONE", producerEpoch: 1 });
    expect(contents((await (leader === 1 ? one : two).fetch()).records)).toEqual(["a", "COMMIT 1"]);
  });

  it("a marker counts once all in-sync replicas have it", async () => {
    await using cluster = await started({ brokers: 2, topics: { orders: { assignments: [[1, 2]] } } });
    cluster.moveCoordinator("transaction", "id", 1);
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    await client.produce(producer, ["a"]);
    const orders = cluster.partition("orders", 0);
    orders.holdFollower(2);
    await client.end(producer, true);
    expect(await client.endOffset()).toBe(0n);
    orders.releaseFollower(2);
    expect(await client.endOffset()).toBe(2n);
  });
});

describe("what can be looked at", () => {
  it("records of __transaction_state are those of Kafka", async () => {
    await using cluster = await started();
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    await client.produce(producer, ["a"]);
    await client.end(producer, true);
    using internal = await TransactionClient.of(cluster, { topic: "__transaction_state" });
    const { records } = await internal.fetch({ isCommitted: false, partition: PARTITION_OF_ID });
    const told = [...readRecordBatches(records ?? new Uint8Array(0))].flatMap((batch) =>
      [...batch.records()].map(({ key, value }) => decodeTransactionLogRecord(key, value)),
    );
    expect(told.map(({ value }) => value)).toMatchObject([
      { transactionStatus: 0, producerEpoch: 0, transactionPartitions: null },
      { transactionStatus: 1, transactionPartitions: [{ topic: "orders", partitionIds: [0] }] },
      { transactionStatus: 2, producerEpoch: 1, clientTransactionVersion: 2 },
      { transactionStatus: 4, producerEpoch: 1, transactionPartitions: [] },
    ]);
  });

  it("transactions are listed by state, producer, age and pattern", async () => {
    await using cluster = await started();
    const producers: Producer[] = [];
    for (const transactionalId of ["a-1", "a-2", "b-1"]) {
      using client = await TransactionClient.of(cluster, { transactionalId });
      const producer = await client.init();
      producers.push(producer);
      if (transactionalId !== "b-1") await client.produce(producer, ["x"]);
    }
    await cluster.clock.advance(100);
    using client = await RawClient.to(cluster);
    const list = async (body: object, version = 2): Promise<string[]> => {
      const { transactionStates } = await client.ask(
        ListTransactionsRequest,
        ListTransactionsResponse,
        version,
        body,
      );
      return transactionStates.map(({ transactionalId }) => transactionalId).toSorted();
    };
    expect(await list({}, 0)).toEqual(["a-1", "a-2", "b-1"]);
    expect(await list({ stateFilters: ["Empty"] })).toEqual(["b-1"]);
    expect(await list({ producerIdFilters: [producers[1]?.producerId ?? 0n] })).toEqual(["a-2"]);
    expect(await list({ stateFilters: ["Ongoing"], durationFilter: 99n })).toEqual(["a-1", "a-2"]);
    expect(await list({ stateFilters: ["Ongoing"], durationFilter: 100n })).toEqual([]);
    expect(await list({ transactionalIdPattern: ".*-1" })).toEqual(["a-1", "b-1"]);
    const unknown = await client.ask(ListTransactionsRequest, ListTransactionsResponse, 2, {
      stateFilters: ["Nonsense"],
    });
    expect(unknown).toMatchObject({ unknownStateFilters: ["Nonsense"], transactionStates: [] });
  });

  it("a transaction that hangs is found, and aborted by an admin", async () => {
    await using cluster = await started({
      as: "3.9",
      configs: { "transaction.partition.verification.enable": "false" },
    });
    using client = await TransactionClient.of(cluster);
    const producer = await client.init();
    await client.produce(producer, ["hangs"], { version: 9 });
    const producersOf = async () => {
      const { topics } = await client.raw.ask(DescribeProducersRequest, DescribeProducersResponse, 0, {
        topics: [{ name: "orders", partitionIndexes: [0] }],
      });
      return topics[0]?.partitions[0]?.activeProducers;
    };
    const mark = async (coordinatorEpoch: number, producerEpoch = producer.producerEpoch) => {
      const { markers } = await client.raw.ask(WriteTxnMarkersRequest, WriteTxnMarkersResponse, 1, {
        markers: [
          {
            producerId: producer.producerId,
            producerEpoch,
            transactionResult: false,
            coordinatorEpoch,
            topics: [{ name: "orders", partitionIndexes: [0] }],
          },
        ],
      });
      return markers[0]?.topics[0]?.partitions[0]?.errorCode;
    };
    expect(await producersOf()).toMatchObject([
      { currentTxnStartOffset: 0n, coordinatorEpoch: -1, lastSequence: 0 },
    ]);
    expect(await mark(4)).toBe(0);
    expect(await producersOf()).toMatchObject([{ currentTxnStartOffset: -1n, coordinatorEpoch: 4 }]);
    expect(await client.endOffset()).toBe(2n);
    // TRANSACTION_COORDINATOR_FENCED, and then INVALID_PRODUCER_EPOCH.
    expect(await mark(3)).toBe(52);
    expect(await mark(4, producer.producerEpoch + 1)).toBe(0);
    expect(await mark(4)).toBe(47);
  });

  it("faults strike one transactional id", async () => {
    await using cluster = await started();
    using one = await TransactionClient.of(cluster, { transactionalId: "one" });
    using two = await TransactionClient.of(cluster, { transactionalId: "two" });
    cluster.fault({ api: "EndTxn", group: "one", error: "CONCURRENT_TRANSACTIONS", count: 1 });
    const first = await one.init();
    const second = await two.init();
    expect(await two.end(second, false)).toMatchObject({ error: "NONE" });
    expect(await one.end(first, false)).toMatchObject({ error: "CONCURRENT_TRANSACTIONS" });
    expect(await one.end(first, false)).toMatchObject({ error: "NONE" });
  });
});
