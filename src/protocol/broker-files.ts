/** What brokers and controllers keep in files beside the log, and no request carries. */

import { int32, int64, string, uuid } from "./primitives.ts";
import { array, data, field, type Infer, struct } from "./schema.ts";

/**
 * An entry of a segment's `.txnindex` file, after its int16 version: a transaction that was aborted. From these
 * the broker answers a fetch with READ_COMMITTED, whose `abortedTransactions` hold the first two fields.
 */
export const AbortedTxn = data({
  name: "AbortedTxn",
  validVersions: "0",
  fields: {
    producerId: field("0+", int64),
    /** Offset of the transaction's first record in this partition. */
    firstOffset: field("0+", int64),
    /** Offset of the marker that ends it. */
    lastOffset: field("0+", int64),
    /** The last stable offset after the marker was appended. */
    lastStableOffset: field("0+", int64),
  },
});
export type AbortedTxn = Infer<typeof AbortedTxn>;

/**
 * The file `quorum-state` beside the metadata log: what a member of the quorum must not forget over a restart,
 * so that it votes only once in an epoch (KIP-595). The file holds it as JSON with a `data_version`, not as
 * these bytes.
 *
 * Version 1 names the directory of the candidate, and leaves the voters to the log (KIP-853).
 */
export const QuorumStateData = data({
  name: "QuorumStateData",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    clusterId: field("0", string),
    /** -1 where the epoch has no leader, or none that this member knows. */
    leaderId: field("0+", int32, { default: -1 }),
    leaderEpoch: field("0+", int32, { default: -1 }),
    /** For whom this member voted in the epoch; -1 for nobody yet. */
    votedId: field("0+", int32, { default: -1 }),
    votedDirectoryId: field("1+", uuid),
    appliedOffset: field("0", int64),
    currentVoters: field("0", array(struct("Voter", { voterId: field("0", int32) })), { nullable: "0" }),
  },
});
export type QuorumStateData = Infer<typeof QuorumStateData>;
