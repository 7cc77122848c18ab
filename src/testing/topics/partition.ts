/**
 * One partition: its log, and which brokers have it.
 *
 * Owner of: leader, leader epoch, replicas, in-sync replicas, high watermark. Changes of leadership are decided in
 * `replication.ts`; whoever changes what others may wait for wakes the partition.
 *
 * Replicas follow at once: a follower has every record as soon as the leader has it, unless it is held back with
 * {@link Partition.hold}. All replicas share one log, of which each has a part from the start.
 */

import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { ForReading } from "../log/check-batch.ts";
import type { Appended } from "../log/partition-log.ts";
import { type AppendOptions, PartitionLog } from "../log/partition-log.ts";

/** No broker leads. */
export const NO_LEADER = -1;

export class Partition {
  readonly topicName: string;
  readonly index: number;
  readonly log: PartitionLog;
  /** Broker ids; the first is preferred as leader. */
  replicas: readonly number[];
  /** Those of them that a reassignment brings, and that are not all in sync yet. */
  adding: readonly number[] = [];
  /** Those of them that go once the new ones are in sync. */
  removing: readonly number[] = [];
  /** Those replicas that have all that is committed. */
  isr: readonly number[];
  /** Broker id, or {@link NO_LEADER}. */
  leader: number;
  leaderEpoch = 0;
  /** Grows with each change of leader, replicas or in-sync replicas. */
  partitionEpoch = 0;
  /** Up to where followers have got that do not follow at once, by broker id. */
  readonly #held = new Map<number, bigint>();
  #highWatermark = 0n;

  constructor(topicName: string, index: number, replicas: readonly number[], forReading: ForReading) {
    this.topicName = topicName;
    this.index = index;
    this.log = new PartitionLog(`${topicName}-${index}`, forReading);
    this.replicas = replicas;
    this.isr = replicas;
    this.leader = replicas[0] ?? NO_LEADER;
  }

  /** The offset behind the last record that all in-sync replicas have: what consumers may read. */
  get highWatermark(): bigint {
    return this.#highWatermark;
  }

  /** The offset behind the last record of which it is decided whether it counts: what committed readers may read. */
  get lastStableOffset(): bigint {
    const unstable = this.log.firstUnstableOffset(this.#highWatermark);
    return unstable !== null && unstable < this.#highWatermark ? unstable : this.#highWatermark;
  }

  /** Where the log of a replica ends. */
  endOffsetOf(brokerId: number): bigint {
    const { endOffset } = this.log;
    const held = brokerId === this.leader ? undefined : this.#held.get(brokerId);
    return held === undefined || held > endOffset ? endOffset : held;
  }

  /** Appends a batch on the leader, from where followers take it. */
  append(batch: RecordBatch, options: Omit<AppendOptions, "leaderEpoch">): Appended {
    const appended = this.log.append(batch, { ...options, leaderEpoch: this.leaderEpoch });
    this.advance();
    return appended;
  }

  /** Keeps a follower where it is. */
  hold(brokerId: number): void {
    if (!this.#held.has(brokerId)) this.#held.set(brokerId, this.log.endOffset);
  }

  /** A replica that is new has nothing yet; one that is held back stays there. */
  beginReplica(brokerId: number): void {
    if (this.#held.has(brokerId)) this.#held.set(brokerId, this.log.startOffset);
  }

  /** Lets a follower catch up. */
  release(brokerId: number): void {
    this.#held.delete(brokerId);
    this.advance();
  }

  isHeld(brokerId: number): boolean {
    return this.#held.has(brokerId);
  }

  /** Moves the high watermark on to what all in-sync replicas have. */
  advance(): void {
    let least = this.log.endOffset;
    if (this.#held.size > 0) {
      for (const brokerId of this.isr) {
        const end = this.endOffsetOf(brokerId);
        if (end < least) least = end;
      }
    }
    if (least > this.#highWatermark) this.#highWatermark = least;
    if (this.#highWatermark < this.log.startOffset) this.#highWatermark = this.log.startOffset;
  }

  /** Cuts the log off where the new leader's ends. */
  truncateTo(offset: bigint): void {
    this.log.truncateTo(offset);
    if (this.#highWatermark > this.log.endOffset) this.#highWatermark = this.log.endOffset;
    for (const [brokerId, end] of this.#held) {
      if (end > this.log.endOffset) this.#held.set(brokerId, this.log.endOffset);
    }
  }
}
