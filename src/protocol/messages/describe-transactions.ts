import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeTransactionsRequest = request({
  apiKey: 65,
  name: "DescribeTransactionsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    transactionalIds: field("0+", array(string)),
  },
});
export type DescribeTransactionsRequest = Infer<typeof DescribeTransactionsRequest>;

export const DescribeTransactionsResponse = response({
  apiKey: 65,
  name: "DescribeTransactionsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    transactionStates: field(
      "0+",
      array(
        struct("TransactionState", {
          errorCode: field("0+", int16),
          transactionalId: field("0+", string),
          transactionState: field("0+", string),
          transactionTimeoutMs: field("0+", int32),
          transactionStartTimeMs: field("0+", int64),
          producerId: field("0+", int64),
          producerEpoch: field("0+", int16),
          topics: field(
            "0+",
            array(
              struct("TopicData", {
                topic: field("0+", string),
                partitions: field("0+", array(int32)),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DescribeTransactionsResponse = Infer<typeof DescribeTransactionsResponse>;
