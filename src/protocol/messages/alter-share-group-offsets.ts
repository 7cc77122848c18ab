import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AlterShareGroupOffsetsRequest = request({
  apiKey: 91,
  name: "AlterShareGroupOffsetsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("AlterShareGroupOffsetsRequestTopic", {
          topicName: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("AlterShareGroupOffsetsRequestPartition", {
                partitionIndex: field("0+", int32),
                startOffset: field("0+", int64),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterShareGroupOffsetsRequest = Infer<typeof AlterShareGroupOffsetsRequest>;

export const AlterShareGroupOffsetsResponse = response({
  apiKey: 91,
  name: "AlterShareGroupOffsetsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    responses: field(
      "0+",
      array(
        struct("AlterShareGroupOffsetsResponseTopic", {
          topicName: field("0+", string),
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("AlterShareGroupOffsetsResponsePartition", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterShareGroupOffsetsResponse = Infer<typeof AlterShareGroupOffsetsResponse>;
