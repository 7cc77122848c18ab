import { bool, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AlterPartitionReassignmentsRequest = request({
  apiKey: 45,
  name: "AlterPartitionReassignmentsRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    timeoutMs: field("0+", int32, { default: 60000 }),
    allowReplicationFactorChange: field("1+", bool, { default: true }),
    topics: field(
      "0+",
      array(
        struct("ReassignableTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("ReassignablePartition", {
                partitionIndex: field("0+", int32),
                replicas: field("0+", array(int32), { nullable: "0+", default: null }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterPartitionReassignmentsRequest = Infer<typeof AlterPartitionReassignmentsRequest>;

export const AlterPartitionReassignmentsResponse = response({
  apiKey: 45,
  name: "AlterPartitionReassignmentsResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    allowReplicationFactorChange: field("1+", bool, { default: true, ignorable: true }),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
    responses: field(
      "0+",
      array(
        struct("ReassignableTopicResponse", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("ReassignablePartitionResponse", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterPartitionReassignmentsResponse = Infer<typeof AlterPartitionReassignmentsResponse>;
