import { int8, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ReadShareGroupStateRequest = request({
  apiKey: 84,
  name: "ReadShareGroupStateRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("ReadStateData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
                leaderEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ReadShareGroupStateRequest = Infer<typeof ReadShareGroupStateRequest>;

export const ReadShareGroupStateResponse = response({
  apiKey: 84,
  name: "ReadShareGroupStateResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("ReadStateResult", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionResult", {
                partition: field("0+", int32),
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                stateEpoch: field("0+", int32),
                startOffset: field("0+", int64),
                stateBatches: field(
                  "0+",
                  array(
                    struct("StateBatch", {
                      firstOffset: field("0+", int64),
                      lastOffset: field("0+", int64),
                      deliveryState: field("0+", int8),
                      deliveryCount: field("0+", int16),
                    }),
                  ),
                ),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ReadShareGroupStateResponse = Infer<typeof ReadShareGroupStateResponse>;
