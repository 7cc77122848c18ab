import type { ProducerConfig } from "kafkawire";
import { describe, expect, it } from "vitest";
import { Produce } from "../../../../src/client/api.ts";
import { EndTxn } from "../../../../src/client/producer/transactions/apis.ts";
import { readRecordBatches } from "../../../../src/protocol/records/read-record-batches.ts";
import { later } from "../../../support/fake-broker.ts";
import { settle } from "../../../support/fake-clock.ts";
import { FakeCluster } from "../../../support/fake-cluster.ts";
import { kafkaFor } from "../../../support/fake-kafka.ts";
import { FakeTransactions } from "../../../support/fake-transactions.ts";

const MESSAGE_TOO_LARGE = 10;

interface SetUp extends ProducerConfig {
  readonly version?: 1 | 2;
}

function setUp({ version = 2, ...config }: SetUp = {}) {
  const fake = new FakeCluster(1);
  const transactions = new FakeTransactions(fake, version === 2 ? 2 : null);
  fake.createTopic("t", 3);
  const kafka = kafkaFor(fake);
  const producer = kafka.producer({ transactionalId: "x", lingerMs: 0, ...config });
  const { platform } = fake;
  const broker = fake.broker(1);
  /** The headers of the batches that came. */
  const batches = () =>
    broker
      .of(Produce)
      .flatMap(({ body }) => body.topicData)
      .flatMap(({ partitionData }) => partitionData)
      .flatMap(({ records }) => [...readRecordBatches(records as Uint8Array)]);
  return { fake, transactions, kafka, producer, platform, broker, batches };
}

describe.each([1, 2] as const)("a producer's transactions of version %i", (version) => {
  it("are committed with all that was sent in them, awaited or not", async () => {
    const { producer, platform, transactions, batches, broker } = setUp({ version });
    const given = await platform.run(
      producer.transaction(async (tx) => {
        void tx.send({ topic: "t", partition: 0, value: "a" });
        tx.enqueue({ topic: "t", partition: 1, value: "b" });
        await tx.send([{ topic: "t", partition: 0, value: "c" }]);
        await tx.sendOffsets([{ topic: "in", partition: 0, offset: 4n }], { groupId: "g" });
        return 42;
      }),
    );
    expect(given).toBe(42);
    expect(transactions.ends).toEqual(["commit"]);
    expect(transactions.offsets.get("in-0")).toBe(4n);
    expect(batches().reduce((sum, { recordCount }) => sum + recordCount, 0)).toBe(3);
    for (const { isTransactional, producerId, producerEpoch } of batches())
      expect({ isTransactional, producerId, producerEpoch }).toEqual({
        isTransactional: true,
        producerId: 7n,
        producerEpoch: 0,
      });
    for (const { body, version: apiVersion } of broker.of(Produce)) {
      expect(body.transactionalId).toBe("x");
      expect(apiVersion > 11).toBe(version === 2);
    }
  });

  it("have sequences that go on, or begin again with a new epoch", async () => {
    const { producer, platform, batches } = setUp({ version });
    for (let i = 0; i < 2; i++) {
      await platform.run(
        producer.transaction(async (tx) => {
          await tx.send({ topic: "t", partition: 0, value: "a" });
          await tx.send({ topic: "t", partition: 0, value: "b" });
        }),
      );
    }
    const numbers = batches().map(({ producerEpoch, baseSequence }) => [producerEpoch, baseSequence]);
    expect(numbers.map(([epoch]) => epoch)).toEqual(version === 1 ? [0, 0, 0, 0] : [0, 0, 1, 1]);
    expect(numbers.map(([, sequence]) => sequence)).toEqual(version === 1 ? [0, 1, 2, 3] : [0, 1, 0, 1]);
  });

  it("are aborted where their function throws, which is what the caller gets", async () => {
    const { producer, platform, transactions } = setUp({ version });
    const mine = new Error("mine");
    const failure = await platform.failure(
      producer.transaction(async (tx) => {
        await tx.send({ topic: "t", partition: 0, value: "a" });
        throw mine;
      }),
    );
    expect(failure).toBe(mine);
    expect(transactions.ends).toEqual(["abort"]);
    await platform.run(producer.transaction((tx) => tx.send({ topic: "t", partition: 0, value: "a" })));
    expect(transactions.ends).toEqual(["abort", "commit"]);
  });

  it("are aborted where a record fails that nobody awaited", async () => {
    const { producer, platform, transactions, broker } = setUp({ version });
    broker.script(Produce, {
      responses: [{ name: "t", partitionResponses: [{ index: 0, errorCode: MESSAGE_TOO_LARGE }] }],
    });
    if (version === 2) broker.versions.set(Produce.apiKey, { lowest: 3, highest: 12 });
    const failure = await platform.failure(
      producer.transaction((tx) => {
        void tx.send({ topic: "t", partition: 0, value: "a" });
      }),
    );
    expect(failure).toMatchObject({ code: "TRANSACTION_ABORTABLE", cause: { code: "MESSAGE_TOO_LARGE" } });
    expect(transactions.ends).toEqual(["abort"]);
    await platform.run(producer.transaction((tx) => tx.send({ topic: "t", partition: 0, value: "a" })));
    expect(transactions.ends).toEqual(["abort", "commit"]);
  });

  it("are aborted where a record could not even be taken", async () => {
    const { producer, platform, transactions } = setUp({ version, maxBlockMs: 1000 });
    const failure = await platform.failure(
      producer.transaction(async (tx) => {
        void tx.send({ topic: "t", partition: 0, value: "a" });
        void tx.send({ topic: "nowhere", value: "b" });
        // The commit has as much time, and begins later.
        await new Promise<void>((resolve) => platform.clock.setTimer(100, resolve));
      }),
    );
    expect(failure).toMatchObject({ code: "TRANSACTION_ABORTABLE", cause: { code: "TIMEOUT" } });
    expect(transactions.ends).toEqual(["abort"]);
  });

  it("give up by an abort what was not sent yet", async () => {
    const { producer, platform, batches, transactions } = setUp({ version, lingerMs: 60_000 });
    await platform.run(producer.beginTransaction());
    const sent = producer.send({ topic: "t", partition: 0, value: "a" }).catch((error: unknown) => error);
    await platform.run(producer.abortTransaction());
    expect(await sent).toMatchObject({ code: "TRANSACTION_ABORTED" });
    expect(batches()).toEqual([]);
    // Nothing was begun.
    expect(transactions.ends).toEqual([]);
    await platform.run(producer.beginTransaction());
    const next = producer.send({ topic: "t", partition: 0, value: "b" });
    await platform.run(producer.commitTransaction());
    expect((await next).offset).toBe(0n);
    expect(transactions.epoch).toBe(version === 1 ? 0 : 1);
  });

  it("are aborted when the producer is closed", async () => {
    const { producer, platform, transactions, kafka } = setUp({ version });
    await platform.run(producer.beginTransaction());
    await platform.run(producer.send({ topic: "t", partition: 0, value: "a" }));
    await platform.run(producer.close());
    expect(transactions.ends).toEqual(["abort"]);
    await platform.run(kafka.close());
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("take batches that have to be split (KIP-126)", async () => {
    const { producer, platform, transactions, broker, batches } = setUp({ version, lingerMs: 5 });
    if (version === 2) broker.versions.set(Produce.apiKey, { lowest: 3, highest: 12 });
    broker.script(Produce, {
      responses: [{ name: "t", partitionResponses: [{ index: 0, errorCode: MESSAGE_TOO_LARGE }] }],
    });
    const values = Array.from({ length: 10 }, (_, i) => `${i}`);
    await platform.run(
      producer.transaction((tx) => tx.send(values.map((value) => ({ topic: "t", partition: 0, value })))),
    );
    expect(transactions.ends).toEqual(["commit"]);
    const [, ...parts] = batches();
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ baseSequence }) => baseSequence)).toEqual(
      parts.map((_, i) => parts.slice(0, i).reduce((sum, { recordCount }) => sum + recordCount, 0)),
    );
    expect(parts.every(({ isTransactional }) => isTransactional)).toBe(true);
  });
});

describe("a producer with a transactional id", () => {
  it("sends nothing outside of a transaction", async () => {
    const { producer, platform, broker } = setUp();
    expect(await platform.failure(producer.send({ topic: "t", value: "a" }))).toMatchObject({
      code: "ILLEGAL_TRANSACTION_STATE",
      message: expect.stringContaining("no transaction is running"),
    });
    expect(() => producer.enqueue({ topic: "t", value: "a" })).toThrow("no transaction is running");
    expect(await platform.failure(producer.commitTransaction())).toMatchObject({
      code: "ILLEGAL_TRANSACTION_STATE",
    });
    expect(broker.of(Produce)).toEqual([]);
  });

  it("has one transaction at a time", async () => {
    const { producer, platform } = setUp();
    const nested = platform.failure(
      producer.transaction(() => producer.transaction(() => expect.fail("it began"))),
    );
    expect(await nested).toMatchObject({
      code: "ILLEGAL_TRANSACTION_STATE",
      message: expect.stringContaining("a transaction is running"),
    });
  });

  it("lets nobody use a transaction after its function", async () => {
    const { producer, platform, transactions } = setUp();
    const tx = await platform.run(producer.transaction((each) => each));
    for (const late of [
      () => tx.send({ topic: "t", value: "a" }),
      () => tx.sendOffsets([], { groupId: "g" }),
    ])
      expect(await platform.failure(late())).toMatchObject({
        code: "ILLEGAL_TRANSACTION_STATE",
        message: expect.stringContaining("Await what it begins before it returns"),
      });
    await platform.run(producer.beginTransaction());
    expect(() => tx.enqueue({ topic: "t", value: "a" })).toThrow("is done");
    expect(transactions.ends).toEqual([]);
  });

  it("aborts at once when the signal says so, and commits once it has begun to", async () => {
    const { producer, platform, transactions, broker } = setUp();
    const abort = new AbortController();
    const given = platform.failure(
      producer.transaction(
        async (tx) => {
          await tx.send({ topic: "t", partition: 0, value: "a" });
          abort.abort(new Error("enough"));
          await new Promise(() => {});
        },
        { signal: abort.signal },
      ),
    );
    expect(await given).toMatchObject({ message: "enough" });
    expect(transactions.ends).toEqual(["abort"]);
    const late = new AbortController();
    broker.handle(EndTxn, () => {
      late.abort(new Error("too late"));
      return undefined;
    });
    await platform.run(
      producer.transaction((tx) => tx.send({ topic: "t", partition: 0, value: "b" }), {
        signal: late.signal,
      }),
    );
    expect(late.signal.aborted).toBe(true);
    expect(transactions.ends).toEqual(["abort", "commit"]);
  });

  it("tells beside the error that the abort failed too", async () => {
    const { producer, platform, transactions, broker } = setUp();
    const mine = new Error("mine");
    const failure = await platform.failure(
      producer.transaction(async (tx) => {
        await tx.send({ topic: "t", partition: 0, value: "a" });
        transactions.epoch++;
        throw mine;
      }),
    );
    expect(failure).toBe(mine);
    expect(failure).toMatchObject({ suppressed: { code: "PRODUCER_FENCED", fatal: true } });
    expect(Object.keys(mine)).toEqual([]);
    expect(broker.of(EndTxn)).toHaveLength(1);
  });

  it("tells first that the producer was fenced where a record's failure came of that", async () => {
    const { fake, producer, platform, transactions, broker } = setUp();
    await platform.run(producer.transaction((tx) => tx.send({ topic: "t", partition: 0, value: "a" })));
    const topicId = fake.topics.get("t")?.topicId as string;
    const INVALID_PRODUCER_EPOCH = 47;
    const partitionResponses = [{ index: 0, errorCode: INVALID_PRODUCER_EPOCH, baseOffset: -1n }];
    broker.script(Produce, { responses: [{ name: "t", topicId, partitionResponses }] });
    const failure = await platform.failure(
      producer.transaction((tx) => {
        transactions.epoch++;
        return tx.send({ topic: "t", partition: 0, value: "b" });
      }),
    );
    expect(failure).toMatchObject({
      code: "PRODUCER_FENCED",
      fatal: true,
      suppressed: { code: "INVALID_PRODUCER_EPOCH" },
    });
  });

  it("leaves a commit alone whose outcome is not known, and goes on with it", async () => {
    const { producer, platform, transactions, broker } = setUp({ maxBlockMs: 1000 });
    broker.script(EndTxn, later(3000, undefined));
    const failure = await platform.failure(
      producer.transaction((tx) => tx.send({ topic: "t", partition: 0, value: "a" })),
    );
    expect(failure).toMatchObject({ code: "TIMEOUT" });
    expect(await platform.failure(producer.transaction(() => {}))).toMatchObject({
      code: "ILLEGAL_TRANSACTION_STATE",
    });
    await platform.clock.advance(3000);
    await platform.run(producer.commitTransaction());
    expect(transactions.ends).toEqual(["commit"]);
    await platform.run(producer.transaction(() => {}));
  });
});

describe("a producer without one", () => {
  it("says so", async () => {
    const fake = new FakeCluster(1);
    const producer = kafkaFor(fake).producer();
    for (const call of [
      () => producer.initTransactions(),
      () => producer.beginTransaction(),
      () => producer.commitTransaction(),
      () => producer.abortTransaction(),
      () => producer.sendOffsets([], { groupId: "g" }),
      () => producer.transaction(() => {}),
    ])
      expect(await fake.platform.failure(call())).toMatchObject({
        code: "ILLEGAL_TRANSACTION_STATE",
        message: expect.stringContaining("give it a transactionalId"),
      });
  });
});
