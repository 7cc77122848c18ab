/**
 * What the coordinator knows of any group, whichever protocol its members speak. Kinds of groups are files of their
 * own (`classic/`): each holds its members, and answers what offsets and the APIs about groups in general ask.
 */

import type { Uuid } from "../../protocol/uuid.ts";
import type { ClassicProtocol } from "./classic/classic-protocol.ts";
import type { CommittedOffset } from "./committed-offsets.ts";
import type { CoordinatorRecord } from "./coordinator-topics.ts";

/** As ListGroups tells it. A group that only has offsets is an empty classic one, as in Kafka. */
export type GroupKind = "classic" | "consumer";

/** Who commits offsets. */
export interface Committer {
  /** Empty outside membership. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Generation of a classic group, else member epoch; -1 outside membership. */
  readonly generationIdOrMemberEpoch: number;
  /** Whether it does so in a transaction. */
  readonly isTransactional: boolean;
  /** Of OffsetCommit or TxnOffsetCommit. */
  readonly version: number;
  /** What is committed, where it is known. */
  readonly partitions?: readonly { readonly topicId: Uuid; readonly partition: number }[];
}

export interface Group {
  readonly groupId: string;
  readonly kind: GroupKind;
  /** As ListGroups tells it, such as `Stable`. */
  readonly state: string;
  /** Such as `consumer`; empty for a group that only has offsets. */
  readonly protocolType: string;
  /** Whether it has no members. */
  readonly isEmpty: boolean;
  /** For members of the classic protocol; null where the group takes none. */
  readonly classic: ClassicProtocol | null;

  /** Why these offsets are not taken: the number of an error, 0 where they are. */
  commitRefusal(committer: Committer): number;
  /** Why offsets are not told. */
  fetchRefusal(memberId: string | null, memberEpoch: number): number;
  /** Why no offsets of the group can be deleted. */
  offsetDeleteRefusal(): number;
  /** Why the group cannot be deleted. */
  deleteRefusal(): number;
  /** Whether members read the topic, or may read it as far as the coordinator can tell. */
  isSubscribedTo(topic: string): boolean;
  /** Wall time from which the retention of an offset counts, in milliseconds; null while it is kept anyway. */
  retainedSinceMs(offset: CommittedOffset): number | null;

  /** Offsets were committed: with the classic protocol that shows that a member is alive. */
  committed(committer: Committer): void;
  /** Records that say that the group is gone. */
  tombstones(): CoordinatorRecord[];
  /** The group is no more: what it waits for or counts ends. */
  forgotten(): void;
  /**
   * Another broker coordinates the group, or none does: what waits is answered with NOT_COORDINATOR.
   *
   * @param isAvailable whether there is a coordinator: without one no session can end
   */
  coordinatorMoved(isAvailable: boolean): void;
}
