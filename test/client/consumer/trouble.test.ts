import { describe, expect, it } from "vitest";
import { Fetch, ListOffsets, Metadata } from "../../../src/client/api.ts";
import { hangUp, silence } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import { batchOf } from "../../support/fake-log.ts";
import { numbered, setUp, take } from "./support.ts";

const FROM_START = { topic: "t", partition: 0, from: 0n };
const position = { topic: "t", partition: 0 };

describe("an offset that is out of range", () => {
  it.each([
    ["earliest", "v-3"],
    ["latest", "new"],
  ] as const)("is reset to the %s one", async (autoOffsetReset, first) => {
    const { cluster, platform, consumer, append } = setUp({ config: { autoOffsetReset } });
    append(numbered(5));
    append(numbered(2, "w"));
    cluster.log("t").startOffset = 3n;
    consumer.assign([FROM_START]);
    const read = take(consumer, 1);
    await platform.clock.advance(100);
    append(["new"]);
    expect(await platform.run(read)).toEqual([first]);
  });

  it("is an error where autoOffsetReset is none, and stays one", async () => {
    const { platform, consumer, append } = setUp({ config: { autoOffsetReset: "none" } });
    append(["a"]);
    consumer.assign([{ ...FROM_START, from: 100n }]);
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await platform.failure(take(consumer, 1))).toMatchObject({
        code: "OFFSET_OUT_OF_RANGE",
        topic: "t",
        partition: 0,
        message: expect.stringContaining("offset 100 is not in the log"),
      });
    }
    consumer.assign([FROM_START]);
    expect(await platform.run(take(consumer, 1))).toEqual(["a"]);
  });

  it.each(["earliest", "latest"] as const)(
    "does not touch what was fetched before, nor what comes after the reset (%s)",
    async (autoOffsetReset) => {
      const { cluster, platform, consumer, append } = setUp({ config: { autoOffsetReset } });
      append(numbered(6, "old"));
      consumer.assign([FROM_START]);
      expect(await platform.run(take(consumer, 2))).toEqual(["old-0", "old-1"]);
      // The topic is deleted and made anew while the rest of that answer is still to be read.
      cluster.topics.delete("t");
      cluster.createTopic("t");
      await platform.clock.advance(3000);
      append(numbered(3, "new"));
      const expected = ["old-2", "old-3", "old-4", "old-5"];
      const read = take(consumer, 5);
      await platform.clock.advance(3000);
      append(numbered(3, "newer"));
      expect(await platform.run(read)).toEqual([
        ...expected,
        autoOffsetReset === "earliest" ? "new-0" : "newer-0",
      ]);
    },
  );
});

describe("a leader", () => {
  it("is followed when it moves", async () => {
    const { cluster, platform, consumer, append } = setUp({ brokers: 2 });
    append(["a"]);
    consumer.assign([FROM_START]);
    expect(await platform.run(take(consumer, 1))).toEqual(["a"]);
    cluster.moveLeader("t", 0, 2);
    append(["b"]);
    expect(await platform.run(take(consumer, 1), 2000)).toEqual(["b"]);
    expect(cluster.broker(2).of(Fetch).length).toBeGreaterThan(0);
  });

  it("is waited for while there is none", async () => {
    const { cluster, platform, consumer, broker, append } = setUp();
    append(["a"]);
    cluster.moveLeader("t", 0, -1);
    consumer.assign([FROM_START]);
    const read = take(consumer, 1);
    await platform.clock.advance(10_000);
    expect(broker.of(Metadata).length).toBeLessThan(40);
    cluster.moveLeader("t", 0, 1);
    expect(await platform.run(read, 3000)).toEqual(["a"]);
  });

  it("is waited for also while no broker answers for a while", async () => {
    const { cluster, platform, broker, consumer, append } = setUp({
      kafkaConfig: { requestTimeoutMs: 1000, defaultApiTimeoutMs: 10_000 },
    });
    append(["a"]);
    cluster.moveLeader("t", 0, -1);
    await platform.run(consumer.partitionsFor("t"));
    const silentUntilMs = platform.clock.monotonicMs() + 5000;
    broker.handle(Metadata, () => (platform.clock.monotonicMs() < silentUntilMs ? silence : undefined));
    consumer.assign([FROM_START]);
    const read = take(consumer, 1);
    await platform.clock.advance(4000);
    cluster.moveLeader("t", 0, 1);
    expect(await platform.run(read, 6000)).toEqual(["a"]);
  });

  it("that never comes back is an error within defaultApiTimeoutMs, and reading can be tried again", async () => {
    const { cluster, platform, consumer, append } = setUp({ kafkaConfig: { defaultApiTimeoutMs: 5000 } });
    append(["a"]);
    cluster.moveLeader("t", 0, -1);
    consumer.assign([FROM_START]);
    expect(await platform.failure(take(consumer, 1), 7000)).toMatchObject({
      name: "TimeoutError",
      message: expect.stringContaining("t-0 could not be read for 5000 ms"),
      cause: { code: "LEADER_NOT_AVAILABLE" },
    });
    cluster.moveLeader("t", 0, 1);
    expect(await platform.run(take(consumer, 1), 7000)).toEqual(["a"]);
  });

  it("that dies is replaced, with nothing lost or repeated", async () => {
    const { cluster, platform, consumer, append } = setUp({
      brokers: 2,
      config: { maxPartitionFetchBytes: 100 },
    });
    for (const value of numbered(20)) append([value]);
    consumer.assign([FROM_START]);
    const read = await platform.run(take(consumer, 5));
    cluster.broker(1).stop();
    cluster.alive.delete(1);
    cluster.moveLeader("t", 0, 2);
    read.push(...(await platform.run(take(consumer, 15), 20_000)));
    expect(read).toEqual(numbered(20));
  });

  it("that never answers is given up once the request has timed out", async () => {
    const { cluster, platform, broker, consumer, append } = setUp({
      brokers: 2,
      kafkaConfig: { requestTimeoutMs: 2000 },
    });
    append(["a"]);
    broker.handle(Fetch, () => silence);
    consumer.assign([FROM_START]);
    const read = take(consumer, 1);
    await platform.clock.advance(1000);
    cluster.moveLeader("t", 0, 2);
    expect(await platform.run(read, 5000)).toEqual(["a"]);
  });
});

describe("the start offset", () => {
  it("is asked for again while the leader moves", async () => {
    const { cluster, platform, broker, consumer, append } = setUp({ brokers: 2 });
    append(["a"]);
    broker.script(ListOffsets, hangUp());
    broker.handle(ListOffsets, () => {
      if (cluster.topics.get("t")?.partitions[0]?.leader === 1) cluster.moveLeader("t", 0, 2);
      return undefined;
    });
    consumer.assign([{ ...FROM_START, from: "earliest" }]);
    expect(await platform.run(take(consumer, 1), 5000)).toEqual(["a"]);
  });

  it("that nobody tells is an error on time, whatever the brokers are at", async () => {
    const { platform, broker, consumer } = setUp({
      kafkaConfig: { defaultApiTimeoutMs: 5000, requestTimeoutMs: 4000 },
    });
    broker.handle(ListOffsets, () => silence);
    consumer.assign([{ ...FROM_START, from: "earliest" }]);
    const startMs = platform.clock.monotonicMs();
    expect(await platform.failure(take(consumer, 1))).toMatchObject({
      code: expect.stringMatching("TIME"),
      message: expect.stringMatching(/The start offset of t-0 was not found within 5000 ms: .*ListOffsets/),
    });
    expect(platform.clock.monotonicMs() - startMs).toBeLessThanOrEqual(5000);
  });

  it("that a broker refuses for good is an error at once", async () => {
    const { platform, broker, consumer } = setUp();
    const partitions = [{ partitionIndex: 0, errorCode: 29 }];
    broker.handle(ListOffsets, () => ({ topics: [{ name: "t", partitions }] }));
    consumer.assign([{ ...FROM_START, from: "earliest" }]);
    expect(await platform.failure(take(consumer, 1), 100)).toMatchObject({
      code: "TOPIC_AUTHORIZATION_FAILED",
      topic: "t",
      partition: 0,
      broker: "b1:9092",
    });
  });

  it("is no endless question where a broker has no latest offset", async () => {
    const { platform, broker, consumer, kafka } = setUp({ kafkaConfig: { defaultApiTimeoutMs: 1000 } });
    const partitions = [{ partitionIndex: 0, offset: -1n }];
    broker.handle(ListOffsets, () => ({ topics: [{ name: "t", partitions }] }));
    consumer.assign([{ ...FROM_START, from: "latest" }]);
    expect(await platform.failure(take(consumer, 1), 2000)).toBeInstanceOf(Error);
    expect(broker.of(ListOffsets).length).toBeLessThan(20);
    await kafka.close();
  });
});

describe("a topic", () => {
  it("that appears later is read then", async () => {
    const { cluster, platform, consumer } = setUp();
    consumer.assign([{ topic: "later", partition: 0, from: "earliest" }]);
    const read = take(consumer, 1);
    await platform.clock.advance(5000);
    cluster.createTopic("later");
    cluster.append("later", 0, batchOf(["a"]));
    expect(await platform.run(read, 3000)).toEqual(["a"]);
  });

  it("that never comes is an error within defaultApiTimeoutMs", async () => {
    const { platform, consumer } = setUp({ kafkaConfig: { defaultApiTimeoutMs: 3000 } });
    for (const from of ["earliest", 0n] as const) {
      consumer.assign([{ topic: "no", partition: 0, from }]);
      expect(await platform.failure(take(consumer, 1), 3000)).toMatchObject({
        code: "TIMEOUT",
        message: expect.stringContaining("the cluster has no such topic"),
      });
    }
  });

  it("that is left out of an answer is asked for again, but not without end", async () => {
    const { platform, broker, consumer } = setUp({ kafkaConfig: { defaultApiTimeoutMs: 3000 } });
    broker.handle(Fetch, () => ({ responses: [] }));
    consumer.assign([FROM_START]);
    expect(await platform.failure(take(consumer, 1), 5000)).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining("t-0 could not be read for 3000 ms"),
    });
    expect(broker.of(Fetch).length).toBeLessThan(20);
  });

  it("that we may not read is an error at once, and other topics are read", async () => {
    const { cluster, platform, broker, consumer } = setUp();
    cluster.createTopic("secret");
    cluster.append("secret", 0, batchOf(["s"]));
    cluster.append("t", 0, batchOf(["a"]));
    const topicId = cluster.topics.get("secret")?.topicId as string;
    const { topicId: open } = cluster.topics.get("t") as { topicId: string };
    broker.handle(Fetch, ({ body }) =>
      body.topics.some((topic) => topic.topicId === topicId)
        ? {
            responses: [
              { topicId, partitions: [{ partitionIndex: 0, errorCode: 29 }] },
              { topicId: open, partitions: [{ partitionIndex: 0, records: new Uint8Array() }] },
            ],
          }
        : undefined,
    );
    consumer.assign([FROM_START, { topic: "secret", partition: 0, from: 0n }]);
    const error = await platform.failure(
      (async () => {
        for (;;) expect(await take(consumer, 1)).toEqual(["a"]);
      })(),
      1000,
    );
    expect(error).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED", topic: "secret" });
    expect(consumer.position(position)).toBe(1n);
  });
});

describe("a cluster that is gone", () => {
  it("is an error within defaultApiTimeoutMs, and nothing keeps a process alive after close", async () => {
    const { cluster, platform, consumer, kafka, append } = setUp({
      kafkaConfig: { defaultApiTimeoutMs: 10_000 },
    });
    append(["a"]);
    consumer.assign([FROM_START]);
    await platform.run(take(consumer, 1));
    cluster.broker(1).stop();
    expect(await platform.failure(take(consumer, 1), 15_000)).toMatchObject({
      name: "TimeoutError",
      message: expect.stringContaining("t-0 could not be read for 10000 ms: Cannot connect to b1:9092"),
    });
    await kafka.close();
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it.each(["partitionsFor", "reading"])("leaves no rejection unhandled when %s is aborted", async (what) => {
    const { cluster, platform, consumer, kafka } = setUp();
    cluster.broker(1).stop();
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listener);
    const signal = AbortSignal.abort(new Error("enough"));
    consumer.assign([FROM_START]);
    const call = what === "reading" ? take(consumer, 1, signal) : consumer.partitionsFor("t", { signal });
    await expect(call).rejects.toThrow("enough");
    await platform.clock.advance(20_000);
    await kafka.close();
    await settle();
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
    expect(platform.keepsAlive).toBe(false);
  });
});
