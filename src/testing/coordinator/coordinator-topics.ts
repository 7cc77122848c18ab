/**
 * The internal topics of coordinators, `__consumer_offsets` and `__transaction_state`: whoever leads the partition to
 * which a group or a transactional id belongs is its coordinator. Moving that leader moves the coordinator.
 *
 * Owner of: which partition a key belongs to, and records in those partitions. What a group or a transaction is, is
 * none of its business: `group-coordinator` and `transaction-coordinator` build on this.
 */

import { RecordBatchBuilder } from "../../protocol/records/record-batch-builder.ts";
import type { Broker } from "../broker.ts";
import type { ClusterState } from "../cluster-state.ts";
import { errorNumber } from "../error-code.ts";
import { recordsOf } from "../log/check-batch.ts";
import { ownBatch } from "../log/partition-log.ts";
import type { Partition } from "../topics/partition.ts";
import type { TopicManager } from "../topics/topic-manager.ts";
import type { Topic } from "../topics/topic-store.ts";
import { javaHashCode } from "./java-hash-code.ts";

/** What a coordinator coordinates. */
export type CoordinatorKind = "group" | "transaction";

/** A record of an internal topic. A value of null is a tombstone. */
export interface CoordinatorRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

interface InternalTopic {
  readonly name: string;
  readonly partitionsConfig: string;
  readonly replicationConfig: string;
  readonly configs: readonly (readonly [string, string])[];
}

const INTERNAL_TOPICS: Readonly<Record<CoordinatorKind, InternalTopic>> = {
  group: {
    name: "__consumer_offsets",
    partitionsConfig: "offsets.topic.num.partitions",
    replicationConfig: "offsets.topic.replication.factor",
    configs: [
      ["cleanup.policy", "compact"],
      ["compression.type", "producer"],
      ["segment.bytes", "104857600"],
    ],
  },
  transaction: {
    name: "__transaction_state",
    partitionsConfig: "transaction.state.log.num.partitions",
    replicationConfig: "transaction.state.log.replication.factor",
    configs: [
      ["cleanup.policy", "compact"],
      ["compression.type", "uncompressed"],
      ["segment.bytes", "104857600"],
      ["unclean.leader.election.enable", "false"],
    ],
  },
};

const NOT_COORDINATOR = errorNumber("NOT_COORDINATOR");
const COORDINATOR_NOT_AVAILABLE = errorNumber("COORDINATOR_NOT_AVAILABLE");

export class CoordinatorTopics {
  readonly #cluster: ClusterState;
  readonly #topicManager: TopicManager;

  constructor(cluster: ClusterState, topicManager: TopicManager) {
    this.#cluster = cluster;
    this.#topicManager = topicManager;
  }

  /** The partition that holds what is known of a group or a transactional id. */
  partitionFor(kind: CoordinatorKind, key: string): Partition {
    const { partitions } = this.#topic(kind);
    // Kafka drops the sign, and takes the one number that has no positive for 0.
    const hash = javaHashCode(key);
    const index = (hash === -0x8000_0000 ? 0 : Math.abs(hash)) % partitions.length;
    return partitions[index] as Partition;
  }

  /** The broker that coordinates; null while there is none. */
  coordinatorOf(kind: CoordinatorKind, key: string): Broker | null {
    const broker = this.#cluster.brokers.get(this.partitionFor(kind, key).leader);
    return broker?.isUp === true ? broker : null;
  }

  /** Why `broker` may not coordinate what has this key: the number of an error, 0 where it may. */
  refusalOf(kind: CoordinatorKind, key: string, broker: Broker): number {
    const coordinator = this.coordinatorOf(kind, key);
    if (coordinator === null) return COORDINATOR_NOT_AVAILABLE;
    return coordinator === broker ? 0 : NOT_COORDINATOR;
  }

  /** Name of the internal topic. */
  nameOf(kind: CoordinatorKind): string {
    return INTERNAL_TOPICS[kind].name;
  }

  /** All partitions of the internal topic. */
  partitionsOf(kind: CoordinatorKind): readonly Partition[] {
    return this.#topic(kind).partitions;
  }

  /** Appends records, as one batch. Those who wait on the partition are woken. */
  append(partition: Partition, records: readonly CoordinatorRecord[]): void {
    if (records.length === 0) return;
    const { clock } = this.#cluster;
    const nowMs = clock.wallMs();
    const builder = new RecordBatchBuilder();
    for (const { key, value } of records) builder.append(nowMs, key, value);
    this.appendBatch(partition, builder.build());
  }

  /** Appends a batch that a coordinator has made, such as one of a transaction or a marker. */
  appendBatch(partition: Partition, bytes: Uint8Array): void {
    const { clock, waits } = this.#cluster;
    const settings = this.#cluster.logSettings(partition.topicName);
    partition.append(ownBatch(bytes), { origin: "coordinator", settings, nowMs: clock.wallMs() });
    waits.wake(partition);
  }

  /** Reads the records of a partition from its start, in their order. */
  *records(partition: Partition): Generator<CoordinatorRecord, void> {
    for (const { header } of partition.log.batches) {
      if (header.isControl) continue;
      for (const { key, value } of recordsOf(header, this.#cluster.forReading) ?? []) {
        if (key !== null) yield { key, value };
      }
    }
  }

  /** Made when it is first needed, as in Kafka. */
  #topic(kind: CoordinatorKind): Topic {
    const { name, partitionsConfig, replicationConfig, configs } = INTERNAL_TOPICS[kind];
    const existing = this.#cluster.topics.get(name);
    if (existing !== undefined) return existing;
    const replicationFactor = Math.min(
      this.#cluster.configs.number(replicationConfig),
      this.#cluster.brokers.size,
    );
    const numPartitions = this.#cluster.configs.number(partitionsConfig);
    return this.#topicManager.create({ name, numPartitions, replicationFactor, configs, isInternal: true });
  }
}
