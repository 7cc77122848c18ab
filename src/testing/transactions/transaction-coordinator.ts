/**
 * The transactional ids of a cluster. Which broker coordinates one is decided by who leads its partition of
 * `__transaction_state`; whoever takes over reads the records there, and goes on with what was to be ended.
 *
 * Owner of: the states, their records, the markers that end a transaction, and what happens by time alone. What a
 * request makes of a state is in `transaction-state.ts`.
 *
 * Differs from Kafka: markers are written at once, before EndTxn is answered, unless a partition has no leader or too
 * few replicas: then the transaction stays in PrepareCommit or PrepareAbort until it has.
 */

import type { Timer } from "../../platform/platform.ts";
import type { ClusterState } from "../cluster-state.ts";
import type { CoordinatorTopics } from "../coordinator/coordinator-topics.ts";
import type { Partition } from "../topics/partition.ts";
import { type TransactionMarker, writeMarker } from "./transaction-marker.ts";
import { readTransactionRecord, transactionRecord, transactionTombstone } from "./transaction-records.ts";
import {
  abortedAfterFence,
  type ClientVersion,
  completed,
  type Decision,
  ended,
  endedWithNewEpoch,
  fenced,
  initialized,
  isEnding,
  isExpired,
  isTimedOut,
  newTransactionalId,
  type ProducerIdentity,
  type TransactionPartition,
  type TransactionState,
  verified,
  withPartitions,
} from "./transaction-state.ts";
import { TransactionTimers } from "./transaction-timers.ts";

/** What a request gets: the name of an error, or `NONE`, and who the producer is from now on. */
export interface ProducerAnswer {
  readonly error: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Told of the end of a transaction in a partition of `__consumer_offsets`, where its marker stands now. */
export type OnOffsetsEnded = (partition: Partition, producerId: bigint, isCommit: boolean) => void;

const TRANSACTION_VERSION = "transaction.version";
/** From this level on epochs grow with each transaction. */
const LEVEL_WITH_NEW_EPOCHS = 2;
/** After how long a partition is tried again that could not take its marker; a new leader is tried at once. */
const MARKER_RETRY_MS = 100;

export class TransactionCoordinator {
  readonly #cluster: ClusterState;
  readonly #coordinators: CoordinatorTopics;
  readonly #onOffsetsEnded: OnOffsetsEnded;
  readonly #states = new Map<string, TransactionState>();
  readonly #timers: TransactionTimers;
  #retry: Timer | null = null;

  constructor(cluster: ClusterState, coordinators: CoordinatorTopics, onOffsetsEnded: OnOffsetsEnded) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
    this.#onOffsetsEnded = onOffsetsEnded;
    this.#timers = new TransactionTimers(cluster, this.#states, {
      abort: () => this.#abortTimedOut(),
      expire: () => this.#expire(),
    });
    cluster.listen({ onLeaderChanged: (partition) => this.#leaderChanged(partition) });
  }

  /** Whether the cluster has agreed on transactions whose epoch grows with each of them. */
  get hasNewEpochs(): boolean {
    return this.#version >= LEVEL_WITH_NEW_EPOCHS;
  }

  /** All transactional ids, whichever broker coordinates them. */
  get all(): Iterable<TransactionState> {
    return this.#states.values();
  }

  get(transactionalId: string): TransactionState | undefined {
    return this.#states.get(transactionalId);
  }

  /** A producer comes: see {@link initialized}. */
  initialize(transactionalId: string, expected: ProducerIdentity | null, timeoutMs: number): ProducerAnswer {
    const nowMs = this.#nowMs;
    const newProducerId = (): bigint => this.#cluster.newProducerId();
    const state =
      this.get(transactionalId) ?? newTransactionalId(transactionalId, newProducerId(), timeoutMs, nowMs);
    const decision = initialized(state, expected, timeoutMs, nowMs, newProducerId);
    if ("error" in decision) return refused(decision.error);
    if (decision.next.status === "PrepareEpochFence") {
      this.#abort(decision.next);
      // The producer asks again, and gets an epoch that the one before it never had.
      return refused("CONCURRENT_TRANSACTIONS");
    }
    this.#write(decision.next);
    return answered(decision.next);
  }

  /**
   * Partitions take part from now on.
   *
   * @returns the name of an error, or `NONE`
   */
  addPartitions(
    transactionalId: string,
    producer: ProducerIdentity,
    partitions: readonly TransactionPartition[],
    clientVersion: ClientVersion,
  ): string {
    const state = this.get(transactionalId);
    if (state === undefined) return "INVALID_PRODUCER_ID_MAPPING";
    return this.#decided(withPartitions(state, producer, partitions, clientVersion, this.#nowMs));
  }

  /**
   * Whether a partition takes part: see {@link verified}.
   *
   * @returns the name of an error, or `NONE`
   */
  verify(transactionalId: string, producer: ProducerIdentity, partition: TransactionPartition): string {
    const state = this.get(transactionalId);
    return state === undefined ? "INVALID_PRODUCER_ID_MAPPING" : verified(state, producer, partition);
  }

  /** The transaction ends. @param clientVersion 2 where the epoch grows with it */
  end(
    transactionalId: string,
    producer: ProducerIdentity,
    isCommit: boolean,
    clientVersion: ClientVersion,
  ): ProducerAnswer {
    const state = this.get(transactionalId);
    if (state === undefined) return refused("INVALID_PRODUCER_ID_MAPPING");
    const nowMs = this.#nowMs;
    const decision =
      clientVersion === 0
        ? ended(state, producer, isCommit, nowMs)
        : endedWithNewEpoch(state, producer, isCommit, nowMs, () => this.#cluster.newProducerId());
    const error = this.#decided(decision);
    if (error !== "NONE" || clientVersion === 0) return refused(error);
    if ("error" in decision) return answered(state);
    // What the producer goes on with, once the markers are written.
    const { nextProducerId } = decision.next;
    return nextProducerId < 0n
      ? answered(decision.next)
      : { error, producerId: nextProducerId, producerEpoch: 0 };
  }

  /**
   * Writes a marker, whoever has decided on it.
   *
   * @returns the name of the error with which it is refused, or `NONE`
   */
  mark(partition: Partition, marker: TransactionMarker): string {
    const error = writeMarker(this.#cluster, partition, marker);
    if (error === "NONE" && partition.topicName === this.#coordinators.nameOf("group")) {
      this.#onOffsetsEnded(partition, marker.producerId, marker.isCommit);
    }
    return error;
  }

  /** Brings back what the records of a partition of `__transaction_state` say, and goes on with what was to be ended. */
  load(partition: Partition): void {
    for (const transactionalId of [...this.#states.keys()]) {
      if (this.#partitionOf(transactionalId) === partition) this.#states.delete(transactionalId);
    }
    for (const record of this.#coordinators.records(partition)) {
      const read = readTransactionRecord(record);
      if (read === undefined) continue;
      if (read.state === null) this.#states.delete(read.transactionalId);
      else this.#states.set(read.transactionalId, read.state);
    }
    this.#timers.plan();
    this.#finishAll();
  }

  get #version(): number {
    return this.#cluster.features.level(TRANSACTION_VERSION);
  }

  get #nowMs(): number {
    return this.#cluster.clock.wallMs();
  }

  #partitionOf(transactionalId: string): Partition {
    return this.#coordinators.partitionFor("transaction", transactionalId);
  }

  #hasCoordinator({ transactionalId }: TransactionState): boolean {
    return this.#coordinators.coordinatorOf("transaction", transactionalId) !== null;
  }

  /** Keeps what was decided, and ends the transaction where that was it. */
  #decided(decision: Decision): string {
    if ("error" in decision) return decision.error;
    const { next } = decision;
    this.#write(next);
    if (isEnding(next)) this.#finish(next.transactionalId);
    return "NONE";
  }

  #write(state: TransactionState): void {
    this.#states.set(state.transactionalId, state);
    this.#coordinators.append(this.#partitionOf(state.transactionalId), [
      transactionRecord(state, this.#version),
    ]);
    this.#timers.plan();
  }

  /** Aborts the transaction of a producer that is locked out. */
  #abort(state: TransactionState): void {
    this.#write(abortedAfterFence(state, this.hasNewEpochs, this.#nowMs));
    this.#finish(state.transactionalId);
  }

  /** Writes the markers that are still to be written, as far as that is possible now. */
  #finish(transactionalId: string): void {
    const state = this.get(transactionalId);
    if (state === undefined || !isEnding(state) || !this.#hasCoordinator(state)) return;
    const left = state.partitions.filter((one) => !this.#mark(state, one));
    if (left.length === 0) {
      this.#write(completed(state, this.#nowMs));
      return;
    }
    this.#states.set(transactionalId, { ...state, partitions: left });
    this.#retry ??= this.#cluster.clock.setTimer(MARKER_RETRY_MS, () => {
      this.#retry = null;
      this.#finishAll();
    });
  }

  #finishAll(): void {
    for (const state of [...this.#states.values()]) {
      if (isEnding(state)) this.#finish(state.transactionalId);
    }
  }

  /** Writes one marker. @returns whether the partition needs none any more */
  #mark(state: TransactionState, { topic, partition: index }: TransactionPartition): boolean {
    const { producerId, producerEpoch, status, clientVersion } = state;
    const partition = this.#cluster.topics.partition(topic, index);
    // With the topic its records are gone.
    if (partition === undefined) return true;
    if (this.#cluster.brokers.get(partition.leader)?.isUp !== true) return false;
    const error = this.mark(partition, {
      producerId,
      producerEpoch,
      isCommit: status === "PrepareCommit",
      coordinatorEpoch: this.#partitionOf(state.transactionalId).leaderEpoch,
      transactionVersion: clientVersion,
    });
    // A marker that is refused otherwise comes too late: the partition has a later one, or a later producer.
    return error !== "NOT_ENOUGH_REPLICAS";
  }

  #abortTimedOut(): void {
    for (const state of [...this.#states.values()]) {
      if (isTimedOut(state, this.#nowMs) && this.#hasCoordinator(state)) this.#abort(fenced(state));
    }
  }

  #expire(): void {
    const afterMs = this.#cluster.configs.number("transactional.id.expiration.ms");
    for (const state of [...this.#states.values()]) {
      if (!isExpired(state, this.#nowMs, afterMs) || !this.#hasCoordinator(state)) continue;
      const { transactionalId } = state;
      this.#states.delete(transactionalId);
      this.#coordinators.append(this.#partitionOf(transactionalId), [transactionTombstone(transactionalId)]);
    }
  }

  #leaderChanged(partition: Partition): void {
    if (partition.leader < 0) return;
    if (partition.topicName === this.#coordinators.nameOf("transaction")) this.load(partition);
    else this.#finishAll();
  }
}

function answered({ producerId, producerEpoch }: TransactionState): ProducerAnswer {
  return { error: "NONE", producerId, producerEpoch };
}

function refused(error: string): ProducerAnswer {
  return { error, producerId: -1n, producerEpoch: -1 };
}
