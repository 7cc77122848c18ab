/** kafkajs on the embedded broker: it produces, two members share a topic and commit, and its admin client looks on. */

import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestCluster } from "../../src/testing/mod.ts";

const PARTITIONS = 6;
const EACH_TIME = 60;
const WITHIN = { timeout: 20_000, interval: 20 };

let cluster: TestCluster;
let kafka: Kafka;

beforeAll(async () => {
  cluster = await TestCluster.start({ brokers: 3, topics: { t: PARTITIONS } });
  // It is older than brokers that have done with magic 0 and 1, and says so in a warning.
  kafka = new Kafka({
    clientId: "kafkajs",
    brokers: [...cluster.bootstrapServers],
    logLevel: logLevel.ERROR,
  });
});

afterAll(async () => {
  await cluster?.close();
  expect(cluster?.failures).toEqual([]);
});

it("kafkajs sends, shares a group's partitions, commits, and leaves them to others", async () => {
  const producer = kafka.producer();
  await producer.connect();
  let sent = 0;
  const send = async (): Promise<void> => {
    const messages = Array.from({ length: EACH_TIME }, (_, i) => ({
      value: String(sent + i),
      partition: i % PARTITIONS,
    }));
    await producer.send({ topic: "t", messages });
    sent += EACH_TIME;
  };
  const read: string[] = [];
  const allRead = (): Promise<void> => expect.poll(() => new Set(read).size, WITHIN).toBe(sent);
  const member = async () => {
    const consumer = kafka.consumer({
      groupId: "g",
      heartbeatInterval: 300,
      sessionTimeout: 10_000,
      rebalanceTimeout: 10_000,
      maxWaitTimeInMs: 100,
    });
    let share = 0;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      share = payload.memberAssignment["t"]?.length ?? 0;
    });
    await consumer.connect();
    await consumer.subscribe({ topic: "t", fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void read.push(String(message.value)) });
    return { consumer, share: () => share };
  };

  await send();
  const first = await member();
  await allRead();
  const second = await member();
  await expect.poll(() => [first.share(), second.share()], WITHIN).toEqual([3, 3]);
  await send();
  await allRead();
  await first.consumer.disconnect();
  await expect.poll(second.share, WITHIN).toBe(PARTITIONS);
  await send();
  await allRead();

  const admin = kafka.admin();
  await admin.connect();
  expect(await admin.describeGroups(["g"])).toMatchObject({
    groups: [{ groupId: "g", state: "Stable", protocolType: "consumer", members: [{}] }],
  });
  await second.consumer.disconnect();
  const [{ partitions } = { partitions: [] }] = await admin.fetchOffsets({ groupId: "g", topics: ["t"] });
  const committed = partitions.map(({ partition, offset }) => [partition, Number(offset)]);
  const each = sent / PARTITIONS;
  expect(committed.sort()).toEqual(Array.from({ length: PARTITIONS }, (_, partition) => [partition, each]));
  expect(read).toHaveLength(sent);
  await admin.deleteGroups(["g"]);
  expect((await admin.listGroups()).groups).toEqual([]);
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}, 60_000);

it("kafkajs sends in a transaction, of which nothing is read when it is aborted", async () => {
  const producer = kafka.producer({ transactionalId: "kafkajs", maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  for (const outcome of ["aborted", "committed"] as const) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: "made", messages: [{ key: "k", value: outcome }] });
    if (outcome === "committed") await transaction.commit();
    else await transaction.abort();
  }
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: "reads", readUncommitted: false, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: "made", fromBeginning: true });
  const read: string[] = [];
  await consumer.run({ eachMessage: async ({ message }) => void read.push(String(message.value)) });
  await expect.poll(() => read, WITHIN).toEqual(["committed"]);
  await sleep(100);
  expect(read).toEqual(["committed"]);
  await consumer.disconnect();
}, 60_000);
