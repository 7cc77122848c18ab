/**
 * A group that nobody has joined: somebody commits offsets under its name. For Kafka it is a classic group without
 * members and without a protocol; the first member makes it a group of its kind.
 */

import { errorNumber, NONE } from "../error-code.ts";
import type { CommittedOffset } from "./committed-offsets.ts";
import type { CoordinatorRecord } from "./coordinator-topics.ts";
import type { Committer, Group } from "./group.ts";
import { groupTombstone } from "./group-records.ts";

const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");

export class OffsetsOnlyGroup implements Group {
  readonly kind = "classic";
  readonly state = "Empty";
  readonly protocolType = "";
  readonly isEmpty = true;
  readonly groupId: string;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  commitRefusal({ generationIdOrMemberEpoch }: Committer): number {
    return generationIdOrMemberEpoch < 0 ? NONE : UNKNOWN_MEMBER_ID;
  }

  fetchRefusal(): number {
    return NONE;
  }

  offsetDeleteRefusal(): number {
    return NONE;
  }

  deleteRefusal(): number {
    return NONE;
  }

  isSubscribedTo(): boolean {
    return false;
  }

  retainedSinceMs({ commitTimestampMs }: CommittedOffset): number {
    return commitTimestampMs;
  }

  tombstones(): CoordinatorRecord[] {
    return [groupTombstone("GROUP_METADATA", { group: this.groupId })];
  }

  committed(): void {}

  forgotten(): void {}

  coordinatorMoved(): void {}
}
