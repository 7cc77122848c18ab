/**
 * Fetch (key 1): reads record batches. Consumers send it to the leader of their partitions or, where the
 * cluster allows it, to a replica near them; followers send the same request to replicate. It waits at the
 * broker until there is enough to answer.
 *
 * Versions: 4 is the first that Kafka 4 serves and brought isolation levels (KIP-98), after 3 had brought a
 * limit on the whole response (KIP-74); 5 tells where the log starts (KIP-107); 6 may answer
 * KAFKA_STORAGE_ERROR (KIP-112); 7 adds sessions, in which only what changes is sent (KIP-227); 8 is answered
 * before the throttling (KIP-219); 9 adds the leader epoch (KIP-320); 10 allows zstd (KIP-110); 11 reads from
 * a near replica (KIP-392); 12 is flexible and finds logs that have diverged (KIP-595); 13 names topics by id
 * (KIP-516); 14 knows tiered storage (KIP-405); 15 tells replicas from consumers by a struct (KIP-903); 16
 * names the new leader when it has moved (KIP-951); 17 adds the follower's directory (KIP-853) and 18 its
 * high watermark (KIP-1166).
 *
 * Errors of the whole, which all end the session: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH,
 * FETCH_SESSION_TOPIC_ID_ERROR and INCONSISTENT_TOPIC_ID. Send all partitions again with session id 0 and
 * epoch 0; after the last two, refresh the metadata first.
 *
 * Errors of a partition:
 *
 * - OFFSET_OUT_OF_RANGE: the offset was deleted or is not there yet. Reset it by `auto.offset.reset`, or
 *   first look up where the log diverged.
 * - NOT_LEADER_OR_FOLLOWER, REPLICA_NOT_AVAILABLE, KAFKA_STORAGE_ERROR, UNKNOWN_TOPIC_OR_PARTITION,
 *   UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID: refresh the metadata, where `currentLeader` does not already say
 *   enough, and fetch again. From a replica that is not the leader, go back to the leader.
 * - FENCED_LEADER_EPOCH: the client's epoch is old; refresh the metadata and check the position against the
 *   new leader.
 * - UNKNOWN_LEADER_EPOCH: the broker's is old. Fetch again after a pause.
 * - OFFSET_NOT_AVAILABLE: a new leader does not know its high watermark yet. Fetch again after a pause.
 * - TOPIC_AUTHORIZATION_FAILED, UNSUPPORTED_COMPRESSION_TYPE: nothing to retry.
 * - CORRUPT_MESSAGE, UNKNOWN_SERVER_ERROR: the broker cannot read its log at this offset.
 * - OFFSET_MOVED_TO_TIERED_STORAGE: for followers alone.
 */

import { int8, int16, int32, int64, records, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions to read from, and how long and how much to wait for. */
export const FetchRequest = request({
  apiKey: 1,
  validVersions: "4-18",
  flexibleVersions: "12+",
  fields: {
    /** For controllers, to notice that they talk to another cluster; consumers leave it out. */
    clusterId: field("12+", string, { nullable: "12+", default: null, tag: 0, ignorable: true }),
    /** -1 for a consumer, else the follower; from version 15 on in `replicaState`. */
    replicaId: field("0-14", int32, { default: -1 }),
    /** Says which follower this is; left out by consumers. */
    replicaState: field(
      "15+",
      struct("ReplicaState", {
        replicaId: field("15+", int32, { default: -1 }),
        /** The follower's broker epoch, by which a leader knows a restarted one. */
        replicaEpoch: field("15+", int64, { default: -1n }),
      }),
      { tag: 1 },
    ),
    /** How long the broker waits for `minBytes` to be there. */
    maxWaitMs: field("0+", int32),
    /** Less than this is answered only when `maxWaitMs` is over. */
    minBytes: field("0+", int32),
    /**
     * Bound on the whole response. The first batch is sent whole even if it is larger, so that a reader never
     * gets stuck.
     */
    maxBytes: field("3+", int32, { default: 0x7fff_ffff, ignorable: true }),
    /**
     * 0 reads everything up to the high watermark; 1 up to the last stable offset, and names the aborted
     * transactions.
     */
    isolationLevel: field("4+", int8, { ignorable: true }),
    /** 0 with an epoch of 0 asks for a new session, and with an epoch of -1 for none. */
    sessionId: field("7+", int32, { ignorable: true }),
    /**
     * Counts the requests of a session: -1 ends it or does without, 0 begins it, and after the highest int32
     * comes 1.
     */
    sessionEpoch: field("7+", int32, { default: -1, ignorable: true }),
    /**
     * Within a session only what is new or has changed. Partitions are served in this order until a bound is
     * reached, so rotate them.
     */
    topics: field(
      "0+",
      array(
        struct("FetchTopic", {
          /** Says which topic, up to version 12. */
          topic: field("0-12", string, { ignorable: true }),
          /** Says which topic, from version 13 on. */
          topicId: field("13+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("FetchPartition", {
                partition: field("0+", int32),
                /**
                 * Leader epoch that the client knows of, so that an old leader does not serve it; -1 not to
                 * check.
                 */
                currentLeaderEpoch: field("9+", int32, { default: -1, ignorable: true }),
                /**
                 * Offset of the first record that is wanted. The batch that holds it comes whole, with
                 * records before it.
                 */
                fetchOffset: field("0+", int64),
                /**
                 * Leader epoch of the record read last; the broker compares it and answers with
                 * `divergingEpoch` if its log is another. -1 not to check.
                 */
                lastFetchedEpoch: field("12+", int32, { default: -1 }),
                /** Where the follower's log starts; -1 from a consumer. */
                logStartOffset: field("5+", int64, { default: -1n, ignorable: true }),
                /** Bound on this partition, with the same exception for the first batch. */
                partitionMaxBytes: field("0+", int32),
                /** Log directory of a follower that is a voter of the controllers' quorum. */
                replicaDirectoryId: field("17+", uuid, { tag: 0, ignorable: true }),
                /**
                 * High watermark that the follower knows, so that a leader answers at once when that is out
                 * of date; the highest int64 from who does not take part in this.
                 */
                highWatermark: field("18+", int64, {
                  default: 9223372036854775807n,
                  tag: 1,
                  ignorable: true,
                }),
              }),
            ),
          ),
        }),
      ),
    ),
    /** Partitions to drop from the session. */
    forgottenTopicsData: field(
      "7+",
      array(
        struct("ForgottenTopic", {
          /** Says which topic, up to version 12. */
          topic: field("7-12", string, { ignorable: true }),
          /** Says which topic, from version 13 on. */
          topicId: field("13+", uuid, { ignorable: true }),
          partitions: field("7+", array(int32)),
        }),
      ),
    ),
    /** The consumer's `client.rack`: lets the leader point to a replica near it. */
    rackId: field("11+", string, { ignorable: true }),
  },
});
export type FetchRequest = Infer<typeof FetchRequest>;

/** Records, with what is needed to judge them. */
export const FetchResponse = response({
  apiKey: 1,
  validVersions: "4-18",
  flexibleVersions: "12+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    /** What is wrong with the session or the whole request; then there are no partitions. */
    errorCode: field("7+", int16, { ignorable: true }),
    /** Session that the broker keeps for this client; 0 when it keeps none. */
    sessionId: field("7+", int32),
    /** Within a session only partitions with news. */
    responses: field(
      "0+",
      array(
        struct("FetchableTopicResponse", {
          /** Says which topic, up to version 12. */
          topic: field("0-12", string, { ignorable: true }),
          /** Says which topic, from version 13 on. */
          topicId: field("13+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                /** Offset up to which all replicas in sync have the log; -1 with an error. */
                highWatermark: field("0+", int64),
                /** Offset up to which no transaction is open; -1 when not told. */
                lastStableOffset: field("4+", int64, { default: -1n, ignorable: true }),
                /** Lowest offset that the partition still holds; -1 when not told. */
                logStartOffset: field("5+", int64, { default: -1n, ignorable: true }),
                /**
                 * Set when the reader's last epoch is not in this log as it believes: the largest epoch not
                 * above that one, and where it ends. Everything from there on has to be read again.
                 */
                divergingEpoch: field(
                  "12+",
                  struct("EpochEndOffset", {
                    epoch: field("12+", int32, { default: -1 }),
                    endOffset: field("12+", int64, { default: -1n }),
                  }),
                  { tag: 0 },
                ),
                /** With NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH, who leads the partition now. */
                currentLeader: field(
                  "12+",
                  struct("LeaderIdAndEpoch", {
                    leaderId: field("12+", int32, { default: -1 }),
                    leaderEpoch: field("12+", int32, { default: -1 }),
                  }),
                  { tag: 1 },
                ),
                /** For controllers: the offset lies before this snapshot, which has to be fetched first. */
                snapshotId: field(
                  "12+",
                  struct("SnapshotId", {
                    endOffset: field("0+", int64, { default: -1n }),
                    epoch: field("0+", int32, { default: -1 }),
                  }),
                  { tag: 2 },
                ),
                /**
                 * Transactions that were aborted among these records: from `firstOffset` on, records of the
                 * producer are dropped up to its next control batch. Null with isolation level 0.
                 */
                abortedTransactions: field(
                  "4+",
                  array(
                    struct("AbortedTransaction", {
                      producerId: field("4+", int64),
                      firstOffset: field("4+", int64),
                    }),
                  ),
                  { nullable: "4+", ignorable: true },
                ),
                /**
                 * Broker from which to read this partition next; -1 to stay. With one, there are no records.
                 */
                preferredReadReplica: field("11+", int32, { default: -1 }),
                /**
                 * Record batches as they lie in the log. The last one may be cut off by a bound, and there
                 * may be none.
                 */
                records: field("0+", records, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
    /** Addresses of the leaders named in `currentLeader`, so that no Metadata request is needed. */
    nodeEndpoints: field(
      "16+",
      array(
        struct("NodeEndpoint", {
          nodeId: field("16+", int32),
          host: field("16+", string),
          port: field("16+", int32),
          rack: field("16+", string, { nullable: "16+", default: null }),
        }),
      ),
      { tag: 0 },
    ),
  },
});
export type FetchResponse = Infer<typeof FetchResponse>;
