import { bool, int8, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ShareAcknowledgeRequest = request({
  apiKey: 79,
  name: "ShareAcknowledgeRequest",
  validVersions: "1-2",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string, { nullable: "0+", default: null }),
    memberId: field("0+", string, { nullable: "0+" }),
    shareSessionEpoch: field("0+", int32),
    isRenewAck: field("2+", bool),
    topics: field(
      "0+",
      array(
        struct("AcknowledgeTopic", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("AcknowledgePartition", {
                partitionIndex: field("0+", int32),
                acknowledgementBatches: field(
                  "0+",
                  array(
                    struct("AcknowledgementBatch", {
                      firstOffset: field("0+", int64),
                      lastOffset: field("0+", int64),
                      acknowledgeTypes: field("0+", array(int8)),
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
export type ShareAcknowledgeRequest = Infer<typeof ShareAcknowledgeRequest>;

export const ShareAcknowledgeResponse = response({
  apiKey: 79,
  name: "ShareAcknowledgeResponse",
  validVersions: "1-2",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    acquisitionLockTimeoutMs: field("2+", int32, { ignorable: true }),
    responses: field(
      "0+",
      array(
        struct("ShareAcknowledgeTopicResponse", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                currentLeader: field(
                  "0+",
                  struct("LeaderIdAndEpoch", {
                    leaderId: field("0+", int32),
                    leaderEpoch: field("0+", int32),
                  }),
                ),
              }),
            ),
          ),
        }),
      ),
    ),
    nodeEndpoints: field(
      "0+",
      array(
        struct("NodeEndpoint", {
          nodeId: field("0+", int32),
          host: field("0+", string),
          port: field("0+", int32),
          rack: field("0+", string, { nullable: "0+", default: null }),
        }),
      ),
    ),
  },
});
export type ShareAcknowledgeResponse = Infer<typeof ShareAcknowledgeResponse>;
