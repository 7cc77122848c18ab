import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeProducersRequest = request({
  apiKey: 61,
  name: "DescribeProducersRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("TopicRequest", {
          name: field("0+", string),
          partitionIndexes: field("0+", array(int32)),
        }),
      ),
    ),
  },
});
export type DescribeProducersRequest = Infer<typeof DescribeProducersRequest>;

export const DescribeProducersResponse = response({
  apiKey: 61,
  name: "DescribeProducersResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    topics: field(
      "0+",
      array(
        struct("TopicResponse", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("PartitionResponse", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                activeProducers: field(
                  "0+",
                  array(
                    struct("ProducerState", {
                      producerId: field("0+", int64),
                      producerEpoch: field("0+", int32),
                      lastSequence: field("0+", int32, { default: -1 }),
                      lastTimestamp: field("0+", int64, { default: -1n }),
                      coordinatorEpoch: field("0+", int32),
                      currentTxnStartOffset: field("0+", int64, { default: -1n }),
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
export type DescribeProducersResponse = Infer<typeof DescribeProducersResponse>;
