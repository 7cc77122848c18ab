/**
 * When logs are compacted: each `log.cleaner.backoff.ms`, those of which more than `min.cleanable.dirty.ratio` was not
 * compacted before, or something has waited for `max.compaction.lag.ms`. While nothing can have become compactable
 * nobody looks.
 */

import type { Timer } from "../../platform/platform.ts";
import type { CompressionType, Compressor } from "../../protocol/records/compression-type.ts";
import type { ClusterState } from "../cluster-state.ts";
import type { Partition } from "../topics/partition.ts";
import { compact, compactable } from "./compaction.ts";
import type { LogSettings } from "./log-settings.ts";
import { ageOf } from "./segments.ts";

export type ForWriting = (type: CompressionType) => Compressor | null;

/** It looks again each day, whatever it waits for. */
const LONGEST_WAIT_MS = 86_400_000;

export class LogCleaner {
  readonly #cluster: ClusterState;
  readonly #forWriting: ForWriting;
  #next: { readonly atMs: number; readonly timer: Timer } | null = null;

  constructor(cluster: ClusterState, forWriting: ForWriting) {
    this.#cluster = cluster;
    this.#forWriting = forWriting;
    cluster.listen({
      onPartitionMade: (partition) => {
        partition.log.watch({ onRolled: () => this.#plan() });
        this.#plan();
      },
      onConfigsChanged: () => this.#plan(),
    });
  }

  /** Compacts a partition now, the active segment too, however little of it is dirty. */
  compact(partition: Partition): void {
    partition.log.roll();
    this.#clean(partition, true);
  }

  #plan(delayMs = 0): void {
    const { clock, configs } = this.#cluster;
    if (!configs.boolean("log.cleaner.enable")) return;
    const backoffMs = configs.number("log.cleaner.backoff.ms");
    const atMs = clock.monotonicMs() + Math.min(Math.max(delayMs, backoffMs), LONGEST_WAIT_MS);
    if (this.#next !== null && this.#next.atMs <= atMs) return;
    this.#next?.timer.cancel();
    const timer = clock.setTimer(atMs - clock.monotonicMs(), () => {
      this.#next = null;
      this.#look();
    });
    this.#next = { atMs, timer };
  }

  #look(): void {
    for (const partition of this.#cluster.topics.partitions()) {
      const settings = this.#cluster.logSettings(partition.topicName);
      if (!settings.isCompacted) continue;
      this.#clean(partition, false);
      this.#plan(waitOf(partition, this.#cluster.clock.wallMs(), settings));
    }
  }

  #clean(partition: Partition, isAnyhow: boolean): void {
    const { clock, waits, forReading } = this.#cluster;
    const { log, topicName } = partition;
    const settings = this.#cluster.logSettings(topicName);
    const nowMs = clock.wallMs();
    const what = compactable(log, partition.lastStableOffset, nowMs, settings);
    if (!isAnyhow && !what.isDue && what.dirtyRatio <= settings.minCleanableDirtyRatio) return;
    const options = { nowMs, settings, forReading, forWriting: this.#forWriting };
    // What was compacted before is gone through again where a test asks for it, for tombstones whose time is up.
    const all = isAnyhow ? { ...what, firstDirtyOffset: log.startOffset } : what;
    if (compact(log, all, options)) waits.wake(partition);
  }
}

/** How long it takes until something can be compacted that cannot be now; what needs new records waits for those. */
function waitOf({ log, lastStableOffset }: Partition, nowMs: number, settings: LogSettings): number {
  const { minCompactionLagMs, maxCompactionLagMs } = settings;
  let waitMs = Number.POSITIVE_INFINITY;
  for (const [index, segment] of log.segments.entries()) {
    const end = log.segments[index + 1]?.baseOffset;
    if (end === undefined || end <= log.firstDirtyOffset) continue;
    if (end > lastStableOffset) return 0;
    const youngMs = ageOf(segment) + minCompactionLagMs - nowMs;
    const dueMs = segment.firstAppendedMs + maxCompactionLagMs - nowMs + 1;
    waitMs = Math.min(waitMs, youngMs > 0 ? youngMs : dueMs);
  }
  return waitMs;
}
