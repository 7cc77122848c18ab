import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const OffsetCommitRequest = request({
  apiKey: 8,
  name: "OffsetCommitRequest",
  validVersions: "2-10",
  flexibleVersions: "8+",
  fields: {
    groupId: field("0+", string),
    generationIdOrMemberEpoch: field("1+", int32, { default: -1, ignorable: true }),
    memberId: field("1+", string, { ignorable: true }),
    groupInstanceId: field("7+", string, { nullable: "7+", default: null }),
    retentionTimeMs: field("2-4", int64, { default: -1n, ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetCommitRequestTopic", {
          name: field("0-9", string, { ignorable: true }),
          topicId: field("10+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("OffsetCommitRequestPartition", {
                partitionIndex: field("0+", int32),
                committedOffset: field("0+", int64),
                committedLeaderEpoch: field("6+", int32, { default: -1, ignorable: true }),
                committedMetadata: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetCommitRequest = Infer<typeof OffsetCommitRequest>;

export const OffsetCommitResponse = response({
  apiKey: 8,
  name: "OffsetCommitResponse",
  validVersions: "2-10",
  flexibleVersions: "8+",
  fields: {
    throttleTimeMs: field("3+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetCommitResponseTopic", {
          name: field("0-9", string, { ignorable: true }),
          topicId: field("10+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("OffsetCommitResponsePartition", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetCommitResponse = Infer<typeof OffsetCommitResponse>;
