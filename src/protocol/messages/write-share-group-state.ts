import { int8, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const WriteShareGroupStateRequest = request({
  apiKey: 85,
  name: "WriteShareGroupStateRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("WriteStateData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
                stateEpoch: field("0+", int32),
                leaderEpoch: field("0+", int32),
                startOffset: field("0+", int64),
                deliveryCompleteCount: field("1+", int32, { default: -1, ignorable: true }),
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
export type WriteShareGroupStateRequest = Infer<typeof WriteShareGroupStateRequest>;

export const WriteShareGroupStateResponse = response({
  apiKey: 85,
  name: "WriteShareGroupStateResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("WriteStateResult", {
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
export type WriteShareGroupStateResponse = Infer<typeof WriteShareGroupStateResponse>;
