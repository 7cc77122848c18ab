import type { TopicPartition } from "./assignment.ts";

/** A partition of a topic, with its brokers. */
export interface PartitionInfo extends TopicPartition {
  /** Node id of the leader; -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

/** Asks for the first record at or after a time. */
export interface TimestampQuery extends TopicPartition {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** How far a partition is behind. */
export interface PartitionLagAt extends TopicPartition {
  /** Offsets between the next record to read and the end. */
  readonly lag: bigint;
}
