import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DeleteShareGroupStateRequest = request({
  apiKey: 86,
  name: "DeleteShareGroupStateRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("DeleteStateData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DeleteShareGroupStateRequest = Infer<typeof DeleteShareGroupStateRequest>;

export const DeleteShareGroupStateResponse = response({
  apiKey: 86,
  name: "DeleteShareGroupStateResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("DeleteStateResult", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionResult", {
                partition: field("0+", int32),
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
export type DeleteShareGroupStateResponse = Infer<typeof DeleteShareGroupStateResponse>;
