import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const OffsetForLeaderEpochRequest = request({
  apiKey: 23,
  name: "OffsetForLeaderEpochRequest",
  validVersions: "2-4",
  flexibleVersions: "4+",
  fields: {
    replicaId: field("3+", int32, { default: -2, ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetForLeaderTopic", {
          topic: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("OffsetForLeaderPartition", {
                partition: field("0+", int32),
                currentLeaderEpoch: field("2+", int32, { default: -1, ignorable: true }),
                leaderEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetForLeaderEpochRequest = Infer<typeof OffsetForLeaderEpochRequest>;

export const OffsetForLeaderEpochResponse = response({
  apiKey: 23,
  name: "OffsetForLeaderEpochResponse",
  validVersions: "2-4",
  flexibleVersions: "4+",
  fields: {
    throttleTimeMs: field("2+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetForLeaderTopicResult", {
          topic: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("EpochEndOffset", {
                errorCode: field("0+", int16),
                partition: field("0+", int32),
                leaderEpoch: field("1+", int32, { default: -1, ignorable: true }),
                endOffset: field("0+", int64, { default: -1n }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetForLeaderEpochResponse = Infer<typeof OffsetForLeaderEpochResponse>;
