/** The offsets that one group has committed, and those that wait for the end of a transaction. */

import type { Uuid } from "../../protocol/uuid.ts";

export interface CommittedOffset {
  readonly offset: bigint;
  /** -1 for unknown. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Wall time in milliseconds. */
  readonly commitTimestampMs: number;
  /** Until when the commit itself wants it kept (before KIP-211); null for as long as the group's others. */
  readonly expireTimestampMs: number | null;
  /** Zero where the commit named no id. */
  readonly topicId: Uuid;
  /** Counts the commits of a cluster: where a transaction ends, the later commit counts, and not the later end. */
  readonly order: number;
}

/** A place for an offset, and what is there. */
export interface OffsetOfPartition {
  readonly topic: string;
  readonly partition: number;
  readonly committed: CommittedOffset;
}

type ByPartition = Map<string, Map<number, CommittedOffset>>;

export class CommittedOffsets {
  readonly #stable: ByPartition = new Map();
  /** By producer id. */
  readonly #pending = new Map<bigint, ByPartition>();

  get isEmpty(): boolean {
    return this.#stable.size === 0 && this.#pending.size === 0;
  }

  /** Whether a transaction with offsets is open. */
  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#stable.get(topic)?.get(partition);
  }

  /** Whether an open transaction is about to replace the offset. */
  isPending(topic: string, partition: number): boolean {
    for (const offsets of this.#pending.values()) {
      if (offsets.get(topic)?.has(partition) === true) return true;
    }
    return false;
  }

  /** All that are committed, topic by topic. */
  *all(): Generator<OffsetOfPartition, void> {
    yield* entries(this.#stable);
  }

  /** Those of open transactions. */
  *allPending(): Generator<OffsetOfPartition, void> {
    for (const offsets of this.#pending.values()) yield* entries(offsets);
  }

  commit(topic: string, partition: number, committed: CommittedOffset): void {
    put(this.#stable, topic, partition, committed);
  }

  /** Commits what counts once the producer's transaction has ended well. */
  commitPending(producerId: bigint, topic: string, partition: number, committed: CommittedOffset): void {
    const offsets = this.#pending.get(producerId) ?? new Map();
    this.#pending.set(producerId, offsets);
    put(offsets, topic, partition, committed);
  }

  /** The producer's transaction has ended. */
  endTransaction(producerId: bigint, isCommitted: boolean): void {
    const offsets = this.#pending.get(producerId);
    if (offsets === undefined) return;
    this.#pending.delete(producerId);
    if (!isCommitted) return;
    for (const { topic, partition, committed } of entries(offsets)) {
      const existing = this.get(topic, partition);
      if (existing === undefined || existing.order < committed.order)
        this.commit(topic, partition, committed);
    }
  }

  /** Forgets the offset, and what open transactions would make of it. */
  forget(topic: string, partition: number): void {
    remove(this.#stable, topic, partition);
    // A transaction stays open, even if nothing is left that it would commit.
    for (const offsets of this.#pending.values()) remove(offsets, topic, partition);
  }
}

function* entries(offsets: ByPartition): Generator<OffsetOfPartition, void> {
  for (const [topic, partitions] of offsets) {
    for (const [partition, committed] of partitions) yield { topic, partition, committed };
  }
}

function put(offsets: ByPartition, topic: string, partition: number, committed: CommittedOffset): void {
  const partitions = offsets.get(topic) ?? new Map<number, CommittedOffset>();
  offsets.set(topic, partitions);
  partitions.set(partition, committed);
}

function remove(offsets: ByPartition, topic: string, partition: number): void {
  const partitions = offsets.get(topic);
  partitions?.delete(partition);
  if (partitions?.size === 0) offsets.delete(topic);
}
