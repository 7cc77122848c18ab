import { bool, int8, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const CreateTopicsRequest = request({
  apiKey: 19,
  name: "CreateTopicsRequest",
  validVersions: "2-7",
  flexibleVersions: "5+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("CreatableTopic", {
          name: field("0+", string),
          numPartitions: field("0+", int32),
          replicationFactor: field("0+", int16),
          assignments: field(
            "0+",
            array(
              struct("CreatableReplicaAssignment", {
                partitionIndex: field("0+", int32),
                brokerIds: field("0+", array(int32)),
              }),
            ),
          ),
          configs: field(
            "0+",
            array(
              struct("CreatableTopicConfig", {
                name: field("0+", string),
                value: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
    timeoutMs: field("0+", int32, { default: 60000 }),
    validateOnly: field("1+", bool),
  },
});
export type CreateTopicsRequest = Infer<typeof CreateTopicsRequest>;

export const CreateTopicsResponse = response({
  apiKey: 19,
  name: "CreateTopicsResponse",
  validVersions: "2-7",
  flexibleVersions: "5+",
  fields: {
    throttleTimeMs: field("2+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("CreatableTopicResult", {
          name: field("0+", string),
          topicId: field("7+", uuid, { ignorable: true }),
          errorCode: field("0+", int16),
          errorMessage: field("1+", string, { nullable: "0+", ignorable: true }),
          topicConfigErrorCode: field("5+", int16, { tag: 0, ignorable: true }),
          numPartitions: field("5+", int32, { default: -1, ignorable: true }),
          replicationFactor: field("5+", int16, { default: -1, ignorable: true }),
          configs: field(
            "5+",
            array(
              struct("CreatableTopicConfigs", {
                name: field("5+", string),
                value: field("5+", string, { nullable: "5+" }),
                readOnly: field("5+", bool),
                configSource: field("5+", int8, { default: -1, ignorable: true }),
                isSensitive: field("5+", bool),
              }),
            ),
            { nullable: "5+", ignorable: true },
          ),
        }),
      ),
    ),
  },
});
export type CreateTopicsResponse = Infer<typeof CreateTopicsResponse>;
