import { bool, int8, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const WriteTxnMarkersRequest = request({
  apiKey: 27,
  name: "WriteTxnMarkersRequest",
  validVersions: "1-2",
  flexibleVersions: "1+",
  fields: {
    markers: field(
      "0+",
      array(
        struct("WritableTxnMarker", {
          producerId: field("0+", int64),
          producerEpoch: field("0+", int16),
          transactionResult: field("0+", bool),
          topics: field(
            "0+",
            array(
              struct("WritableTxnMarkerTopic", {
                name: field("0+", string),
                partitionIndexes: field("0+", array(int32)),
              }),
            ),
          ),
          coordinatorEpoch: field("0+", int32),
          transactionVersion: field("2+", int8, { ignorable: true }),
        }),
      ),
    ),
  },
});
export type WriteTxnMarkersRequest = Infer<typeof WriteTxnMarkersRequest>;

export const WriteTxnMarkersResponse = response({
  apiKey: 27,
  name: "WriteTxnMarkersResponse",
  validVersions: "1-2",
  flexibleVersions: "1+",
  fields: {
    markers: field(
      "0+",
      array(
        struct("WritableTxnMarkerResult", {
          producerId: field("0+", int64),
          topics: field(
            "0+",
            array(
              struct("WritableTxnMarkerTopicResult", {
                name: field("0+", string),
                partitions: field(
                  "0+",
                  array(
                    struct("WritableTxnMarkerPartitionResult", {
                      partitionIndex: field("0+", int32),
                      errorCode: field("0+", int16),
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
export type WriteTxnMarkersResponse = Infer<typeof WriteTxnMarkersResponse>;
