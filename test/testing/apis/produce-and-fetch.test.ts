/** Produce, Fetch and ListOffsets as they stand on the wire. */

import { describe, expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../../src/protocol/messages/list-offsets.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import { crc32c } from "../../../src/protocol/records/crc32c.ts";
import { ATTRIBUTES_AT, BASE_SEQUENCE_AT, CRC_AT } from "../../../src/protocol/records/layout.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { batchOf, RawClient } from "../raw-client.ts";

const NAME = "orders";

async function started(options: TestClusterOptions = {}): Promise<TestCluster> {
  return TestCluster.start({ network: "memory", time: "manual", topics: { [NAME]: 1 }, ...options });
}

async function produce(client: RawClient, records: Uint8Array | null, { acks = -1, version = 12 } = {}) {
  const topicData = [{ name: NAME, partitionData: [{ index: 0, records }] }];
  const response = await client.ask(ProduceRequest, ProduceResponse, version, {
    acks,
    timeoutMs: 1000,
    topicData,
  });
  const answer = response.responses[0]?.partitionResponses[0];
  if (answer === undefined) throw new Error("no answer");
  return { ...answer, error: errorCodeOf(answer.errorCode).name };
}

interface FetchOptions {
  readonly offset?: bigint;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly version?: number;
  readonly isolationLevel?: number;
  readonly sessionId?: number;
  readonly sessionEpoch?: number;
  readonly topics?: boolean;
  readonly currentLeaderEpoch?: number;
  readonly lastFetchedEpoch?: number;
}

async function fetch(client: RawClient, options: FetchOptions = {}) {
  const { offset = 0n, version = 12, topics = true, maxBytes = 1_000_000, ...rest } = options;
  const { currentLeaderEpoch = -1, lastFetchedEpoch = -1, ...more } = rest;
  const partition = {
    partition: 0,
    fetchOffset: offset,
    partitionMaxBytes: maxBytes,
    currentLeaderEpoch,
    lastFetchedEpoch,
  };
  const response = await client.ask(FetchRequest, FetchResponse, version, {
    maxWaitMs: 0,
    minBytes: 1,
    ...more,
    topics: topics ? [{ topic: NAME, partitions: [partition] }] : [],
  });
  const answer = response.responses[0]?.partitions[0];
  const records = answer?.records ?? new Uint8Array(0);
  const values =
    records.byteLength === 0
      ? []
      : [...readRecordBatches(records)].flatMap((batch) =>
          Array.from(batch.records(), ({ value }) => new TextDecoder().decode(value ?? new Uint8Array(0))),
        );
  return { ...response, answer, values, error: errorCodeOf(answer?.errorCode ?? response.errorCode).name };
}

describe("Produce", () => {
  it("gives each batch the offsets behind the last, and says where they are", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    expect(await produce(client, batchOf(["a", "b"]))).toMatchObject({ error: "NONE", baseOffset: 0n });
    expect(await produce(client, batchOf(["c"]))).toMatchObject({ baseOffset: 2n, logAppendTimeMs: -1n });
    expect((await fetch(client)).values).toEqual(["a", "b", "c"]);
  });

  it.each([
    ["no batch", new Uint8Array(0), "INVALID_RECORD"],
    ["nothing", null, "INVALID_RECORD"],
    ["two batches", new Uint8Array([...batchOf(["a"]), ...batchOf(["b"])]), "INVALID_RECORD"],
    [
      "a damaged batch",
      batchOf(["a"]).map((byte, index) => (index === 65 ? byte ^ 1 : byte)),
      "CORRUPT_MESSAGE",
    ],
    ["too large a batch", batchOf(["x".repeat(2_000_000)]), "MESSAGE_TOO_LARGE"],
    ["a producer without sequence", withoutSequence(), "INVALID_RECORD"],
  ])("refuses %s", async (_what, records, error) => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    expect(await produce(client, records)).toMatchObject({ error, baseOffset: -1n });
    expect(cluster.partition(NAME, 0).logEndOffset).toBe(0n);
  });

  it("knows a batch again that comes twice, and refuses one that leaves a gap", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const from = (baseSequence: number, producerEpoch = 0) =>
      batchOf(["a", "b"], { producerId: 7n, producerEpoch, baseSequence });
    for (let i = 0; i < 5; i++) await produce(client, from(2 * i));
    expect(await produce(client, from(0))).toMatchObject({ error: "NONE", baseOffset: 0n });
    expect(await produce(client, from(12))).toMatchObject({ error: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
    expect(await produce(client, from(10))).toMatchObject({ error: "NONE", baseOffset: 10n });
    // Six batches back is one too many.
    expect(await produce(client, from(0))).toMatchObject({ error: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
    expect(await produce(client, from(3, 1))).toMatchObject({ error: "OUT_OF_ORDER_SEQUENCE_NUMBER" });
    expect(await produce(client, from(0, 1))).toMatchObject({ error: "NONE", baseOffset: 12n });
    expect(await produce(client, from(12))).toMatchObject({ error: "INVALID_PRODUCER_EPOCH" });
  });

  it("stamps records where the topic says so", async () => {
    const configs = { "message.timestamp.type": "LogAppendTime" };
    await using cluster = await started({ topics: { [NAME]: { configs } } });
    using client = await RawClient.to(cluster);
    const nowMs = BigInt(cluster.clock.wallMs());
    expect(await produce(client, batchOf(["a"], { timestamp: 1 }))).toMatchObject({ logAppendTimeMs: nowMs });
    const { answer } = await fetch(client);
    const [batch] = [...readRecordBatches(answer?.records as Uint8Array)];
    expect(batch).toMatchObject({ timestampType: "LOG_APPEND_TIME", maxTimestamp: Number(nowMs) });
  });

  it("says which records a compacted topic cannot take", async () => {
    const configs = { "cleanup.policy": "compact" };
    await using cluster = await started({ topics: { [NAME]: { configs } } });
    using client = await RawClient.to(cluster);
    const answer = await produce(client, batchOf(["a", "b"]));
    expect(answer).toMatchObject({ error: "INVALID_RECORD" });
    expect(answer.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([0, 1]);
  });

  it("waits with acks=all for those in sync, and no longer than it was told", async () => {
    await using cluster = await started({
      brokers: 3,
      topics: { [NAME]: { assignments: [[1, 2, 3]], configs: { "min.insync.replicas": "2" } } },
    });
    using client = await RawClient.to(cluster);
    const partition = cluster.partition(NAME, 0);
    partition.holdFollower(2);
    const late = produce(client, batchOf(["a"]));
    await cluster.clock.advance(1000);
    expect(await late).toMatchObject({ error: "REQUEST_TIMED_OUT" });
    const inTime = produce(client, batchOf(["b"]));
    await cluster.clock.advance(500);
    expect(partition.highWatermark).toBe(0n);
    partition.releaseFollower(2);
    expect(await inTime).toMatchObject({ error: "NONE", baseOffset: 1n });
    partition.shrinkIsr(2);
    partition.shrinkIsr(3);
    expect(await produce(client, batchOf(["c"]))).toMatchObject({ error: "NOT_ENOUGH_REPLICAS" });
    expect(await produce(client, batchOf(["c"]), { acks: 1 })).toMatchObject({ error: "NONE" });
  });

  it("says who leads instead", async () => {
    await using cluster = await started({ brokers: 2, topics: { [NAME]: { assignments: [[2]] } } });
    using client = await RawClient.to(cluster, 1);
    const topicData = [{ name: NAME, partitionData: [{ index: 0, records: batchOf(["a"]) }] }];
    const body = { acks: 1, timeoutMs: 1000, topicData };
    const { responses, nodeEndpoints } = await client.ask(ProduceRequest, ProduceResponse, 12, body);
    expect(responses[0]?.partitionResponses[0]).toMatchObject({
      errorCode: 6,
      currentLeader: { leaderId: 2, leaderEpoch: 0 },
    });
    expect(nodeEndpoints.map(({ nodeId }) => nodeId)).toEqual([2]);
  });

  it("hangs up where acks=0 leave no other way to say that something is wrong", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const topicData = [{ name: "absent", partitionData: [{ index: 0, records: batchOf(["a"]) }] }];
    client.send(ProduceRequest, 12, { acks: 0, timeoutMs: 1000, topicData });
    await client.closed;
  });
});

/** As no builder makes it. */
function withoutSequence(): Uint8Array {
  const batch = batchOf(["a"], { producerId: 7n, producerEpoch: 0, baseSequence: 0 });
  const view = new DataView(batch.buffer, batch.byteOffset);
  view.setInt32(BASE_SEQUENCE_AT, -1);
  view.setInt32(CRC_AT, crc32c(batch, ATTRIBUTES_AT, batch.byteLength));
  return batch;
}

describe("Fetch", () => {
  it("waits for as many bytes as are wanted, and no longer than it was told", async () => {
    await using cluster = await started();
    using producer = await RawClient.to(cluster);
    using client = await RawClient.to(cluster);
    const inTime = fetch(client, { maxWaitMs: 500, minBytes: 200 });
    await produce(producer, batchOf(["a"]));
    await produce(producer, batchOf(["b".repeat(100)]));
    expect((await inTime).values).toEqual(["a", "b".repeat(100)]);
    const late = fetch(client, { offset: 2n, maxWaitMs: 500 });
    await cluster.clock.advance(500);
    expect((await late).values).toEqual([]);
  });

  it.each([-1n, 2n])("refuses the offset %s where 0 to 1 are there", async (offset) => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    await produce(client, batchOf(["a"]));
    expect(await fetch(client, { offset })).toMatchObject({ error: "OFFSET_OUT_OF_RANGE" });
    expect(await fetch(client, { offset: 1n })).toMatchObject({ error: "NONE", values: [] });
  });

  it("gives the first batch whole, however small the limit, and the last one cut", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    const size = batchOf(["a"]).byteLength;
    await produce(client, batchOf(["a"]));
    await produce(client, batchOf(["b"]));
    expect((await fetch(client, { maxBytes: 1 })).answer?.records?.byteLength).toBe(size);
    expect((await fetch(client, { maxBytes: size + 10 })).answer?.records?.byteLength).toBe(size + 10);
  });

  it("tells in a session what has changed, and nothing else", async () => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    await produce(client, batchOf(["a"]));
    const full = await fetch(client, { sessionEpoch: 0 });
    expect(full.values).toEqual(["a"]);
    const { sessionId } = full;
    const session = { sessionId, topics: false } as const;
    expect((await fetch(client, { ...session, sessionEpoch: 1 })).values).toEqual(["a"]);
    expect(await fetch(client, { sessionId, sessionEpoch: 2, offset: 1n })).toMatchObject({ responses: [] });
    await produce(client, batchOf(["b"]));
    expect((await fetch(client, { ...session, sessionEpoch: 3 })).values).toEqual(["b"]);
    expect(await fetch(client, { ...session, sessionEpoch: 3 })).toMatchObject({
      error: "INVALID_FETCH_SESSION_EPOCH",
    });
    expect(await fetch(client, { sessionId: 4711, sessionEpoch: 1 })).toMatchObject({
      error: "FETCH_SESSION_ID_NOT_FOUND",
    });
  });

  it("tells where logs part after a leader was lost with what only it had", async () => {
    await using cluster = await started({ brokers: 2, topics: { [NAME]: { assignments: [[1, 2]] } } });
    using first = await RawClient.to(cluster, 1);
    await produce(first, batchOf(["kept"]));
    cluster.partition(NAME, 0).holdFollower(2);
    await produce(first, batchOf(["lost"]), { acks: 1 });
    await cluster.broker(1).kill();
    using second = await RawClient.to(cluster, 2);
    await produce(second, batchOf(["other", "more"]), { acks: 1 });
    const { answer } = await fetch(second, { offset: 2n, lastFetchedEpoch: 0 });
    expect(answer).toMatchObject({ errorCode: 0, divergingEpoch: { epoch: 0, endOffset: 1n } });
    expect(await fetch(second, { currentLeaderEpoch: 0 })).toMatchObject({ error: "FENCED_LEADER_EPOCH" });
    expect(await fetch(second, { currentLeaderEpoch: 9 })).toMatchObject({ error: "UNKNOWN_LEADER_EPOCH" });
    expect((await fetch(second, { offset: 1n })).values).toEqual(["other", "more"]);
  });

  it("gives committed readers nothing of an open transaction", async () => {
    await using cluster = await started({
      configs: { "transaction.partition.verification.enable": "false" },
    });
    using client = await RawClient.to(cluster);
    const open = { producerId: 7n, producerEpoch: 0, baseSequence: 0, isTransactional: true };
    await produce(client, batchOf(["before"]));
    const topicData = [{ name: NAME, partitionData: [{ index: 0, records: batchOf(["open"], open) }] }];
    const body = { transactionalId: "t", acks: -1, timeoutMs: 1000, topicData };
    await client.ask(ProduceRequest, ProduceResponse, 11, body);
    await produce(client, batchOf(["after"]));
    const committed = await fetch(client, { isolationLevel: 1 });
    expect(committed.values).toEqual(["before"]);
    expect(committed.answer).toMatchObject({ highWatermark: 3n, lastStableOffset: 1n });
    expect((await fetch(client)).values).toEqual(["before", "open", "after"]);
  });
});

describe("ListOffsets", () => {
  it.each([
    ["the start", -2n, 0n],
    ["the end", -1n, 4n],
    ["the latest timestamp", -3n, 3n],
    ["a time between records", 1_001n, 1n],
    ["a time before all", 0n, 0n],
    ["a time after all", 9_999n, -1n],
  ])("finds %s", async (_what, timestamp, offset) => {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    await produce(client, batchOf(["a", "b"], { timestamp: 1_000 }));
    await produce(client, batchOf(["c", "d"], { timestamp: 2_000 }));
    const partitions = [{ partitionIndex: 0, timestamp }];
    const body = { replicaId: -1, topics: [{ name: NAME, partitions }] };
    const { topics } = await client.ask(ListOffsetsRequest, ListOffsetsResponse, 9, body);
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, offset });
  });
});
