/**
 * What is deleted because it is too old or too much (`cleanup.policy=delete`). It is looked for each
 * `log.retention.check.interval.ms`, as in Kafka.
 *
 * Differs from Kafka: batch by batch, and not by segments; the newest batch stays.
 */

import type { ClusterState } from "../cluster-state.ts";
import type { Partition } from "../topics/partition.ts";

/** Looks for what is to be deleted, again and again until the clock stops. */
export function keepRetention(cluster: ClusterState): void {
  const look = (): void => {
    for (const partition of cluster.topics.partitions()) applyRetention(partition, cluster);
    plan();
  };
  const plan = (): void =>
    void cluster.clock.setTimer(cluster.configs.number("log.retention.check.interval.ms"), look, {
      background: true,
    });
  plan();
}

/** Deletes what the topic does not keep any longer, from the start of the log on. */
export function applyRetention(partition: Partition, cluster: ClusterState): void {
  const { log, topicName } = partition;
  const { isDeleted, retentionMs, retentionBytes } = cluster.logSettings(topicName);
  if (!isDeleted) return;
  const oldestMs = retentionMs < 0 ? Number.NEGATIVE_INFINITY : cluster.clock.wallMs() - retentionMs;
  let excess = retentionBytes < 0 ? 0 : log.sizeInBytes - retentionBytes;
  let start = log.startOffset;
  for (const { lastOffset, maxTimestamp, appendedMs, size } of log.batches.slice(0, -1)) {
    const timestamp = maxTimestamp >= 0 ? maxTimestamp : appendedMs;
    // Kafka drops a segment only if what is left is still as much as is to be kept.
    const isTooMuch = excess >= size;
    if (lastOffset >= partition.highWatermark || !(timestamp < oldestMs || isTooMuch)) break;
    excess -= size;
    start = lastOffset + 1n;
  }
  if (start === log.startOffset) return;
  log.startAt(start);
  partition.advance();
  cluster.waits.wake(partition);
}
