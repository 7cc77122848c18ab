import { describe, expect, it } from "vitest";
import { FindCoordinator, InitProducerId } from "../../../../src/client/api.ts";
import { Coordinators } from "../../../../src/client/coordinators.ts";
import { BrokerError, TimeoutError } from "../../../../src/client/errors.ts";
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  EndTxn,
  TxnOffsetCommit,
} from "../../../../src/client/producer/transactions/apis.ts";
import {
  TransactionManager,
  type TransactionOptions,
} from "../../../../src/client/producer/transactions/transaction-manager.ts";
import { KafkaError } from "../../../../src/protocol/errors.ts";
import { hangUp, later, silence } from "../../../support/fake-broker.ts";
import { settle } from "../../../support/fake-clock.ts";
import { FakeCluster } from "../../../support/fake-cluster.ts";
import { clusterFor, FakeLogger } from "../../../support/fake-kafka.ts";
import { FakeTransactions } from "../../../support/fake-transactions.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const TOPIC_AUTHORIZATION_FAILED = 29;
const ILLEGAL_GENERATION = 22;
const CONCURRENT_TRANSACTIONS = 51;
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53;
const OPERATION_NOT_ATTEMPTED = 55;
const PRODUCER_FENCED = 90;

interface SetUp extends Partial<TransactionOptions> {
  readonly version?: 1 | 2;
  readonly brokers?: number;
}

function setUp({ version = 2, brokers = 2, ...options }: SetUp = {}) {
  const fake = new FakeCluster(brokers);
  const transactions = new FakeTransactions(fake, version === 2 ? 2 : null);
  const cluster = clusterFor(fake);
  const { platform } = fake;
  const manager = new TransactionManager(cluster, new Coordinators(cluster, 30_000), {
    transactionalId: "x",
    transactionTimeoutMs: 60_000,
    maxBlockMs: 60_000,
    requestTimeoutMs: 30_000,
    logger: new FakeLogger(),
    ...options,
  });
  const records = { flushed: Promise.resolve(), dropped: Promise.resolve(), drops: [] as Error[] };
  manager.attach({
    flush: () => records.flushed,
    drop: (error) => {
      records.drops.push(error);
      return records.dropped;
    },
  });
  let wakes = 0;
  manager.onChange = () => {
    wakes++;
  };
  const begin = (): Promise<void> => platform.run(manager.begin());
  /** Waits until a partition is in the transaction. */
  const add = async (partition = 0): Promise<void> => {
    manager.admits("t", partition);
    while (!manager.admits("t", partition)) await platform.clock.advance(5);
  };
  return {
    fake,
    cluster,
    transactions,
    platform,
    manager,
    records,
    begin,
    add,
    wakes: () => wakes,
    broker: fake.broker(1),
  };
}

describe("the first transaction", () => {
  it("asks for the producer id by itself, and once", async () => {
    const { manager, platform, transactions, begin } = setUp();
    expect(manager.current()).toBeNull();
    await begin();
    expect(manager.current()).toEqual({ producerId: 7n, producerEpoch: 0 });
    await platform.run(manager.commit());
    await begin();
    expect(transactions.asked()).toEqual(["InitProducerId"]);
  });

  it("says how long it may last, and asks anew for whatever another producer left", async () => {
    const { begin, broker } = setUp({ transactionTimeoutMs: 9000 });
    await begin();
    expect(broker.of(InitProducerId)[0]).toMatchObject({
      version: 5,
      body: { transactionalId: "x", transactionTimeoutMs: 9000, producerId: -1n, producerEpoch: -1 },
    });
  });

  it("shares the look-up with a call of initTransactions", async () => {
    const { manager, platform, transactions } = setUp();
    await platform.run(Promise.all([manager.initialize(), manager.initialize(), manager.begin()]));
    await manager.initialize();
    expect(transactions.asked()).toEqual(["InitProducerId"]);
  });

  it("waits for a transaction of that id that is just being ended", async () => {
    const { begin, broker, platform } = setUp();
    broker.script(
      InitProducerId,
      { errorCode: CONCURRENT_TRANSACTIONS },
      { errorCode: COORDINATOR_LOAD_IN_PROGRESS },
    );
    const startMs = platform.clock.monotonicMs();
    await begin();
    expect(broker.of(InitProducerId)).toHaveLength(3);
    expect(platform.clock.monotonicMs() - startMs).toBeLessThan(500);
  });

  it("follows the coordinator, when it moves and when it cannot be reached", async () => {
    const { begin, broker, fake, transactions } = setUp();
    broker.script(InitProducerId, hangUp());
    broker.handle(InitProducerId, () => {
      transactions.coordinator = 2;
      return undefined;
    });
    await begin();
    expect(fake.broker(2).of(InitProducerId)).toHaveLength(1);
    expect(fake.brokers.flatMap((each) => each.of(FindCoordinator)).length).toBeGreaterThanOrEqual(2);
  });

  it("can be tried again when a right was missing", async () => {
    const { manager, platform, begin, broker } = setUp();
    broker.script(InitProducerId, { errorCode: TRANSACTIONAL_ID_AUTHORIZATION_FAILED });
    expect(await platform.failure(manager.begin())).toMatchObject({
      code: "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
    });
    await begin();
    expect(manager.state.phase).toBe("in transaction");
  });

  it("is told of a deadline, and goes on when it is called again", async () => {
    const { manager, platform, begin, broker } = setUp({ maxBlockMs: 1000 });
    broker.handle(InitProducerId, () => ({ errorCode: COORDINATOR_LOAD_IN_PROGRESS }));
    expect(await platform.failure(manager.begin(), 1000)).toMatchObject({
      code: "TIMEOUT",
      retriable: true,
      message: expect.stringMatching(
        /^Waited 1000 ms \(maxBlockMs\) for the producer to be initialized of transactional id "x": .*COORDINATOR_LOAD_IN_PROGRESS/,
      ),
    });
    await platform.clock.advance(5000);
    const asked = broker.of(InitProducerId).length;
    await platform.clock.advance(60_000);
    // Nobody waits for it.
    expect(broker.of(InitProducerId)).toHaveLength(asked);
    broker.handle(InitProducerId, () => ({ producerId: 8n, producerEpoch: 3 }));
    await begin();
    expect(manager.current()).toEqual({ producerId: 8n, producerEpoch: 3 });
  });
});

describe("a transaction of version 1", () => {
  it("adds partitions with one request for all that are wanted at a time", async () => {
    const { manager, begin, broker, platform, wakes, transactions } = setUp({ version: 1 });
    await begin();
    expect(["a", "b"].map((topic) => manager.admits(topic, 0))).toEqual([false, false]);
    expect(manager.admits("a", 1)).toBe(false);
    const before = wakes();
    await platform.clock.advance(10);
    expect(wakes()).toBeGreaterThan(before);
    expect(manager.admits("a", 0) && manager.admits("a", 1) && manager.admits("b", 0)).toBe(true);
    expect(manager.admits("c", 0)).toBe(false);
    await platform.clock.advance(10);
    expect(
      broker.of(AddPartitionsToTxn).map(({ version, body }) => [version, body.v3AndBelowTopics]),
    ).toEqual([
      [
        3,
        [
          { name: "a", partitions: [0, 1] },
          { name: "b", partitions: [0] },
        ],
      ],
      [3, [{ name: "c", partitions: [0] }]],
    ]);
    await platform.run(manager.commit());
    expect(transactions.ends).toEqual(["commit"]);
    expect(broker.of(EndTxn)[0]).toMatchObject({ version: 4, body: { committed: true, producerEpoch: 0 } });
  });

  it("keeps its epoch from one transaction to the next", async () => {
    const { manager, begin, platform, add } = setUp({ version: 1 });
    for (const end of ["commit", "abort"] as const) {
      await begin();
      await add();
      await platform.run(manager[end]());
    }
    expect(manager.current()).toEqual({ producerId: 7n, producerEpoch: 0 });
    expect(manager.lastProduceVersion).toBe(11);
  });

  it("begins while the last one is still being ended, after a short pause", async () => {
    const { manager, begin, broker, platform } = setUp({ version: 1 });
    await begin();
    const answer = (partitionErrorCode: number) => ({
      resultsByTopicV3AndBelow: [
        { name: "t", resultsByPartition: [{ partitionIndex: 0, partitionErrorCode }] },
      ],
    });
    broker.script(AddPartitionsToTxn, answer(CONCURRENT_TRANSACTIONS), answer(UNKNOWN_TOPIC_OR_PARTITION));
    manager.admits("t", 0);
    await platform.clock.advance(25);
    expect(broker.of(AddPartitionsToTxn)).toHaveLength(2);
    await platform.clock.advance(500);
    expect(manager.admits("t", 0)).toBe(true);
  });

  it("is lost where one partition is refused, whatever is said of the others", async () => {
    const { manager, begin, broker, platform, transactions } = setUp({ version: 1 });
    await begin();
    const results = [OPERATION_NOT_ATTEMPTED, TOPIC_AUTHORIZATION_FAILED];
    broker.script(AddPartitionsToTxn, {
      resultsByTopicV3AndBelow: [
        {
          name: "t",
          resultsByPartition: results.map((partitionErrorCode, partitionIndex) => ({
            partitionIndex,
            partitionErrorCode,
          })),
        },
      ],
    });
    manager.admits("t", 0);
    manager.admits("t", 1);
    await platform.clock.advance(10);
    expect(manager.failure()).toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      cause: { code: "TOPIC_AUTHORIZATION_FAILED", topic: "t", partition: 1 },
    });
    await platform.run(manager.abort());
    // Nothing was added, so that there is nothing to end.
    expect(transactions.asked()).toEqual(["InitProducerId", "AddPartitionsToTxn"]);
  });

  it("has its epoch raised after a batch failed (KIP-360)", async () => {
    const { manager, begin, platform, add, broker } = setUp({ version: 1 });
    await begin();
    await add();
    manager.batchFailed("t", 0, new KafkaError("DELIVERY_TIMED_OUT", "too late", { retriable: true }), true);
    expect(await platform.failure(manager.commit())).toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      cause: { code: "DELIVERY_TIMED_OUT" },
    });
    await platform.run(manager.abort());
    expect(broker.of(InitProducerId)[1]?.body).toMatchObject({ producerId: 7n, producerEpoch: 0 });
    expect(manager.current()).toEqual({ producerId: 7n, producerEpoch: 1 });
  });

  it("ends with its producer after such a batch on brokers that raise no epoch", async () => {
    const { manager, begin, platform, add, transactions } = setUp({ version: 1 });
    transactions.withoutEpochsOnRequest();
    await begin();
    await add();
    manager.batchFailed("t", 0, new KafkaError("DELIVERY_TIMED_OUT", "too late", { retriable: true }), true);
    expect(await platform.failure(manager.abort())).toMatchObject({
      code: "DELIVERY_TIMED_OUT",
      fatal: true,
    });
  });

  it("adds the group before its offsets", async () => {
    const { manager, begin, platform, fake, transactions } = setUp({ version: 1 });
    transactions.groupCoordinator = 2;
    await begin();
    await platform.run(manager.sendOffsets([{ topic: "in", partition: 3, offset: 42n }], { groupId: "g" }));
    expect(transactions.asked()).toEqual(["InitProducerId", "AddOffsetsToTxn", "TxnOffsetCommit"]);
    expect(fake.broker(1).of(AddOffsetsToTxn)[0]?.body).toMatchObject({ groupId: "g", producerId: 7n });
    expect(fake.broker(2).of(TxnOffsetCommit)[0]).toMatchObject({ version: 4 });
    await platform.run(manager.commit());
    expect(transactions.ends).toEqual(["commit"]);
  });

  it("is aborted where it is not known whether it began, and late requests are refused after", async () => {
    const { manager, begin, platform, broker, transactions } = setUp({ version: 1 });
    await begin();
    broker.handle(AddPartitionsToTxn, () => hangUp());
    manager.admits("t", 0);
    await platform.clock.advance(10);
    await platform.run(manager.abort());
    expect(transactions.asked()).toContain("EndTxn abort");
    expect(manager.current()).toEqual({ producerId: 7n, producerEpoch: 1 });
    expect(manager.state.phase).toBe("ready");
  });
});

describe("a transaction of version 2 (KIP-890)", () => {
  it("adds nothing by itself, and has an epoch of its own", async () => {
    const { manager, begin, platform, transactions, broker } = setUp();
    await begin();
    expect(manager.lastProduceVersion).toBe(Number.POSITIVE_INFINITY);
    expect(manager.admits("t", 0)).toBe(true);
    await platform.run(manager.commit());
    expect(transactions.asked()).toEqual(["InitProducerId", "EndTxn commit"]);
    expect(broker.of(EndTxn)[0]?.version).toBe(5);
    expect(manager.current()).toEqual({ producerId: 7n, producerEpoch: 1 });
  });

  it("sends offsets without adding the group", async () => {
    const { manager, begin, platform, transactions, broker } = setUp();
    await begin();
    const offsets = [
      { topic: "in", partition: 0, offset: 1n },
      { topic: "in", partition: 0, offset: 5n, leaderEpoch: 2, metadata: "note" },
    ];
    const group = { groupId: "g", memberId: "m", generationId: 4, groupInstanceId: "i" };
    await platform.run(manager.sendOffsets(offsets, group));
    expect(broker.of(TxnOffsetCommit)[0]).toMatchObject({
      version: 5,
      body: {
        transactionalId: "x",
        groupId: "g",
        memberId: "m",
        generationIdOrMemberEpoch: 4,
        groupInstanceId: "i",
        topics: [
          {
            name: "in",
            partitions: [{ committedOffset: 5n, committedLeaderEpoch: 2, committedMetadata: "note" }],
          },
        ],
      },
    });
    await platform.run(manager.commit());
    expect(transactions.asked()).toEqual(["InitProducerId", "TxnOffsetCommit", "EndTxn commit"]);
  });

  it("that was empty has nothing to end", async () => {
    const { manager, begin, platform, transactions } = setUp();
    for (const end of ["commit", "abort"] as const) {
      await begin();
      await platform.run(manager.sendOffsets([], { groupId: "g" }));
      await platform.run(manager[end]());
    }
    expect(transactions.asked()).toEqual(["InitProducerId"]);
  });

  it("is chosen once the cluster has agreed on it, from the next transaction on", async () => {
    const { manager, begin, platform, add, transactions, broker, fake } = setUp({ version: 1, brokers: 1 });
    await begin();
    await add();
    transactions.finalize(2, 9n);
    fake.broker(1).stop();
    fake.broker(1).start();
    await platform.run(manager.commit());
    expect(broker.of(EndTxn)[0]?.version).toBe(4);
    expect(broker.of(InitProducerId)[1]?.body).toMatchObject({ producerId: 7n, producerEpoch: 0 });
    await begin();
    expect(manager.admits("t", 0)).toBe(true);
    await platform.run(manager.commit());
    expect(broker.of(EndTxn)[1]?.version).toBe(5);
  });
});

describe("a commit", () => {
  it("waits for all records, and for offsets whose call nobody awaits", async () => {
    const { manager, begin, platform, records, broker } = setUp();
    await begin();
    manager.admits("t", 0);
    let flushed = (): void => {};
    records.flushed = new Promise((resolve) => {
      flushed = resolve;
    });
    const answered = { topics: [{ name: "in", partitions: [{ partitionIndex: 0 }] }] };
    broker.script(TxnOffsetCommit, later(2000, answered));
    manager.sendOffsets([{ topic: "in", partition: 0, offset: 1n }], { groupId: "g" }).catch(() => {});
    const committed = manager.commit();
    await platform.clock.advance(1000);
    flushed();
    await platform.clock.advance(500);
    expect(broker.of(EndTxn)).toEqual([]);
    await platform.run(committed);
    expect(broker.of(EndTxn)).toHaveLength(1);
  });

  it("fails with the first record that failed, and leaves the abort", async () => {
    const { manager, begin, platform, transactions } = setUp();
    await begin();
    manager.admits("t", 0);
    const lost = manager.sending(() => Promise.reject(new TimeoutError("TIMEOUT", "no such topic")));
    await expect(lost).rejects.toMatchObject({ code: "TIMEOUT" });
    manager.batchFailed("t", 0, new BrokerError(10), false);
    expect(await platform.failure(manager.commit())).toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      message: expect.stringContaining("no such topic"),
      cause: { code: "TIMEOUT" },
    });
    expect(() => manager.watching(null)).toThrow("can only be aborted");
    await platform.run(manager.abort());
    expect(transactions.ends).toEqual(["abort"]);
  });

  it("fails where a record fails while it waits for it", async () => {
    const { manager, begin, platform, records, transactions } = setUp();
    await begin();
    manager.admits("t", 0);
    records.flushed = new Promise(() => {});
    const failure = manager.commit().catch((error: unknown) => error);
    await platform.clock.advance(10);
    manager.batchFailed("t", 0, new BrokerError(10), false);
    expect(await failure).toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      cause: { code: "MESSAGE_TOO_LARGE" },
    });
    await platform.run(manager.abort());
    expect(transactions.ends).toEqual(["abort"]);
  });

  it("is asked for again when its answer is lost, and never twice at once", async () => {
    const { manager, begin, platform, broker, transactions } = setUp();
    await begin();
    manager.admits("t", 0);
    broker.script(EndTxn, hangUp(), { errorCode: CONCURRENT_TRANSACTIONS });
    await platform.run(Promise.all([manager.commit(), manager.commit()]));
    expect(broker.of(EndTxn)).toHaveLength(3);
    expect(transactions.ends).toEqual(["commit"]);
    const asked = broker.of(EndTxn).map(({ body }) => body);
    expect(asked[1]).toEqual(asked[0]);
  });

  it("whose outcome is unknown can only be gone on with, until it is known", async () => {
    const { manager, begin, platform, broker, transactions } = setUp({ maxBlockMs: 1000 });
    await begin();
    manager.admits("t", 0);
    broker.handle(EndTxn, () => ({ errorCode: CONCURRENT_TRANSACTIONS }));
    expect(await platform.failure(manager.commit(), 1000)).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining("It may have been committed or not. Call commitTransaction() again"),
    });
    for (const [call, message] of [
      [() => manager.abort(), "its commit was begun, and may have succeeded"],
      [() => manager.begin(), "the commit of its last transaction has not ended"],
      [() => manager.initialize(), "has not ended"],
    ] as const) {
      expect(await platform.failure(call())).toMatchObject({
        code: "ILLEGAL_TRANSACTION_STATE",
        message: expect.stringContaining(message),
      });
    }
    await platform.clock.advance(60_000);
    broker.handle(EndTxn, () => ({ producerId: 7n, producerEpoch: 1 }));
    await platform.run(manager.commit());
    expect(transactions.ends).toEqual([]);
    await begin();
  });

  it("whose answer came after it was given up is told to who asks again, and to nobody else", async () => {
    const { manager, begin, platform, broker } = setUp({ maxBlockMs: 1000 });
    await begin();
    manager.admits("t", 0);
    broker.script(EndTxn, later(1500, { producerId: 7n, producerEpoch: 1 }));
    await platform.failure(manager.commit(), 1000);
    await platform.clock.advance(1000);
    expect(manager.state.phase).toBe("ready");
    for (const call of [() => manager.begin(), () => manager.abort()]) {
      expect(await platform.failure(call())).toMatchObject({
        code: "ILLEGAL_TRANSACTION_STATE",
        message: expect.stringContaining("Call commitTransaction() again, which tells"),
      });
    }
    await platform.run(manager.commit());
    expect(broker.of(EndTxn)).toHaveLength(1);
    await begin();
  });

  it("can be given up by a signal, and gone on with", async () => {
    const { manager, begin, platform, broker, transactions } = setUp();
    await begin();
    manager.admits("t", 0);
    broker.script(EndTxn, later(5000, undefined));
    const abort = new AbortController();
    const given = platform.failure(manager.commit({ signal: abort.signal }));
    await settle();
    abort.abort(new Error("enough"));
    expect(await given).toMatchObject({ message: "enough" });
    await platform.run(manager.commit());
    expect(transactions.ends).toEqual(["commit"]);
  });

  it("goes to the new coordinator when that moves meanwhile", async () => {
    const { manager, begin, platform, fake, broker, transactions } = setUp();
    await begin();
    manager.admits("t", 0);
    broker.script(EndTxn, silence);
    broker.handle(EndTxn, () => {
      transactions.coordinator = 2;
      return undefined;
    });
    await platform.run(manager.commit());
    expect(fake.broker(2).of(EndTxn)).toHaveLength(1);
    expect(transactions.ends).toEqual(["commit"]);
  });
});

describe("an abort", () => {
  it("gives up what was not sent, and waits for what was", async () => {
    const { manager, begin, platform, records, transactions, broker } = setUp();
    await begin();
    manager.admits("t", 0);
    let dropped = (): void => {};
    records.dropped = new Promise((resolve) => {
      dropped = resolve;
    });
    const aborted = manager.abort();
    await platform.clock.advance(100);
    expect(records.drops).toMatchObject([{ code: "TRANSACTION_ABORTED" }]);
    expect(manager.failure()).toMatchObject({ code: "TRANSACTION_ABORTED" });
    expect(broker.of(EndTxn)).toEqual([]);
    // What was given up is no failure of the transaction.
    manager.batchFailed("t", 0, records.drops[0], false);
    expect(manager.state).toMatchObject({ phase: "aborting", needsHigherEpoch: false });
    dropped();
    await platform.run(aborted);
    expect(transactions.ends).toEqual(["abort"]);
    expect(manager.failure()).toBeNull();
  });

  it("does not wait for what cannot be added any more", async () => {
    const { manager, begin, platform, broker, transactions } = setUp({ version: 1 });
    await begin();
    broker.handle(AddPartitionsToTxn, ({ body }) => ({
      resultsByTopicV3AndBelow: body.v3AndBelowTopics.map(({ name, partitions }) => ({
        name,
        resultsByPartition: partitions.map((partitionIndex) => ({
          partitionIndex,
          partitionErrorCode: COORDINATOR_LOAD_IN_PROGRESS,
        })),
      })),
    }));
    manager.admits("t", 0);
    await platform.clock.advance(3000);
    await platform.run(manager.abort());
    expect(transactions.asked()).not.toContain("EndTxn abort");
    expect(manager.admits("t", 0)).toBe(false);
  });
});

describe("a producer that was fenced", () => {
  it.each([
    ["adds a partition", 1],
    ["commits", 2],
  ] as const)("learns it when it %s, and can do no more", async (_, version) => {
    const { manager, begin, platform, transactions } = setUp({ version });
    await begin();
    transactions.epoch++;
    manager.admits("t", 0);
    await platform.clock.advance(10);
    const fenced = { code: "PRODUCER_FENCED", fatal: true, cause: { code: "PRODUCER_FENCED" } };
    expect(await platform.failure(manager.commit())).toMatchObject(fenced);
    expect(manager.failure()).toMatchObject(fenced);
    for (const call of [() => manager.begin(), () => manager.abort(), () => manager.initialize()])
      expect(await platform.failure(call())).toMatchObject(fenced);
    expect(() => manager.watching(null)).toThrow("can do no more work");
    expect(manager.admits("t", 1)).toBe(false);
  });
});

describe("offsets", () => {
  const offset = { topic: "in", partition: 0, offset: 1n };

  it.each([
    ["no group", [offset], {}, /needs the group/],
    ["an empty group", [offset], { groupId: "" }, /needs the group/],
    ["no list", offset, { groupId: "g" }, /takes a list/],
    ["no topic", [{ partition: 0, offset: 1n }], { groupId: "g" }, /needs a topic/],
    ["a wrong partition", [{ ...offset, partition: -1 }], { groupId: "g" }, /partition -1/],
    ["a number for an offset", [{ ...offset, offset: 1 }], { groupId: "g" }, /1 is not a bigint from 0n up/],
    ["a negative offset", [{ ...offset, offset: -1n }], { groupId: "g" }, /-1 is not a bigint/],
  ] as const)("with %s are refused at once", async (_, offsets, group, message) => {
    const { manager, begin, platform } = setUp();
    await begin();
    const sent = manager.sendOffsets(offsets as never, group as never);
    expect(await platform.failure(sent)).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringMatching(message),
    });
    expect(manager.failure()).toBeNull();
  });

  it("outside of a transaction are refused", async () => {
    const { manager, platform } = setUp();
    expect(await platform.failure(manager.sendOffsets([offset], { groupId: "g" }))).toMatchObject({
      code: "ILLEGAL_TRANSACTION_STATE",
    });
  });

  it("of a member that is none any more can only be aborted", async () => {
    const { manager, begin, platform, broker, transactions } = setUp();
    await begin();
    broker.script(TxnOffsetCommit, {
      topics: [{ name: "in", partitions: [{ partitionIndex: 0, errorCode: ILLEGAL_GENERATION }] }],
    });
    const group = { groupId: "g", memberId: "m", generationId: 1 };
    expect(await platform.failure(manager.sendOffsets([offset], group))).toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      cause: { code: "ILLEGAL_GENERATION", topic: "in", partition: 0 },
    });
    expect(await platform.failure(manager.commit())).toMatchObject({ code: "TRANSACTION_ABORTABLE" });
    await platform.run(manager.abort());
    expect(transactions.ends).toEqual(["abort"]);
  });

  it("follow the group's coordinator", async () => {
    const { manager, begin, platform, broker, fake, transactions } = setUp();
    await begin();
    broker.handle(TxnOffsetCommit, () => {
      transactions.groupCoordinator = 2;
      return undefined;
    });
    await platform.run(manager.sendOffsets([offset], { groupId: "g" }));
    expect(fake.broker(2).of(TxnOffsetCommit)).toHaveLength(1);
    expect(transactions.offsets.get("in-0")).toBe(1n);
  });

  it("that an answer leaves out were not taken", async () => {
    const { manager, begin, platform, broker } = setUp();
    await begin();
    broker.script(TxnOffsetCommit, { topics: [] });
    expect(await platform.failure(manager.sendOffsets([offset], { groupId: "g" }))).toMatchObject({
      code: "UNKNOWN_SERVER_ERROR",
      fatal: true,
    });
  });

  it("that may or may not have been taken leave the abort only", async () => {
    const { manager, begin, platform, broker } = setUp({ maxBlockMs: 1000 });
    await begin();
    broker.script(TxnOffsetCommit, silence);
    expect(await platform.failure(manager.sendOffsets([offset], { groupId: "g" }), 1000)).toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      cause: { code: "TIMEOUT" },
    });
    expect(manager.failure()).toMatchObject({ code: "TRANSACTION_ABORTABLE" });
  });

  it("of a member cannot be checked by old brokers, and are not sent unchecked", async () => {
    const { manager, begin, platform, transactions } = setUp({ version: 1 });
    transactions.withoutEpochsOnRequest();
    await begin();
    const group = { groupId: "g", memberId: "m", generationId: 1 };
    expect(await platform.failure(manager.sendOffsets([offset], group))).toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      cause: { code: "UNSUPPORTED_VERSION", message: expect.stringContaining("Kafka 2.5 or later") },
    });
    await platform.run(manager.abort());
    await begin();
    await platform.run(manager.sendOffsets([offset], { groupId: "g" }));
    expect(transactions.offsets.get("in-0")).toBe(1n);
  });
});

describe("closing", () => {
  it.each(["begin", "commit", "sendOffsets"] as const)("ends a %s that waits", async (call) => {
    const { manager, begin, platform, broker, cluster } = setUp({ version: 1 });
    if (call !== "begin") {
      await begin();
      await platform.run(manager.sendOffsets([{ topic: "in", partition: 0, offset: 1n }], { groupId: "g" }));
    }
    const errorCode = COORDINATOR_LOAD_IN_PROGRESS;
    const topics = [{ name: "in", partitions: [{ partitionIndex: 0, errorCode }] }];
    broker.handle(InitProducerId, () => ({ errorCode }));
    broker.handle(EndTxn, () => ({ errorCode }));
    broker.handle(TxnOffsetCommit, () => ({ topics }));
    const waiting =
      call === "sendOffsets"
        ? manager.sendOffsets([{ topic: "in", partition: 0, offset: 1n }], { groupId: "g" })
        : manager[call]();
    const failure = waiting.catch((error: unknown) => error);
    await platform.clock.advance(300);
    manager.close();
    expect(await failure).toMatchObject({ code: "CLOSED" });
    expect(manager.current() === null || manager.failure() !== null).toBe(true);
    cluster.close();
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("lists what is waited for until then", async () => {
    const { manager, platform, broker, cluster } = setUp();
    broker.handle(InitProducerId, () => silence);
    const failure = manager.begin().catch((error: unknown) => error);
    await platform.clock.advance(100);
    expect(cluster.observability.waits.list().map(({ waitingFor }) => waitingFor)).toContain(
      'the producer to be initialized of transactional id "x"',
    );
    manager.close();
    await failure;
    expect(cluster.observability.waits.list()).toEqual([]);
  });

  it("has the code of who was fenced", async () => {
    const { manager, begin, platform, broker } = setUp();
    broker.script(InitProducerId, { errorCode: PRODUCER_FENCED });
    expect(await platform.failure(manager.begin())).toMatchObject({ code: "PRODUCER_FENCED", fatal: true });
    manager.close();
    expect(await platform.failure(begin())).toMatchObject({ code: "PRODUCER_FENCED" });
  });
});
