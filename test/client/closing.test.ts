/** Every public call that waits ends in its time, or by its signal, with brokers that never answer. */

import { describe, expect, it } from "vitest";
import {
  ApiVersions,
  CreateTopics,
  DeleteTopics,
  Fetch,
  ListOffsets,
  Metadata,
  Produce,
} from "../../src/client/api.ts";
import type { Kafka } from "../../src/client/kafka.ts";
import { later, silence } from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { kafkaFor } from "../support/fake-kafka.ts";

const RECORD = { topic: "t", partition: 0, value: "a" };

/** Brokers that say who they are, and then no more. */
function setUp({ metadata = true } = {}) {
  const cluster = new FakeCluster(2);
  cluster.createTopic("t", 1);
  for (const broker of cluster.brokers) {
    broker.handle(Produce, () => silence);
    broker.handle(Fetch, () => silence);
    broker.handle(ListOffsets, () => silence);
    broker.handle(CreateTopics, () => silence);
    broker.handle(DeleteTopics, () => silence);
    if (!metadata) broker.handle(Metadata, () => silence);
  }
  return { cluster, platform: cluster.platform, kafka: kafkaFor(cluster) };
}

/** Calls with the time that each is given, in the way in which each takes one. */
const timed: readonly (readonly [string, (kafka: Kafka, timeoutMs: number) => Promise<unknown>])[] = [
  ["Producer.send", (kafka, ms) => kafka.producer({ maxBlockMs: ms }).send({ topic: "other" })],
  ["Producer.flush", (kafka, timeoutMs) => flushing(kafka, { timeoutMs })],
  ["Consumer.partitionsFor", (kafka, timeoutMs) => kafka.consumer().partitionsFor("other", { timeoutMs })],
  ["Admin.createTopics", (kafka, timeoutMs) => kafka.admin().createTopics([{ topic: "x" }], { timeoutMs })],
  ["Admin.deleteTopics", (kafka, timeoutMs) => kafka.admin().deleteTopics(["x"], { timeoutMs })],
];

const aborted: readonly (readonly [string, (kafka: Kafka, signal: AbortSignal) => Promise<unknown>])[] = [
  ["Producer.send", (kafka, signal) => kafka.producer().send({ topic: "other" }, { signal })],
  ["Producer.flush", (kafka, signal) => flushing(kafka, { signal })],
  ["Consumer.records", (kafka, signal) => reading(kafka).records({ signal }).next()],
  ["Consumer.partitionsFor", (kafka, signal) => kafka.consumer().partitionsFor("other", { signal })],
  ["Admin.createTopics", (kafka, signal) => kafka.admin().createTopics([{ topic: "x" }], { signal })],
  ["Admin.deleteTopics", (kafka, signal) => kafka.admin().deleteTopics(["x"], { signal })],
];

async function flushing(kafka: Kafka, options: { timeoutMs?: number; signal?: AbortSignal }): Promise<void> {
  const producer = kafka.producer();
  producer.send(RECORD).catch(() => {});
  await producer.flush(options);
}

function reading(kafka: Kafka) {
  const consumer = kafka.consumer();
  consumer.assign([{ topic: "t", partition: 0, from: 0n }]);
  return consumer;
}

describe.each([true, false])("with brokers that never answer (but metadata: %s)", (metadata) => {
  it.each(timed)("%s ends in its time", async (_, call) => {
    const { cluster, platform, kafka } = setUp({ metadata });
    // Then not even who they are.
    for (const broker of cluster.brokers) if (!metadata) broker.handle(ApiVersions, () => silence);
    const error = await platform.failure(call(kafka, 3000), 3000);
    expect(error).toMatchObject({ code: "TIMEOUT", retriable: true, fatal: false });
    expect(String(error)).toContain("3000 ms");
    await platform.run(kafka.close({ timeoutMs: 0 }), 0);
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it.each(aborted)("%s ends by its signal", async (_, call) => {
    const { platform, kafka } = setUp({ metadata });
    const controller = new AbortController();
    const reason = new Error("enough");
    const outcome = call(kafka, controller.signal).catch((error: unknown) => error);
    await platform.clock.advance(500);
    controller.abort(reason);
    expect(await platform.run(outcome, 0)).toBe(reason);
    // One that is aborted already waits for nothing at all.
    expect(await platform.failure(call(kafka, controller.signal), 0)).toBe(reason);
    await platform.run(kafka.close({ timeoutMs: 0 }), 0);
  });
});

describe("close with a time", () => {
  const closedLater = { status: "rejected", reason: { code: "CLOSED", fatal: true } };

  it("rejects what a producer has not delivered, and says what may be", async () => {
    const { platform, kafka } = setUp();
    const producer = kafka.producer();
    const outcomes = Promise.allSettled([producer.send(RECORD), producer.send({ topic: "other" })]);
    await platform.clock.advance(100);
    await platform.run(producer.close({ timeoutMs: 2000 }), 2000);
    const [sent] = await outcomes;
    expect(await outcomes).toMatchObject([closedLater, closedLater]);
    expect(String((sent as PromiseRejectedResult).reason)).toMatch(/within 2000 ms.*may have been written/);
    await kafka.close();
  });

  it("lets calls of an admin client end, and rejects those that do not", async () => {
    const { cluster, platform, kafka } = setUp();
    const admin = kafka.admin();
    const answered = { responses: [{ name: "t" }] };
    for (const broker of cluster.brokers) broker.handle(DeleteTopics, () => later(500, answered));
    const outcomes = Promise.allSettled([admin.deleteTopics(["t"]), admin.createTopics([{ topic: "x" }])]);
    await platform.clock.advance(100);
    await platform.run(admin.close({ timeoutMs: 2000 }), 2000);
    expect(await outcomes).toMatchObject([{ status: "fulfilled" }, closedLater]);
    expect(await platform.failure(admin.deleteTopics(["t"]), 0)).toMatchObject({ code: "CLOSED" });
    await kafka.close();
  });

  it("ends a loop over records at once", async () => {
    const { platform, kafka } = setUp();
    const consumer = reading(kafka);
    const next = consumer.records().next();
    await platform.clock.advance(100);
    await platform.run(consumer.close({ timeoutMs: 2000 }), 0);
    expect(await platform.run(next, 0)).toEqual({ done: true, value: undefined });
    await kafka.close();
  });

  it("holds for all that a client made, also for what is being closed already", async () => {
    const { platform, kafka } = setUp();
    const [producer, admin] = [kafka.producer(), kafka.admin()];
    const outcomes = Promise.allSettled([producer.send(RECORD), admin.createTopics([{ topic: "x" }])]);
    await platform.clock.advance(100);
    const slowly = producer.close();
    await platform.run(kafka.close({ timeoutMs: 1000 }), 1000);
    expect(await platform.run(outcomes, 0)).toMatchObject([closedLater, closedLater]);
    await platform.run(slowly, 0);
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("is there for `await using` everywhere", async () => {
    const { kafka } = setUp();
    for (const each of [kafka.producer(), kafka.consumer(), kafka.admin(), kafka]) {
      await each[Symbol.asyncDispose]();
    }
    expect(() => kafka.producer()).toThrow("The client is closed");
  });
});
