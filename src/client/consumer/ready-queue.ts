import type { FetchedRecords, FetchFailure, PartitionState } from "./fetch-state.ts";

export type Ready = FetchedRecords | FetchFailure;

/**
 * What was fetched and not yet handed out, and what went wrong. Partitions take turns: one that was served stands
 * behind all others, so none always wins. Within a partition the order is that in which it came.
 */
export class ReadyQueue {
  /** In the order of their turns. */
  readonly #queues = new Map<PartitionState, Ready[]>();

  push(ready: Ready): void {
    const queue = this.#queues.get(ready.state);
    if (queue === undefined) this.#queues.set(ready.state, [ready]);
    else queue.push(ready);
  }

  /** What is there for the first partition, in the order of turns, that is accepted; null where there is nothing. */
  take(accept: (state: PartitionState) => boolean): Ready | null {
    for (const [state, queue] of this.#queues) {
      if (!accept(state)) continue;
      const [first, ...rest] = queue;
      this.#queues.delete(state);
      if (rest.length > 0) this.#queues.set(state, rest);
      return first as Ready;
    }
    return null;
  }

  /** Answers of the partition that are in here. */
  count(state: PartitionState): number {
    return this.#queues.get(state)?.filter((ready) => "answer" in ready).length ?? 0;
  }

  /** Whether an error of the partition waits to be told. */
  hasFailure(state: PartitionState): boolean {
    return this.#queues.get(state)?.some((ready) => "error" in ready) ?? false;
  }

  /** Takes all of a partition out. */
  drop(state: PartitionState): Ready[] {
    const dropped = this.#queues.get(state) ?? [];
    this.#queues.delete(state);
    return dropped;
  }

  /** Partitions with something in here. */
  states(): PartitionState[] {
    return [...this.#queues.keys()];
  }

  clear(): void {
    this.#queues.clear();
  }
}
