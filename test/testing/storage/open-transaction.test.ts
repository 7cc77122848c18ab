/** A transaction that was open when its cluster was closed. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../../src/protocol/messages/add-partitions-to-txn.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from "../../../src/protocol/messages/init-producer-id.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { batchOf, RawClient } from "../raw-client.ts";

const transactionalId = "billing";
let dataDirectory: string;

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), "kafkawire-open-"));
});
afterEach(() => rm(dataDirectory, { recursive: true, force: true }));

const started = (): Promise<TestCluster> =>
  TestCluster.start({ network: "memory", time: "manual", dataDirectory, topics: { orders: 1 } });

async function init(client: RawClient) {
  const body = { transactionalId, transactionTimeoutMs: 60_000 };
  return client.ask(InitProducerIdRequest, InitProducerIdResponse, 4, body);
}

async function stable(client: RawClient) {
  const { responses } = await client.ask(FetchRequest, FetchResponse, 12, {
    isolationLevel: 1,
    topics: [{ topic: "orders", partitions: [{ partition: 0, partitionMaxBytes: 1_000_000 }] }],
  });
  const { highWatermark, lastStableOffset, abortedTransactions } = responses[0]?.partitions[0] ?? {};
  return { highWatermark, lastStableOffset, aborted: abortedTransactions?.length };
}

/** Writes a record in a transaction that is left open. */
async function begin(client: RawClient): Promise<bigint> {
  const { producerId, producerEpoch } = await init(client);
  const added = await client.ask(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, 3, {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: [{ name: "orders", partitions: [0] }],
  });
  expect(added.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode).toBe(0);
  const records = batchOf(["a"], { producerId, producerEpoch, baseSequence: 0, isTransactional: true });
  const { responses } = await client.ask(ProduceRequest, ProduceResponse, 9, {
    transactionalId,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: "orders", partitionData: [{ index: 0, records }] }],
  });
  expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
  return producerId;
}

it("is still open, and aborted by the producer that comes back", async () => {
  let producerId: bigint;
  {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    producerId = await begin(client);
  }
  await using cluster = await started();
  using client = await RawClient.to(cluster);
  expect(await stable(client)).toEqual({ highWatermark: 1n, lastStableOffset: 0n, aborted: 0 });
  // As in Kafka the first attempt only has it aborted.
  expect(errorCodeOf((await init(client)).errorCode).name).toBe("CONCURRENT_TRANSACTIONS");
  const next = await init(client);
  expect(next).toMatchObject({ errorCode: 0, producerId });
  expect(next.producerEpoch).toBeGreaterThan(0);
  expect(await stable(client)).toEqual({ highWatermark: 2n, lastStableOffset: 2n, aborted: 1 });
  expect(cluster.failures).toEqual([]);
});

it("is still open, and aborted once its time is up", async () => {
  {
    await using cluster = await started();
    using client = await RawClient.to(cluster);
    await begin(client);
  }
  await using cluster = await started();
  using client = await RawClient.to(cluster);
  await cluster.clock.advance(90_000);
  expect(await stable(client)).toEqual({ highWatermark: 2n, lastStableOffset: 2n, aborted: 1 });
  expect(cluster.failures).toEqual([]);
});
