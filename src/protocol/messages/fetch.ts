import { int8, int16, int32, int64, records, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const FetchRequest = request({
  apiKey: 1,
  name: "FetchRequest",
  validVersions: "4-18",
  flexibleVersions: "12+",
  fields: {
    clusterId: field("12+", string, { nullable: "12+", default: null, tag: 0, ignorable: true }),
    replicaId: field("0-14", int32, { default: -1 }),
    replicaState: field(
      "15+",
      struct("ReplicaState", {
        replicaId: field("15+", int32, { default: -1 }),
        replicaEpoch: field("15+", int64, { default: -1n }),
      }),
      { tag: 1 },
    ),
    maxWaitMs: field("0+", int32),
    minBytes: field("0+", int32),
    maxBytes: field("3+", int32, { default: 0x7fff_ffff, ignorable: true }),
    isolationLevel: field("4+", int8, { ignorable: true }),
    sessionId: field("7+", int32, { ignorable: true }),
    sessionEpoch: field("7+", int32, { default: -1, ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("FetchTopic", {
          topic: field("0-12", string, { ignorable: true }),
          topicId: field("13+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("FetchPartition", {
                partition: field("0+", int32),
                currentLeaderEpoch: field("9+", int32, { default: -1, ignorable: true }),
                fetchOffset: field("0+", int64),
                lastFetchedEpoch: field("12+", int32, { default: -1 }),
                logStartOffset: field("5+", int64, { default: -1n, ignorable: true }),
                partitionMaxBytes: field("0+", int32),
                replicaDirectoryId: field("17+", uuid, { tag: 0, ignorable: true }),
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
    forgottenTopicsData: field(
      "7+",
      array(
        struct("ForgottenTopic", {
          topic: field("7-12", string, { ignorable: true }),
          topicId: field("13+", uuid, { ignorable: true }),
          partitions: field("7+", array(int32)),
        }),
      ),
    ),
    rackId: field("11+", string, { ignorable: true }),
  },
});
export type FetchRequest = Infer<typeof FetchRequest>;

export const FetchResponse = response({
  apiKey: 1,
  name: "FetchResponse",
  validVersions: "4-18",
  flexibleVersions: "12+",
  fields: {
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("7+", int16, { ignorable: true }),
    sessionId: field("7+", int32),
    responses: field(
      "0+",
      array(
        struct("FetchableTopicResponse", {
          topic: field("0-12", string, { ignorable: true }),
          topicId: field("13+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                highWatermark: field("0+", int64),
                lastStableOffset: field("4+", int64, { default: -1n, ignorable: true }),
                logStartOffset: field("5+", int64, { default: -1n, ignorable: true }),
                divergingEpoch: field(
                  "12+",
                  struct("EpochEndOffset", {
                    epoch: field("12+", int32, { default: -1 }),
                    endOffset: field("12+", int64, { default: -1n }),
                  }),
                  { tag: 0 },
                ),
                currentLeader: field(
                  "12+",
                  struct("LeaderIdAndEpoch", {
                    leaderId: field("12+", int32, { default: -1 }),
                    leaderEpoch: field("12+", int32, { default: -1 }),
                  }),
                  { tag: 1 },
                ),
                snapshotId: field(
                  "12+",
                  struct("SnapshotId", {
                    endOffset: field("0+", int64, { default: -1n }),
                    epoch: field("0+", int32, { default: -1 }),
                  }),
                  { tag: 2 },
                ),
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
                preferredReadReplica: field("11+", int32, { default: -1 }),
                records: field("0+", records, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
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
