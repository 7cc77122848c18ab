/**
 * The committed offsets of all groups. Whatever changes them is written into `__consumer_offsets` as well, so that it
 * can be read there and replayed.
 *
 * Whether somebody may commit is the group's to say: see `GroupCoordinator`.
 */

import { RecordBatchBuilder } from "../../protocol/records/record-batch-builder.ts";
import type { Uuid } from "../../protocol/uuid.ts";
import type { ClusterState } from "../cluster-state.ts";
import { type CommittedOffset, CommittedOffsets } from "./committed-offsets.ts";
import type { CoordinatorRecord, CoordinatorTopics } from "./coordinator-topics.ts";
import { groupTombstone, offsetRecord } from "./group-records.ts";

/** An offset that somebody commits. */
export interface OffsetToCommit {
  readonly topic: string;
  /** Zero where the commit names no id. */
  readonly topicId: Uuid;
  readonly partition: number;
  readonly offset: bigint;
  /** -1 for unknown. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

export class GroupOffsets {
  readonly #cluster: ClusterState;
  readonly #coordinators: CoordinatorTopics;
  readonly #byGroup = new Map<string, CommittedOffsets>();
  #order = 0;

  constructor(cluster: ClusterState, coordinators: CoordinatorTopics) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
  }

  /** What the group has committed; undefined for nothing. */
  of(groupId: string): CommittedOffsets | undefined {
    return this.#byGroup.get(groupId);
  }

  /** Commits at once. @param retentionMs how long they are kept; null for the broker's own retention */
  commit(groupId: string, offsets: readonly OffsetToCommit[], retentionMs: number | null): void {
    const records = offsets.map((one) => {
      const committed = this.#committed(one, retentionMs);
      this.replay(groupId, one.topic, one.partition, committed, null);
      return offsetRecord(groupId, { ...one, committed });
    });
    this.#write(groupId, records);
  }

  /** Commits as part of a producer's transaction: it counts once that has ended well. */
  commitPending(
    groupId: string,
    offsets: readonly OffsetToCommit[],
    producerId: bigint,
    producerEpoch: number,
  ): void {
    if (offsets.length === 0) return;
    const nowMs = this.#cluster.clock.wallMs();
    const builder = new RecordBatchBuilder();
    for (const one of offsets) {
      const committed = this.#committed(one, null);
      this.replay(groupId, one.topic, one.partition, committed, producerId);
      const { key, value } = offsetRecord(groupId, { ...one, committed });
      builder.append(nowMs, key, value);
    }
    const batch = builder.build({ producerId, producerEpoch, baseSequence: 0, isTransactional: true });
    this.#coordinators.appendBatch(this.#coordinators.partitionFor("group", groupId), batch);
  }

  /**
   * A producer's transaction has ended, and its marker stands in a partition of `__consumer_offsets`: the offsets of
   * the groups there that belong to it count, or are dropped.
   *
   * @param partition number of that partition
   */
  endTransaction(partition: number, producerId: bigint, isCommitted: boolean): void {
    for (const [groupId, offsets] of this.#byGroup) {
      if (!offsets.hasPending) continue;
      if (this.#coordinators.partitionFor("group", groupId).index !== partition) continue;
      offsets.endTransaction(producerId, isCommitted);
      this.#tidy(groupId);
    }
  }

  /** Forgets offsets; those that are not there change nothing. */
  delete(groupId: string, places: Iterable<{ readonly topic: string; readonly partition: number }>): void {
    const offsets = this.of(groupId);
    if (offsets === undefined) return;
    const records: CoordinatorRecord[] = [];
    for (const { topic, partition } of [...places]) {
      if (offsets.get(topic, partition) === undefined && !offsets.isPending(topic, partition)) continue;
      offsets.forget(topic, partition);
      records.push(groupTombstone("OFFSET_COMMIT", { group: groupId, topic, partition }));
    }
    this.#tidy(groupId);
    this.#write(groupId, records);
  }

  /** Forgets all offsets of a group. */
  deleteAll(groupId: string): void {
    const offsets = this.of(groupId);
    if (offsets === undefined) return;
    this.delete(groupId, [...offsets.all(), ...offsets.allPending()]);
  }

  /** Forgets what groups have committed for a topic, which is gone. */
  deleteTopic(topic: string): void {
    for (const [groupId, offsets] of [...this.#byGroup]) {
      const places = [...offsets.all(), ...offsets.allPending()].filter((place) => place.topic === topic);
      this.delete(groupId, places);
    }
  }

  /**
   * Takes over what a record says, without writing it.
   *
   * @param committed null for a tombstone
   * @param producerId of the transaction that the record is part of; null for none
   */
  replay(
    groupId: string,
    topic: string,
    partition: number,
    committed: CommittedOffset | null,
    producerId: bigint | null,
  ): void {
    if (committed === null) {
      this.of(groupId)?.forget(topic, partition);
      this.#tidy(groupId);
      return;
    }
    const offsets = this.of(groupId) ?? new CommittedOffsets();
    this.#byGroup.set(groupId, offsets);
    if (producerId === null) offsets.commit(topic, partition, committed);
    else offsets.commitPending(producerId, topic, partition, committed);
  }

  /** The place of the next commit in the order of all. */
  nextOrder(): number {
    return this.#order++;
  }

  #committed(
    { offset, leaderEpoch, metadata, topicId }: OffsetToCommit,
    retentionMs: number | null,
  ): CommittedOffset {
    const commitTimestampMs = this.#cluster.clock.wallMs();
    const expireTimestampMs = retentionMs === null ? null : commitTimestampMs + retentionMs;
    const order = this.nextOrder();
    return { offset, leaderEpoch, metadata, topicId, commitTimestampMs, expireTimestampMs, order };
  }

  #tidy(groupId: string): void {
    if (this.of(groupId)?.isEmpty === true) this.#byGroup.delete(groupId);
  }

  #write(groupId: string, records: readonly CoordinatorRecord[]): void {
    if (records.length === 0) return;
    this.#coordinators.append(this.#coordinators.partitionFor("group", groupId), records);
  }
}
