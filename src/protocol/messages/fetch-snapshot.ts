/**
 * FetchSnapshot (key 59, KIP-630): downloads a snapshot of the cluster's metadata, piece by piece. Brokers
 * and controllers send it to the active controller when Fetch has said, by `snapshotId`, that its log no
 * longer holds what they lack; no client sends it.
 *
 * Versions: 1 adds the follower's log directory and the leader's address (KIP-853).
 *
 * Errors: FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH and NOT_LEADER_OR_FOLLOWER send the follower to
 * `currentLeader`, BROKER_NOT_AVAILABLE lets it try again. SNAPSHOT_NOT_FOUND: it was deleted meanwhile;
 * begin anew with Fetch. POSITION_OUT_OF_RANGE: there is nothing at that position.
 * UNKNOWN_TOPIC_OR_PARTITION, and INVALID_REQUEST of the whole: not the metadata partition.
 * INCONSISTENT_CLUSTER_ID and CLUSTER_AUTHORIZATION_FAILED of the whole: the nodes are configured wrongly.
 */

import { int16, int32, int64, records, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Which snapshot, and from where on. */
export const FetchSnapshotRequest = request({
  apiKey: 59,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** Null not to check. */
    clusterId: field("0+", string, { nullable: "0+", default: null, tag: 0 }),
    /** The follower. */
    replicaId: field("0+", int32, { default: -1 }),
    /** Bound on the pieces of all snapshots together. */
    maxBytes: field("0+", int32, { default: 0x7fff_ffff }),
    /** Always the one partition of `__cluster_metadata`. */
    topics: field(
      "0+",
      array(
        struct("TopicSnapshot", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("PartitionSnapshot", {
                partition: field("0+", int32),
                /** Leader epoch that the follower knows of, so that an old leader does not answer. */
                currentLeaderEpoch: field("0+", int32),
                /** As Fetch has told. */
                snapshotId: field(
                  "0+",
                  struct("SnapshotId", {
                    /** The snapshot stands for all records before this offset. */
                    endOffset: field("0+", int64),
                    /** Leader epoch of the last of those records. */
                    epoch: field("0+", int32),
                  }),
                ),
                /** Where the piece begins, in bytes from the snapshot's start. */
                position: field("0+", int64),
                /** The follower's log directory. */
                replicaDirectoryId: field("1+", uuid, { tag: 0, ignorable: true }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type FetchSnapshotRequest = Infer<typeof FetchSnapshotRequest>;

/** A piece of the snapshot. */
export const FetchSnapshotResponse = response({
  apiKey: 59,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the node mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32, { ignorable: true }),
    /** 0, or what is wrong with the whole. */
    errorCode: field("0+", int16),
    topics: field(
      "0+",
      array(
        struct("TopicSnapshot", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("PartitionSnapshot", {
                index: field("0+", int32),
                errorCode: field("0+", int16),
                snapshotId: field(
                  "0+",
                  struct("SnapshotId", {
                    endOffset: field("0+", int64),
                    epoch: field("0+", int32),
                  }),
                ),
                /** Who leads now. */
                currentLeader: field(
                  "0+",
                  struct("LeaderIdAndEpoch", {
                    /** -1 when not known. */
                    leaderId: field("0+", int32),
                    leaderEpoch: field("0+", int32),
                  }),
                  { tag: 0 },
                ),
                /** Bytes of the whole snapshot. */
                size: field("0+", int64),
                /** Where the piece begins, in bytes from the snapshot's start. */
                position: field("0+", int64),
                /** Bytes of record batches, which may begin and end in the middle of one. */
                unalignedRecords: field("0+", records),
              }),
            ),
          ),
        }),
      ),
    ),
    /** Addresses of the leaders named above. */
    nodeEndpoints: field(
      "1+",
      array(
        struct("NodeEndpoint", {
          nodeId: field("1+", int32),
          host: field("1+", string),
          port: field("1+", uint16),
        }),
      ),
      { tag: 0 },
    ),
  },
});
export type FetchSnapshotResponse = Infer<typeof FetchSnapshotResponse>;
