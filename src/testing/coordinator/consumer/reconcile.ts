/**
 * Moves a member towards what it is to have (KIP-848): first it gives up what is not to be its own any more, and only
 * then it goes on to the next epoch and gets what others have given up.
 */

import type { Uuid } from "../../../protocol/uuid.ts";
import { isReconciledTo, type Member, moved, ofTopics } from "./member.ts";
import {
  common,
  filtered,
  NO_PARTITIONS,
  overlap,
  type TopicPartitions,
  union,
  without,
} from "./partitions.ts";

/** What a member is to be moved to. */
export interface Target {
  readonly epoch: number;
  readonly partitions: TopicPartitions;
  /** The topics that the member subscribes to, of those that there are. */
  readonly subscribed: ReadonlySet<Uuid>;
  /** Whether the member has just subscribed to others. */
  readonly hasSubscriptionChanged: boolean;
  /** Whether somebody holds the partition. */
  isHeld(topicId: Uuid, partition: number): boolean;
}

/**
 * The member as it is from now on; the same one where nothing changes.
 *
 * @param owned what the member says it owns; null where it did not say
 */
export function reconcile(member: Member, target: Target, owned: TopicPartitions | null): Member {
  if (isReconciledTo(member, target.epoch) && !target.hasSubscriptionChanged) return member;
  switch (member.state) {
    case "STABLE":
      if (member.epoch !== target.epoch) return next(member, target, owned);
      return withoutUnsubscribed(member, target, owned);
    case "UNREVOKED_PARTITIONS":
      if (!stillOwns(owned, member.revoking)) return next(member, target, owned);
      return target.hasSubscriptionChanged ? withoutUnsubscribed(member, target, owned) : member;
    case "UNRELEASED_PARTITIONS":
      return next(member, target, owned);
  }
}

/** Whether the member has yet to give up some of `revoking`, for all that is known. */
function stillOwns(owned: TopicPartitions | null, revoking: TopicPartitions): boolean {
  return owned === null || overlap(owned, revoking);
}

function next(member: Member, target: Target, owned: TopicPartitions | null): Member {
  const wanted = ofTopics(target.partitions, target.subscribed);
  const kept = common(member.assigned, wanted);
  const revoking = without(member.assigned, kept);
  const missing = without(wanted, kept);
  const free = filtered(missing, (topicId, partition) => !target.isHeld(topicId, partition));
  if (revoking.size > 0 && stillOwns(owned, revoking)) {
    return moved(member, { state: "UNREVOKED_PARTITIONS", epoch: member.epoch, assigned: kept, revoking });
  }
  return moved(member, {
    state: without(missing, free).size > 0 ? "UNRELEASED_PARTITIONS" : "STABLE",
    epoch: target.epoch,
    assigned: union(kept, free),
    revoking: NO_PARTITIONS,
  });
}

/** Takes from the member at once what it does not subscribe to any more, until there is a new target for it. */
function withoutUnsubscribed(member: Member, target: Target, owned: TopicPartitions | null): Member {
  const kept = ofTopics(member.assigned, target.subscribed);
  const gone = without(member.assigned, kept);
  if (gone.size === 0) return member;
  const revoking = union(member.revoking, gone);
  const { epoch, state } = member;
  if (stillOwns(owned, revoking)) {
    return moved(member, { state: "UNREVOKED_PARTITIONS", epoch, assigned: kept, revoking });
  }
  return moved(member, { state, epoch, assigned: kept, revoking: member.revoking });
}
