import { int8, int16, int32, int64, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AlterPartitionRequest = request({
  apiKey: 56,
  name: "AlterPartitionRequest",
  validVersions: "2-3",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    brokerEpoch: field("0+", int64, { default: -1n }),
    topics: field(
      "0+",
      array(
        struct("TopicData", {
          topicId: field("2+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                leaderEpoch: field("0+", int32),
                newIsr: field("0-2", array(int32)),
                newIsrWithEpochs: field(
                  "3+",
                  array(
                    struct("BrokerState", {
                      brokerId: field("3+", int32),
                      brokerEpoch: field("3+", int64, { default: -1n }),
                    }),
                  ),
                ),
                leaderRecoveryState: field("1+", int8),
                partitionEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterPartitionRequest = Infer<typeof AlterPartitionRequest>;

export const AlterPartitionResponse = response({
  apiKey: 56,
  name: "AlterPartitionResponse",
  validVersions: "2-3",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    topics: field(
      "0+",
      array(
        struct("TopicData", {
          topicId: field("2+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                leaderId: field("0+", int32),
                leaderEpoch: field("0+", int32),
                isr: field("0+", array(int32)),
                leaderRecoveryState: field("1+", int8, { ignorable: true }),
                partitionEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterPartitionResponse = Infer<typeof AlterPartitionResponse>;
