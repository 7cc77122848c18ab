/**
 * The groups of a cluster, of all kinds, and their offsets. Which broker coordinates a group is decided by who leads
 * its partition of `__consumer_offsets`: what moves is who may be asked, and the state stays.
 *
 * Owner of: which groups there are, and of which kind. What happens in a group is the business of its kind.
 */

import { decodeControlRecord } from "../../protocol/control-records.ts";
import type { GroupMetadataValue } from "../../protocol/coordinator-records/classic-group.ts";
import {
  decodeGroupCoordinatorRecord,
  type GroupCoordinatorRecord,
} from "../../protocol/coordinator-records/group-coordinator.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { Broker } from "../broker.ts";
import type { ClusterState } from "../cluster-state.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { recordsOf } from "../log/check-batch.ts";
import type { Partition } from "../topics/partition.ts";
import type { Topic } from "../topics/topic-store.ts";
import { ClassicGroup } from "./classic/classic-group.ts";
import { classicRecord, classicStateOf } from "./classic/classic-records.ts";
import { type ClassicState, newClassicGroup } from "./classic/classic-state.ts";
import type { CoordinatorRecord, CoordinatorTopics } from "./coordinator-topics.ts";
import type { Committer, Group } from "./group.ts";
import { GroupOffsets } from "./group-offsets.ts";
import { committedOf } from "./group-records.ts";

/** What brings back groups of a kind other than the classic one from their records. */
export interface GroupLoader {
  /** Takes over what a record says, if it is one of this kind. */
  replay(record: GroupCoordinatorRecord): void;
  /** All records of the partition were replayed. */
  loaded?(partition: Partition): void;
}

const GROUP_ID_NOT_FOUND = errorNumber("GROUP_ID_NOT_FOUND");
const ILLEGAL_GENERATION = errorNumber("ILLEGAL_GENERATION");
const STALE_MEMBER_EPOCH = errorNumber("STALE_MEMBER_EPOCH");
/** Of OffsetCommit: the first that can say that there is no such group. */
const FIRST_VERSION_WITH_NOT_FOUND = 9;

export class GroupCoordinator {
  readonly offsets: GroupOffsets;
  /** One for each other kind of group. */
  readonly loaders: GroupLoader[] = [];
  readonly #cluster: ClusterState;
  readonly #coordinators: CoordinatorTopics;
  readonly #groups = new Map<string, Group>();

  constructor(cluster: ClusterState, coordinators: CoordinatorTopics) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
    this.offsets = new GroupOffsets(cluster, coordinators);
    cluster.listen({
      onLeaderChanged: (partition) => this.#leaderChanged(partition),
      onTopicDeleted: (topic) => this.#topicDeleted(topic),
    });
  }

  /** Why `broker` may not be asked for a group: the number of an error, 0 where it may. */
  refusalOf(groupId: string, broker: Broker): number {
    return this.#coordinators.refusalOf("group", groupId, broker);
  }

  get(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }

  get all(): Iterable<Group> {
    return this.#groups.values();
  }

  /** Adds a group, or replaces one by a group of another kind. */
  add(group: Group): void {
    this.#groups.set(group.groupId, group);
  }

  /** Adds a classic group. */
  addClassic(state: ClassicState): ClassicGroup {
    const group = new ClassicGroup(state, this.#cluster, (groupId, records) => this.write(groupId, records));
    this.add(group);
    return group;
  }

  /** Makes the group that a first member of the classic protocol joins; an empty one of another kind gives way. */
  startClassic(groupId: string): ClassicGroup {
    const other = this.#groups.get(groupId);
    if (other !== undefined) {
      this.write(groupId, other.tombstones());
      this.forget(other);
    }
    const group = this.addClassic(newClassicGroup(groupId, this.#cluster.clock.wallMs()));
    this.write(groupId, [classicRecord(group.current)]);
    return group;
  }

  /** Forgets a group with its offsets, and writes that it is gone. */
  delete(group: Group): void {
    this.offsets.deleteAll(group.groupId);
    this.write(group.groupId, group.tombstones());
    this.forget(group);
  }

  /** Forgets a group, without a record of it. */
  forget(group: Group): void {
    if (this.#groups.get(group.groupId) !== group) return;
    this.#groups.delete(group.groupId);
    group.forgotten();
  }

  /** Writes records of a group, as one batch. */
  write(groupId: string, records: readonly CoordinatorRecord[]): void {
    if (records.length === 0) return;
    this.#coordinators.append(this.#coordinators.partitionFor("group", groupId), records);
  }

  /**
   * Why a commit is not taken: the number of an error, 0 where it is. A group that is not there is made by the first
   * commit from outside membership.
   */
  commitRefusal(groupId: string, committer: Committer): number {
    const { generationIdOrMemberEpoch, isTransactional, version } = committer;
    const group = this.#groups.get(groupId);
    if (group !== undefined) {
      const refusal = group.commitRefusal(committer);
      // TxnOffsetCommit has no error for it.
      return isTransactional && refusal === STALE_MEMBER_EPOCH ? ILLEGAL_GENERATION : refusal;
    }
    if (generationIdOrMemberEpoch >= 0) {
      return isTransactional || version < FIRST_VERSION_WITH_NOT_FOUND
        ? ILLEGAL_GENERATION
        : GROUP_ID_NOT_FOUND;
    }
    this.addClassic(newClassicGroup(groupId, this.#cluster.clock.wallMs()));
    return NONE;
  }

  /** Brings back groups and offsets from the records of one partition of `__consumer_offsets`. */
  load(partition: Partition): void {
    for (const { header } of partition.log.batches) {
      const producerId = header.isTransactional ? header.producerId : null;
      for (const { key, value } of recordsOf(header, this.#cluster.forReading) ?? []) {
        if (header.isControl) this.#replayMarker(partition, header, key, value);
        else if (key !== null) this.#replay(decodeGroupCoordinatorRecord(key, value), producerId);
      }
    }
    for (const loader of this.loaders) loader.loaded?.(partition);
    for (const group of this.#groups.values()) {
      if (group instanceof ClassicGroup && this.#isIn(group, partition)) group.coordinatorMoved(true);
    }
  }

  #replayMarker(
    partition: Partition,
    { producerId }: RecordBatch,
    key: Uint8Array | null,
    value: Uint8Array | null,
  ): void {
    const { type } = decodeControlRecord(key, value);
    if (type !== "COMMIT" && type !== "ABORT") return;
    this.offsets.endTransaction(partition.index, producerId, type === "COMMIT");
  }

  #replay(record: GroupCoordinatorRecord, producerId: bigint | null): void {
    for (const loader of this.loaders) loader.replay(record);
    if (record.type === "GROUP_METADATA") this.#replayClassic(record.key.group, record.value);
    if (record.type !== "OFFSET_COMMIT") return;
    const { group, topic, partition } = record.key;
    const committed = record.value === null ? null : committedOf(record.value, this.offsets.nextOrder());
    if (committed !== null && !this.#groups.has(group)) {
      this.addClassic(newClassicGroup(group, this.#cluster.clock.wallMs()));
    }
    this.offsets.replay(group, topic, partition, committed, producerId);
  }

  #replayClassic(groupId: string, value: GroupMetadataValue | null): void {
    const existing = this.#groups.get(groupId);
    if (value !== null) this.addClassic(classicStateOf(groupId, value));
    else if (existing?.kind === "classic") this.forget(existing);
  }

  #isIn({ groupId }: Group, partition: Partition): boolean {
    return this.#coordinators.partitionFor("group", groupId) === partition;
  }

  #leaderChanged(partition: Partition): void {
    if (partition.topicName !== this.#coordinators.nameOf("group")) return;
    for (const group of [...this.#groups.values()]) {
      if (!this.#isIn(group, partition)) continue;
      group.coordinatorMoved(this.#coordinators.coordinatorOf("group", group.groupId) !== null);
    }
  }

  #topicDeleted({ name }: Topic): void {
    this.offsets.deleteTopic(name);
  }
}
