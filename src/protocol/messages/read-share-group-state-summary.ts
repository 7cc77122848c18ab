import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ReadShareGroupStateSummaryRequest = request({
  apiKey: 87,
  name: "ReadShareGroupStateSummaryRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("ReadStateSummaryData", {
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
export type ReadShareGroupStateSummaryRequest = Infer<typeof ReadShareGroupStateSummaryRequest>;

export const ReadShareGroupStateSummaryResponse = response({
  apiKey: 87,
  name: "ReadShareGroupStateSummaryResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("ReadStateSummaryResult", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionResult", {
                partition: field("0+", int32),
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                stateEpoch: field("0+", int32),
                leaderEpoch: field("0+", int32),
                startOffset: field("0+", int64),
                deliveryCompleteCount: field("1+", int32, { default: -1, ignorable: true }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ReadShareGroupStateSummaryResponse = Infer<typeof ReadShareGroupStateSummaryResponse>;
