import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ElectLeadersRequest = request({
  apiKey: 43,
  name: "ElectLeadersRequest",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    electionType: field("1+", int8),
    topicPartitions: field(
      "0+",
      array(
        struct("TopicPartitions", {
          topic: field("0+", string),
          partitions: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+" },
    ),
    timeoutMs: field("0+", int32, { default: 60000 }),
  },
});
export type ElectLeadersRequest = Infer<typeof ElectLeadersRequest>;

export const ElectLeadersResponse = response({
  apiKey: 43,
  name: "ElectLeadersResponse",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("1+", int16),
    replicaElectionResults: field(
      "0+",
      array(
        struct("ReplicaElectionResult", {
          topic: field("0+", string),
          partitionResult: field(
            "0+",
            array(
              struct("PartitionResult", {
                partitionId: field("0+", int32),
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
export type ElectLeadersResponse = Infer<typeof ElectLeadersResponse>;
