/** What the error codes of ConsumerGroupHeartbeat mean to a member. */

import { errorCodeOf } from "../../protocol/error-codes.ts";

/**
 * - `passing`: the same heartbeat is sent again, to whoever is the coordinator then.
 * - `fenced`: the coordinator does not know the member, or not with this epoch: it has lost its partitions, and joins.
 * - `held`: another member has the name of this static one, or this one had it in its former life.
 * - `final`: no heartbeat will be taken.
 */
export type Refusal = "passing" | "fenced" | "held" | "final";

const COORDINATOR_LOAD_IN_PROGRESS = 14;
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;
const UNKNOWN_MEMBER_ID = 25;
const GROUP_ID_NOT_FOUND = 69;
const FENCED_MEMBER_EPOCH = 110;
const UNRELEASED_INSTANCE_ID = 111;

/** Means that another member has the name, in answer to one who wants to leave under it. */
export const FENCED_INSTANCE_ID = 82;

/** What an error code means to one who joins, or who is a member. */
export function refusalOf(errorCode: number, isMember: boolean): Refusal {
  switch (errorCode) {
    case COORDINATOR_LOAD_IN_PROGRESS:
    case COORDINATOR_NOT_AVAILABLE:
    case NOT_COORDINATOR:
      return "passing";
    case UNKNOWN_MEMBER_ID:
    case FENCED_MEMBER_EPOCH:
      return "fenced";
    case GROUP_ID_NOT_FOUND:
      // Without its members a group can be deleted. To one who joins, it is a group of another kind.
      return isMember ? "fenced" : "final";
    case UNRELEASED_INSTANCE_ID:
      return "held";
    default:
      return errorCodeOf(errorCode).retriable ? "passing" : "final";
  }
}
