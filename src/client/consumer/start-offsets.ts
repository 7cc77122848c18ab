/** Where to begin in partitions that were assigned without a place: at the group's committed offset, if it has one. */

import { KafkaError } from "../../protocol/errors.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedConsumerConfig } from "../config/consumer-config.ts";
import { isRetriable, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { Deadline } from "../retry.ts";
import { formatPartition, type TopicPartition } from "./assignment.ts";
import type { PartitionState } from "./fetch-state.ts";
import type { OffsetCommitter } from "./offsets/offset-committer.ts";
import type { Progress } from "./progress.ts";
import type { Reading } from "./reading.ts";

/** What is needed for it. */
export interface StartOffsetsParts {
  readonly cluster: Cluster;
  readonly config: ResolvedConsumerConfig;
  readonly defaultApiTimeoutMs: number;
  readonly logger: Logger;
  readonly reading: Reading<unknown, unknown>;
  readonly progress: Progress;
  readonly committer: Pick<OffsetCommitter, "committed">;
  readonly groupId: string;
}

export class StartOffsets {
  readonly #parts: StartOffsetsParts;

  constructor(parts: StartOffsetsParts) {
    this.#parts = parts;
  }

  /**
   * Looks up where held partitions begin, and lets them go. Goes on until all of them are found, given up or started
   * in another way, as by `seek`. Never rejects: what cannot pass is told to whoever reads, again and again while that
   * goes on asking.
   */
  async find(partitions: readonly TopicPartition[]): Promise<void> {
    const { cluster, defaultApiTimeoutMs, logger, reading } = this.#parts;
    const states = partitions.flatMap((partition) => reading.fetcher.state(partition) ?? []);
    for (let attempt = 1; ; attempt++) {
      const waiting = states.filter((state) => this.#isWaiting(state));
      if (waiting.length === 0) return;
      const deadline = new Deadline(cluster.clock, defaultApiTimeoutMs);
      try {
        await this.#start(waiting, deadline);
        return;
      } catch (error) {
        if (!waiting.some((state) => this.#isWaiting(state))) return;
        if (isRetriable(error)) {
          logger.warn(
            `The committed offsets of group "${this.#parts.groupId}" are asked for again: ${messageOf(error)}`,
          );
        } else reading.fail(error);
      }
      const again = new Deadline(cluster.clock, defaultApiTimeoutMs);
      try {
        await cluster.pause(attempt, { deadline: again }, () => new Error("unreachable"));
      } catch {
        // The client is closed.
        return;
      }
    }
  }

  async #start(waiting: readonly PartitionState[], deadline: Deadline): Promise<void> {
    const { committer, config, groupId, progress, reading } = this.#parts;
    const refused = new Map<string, Error>();
    const committed = await committer.committed(
      waiting.map(({ topic, partition }) => ({ topic, partition })),
      { deadline, refused: (partition, error) => void refused.set(formatPartition(partition), error) },
    );
    for (const state of waiting) {
      if (!this.#isWaiting(state) || refused.has(formatPartition(state))) continue;
      const found = committed.get(formatPartition(state)) ?? null;
      if (found !== null) {
        progress.committed([found]);
        reading.start(state, { offset: found.offset, leaderEpoch: found.leaderEpoch ?? -1 });
      } else if (config.autoOffsetReset === "none") {
        reading.failFor(state, noOffset(state, groupId));
      } else {
        reading.start(state, null);
      }
    }
    // The others are read meanwhile.
    for (const error of refused.values()) throw error;
  }

  /** Neither given up nor started otherwise meanwhile. */
  #isWaiting(state: PartitionState): boolean {
    return this.#parts.reading.isUnplaced(state);
  }
}

function noOffset(partition: TopicPartition, groupId: string): KafkaError {
  return new KafkaError(
    "NO_OFFSET_FOR_PARTITION",
    `Group "${groupId}" has committed no offset for ${formatPartition(partition)}, and autoOffsetReset is "none": ` +
      "seek to where to begin, or set autoOffsetReset",
  );
}
