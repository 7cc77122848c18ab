import { bool, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const MetadataRequest = request({
  apiKey: 3,
  name: "MetadataRequest",
  validVersions: "0-13",
  flexibleVersions: "9+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("MetadataRequestTopic", {
          topicId: field("10+", uuid, { ignorable: true }),
          name: field("0+", string, { nullable: "10+" }),
        }),
      ),
      { nullable: "1+" },
    ),
    allowAutoTopicCreation: field("4+", bool, { default: true }),
    includeClusterAuthorizedOperations: field("8-10", bool),
    includeTopicAuthorizedOperations: field("8+", bool),
  },
});
export type MetadataRequest = Infer<typeof MetadataRequest>;

export const MetadataResponse = response({
  apiKey: 3,
  name: "MetadataResponse",
  validVersions: "0-13",
  flexibleVersions: "9+",
  fields: {
    throttleTimeMs: field("3+", int32, { ignorable: true }),
    brokers: field(
      "0+",
      array(
        struct("MetadataResponseBroker", {
          nodeId: field("0+", int32),
          host: field("0+", string),
          port: field("0+", int32),
          rack: field("1+", string, { nullable: "1+", default: null, ignorable: true }),
        }),
      ),
    ),
    clusterId: field("2+", string, { nullable: "2+", default: null, ignorable: true }),
    controllerId: field("1+", int32, { default: -1, ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("MetadataResponseTopic", {
          errorCode: field("0+", int16),
          name: field("0+", string, { nullable: "12+" }),
          topicId: field("10+", uuid, { ignorable: true }),
          isInternal: field("1+", bool, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("MetadataResponsePartition", {
                errorCode: field("0+", int16),
                partitionIndex: field("0+", int32),
                leaderId: field("0+", int32),
                leaderEpoch: field("7+", int32, { default: -1, ignorable: true }),
                replicaNodes: field("0+", array(int32)),
                isrNodes: field("0+", array(int32)),
                offlineReplicas: field("5+", array(int32), { ignorable: true }),
              }),
            ),
          ),
          topicAuthorizedOperations: field("8+", int32, { default: -2147483648 }),
        }),
      ),
    ),
    clusterAuthorizedOperations: field("8-10", int32, { default: -2147483648 }),
    errorCode: field("13+", int16, { ignorable: true }),
  },
});
export type MetadataResponse = Infer<typeof MetadataResponse>;
