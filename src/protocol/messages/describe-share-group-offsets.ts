import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeShareGroupOffsetsRequest = request({
  apiKey: 90,
  name: "DescribeShareGroupOffsetsRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groups: field(
      "0+",
      array(
        struct("DescribeShareGroupOffsetsRequestGroup", {
          groupId: field("0+", string),
          topics: field(
            "0+",
            array(
              struct("DescribeShareGroupOffsetsRequestTopic", {
                topicName: field("0+", string),
                partitions: field("0+", array(int32)),
              }),
            ),
            { nullable: "0+" },
          ),
        }),
      ),
    ),
  },
});
export type DescribeShareGroupOffsetsRequest = Infer<typeof DescribeShareGroupOffsetsRequest>;

export const DescribeShareGroupOffsetsResponse = response({
  apiKey: 90,
  name: "DescribeShareGroupOffsetsResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    groups: field(
      "0+",
      array(
        struct("DescribeShareGroupOffsetsResponseGroup", {
          groupId: field("0+", string),
          topics: field(
            "0+",
            array(
              struct("DescribeShareGroupOffsetsResponseTopic", {
                topicName: field("0+", string),
                topicId: field("0+", uuid),
                partitions: field(
                  "0+",
                  array(
                    struct("DescribeShareGroupOffsetsResponsePartition", {
                      partitionIndex: field("0+", int32),
                      startOffset: field("0+", int64),
                      leaderEpoch: field("0+", int32),
                      lag: field("1+", int64, { default: -1n, ignorable: true }),
                      errorCode: field("0+", int16),
                      errorMessage: field("0+", string, { nullable: "0+", default: null }),
                    }),
                  ),
                ),
              }),
            ),
          ),
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
        }),
      ),
    ),
  },
});
export type DescribeShareGroupOffsetsResponse = Infer<typeof DescribeShareGroupOffsetsResponse>;
