import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { compareVersions } from "../../scripts/kafka/versions.ts";
import { committedOffsets, kcatValues } from "../support/committed.ts";
import { withInternals } from "../support/internals.ts";
import { describeKafka, describeOnEachKafka, type KafkaUnderTest } from "../support/kafka.ts";
import { inSoak } from "../support/soak.ts";
import { createTopic } from "../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Newly formatted clusters from 4.0 on have version 2 of the transaction protocol. */
const hasVersion2 = ({ kafkaVersion }: KafkaUnderTest): boolean =>
  compareVersions(kafkaVersion ?? "4.4.0", "4.0.0") >= 0;

const clientFor = ({ bootstrapServers }: KafkaUnderTest): Kafka =>
  new Kafka({ bootstrapServers, logger: silent });

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

const suite = (kafka: () => KafkaUnderTest): void => {
  it("are of the version that the cluster has agreed on", async () => {
    await withInternals(kafka().bootstrapServers, async ({ internals }) => {
      await internals.refresh([]);
      const level = internals.features.levels.get("transaction.version") ?? 0;
      expect(level >= 2).toBe(hasVersion2(kafka()));
    });
    await using client = clientFor(kafka());
    const topic = await createTopic(client, 1);
    await using producer = client.producer({ transactionalId: randomUUID() });
    await producer.transaction((tx) => tx.send({ topic, value: "a" }));
    const apis = client.metrics().brokers.flatMap((broker) => broker.apis.map(({ api }) => api));
    expect(apis.includes("AddPartitionsToTxn")).toBe(!hasVersion2(kafka()));
  });

  it("take offsets of a group, which count when they are committed, and only then", async () => {
    await using client = clientFor(kafka());
    const topic = await createTopic(client, 2);
    const groupId = `group-${randomUUID()}`;
    await using producer = client.producer({ transactionalId: randomUUID() });
    const committed = (): Promise<(bigint | null)[]> =>
      committedOffsets(kafka().bootstrapServers, groupId, topic, 2);
    await producer.transaction((tx) =>
      tx.sendOffsets([{ topic, partition: 0, offset: 5n, metadata: "here" }], { groupId }),
    );
    await expect.poll(committed).toEqual([5n, null]);
    await producer.beginTransaction();
    await producer.sendOffsets(
      [
        { topic, partition: 0, offset: 9n },
        { topic, partition: 1, offset: 9n },
      ],
      { groupId },
    );
    await producer.abortTransaction();
    expect(await committed()).toEqual([5n, null]);
    await producer.transaction(async (tx) => {
      await tx.send({ topic, partition: 0, value: "out" });
      await tx.sendOffsets([{ topic, partition: 1, offset: 7n }], { groupId });
    });
    await expect.poll(committed).toEqual([5n, 7n]);
  });

  it("refuse offsets of a member that the group does not know (KIP-447), and can be aborted then", async () => {
    await using client = clientFor(kafka());
    const topic = await createTopic(client, 1);
    const groupId = `group-${randomUUID()}`;
    await using producer = client.producer({ transactionalId: randomUUID() });
    await producer.beginTransaction();
    const sent = producer.sendOffsets([{ topic, partition: 0, offset: 5n }], {
      groupId,
      memberId: "nobody",
      generationId: 3,
    });
    await expect(sent).rejects.toMatchObject({
      code: "TRANSACTION_ABORTABLE",
      cause: {
        code: expect.stringMatching(
          kafka().kafkaVersion?.startsWith("2.1.") === true
            ? /UNSUPPORTED_VERSION/
            : /UNKNOWN_MEMBER_ID|ILLEGAL_GENERATION/,
        ),
      },
    });
    await producer.abortTransaction();
    await producer.transaction((tx) => tx.sendOffsets([{ topic, partition: 0, offset: 6n }], { groupId }));
    await expect.poll(() => committedOffsets(kafka().bootstrapServers, groupId, topic, 1)).toEqual([6n]);
  });

  describeKafka("as kcat reads them", "kcat", () => {
    const committed = (topic: string): Promise<string[]> => kcatValues(kafka().bootstrapServers, topic);

    it("are seen when they are committed, and never when they are aborted", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 3);
      await using producer = client.producer({ transactionalId: randomUUID(), lingerMs: 0 });
      const send = (value: string, i: number) => ({ topic, partition: i % 3, value });
      const expected: string[] = [];
      for (let round = 0; round < inSoak(50, 5); round++) {
        const aborted = numbered(`aborted-${round}-`, 7);
        await producer.beginTransaction();
        await producer.send(aborted.map(send));
        await producer.abortTransaction();
        const kept = numbered(`kept-${round}-`, 7);
        await producer.transaction((tx) => {
          // Nobody awaits them: the commit does.
          for (const [i, value] of kept.entries()) void tx.send(send(value, i));
        });
        const failure = new Error("mine");
        const failed = producer.transaction(async (tx) => {
          await tx.send(aborted.map(send));
          throw failure;
        });
        await expect(failed).rejects.toBe(failure);
        expected.push(...kept);
      }
      const last = numbered("last-", 3);
      await producer.transaction((tx) => tx.send(last.map(send)));
      expected.push(...last);
      await expect
        .poll(async () => (await committed(topic)).length, { timeout: 20_000 })
        .toBe(expected.length);
      expect((await committed(topic)).toSorted()).toEqual(expected.toSorted());
      // They were there, for those who want to see them.
      const all = await kcatValues(kafka().bootstrapServers, topic, "read_uncommitted");
      expect(all.filter((value) => value.startsWith("aborted-0-"))).toHaveLength(14);
    });

    it("of a zombie are fenced off by its successor, whose own are seen", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1);
      const transactionalId = randomUUID();
      const zombie = client.producer({ transactionalId });
      await zombie.beginTransaction();
      await zombie.send({ topic, value: "of the zombie" });
      await using successor = client.producer({ transactionalId });
      await successor.transaction((tx) => tx.send({ topic, value: "of its successor" }));
      const fenced = { code: "PRODUCER_FENCED", fatal: true };
      await expect(zombie.commitTransaction()).rejects.toMatchObject(fenced);
      await expect(zombie.abortTransaction()).rejects.toMatchObject(fenced);
      await expect(zombie.beginTransaction()).rejects.toMatchObject(fenced);
      await zombie.close();
      await successor.transaction((tx) => tx.send({ topic, value: "and more" }));
      await expect.poll(() => committed(topic)).toEqual(["of its successor", "and more"]);
    });

    it("of a zombie that is still sending are fenced off too", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1);
      const transactionalId = randomUUID();
      const zombie = client.producer({ transactionalId });
      await zombie.beginTransaction();
      await zombie.send({ topic, value: "of the zombie" });
      await using successor = client.producer({ transactionalId });
      await successor.initTransactions();
      await expect(zombie.send({ topic, value: "too late" })).rejects.toThrow();
      await expect(zombie.commitTransaction()).rejects.toThrow();
      await zombie.close();
      await successor.transaction((tx) => tx.send({ topic, value: "of its successor" }));
      await expect.poll(() => committed(topic)).toEqual(["of its successor"]);
    });

    it("take batches that are too large and are split (KIP-126)", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1, { "max.message.bytes": "2000" });
      await using producer = client.producer({ transactionalId: randomUUID(), lingerMs: 50 });
      const values = numbered("x".repeat(90), 100);
      for (let i = 0; i < 2; i++)
        await producer.transaction((tx) => tx.send(values.map((value) => ({ topic, value }))));
      await expect.poll(() => committed(topic)).toEqual([...values, ...values]);
    });

    it("go on after a record was refused, under a higher epoch", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1, { "max.message.bytes": "2000" });
      await using producer = client.producer({ transactionalId: randomUUID() });
      await producer.beginTransaction();
      await producer.send({ topic, value: "refused with the other" });
      await expect(producer.send({ topic, value: "x".repeat(5000) })).rejects.toMatchObject({
        code: "MESSAGE_TOO_LARGE",
      });
      await expect(producer.commitTransaction()).rejects.toMatchObject({
        code: "TRANSACTION_ABORTABLE",
        cause: { code: "MESSAGE_TOO_LARGE" },
      });
      await producer.abortTransaction();
      await producer.transaction((tx) => tx.send({ topic, value: "taken" }));
      await expect.poll(() => committed(topic)).toEqual(["taken"]);
    });

    it("that are open when their producer is closed are aborted", async () => {
      await using client = clientFor(kafka());
      const topic = await createTopic(client, 1);
      const transactionalId = randomUUID();
      const producer = client.producer({ transactionalId });
      await producer.beginTransaction();
      await producer.send({ topic, value: "left open" });
      await producer.close();
      await using other = client.producer();
      await other.send({ topic, value: "of another" });
      // Were it still open, the reader would stop before it.
      await expect.poll(() => committed(topic)).toEqual(["of another"]);
    });
  });
};

describeOnEachKafka("transactions", suite, "2.1.0", ["2.1.1/1", "3.9.1/3", "4.4.0/3"]);
