/** What the error codes of OffsetCommit and OffsetFetch mean to who has asked, in both protocols of groups. */

import { errorCodeOf } from "../protocol/error-codes.ts";

/**
 * What an error code says, of a partition or of the whole:
 *
 * - `done`: no error.
 * - `retry`: the same once more, after a pause.
 * - `find coordinator`: the same once more at the coordinator, which has to be found anew.
 * - `describe topic`: the broker does not know the topic, or not yet. For a while the same once more, with newer
 *   metadata.
 * - `new epoch`: the same once more under the epoch that the member's next heartbeat gives (KIP-848).
 * - `membership over`: this generation is; what it held may be another member's by now.
 * - `too large`: the request as a whole. The same in parts.
 * - `bad offset`: what is wrong is this offset, by what it carries; another one for the partition may be taken.
 * - `refused`: nothing that a client can do helps.
 */
export type OffsetVerdict =
  | "done"
  | "retry"
  | "find coordinator"
  | "describe topic"
  | "new epoch"
  | "membership over"
  | "too large"
  | "bad offset"
  | "refused";

/** Who asks: a member of a group of either protocol, or somebody who is none. */
export type Asker = "classic" | "consumer" | "nobody";

type Verdicts = { readonly [name: string]: OffsetVerdict };

/** In both requests. */
const EVERYWHERE: Verdicts = {
  NONE: "done",
  NOT_COORDINATOR: "find coordinator",
  COORDINATOR_NOT_AVAILABLE: "find coordinator",
  // The coordinator could not write, or is not sure that it has: it may have lost its place.
  REQUEST_TIMED_OUT: "find coordinator",
  NOT_LEADER_OR_FOLLOWER: "find coordinator",
  KAFKA_STORAGE_ERROR: "find coordinator",
  COORDINATOR_LOAD_IN_PROGRESS: "retry",
  UNKNOWN_TOPIC_OR_PARTITION: "describe topic",
  UNKNOWN_TOPIC_ID: "describe topic",
  INCONSISTENT_TOPIC_ID: "describe topic",
};

/** Of who is a member. To others the same codes say that they may not. */
const OF_MEMBERS: Verdicts = {
  UNKNOWN_MEMBER_ID: "membership over",
  ILLEGAL_GENERATION: "membership over",
  FENCED_INSTANCE_ID: "membership over",
  FENCED_MEMBER_EPOCH: "membership over",
  STALE_MEMBER_EPOCH: "membership over",
  // Before version 9 of OffsetCommit a group that is gone is ILLEGAL_GENERATION.
  GROUP_ID_NOT_FOUND: "membership over",
};

const OF_COMMITS: Verdicts = {
  // A classic group between JoinGroup and SyncGroup: the generation is right already.
  REBALANCE_IN_PROGRESS: "retry",
  INVALID_COMMIT_OFFSET_SIZE: "too large",
  OFFSET_METADATA_TOO_LARGE: "bad offset",
};

const OF_FETCHES: Verdicts = {
  UNSTABLE_OFFSET_COMMIT: "retry",
  REBALANCE_IN_PROGRESS: "retry",
};

/** What the coordinator has answered to a commit. */
export function commitVerdict(errorCode: number, asker: Asker): OffsetVerdict {
  return verdict(errorCode, asker, OF_COMMITS);
}

/**
 * Whether a membership has to be told of a refusal. Not of REBALANCE_IN_PROGRESS: it comes only to who has joined
 * already, and late perhaps, when the rebalance is over.
 */
export function concernsMembership(errorCode: number, asker: Asker): boolean {
  return asker !== "nobody" && OF_MEMBERS[errorCodeOf(errorCode).name] !== undefined;
}

/** What the coordinator has answered to who wants to know what was committed. */
export function fetchVerdict(errorCode: number, asker: Asker): OffsetVerdict {
  return verdict(errorCode, asker, OF_FETCHES);
}

function verdict(errorCode: number, asker: Asker, inParticular: Verdicts): OffsetVerdict {
  const { name, retriable } = errorCodeOf(errorCode);
  if (asker === "consumer" && name === "STALE_MEMBER_EPOCH") return "new epoch";
  const ofMembers = asker === "nobody" ? undefined : OF_MEMBERS[name];
  return inParticular[name] ?? EVERYWHERE[name] ?? ofMembers ?? (retriable ? "retry" : "refused");
}

/**
 * Whether a commit that was answered so may be stored all the same. A coordinator that has appended and then loses its
 * place, or does not hear from its replicas in time, says no more than that it does not know.
 */
export function mayBeStored(errorCode: number): boolean {
  const { name } = errorCodeOf(errorCode);
  return MAY_BE_STORED.has(name);
}

const MAY_BE_STORED: ReadonlySet<string> = new Set([
  "UNKNOWN_SERVER_ERROR",
  "REQUEST_TIMED_OUT",
  "COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR",
  "NOT_LEADER_OR_FOLLOWER",
  "KAFKA_STORAGE_ERROR",
]);
