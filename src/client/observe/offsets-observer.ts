import type { ConsumerCounters } from "./counters.ts";
import type { EventSource } from "./event-hub.ts";
import type { CommittedPartition } from "./events.ts";
import type { Observability } from "./observability.ts";
import type { Waits } from "./waits.ts";

/** What is noticed of the offsets that one consumer commits. */
export class OffsetsObserver {
  readonly waits: Waits;
  readonly #groupId: string;
  readonly #counters: ConsumerCounters;
  readonly #committed: EventSource<"offsets:committed">;
  readonly #failed: EventSource<"offsets:commit-failed">;

  constructor(observability: Observability, groupId: string) {
    this.waits = observability.waits;
    this.#groupId = groupId;
    this.#counters = observability.consumer;
    this.#committed = observability.events.source("offsets:committed");
    this.#failed = observability.events.source("offsets:commit-failed");
  }

  /** The coordinator has stored these. */
  stored(offsets: readonly CommittedPartition[], latencyMs: number): void {
    if (offsets.length === 0) return;
    this.#counters.offsetsCommitted += offsets.length;
    if (this.#committed.isWanted) {
      this.#committed.emit({ groupId: this.#groupId, partitions: places(offsets), latencyMs });
    }
  }

  /** A commit came to its end with all that it wanted. */
  succeeded(): void {
    this.#counters.commits++;
  }

  /** A commit came to its end without these. */
  failed(offsets: readonly CommittedPartition[], latencyMs: number, error: unknown): void {
    this.#counters.commitsFailed++;
    if (this.#failed.isWanted) {
      this.#failed.emit({ groupId: this.#groupId, partitions: places(offsets), latencyMs, error });
    }
  }
}

function places(offsets: readonly CommittedPartition[]): CommittedPartition[] {
  return offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
}
