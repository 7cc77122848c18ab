import { int16, int32, int64, records, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const FetchSnapshotRequest = request({
  apiKey: 59,
  name: "FetchSnapshotRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    clusterId: field("0+", string, { nullable: "0+", default: null, tag: 0 }),
    replicaId: field("0+", int32, { default: -1 }),
    maxBytes: field("0+", int32, { default: 0x7fff_ffff }),
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
                currentLeaderEpoch: field("0+", int32),
                snapshotId: field(
                  "0+",
                  struct("SnapshotId", {
                    endOffset: field("0+", int64),
                    epoch: field("0+", int32),
                  }),
                ),
                position: field("0+", int64),
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

export const FetchSnapshotResponse = response({
  apiKey: 59,
  name: "FetchSnapshotResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32, { ignorable: true }),
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
                currentLeader: field(
                  "0+",
                  struct("LeaderIdAndEpoch", {
                    leaderId: field("0+", int32),
                    leaderEpoch: field("0+", int32),
                  }),
                  { tag: 0 },
                ),
                size: field("0+", int64),
                position: field("0+", int64),
                unalignedRecords: field("0+", records),
              }),
            ),
          ),
        }),
      ),
    ),
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
