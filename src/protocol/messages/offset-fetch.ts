import { bool, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const OffsetFetchRequest = request({
  apiKey: 9,
  name: "OffsetFetchRequest",
  validVersions: "1-10",
  flexibleVersions: "6+",
  fields: {
    groupId: field("0-7", string),
    topics: field(
      "0-7",
      array(
        struct("OffsetFetchRequestTopic", {
          name: field("0-7", string),
          partitionIndexes: field("0-7", array(int32)),
        }),
      ),
      { nullable: "2-7" },
    ),
    groups: field(
      "8+",
      array(
        struct("OffsetFetchRequestGroup", {
          groupId: field("8+", string),
          memberId: field("9+", string, { nullable: "9+", default: null, ignorable: true }),
          memberEpoch: field("9+", int32, { default: -1, ignorable: true }),
          topics: field(
            "8+",
            array(
              struct("OffsetFetchRequestTopics", {
                name: field("8-9", string, { ignorable: true }),
                topicId: field("10+", uuid, { ignorable: true }),
                partitionIndexes: field("8+", array(int32)),
              }),
            ),
            { nullable: "8+" },
          ),
        }),
      ),
    ),
    requireStable: field("7+", bool),
  },
});
export type OffsetFetchRequest = Infer<typeof OffsetFetchRequest>;

export const OffsetFetchResponse = response({
  apiKey: 9,
  name: "OffsetFetchResponse",
  validVersions: "1-10",
  flexibleVersions: "6+",
  fields: {
    throttleTimeMs: field("3+", int32, { ignorable: true }),
    topics: field(
      "0-7",
      array(
        struct("OffsetFetchResponseTopic", {
          name: field("0-7", string),
          partitions: field(
            "0-7",
            array(
              struct("OffsetFetchResponsePartition", {
                partitionIndex: field("0-7", int32),
                committedOffset: field("0-7", int64),
                committedLeaderEpoch: field("5-7", int32, { default: -1, ignorable: true }),
                metadata: field("0-7", string, { nullable: "0-7" }),
                errorCode: field("0-7", int16),
              }),
            ),
          ),
        }),
      ),
    ),
    errorCode: field("2-7", int16, { ignorable: true }),
    groups: field(
      "8+",
      array(
        struct("OffsetFetchResponseGroup", {
          groupId: field("8+", string),
          topics: field(
            "8+",
            array(
              struct("OffsetFetchResponseTopics", {
                name: field("8-9", string, { ignorable: true }),
                topicId: field("10+", uuid, { ignorable: true }),
                partitions: field(
                  "8+",
                  array(
                    struct(
                      "OffsetFetchResponsePartitions",
                      {
                        partitionIndex: field("8+", int32),
                        committedOffset: field("8+", int64),
                        committedLeaderEpoch: field("8+", int32, { default: -1, ignorable: true }),
                        metadata: field("8+", string, { nullable: "8+" }),
                        errorCode: field("8+", int16),
                      },
                      (partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode) => ({
                        partitionIndex,
                        committedOffset,
                        committedLeaderEpoch,
                        metadata,
                        errorCode,
                      }),
                    ),
                  ),
                ),
              }),
            ),
          ),
          errorCode: field("8+", int16),
        }),
      ),
    ),
  },
});
export type OffsetFetchResponse = Infer<typeof OffsetFetchResponse>;
