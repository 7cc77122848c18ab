/** What requests about transactions get where access control lists are against them. */

import { expect, it } from "vitest";
import { errorCodeOf } from "../../../src/protocol/error-codes.ts";
import {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from "../../../src/protocol/messages/add-offsets-to-txn.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../../src/protocol/messages/add-partitions-to-txn.ts";
import { CreateAclsRequest, CreateAclsResponse } from "../../../src/protocol/messages/create-acls.ts";
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from "../../../src/protocol/messages/describe-producers.ts";
import {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from "../../../src/protocol/messages/list-transactions.ts";
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from "../../../src/protocol/messages/txn-offset-commit.ts";
import {
  UpdateFeaturesRequest,
  UpdateFeaturesResponse,
} from "../../../src/protocol/messages/update-features.ts";
import {
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
} from "../../../src/protocol/messages/write-txn-markers.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { TransactionClient } from "./transaction-client.ts";

const [TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID] = [2, 3, 4, 5];
const ALL = 2;
const topics = [{ name: "orders", partitionIndexes: [0] }];

const name = (code: number | undefined): string => errorCodeOf(code ?? -1).name;

/** Leaves a resource to somebody else. */
async function giveAway(
  client: TransactionClient,
  resourceType: number,
  resourceName: string,
): Promise<void> {
  const { results } = await client.raw.ask(CreateAclsRequest, CreateAclsResponse, 3, {
    creations: [
      {
        resourceType,
        resourceName,
        resourcePatternType: 3,
        principal: "User:other",
        host: "*",
        operation: ALL,
        permissionType: 3,
      },
    ],
  });
  expect(results.map(({ errorCode }) => name(errorCode))).toEqual(["NONE"]);
}

async function started() {
  const cluster = await TestCluster.start({
    network: "memory",
    topics: { orders: 1 },
    authorizer: { allowEveryoneIfNoAclFound: true },
  });
  return { cluster, client: await TransactionClient.of(cluster) };
}

it("a transactional id of somebody else is refused, and not told of", async () => {
  const { cluster, client } = await started();
  await using _ = cluster;
  const producer = await client.init();
  await giveAway(client, TRANSACTIONAL_ID as number, "id");
  const refusal = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";
  expect(await client.init()).toMatchObject({ error: refusal });
  expect(await client.add(producer)).toEqual([refusal]);
  expect(await client.end(producer, true)).toMatchObject({ error: refusal });
  expect(await client.produce(producer, ["a"])).toBe(refusal);
  expect(await client.describe()).toMatchObject({ error: refusal });
  const listed = await client.raw.ask(ListTransactionsRequest, ListTransactionsResponse, 1, {});
  expect(listed.transactionStates).toEqual([]);
  expect(cluster.failures).toEqual([]);
});

it("topics and groups of somebody else do not take part", async () => {
  const { cluster, client } = await started();
  await using _ = cluster;
  const producer = await client.init();
  await client.produce(producer, ["a"]);
  await giveAway(client, TOPIC as number, "orders");
  await giveAway(client, GROUP as number, "group");
  expect(await client.add(producer)).toEqual(["TOPIC_AUTHORIZATION_FAILED"]);
  expect(await client.describe()).toMatchObject({ transactionState: "Ongoing", topics: [] });
  const producers = await client.raw.ask(DescribeProducersRequest, DescribeProducersResponse, 0, { topics });
  expect(name(producers.topics[0]?.partitions[0]?.errorCode)).toBe("TOPIC_AUTHORIZATION_FAILED");
  const added = await client.raw.ask(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, 3, {
    transactionalId: "id",
    groupId: "group",
    producerId: producer.producerId,
    producerEpoch: producer.producerEpoch,
  });
  expect(name(added.errorCode)).toBe("GROUP_AUTHORIZATION_FAILED");
  const commit = async (groupId: string): Promise<string> => {
    const committed = await client.raw.ask(TxnOffsetCommitRequest, TxnOffsetCommitResponse, 5, {
      transactionalId: "id",
      groupId,
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      topics: [
        {
          name: "orders",
          partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: null }],
        },
      ],
    });
    return name(committed.topics[0]?.partitions[0]?.errorCode);
  };
  expect(await commit("group")).toBe("GROUP_AUTHORIZATION_FAILED");
  expect(await commit("mine")).toBe("TOPIC_AUTHORIZATION_FAILED");
  expect(cluster.failures).toEqual([]);
});

it("what only brokers and admins may do is refused to others", async () => {
  const { cluster, client } = await started();
  await using _ = cluster;
  const { producerId, producerEpoch } = await client.init();
  await giveAway(client, CLUSTER as number, "kafka-cluster");
  const marked = await client.raw.ask(WriteTxnMarkersRequest, WriteTxnMarkersResponse, 1, {
    markers: [{ producerId, producerEpoch, transactionResult: true, coordinatorEpoch: 0, topics }],
  });
  expect(name(marked.markers[0]?.topics[0]?.partitions[0]?.errorCode)).toBe("CLUSTER_AUTHORIZATION_FAILED");
  const added = await client.raw.ask(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, 5, {
    transactions: [
      {
        transactionalId: "id",
        producerId,
        producerEpoch,
        verifyOnly: true,
        topics: [{ name: "orders", partitions: [0] }],
      },
    ],
  });
  expect(name(added.errorCode)).toBe("CLUSTER_AUTHORIZATION_FAILED");
  const updated = await client.raw.ask(UpdateFeaturesRequest, UpdateFeaturesResponse, 2, {
    featureUpdates: [{ feature: "transaction.version", maxVersionLevel: 1, upgradeType: 2 }],
  });
  expect(name(updated.errorCode)).toBe("CLUSTER_AUTHORIZATION_FAILED");
  expect(cluster.failures).toEqual([]);
});
