import { errorNumber, NONE } from "../error-code.ts";
import type { Partition } from "./partition.ts";

const FENCED_LEADER_EPOCH = errorNumber("FENCED_LEADER_EPOCH");
const UNKNOWN_LEADER_EPOCH = errorNumber("UNKNOWN_LEADER_EPOCH");

/** Why a client that believes in this leader epoch is refused (KIP-320): the number of an error, 0 for none. */
export function leaderEpochRefusal({ leaderEpoch }: Partition, theirs: number): number {
  if (theirs < 0 || theirs === leaderEpoch) return NONE;
  return theirs < leaderEpoch ? FENCED_LEADER_EPOCH : UNKNOWN_LEADER_EPOCH;
}
