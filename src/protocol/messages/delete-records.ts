import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DeleteRecordsRequest = request({
  apiKey: 21,
  name: "DeleteRecordsRequest",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("DeleteRecordsTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("DeleteRecordsPartition", {
                partitionIndex: field("0+", int32),
                offset: field("0+", int64),
              }),
            ),
          ),
        }),
      ),
    ),
    timeoutMs: field("0+", int32),
  },
});
export type DeleteRecordsRequest = Infer<typeof DeleteRecordsRequest>;

export const DeleteRecordsResponse = response({
  apiKey: 21,
  name: "DeleteRecordsResponse",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    topics: field(
      "0+",
      array(
        struct("DeleteRecordsTopicResult", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("DeleteRecordsPartitionResult", {
                partitionIndex: field("0+", int32),
                lowWatermark: field("0+", int64),
                errorCode: field("0+", int16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DeleteRecordsResponse = Infer<typeof DeleteRecordsResponse>;
