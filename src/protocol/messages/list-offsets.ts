import { int8, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ListOffsetsRequest = request({
  apiKey: 2,
  name: "ListOffsetsRequest",
  validVersions: "1-11",
  flexibleVersions: "6+",
  fields: {
    replicaId: field("0+", int32),
    isolationLevel: field("2+", int8),
    topics: field(
      "0+",
      array(
        struct("ListOffsetsTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("ListOffsetsPartition", {
                partitionIndex: field("0+", int32),
                currentLeaderEpoch: field("4+", int32, { default: -1, ignorable: true }),
                timestamp: field("0+", int64),
              }),
            ),
          ),
        }),
      ),
    ),
    timeoutMs: field("10+", int32, { ignorable: true }),
  },
});
export type ListOffsetsRequest = Infer<typeof ListOffsetsRequest>;

export const ListOffsetsResponse = response({
  apiKey: 2,
  name: "ListOffsetsResponse",
  validVersions: "1-11",
  flexibleVersions: "6+",
  fields: {
    throttleTimeMs: field("2+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("ListOffsetsTopicResponse", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("ListOffsetsPartitionResponse", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                timestamp: field("1+", int64, { default: -1n }),
                offset: field("1+", int64, { default: -1n }),
                leaderEpoch: field("4+", int32, { default: -1 }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ListOffsetsResponse = Infer<typeof ListOffsetsResponse>;
