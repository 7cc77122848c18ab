import { bool, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

const AddPartitionsToTxnTopic = struct("AddPartitionsToTxnTopic", {
  name: field("0+", string),
  partitions: field("0+", array(int32)),
});

export const AddPartitionsToTxnRequest = request({
  apiKey: 24,
  name: "AddPartitionsToTxnRequest",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    transactions: field(
      "4+",
      array(
        struct("AddPartitionsToTxnTransaction", {
          transactionalId: field("4+", string),
          producerId: field("4+", int64),
          producerEpoch: field("4+", int16),
          verifyOnly: field("4+", bool),
          topics: field("4+", array(AddPartitionsToTxnTopic)),
        }),
      ),
    ),
    v3AndBelowTransactionalId: field("0-3", string),
    v3AndBelowProducerId: field("0-3", int64),
    v3AndBelowProducerEpoch: field("0-3", int16),
    v3AndBelowTopics: field("0-3", array(AddPartitionsToTxnTopic)),
  },
});
export type AddPartitionsToTxnRequest = Infer<typeof AddPartitionsToTxnRequest>;

const AddPartitionsToTxnPartitionResult = struct("AddPartitionsToTxnPartitionResult", {
  partitionIndex: field("0+", int32),
  partitionErrorCode: field("0+", int16),
});

const AddPartitionsToTxnTopicResult = struct("AddPartitionsToTxnTopicResult", {
  name: field("0+", string),
  resultsByPartition: field("0+", array(AddPartitionsToTxnPartitionResult)),
});

export const AddPartitionsToTxnResponse = response({
  apiKey: 24,
  name: "AddPartitionsToTxnResponse",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("4+", int16, { ignorable: true }),
    resultsByTransaction: field(
      "4+",
      array(
        struct("AddPartitionsToTxnResult", {
          transactionalId: field("4+", string),
          topicResults: field("4+", array(AddPartitionsToTxnTopicResult)),
        }),
      ),
    ),
    resultsByTopicV3AndBelow: field("0-3", array(AddPartitionsToTxnTopicResult)),
  },
});
export type AddPartitionsToTxnResponse = Infer<typeof AddPartitionsToTxnResponse>;
