import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const OffsetDeleteRequest = request({
  apiKey: 47,
  name: "OffsetDeleteRequest",
  validVersions: "0",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("OffsetDeleteRequestTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("OffsetDeleteRequestPartition", {
                partitionIndex: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetDeleteRequest = Infer<typeof OffsetDeleteRequest>;

export const OffsetDeleteResponse = response({
  apiKey: 47,
  name: "OffsetDeleteResponse",
  validVersions: "0",
  fields: {
    errorCode: field("0+", int16),
    throttleTimeMs: field("0+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetDeleteResponseTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("OffsetDeleteResponsePartition", {
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
export type OffsetDeleteResponse = Infer<typeof OffsetDeleteResponse>;
