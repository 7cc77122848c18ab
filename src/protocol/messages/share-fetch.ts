import { bool, int8, int16, int32, int64, records, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ShareFetchRequest = request({
  apiKey: 78,
  name: "ShareFetchRequest",
  validVersions: "1-2",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string, { nullable: "0+", default: null }),
    memberId: field("0+", string, { nullable: "0+" }),
    shareSessionEpoch: field("0+", int32),
    maxWaitMs: field("0+", int32),
    minBytes: field("0+", int32),
    maxBytes: field("0+", int32, { default: 0x7fff_ffff }),
    maxRecords: field("1+", int32),
    batchSize: field("1+", int32),
    shareAcquireMode: field("2+", int8, { ignorable: true }),
    isRenewAck: field("2+", bool),
    topics: field(
      "0+",
      array(
        struct("FetchTopic", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("FetchPartition", {
                partitionIndex: field("0+", int32),
                partitionMaxBytes: field("0", int32),
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
    forgottenTopicsData: field(
      "0+",
      array(
        struct("ForgottenTopic", {
          topicId: field("0+", uuid),
          partitions: field("0+", array(int32)),
        }),
      ),
    ),
  },
});
export type ShareFetchRequest = Infer<typeof ShareFetchRequest>;

export const ShareFetchResponse = response({
  apiKey: 78,
  name: "ShareFetchResponse",
  validVersions: "1-2",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    acquisitionLockTimeoutMs: field("1+", int32),
    responses: field(
      "0+",
      array(
        struct("ShareFetchableTopicResponse", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                acknowledgeErrorCode: field("0+", int16),
                acknowledgeErrorMessage: field("0+", string, { nullable: "0+", default: null }),
                currentLeader: field(
                  "0+",
                  struct("LeaderIdAndEpoch", {
                    leaderId: field("0+", int32),
                    leaderEpoch: field("0+", int32),
                  }),
                ),
                records: field("0+", records, { nullable: "0" }),
                acquiredRecords: field(
                  "0+",
                  array(
                    struct("AcquiredRecords", {
                      firstOffset: field("0+", int64),
                      lastOffset: field("0+", int64),
                      deliveryCount: field("0+", int16),
                    }),
                  ),
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
export type ShareFetchResponse = Infer<typeof ShareFetchResponse>;
