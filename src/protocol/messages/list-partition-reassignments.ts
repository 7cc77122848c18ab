import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ListPartitionReassignmentsRequest = request({
  apiKey: 46,
  name: "ListPartitionReassignmentsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    timeoutMs: field("0+", int32, { default: 60000 }),
    topics: field(
      "0+",
      array(
        struct("ListPartitionReassignmentsTopics", {
          name: field("0+", string),
          partitionIndexes: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+", default: null },
    ),
  },
});
export type ListPartitionReassignmentsRequest = Infer<typeof ListPartitionReassignmentsRequest>;

export const ListPartitionReassignmentsResponse = response({
  apiKey: 46,
  name: "ListPartitionReassignmentsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
    topics: field(
      "0+",
      array(
        struct("OngoingTopicReassignment", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("OngoingPartitionReassignment", {
                partitionIndex: field("0+", int32),
                replicas: field("0+", array(int32)),
                addingReplicas: field("0+", array(int32)),
                removingReplicas: field("0+", array(int32)),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ListPartitionReassignmentsResponse = Infer<typeof ListPartitionReassignmentsResponse>;
