import { int16, int32, int64, records, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ProduceRequest = request({
  apiKey: 0,
  name: "ProduceRequest",
  validVersions: "3-13",
  flexibleVersions: "9+",
  fields: {
    transactionalId: field("3+", string, { nullable: "3+", default: null }),
    acks: field("0+", int16),
    timeoutMs: field("0+", int32),
    topicData: field(
      "0+",
      array(
        struct("TopicProduceData", {
          name: field("0-12", string, { ignorable: true }),
          topicId: field("13+", uuid, { ignorable: true }),
          partitionData: field(
            "0+",
            array(
              struct("PartitionProduceData", {
                index: field("0+", int32),
                records: field("0+", records, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ProduceRequest = Infer<typeof ProduceRequest>;

export const ProduceResponse = response({
  apiKey: 0,
  name: "ProduceResponse",
  validVersions: "3-13",
  flexibleVersions: "9+",
  fields: {
    responses: field(
      "0+",
      array(
        struct("TopicProduceResponse", {
          name: field("0-12", string, { ignorable: true }),
          topicId: field("13+", uuid, { ignorable: true }),
          partitionResponses: field(
            "0+",
            array(
              struct("PartitionProduceResponse", {
                index: field("0+", int32),
                errorCode: field("0+", int16),
                baseOffset: field("0+", int64),
                logAppendTimeMs: field("2+", int64, { default: -1n, ignorable: true }),
                logStartOffset: field("5+", int64, { default: -1n, ignorable: true }),
                recordErrors: field(
                  "8+",
                  array(
                    struct("BatchIndexAndErrorMessage", {
                      batchIndex: field("8+", int32),
                      batchIndexErrorMessage: field("8+", string, { nullable: "8+", default: null }),
                    }),
                  ),
                  { ignorable: true },
                ),
                errorMessage: field("8+", string, { nullable: "8+", default: null, ignorable: true }),
                currentLeader: field(
                  "10+",
                  struct("LeaderIdAndEpoch", {
                    leaderId: field("10+", int32, { default: -1 }),
                    leaderEpoch: field("10+", int32, { default: -1 }),
                  }),
                  { tag: 0 },
                ),
              }),
            ),
          ),
        }),
      ),
    ),
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    nodeEndpoints: field(
      "10+",
      array(
        struct("NodeEndpoint", {
          nodeId: field("10+", int32),
          host: field("10+", string),
          port: field("10+", int32),
          rack: field("10+", string, { nullable: "10+", default: null }),
        }),
      ),
      { tag: 0 },
    ),
  },
});
export type ProduceResponse = Infer<typeof ProduceResponse>;
