/** Reading from a replica near the consumer instead of the leader (KIP-392). */

import type { ClusterMetadata } from "../metadata.ts";
import type { TopicPartition } from "./assignment.ts";

/** The replica that the leader has pointed to. */
export interface PreferredReplica {
  readonly nodeId: number;
  /** When to ask the leader again, on the monotonic clock: a nearer one may be in sync by then. */
  readonly untilMs: number;
}

/** Whether reading from there goes on: for its time, and while the broker is there and holds the partition. */
export function isUsable(
  { nodeId, untilMs }: PreferredReplica,
  { topic, partition }: TopicPartition,
  { brokers, topics }: ClusterMetadata,
  nowMs: number,
): boolean {
  const replicas = topics.get(topic)?.partitions[partition]?.replicas;
  return nowMs < untilMs && brokers.has(nodeId) && (replicas?.includes(nodeId) ?? false);
}
