import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const InitializeShareGroupStateRequest = request({
  apiKey: 83,
  name: "InitializeShareGroupStateRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("InitializeStateData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
                stateEpoch: field("0+", int32),
                startOffset: field("0+", int64),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type InitializeShareGroupStateRequest = Infer<typeof InitializeShareGroupStateRequest>;

export const InitializeShareGroupStateResponse = response({
  apiKey: 83,
  name: "InitializeShareGroupStateResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("InitializeStateResult", {
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
export type InitializeShareGroupStateResponse = Infer<typeof InitializeShareGroupStateResponse>;
