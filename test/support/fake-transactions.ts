/** The coordinators of transactions and groups on the brokers of a {@link FakeCluster}, as far as producers see them. */

import { ApiVersions, FindCoordinator, InitProducerId } from "../../src/client/api.ts";
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  EndTxn,
  TxnOffsetCommit,
} from "../../src/client/producer/transactions/apis.ts";
// What producers load when they need it is there at once, so that no real time goes by in tests with a clock of their own.
import "../../src/client/producer/transactions/transaction.ts";
import "../../src/client/producer/transactions/transaction-manager.ts";
import type { FakeBroker } from "./fake-broker.ts";
import type { FakeCluster } from "./fake-cluster.ts";

const NOT_COORDINATOR = 16;
const INVALID_TXN_STATE = 48;
const PRODUCER_FENCED = 90;

const ALL_APIS = [InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn] as const;

export class FakeTransactions {
  readonly cluster: FakeCluster;
  /** Node id of the coordinator of every transactional id. */
  coordinator = 1;
  /** Node id of the coordinator of every group. */
  groupCoordinator = 1;
  producerId = 7n;
  epoch = -1;
  isOpen = false;
  /** How each transaction ended. */
  readonly ends: ("commit" | "abort")[] = [];
  readonly partitions = new Set<string>();
  readonly offsets = new Map<string, bigint>();

  /** @param transactionVersion The finalized feature; null for brokers that know none. */
  constructor(cluster: FakeCluster, transactionVersion: number | null) {
    this.cluster = cluster;
    cluster.brokers.forEach((broker, index) => {
      this.#serve(broker, index + 1);
    });
    if (transactionVersion !== null) this.finalize(transactionVersion, 1n);
  }

  /** What brokers say of the feature on new connections. */
  finalize(maxVersionLevel: number, epoch: bigint): void {
    const finalizedFeatures = [{ name: "transaction.version", maxVersionLevel, minVersionLevel: 0 }];
    for (const broker of this.cluster.brokers) {
      broker.handle(ApiVersions, () => ({
        ...broker.apiVersions(),
        finalizedFeaturesEpoch: epoch,
        finalizedFeatures,
      }));
    }
  }

  /** Brokers as they were before KIP-360. */
  withoutEpochsOnRequest(): void {
    for (const { versions } of this.cluster.brokers) {
      versions.set(InitProducerId.apiKey, { lowest: 0, highest: 2 });
      versions.set(TxnOffsetCommit.apiKey, { lowest: 0, highest: 2 });
    }
  }

  /** What was asked of transactions, in order, by API and by what matters. */
  asked(): string[] {
    const names = [...ALL_APIS, TxnOffsetCommit].map(({ request }) => request.name.replace(/Request$/, ""));
    return this.cluster.brokers
      .flatMap(({ requests }) => requests)
      .sort((a, b) => a.atMs - b.atMs)
      .filter(({ api }) => names.includes(api))
      .map(({ api, body }) => {
        const { committed } = body as { readonly committed?: boolean };
        return committed === undefined ? api : `${api} ${committed ? "commit" : "abort"}`;
      });
  }

  /** Brings the next epoch, and says whether the caller had the last. */
  #isFenced(given: { readonly producerId: bigint; readonly producerEpoch: number }): boolean {
    return given.producerId !== this.producerId || given.producerEpoch !== this.epoch;
  }

  #serve(broker: FakeBroker, nodeId: number): void {
    const elsewhere = (): boolean => nodeId !== this.coordinator;
    broker.handle(FindCoordinator, ({ body }) => ({
      coordinators: body.coordinatorKeys.map((key) => {
        const found = body.keyType === 1 ? this.coordinator : this.groupCoordinator;
        const [host, port] = this.cluster.broker(found).address.split(":") as [string, string];
        return { key, nodeId: found, host, port: Number(port) };
      }),
    }));
    broker.handle(InitProducerId, ({ body }) => {
      if (elsewhere()) return { errorCode: NOT_COORDINATOR };
      if (body.producerId >= 0n && this.#isFenced(body)) return { errorCode: PRODUCER_FENCED };
      if (this.isOpen) this.ends.push("abort");
      this.isOpen = false;
      this.epoch++;
      return { producerId: this.producerId, producerEpoch: this.epoch };
    });
    broker.handle(AddPartitionsToTxn, ({ body }) => {
      const errorCode = elsewhere()
        ? NOT_COORDINATOR
        : this.#isFenced({
              producerId: body.v3AndBelowProducerId,
              producerEpoch: body.v3AndBelowProducerEpoch,
            })
          ? PRODUCER_FENCED
          : 0;
      if (errorCode === 0) this.isOpen = true;
      const resultsByTopicV3AndBelow = body.v3AndBelowTopics.map(({ name, partitions }) => ({
        name,
        resultsByPartition: partitions.map((partitionIndex) => {
          if (errorCode === 0) this.partitions.add(`${name}-${partitionIndex}`);
          return { partitionIndex, partitionErrorCode: errorCode };
        }),
      }));
      return { resultsByTopicV3AndBelow };
    });
    broker.handle(AddOffsetsToTxn, ({ body }) => {
      if (elsewhere()) return { errorCode: NOT_COORDINATOR };
      if (this.#isFenced(body)) return { errorCode: PRODUCER_FENCED };
      this.isOpen = true;
      return {};
    });
    broker.handle(TxnOffsetCommit, ({ body }) => {
      const errorCode =
        nodeId !== this.groupCoordinator ? NOT_COORDINATOR : this.#isFenced(body) ? PRODUCER_FENCED : 0;
      return {
        topics: body.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex, committedOffset }) => {
            if (errorCode === 0) this.offsets.set(`${name}-${partitionIndex}`, committedOffset);
            return { partitionIndex, errorCode };
          }),
        })),
      };
    });
    broker.handle(EndTxn, ({ body, version }) => {
      if (elsewhere()) return { errorCode: NOT_COORDINATOR };
      if (this.#isFenced(body)) return { errorCode: PRODUCER_FENCED };
      if (version < 5 && !this.isOpen) return { errorCode: INVALID_TXN_STATE };
      this.isOpen = false;
      this.ends.push(body.committed ? "commit" : "abort");
      if (version < 5) return {};
      this.epoch++;
      return { producerId: this.producerId, producerEpoch: this.epoch };
    });
  }
}
