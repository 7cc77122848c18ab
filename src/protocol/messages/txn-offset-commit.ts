import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const TxnOffsetCommitRequest = request({
  apiKey: 28,
  name: "TxnOffsetCommitRequest",
  validVersions: "0-6",
  flexibleVersions: "3+",
  fields: {
    transactionalId: field("0+", string),
    groupId: field("0+", string),
    producerId: field("0+", int64),
    producerEpoch: field("0+", int16),
    generationIdOrMemberEpoch: field("3+", int32, { default: -1 }),
    memberId: field("3+", string),
    groupInstanceId: field("3+", string, { nullable: "3+", default: null }),
    topics: field(
      "0+",
      array(
        struct("TxnOffsetCommitRequestTopic", {
          name: field("0-5", string, { ignorable: true }),
          topicId: field("6+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("TxnOffsetCommitRequestPartition", {
                partitionIndex: field("0+", int32),
                committedOffset: field("0+", int64),
                committedLeaderEpoch: field("2+", int32, { default: -1, ignorable: true }),
                committedMetadata: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type TxnOffsetCommitRequest = Infer<typeof TxnOffsetCommitRequest>;

export const TxnOffsetCommitResponse = response({
  apiKey: 28,
  name: "TxnOffsetCommitResponse",
  validVersions: "0-6",
  flexibleVersions: "3+",
  fields: {
    throttleTimeMs: field("0+", int32),
    topics: field(
      "0+",
      array(
        struct("TxnOffsetCommitResponseTopic", {
          name: field("0-5", string, { ignorable: true }),
          topicId: field("6+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("TxnOffsetCommitResponsePartition", {
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
export type TxnOffsetCommitResponse = Infer<typeof TxnOffsetCommitResponse>;
