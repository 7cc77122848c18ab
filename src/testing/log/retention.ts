/**
 * What is deleted because it is too old or too much (`cleanup.policy=delete`), or because it lies in front of where the
 * log begins: whole segments, as in Kafka. It is looked for each `log.retention.check.interval.ms`.
 */

import type { ClusterState } from "../cluster-state.ts";
import type { Partition } from "../topics/partition.ts";
import { ageOf, type Segment } from "./segments.ts";

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
  const { startOffset } = log;
  const firstKept = log.segments.findIndex((_, index) => {
    const next = log.segments[index + 1];
    return next === undefined || next.baseOffset > startOffset;
  });
  log.deleteSegments(firstKept);
  if (isDeleted) {
    const oldestMs = retentionMs < 0 ? Number.NEGATIVE_INFINITY : cluster.clock.wallMs() - retentionMs;
    log.deleteSegments(goingBefore(partition, (segment) => ageOf(segment) < oldestMs));
    let excess = retentionBytes < 0 ? 0 : log.sizeInBytes - retentionBytes;
    const isTooMuch = ({ sizeInBytes }: Segment): boolean => {
      // A segment goes only if what is left is still as much as is to be kept.
      excess -= sizeInBytes;
      return excess >= 0;
    };
    log.deleteSegments(retentionBytes < 0 ? 0 : goingBefore(partition, isTooMuch));
  }
  if (log.startOffset === startOffset) return;
  partition.advance();
  cluster.waits.wake(partition);
}

/** How many segments go: the first ones to which this applies, of those that consumers may read to the end. */
function goingBefore({ log, highWatermark }: Partition, goes: (segment: Segment) => boolean): number {
  const { segments } = log;
  const firstKept = segments.findIndex((segment, index) => {
    const next = segments[index + 1];
    if (segment.sizeInBytes === 0 && next === undefined) return true;
    const end = next?.baseOffset ?? log.endOffset;
    return end > highWatermark || !goes(segment);
  });
  return firstKept < 0 ? segments.length : firstKept;
}
