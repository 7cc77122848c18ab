import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ListTransactionsRequest = request({
  apiKey: 66,
  name: "ListTransactionsRequest",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    stateFilters: field("0+", array(string)),
    producerIdFilters: field("0+", array(int64)),
    durationFilter: field("1+", int64, { default: -1n }),
    transactionalIdPattern: field("2+", string, { nullable: "2+", default: null }),
  },
});
export type ListTransactionsRequest = Infer<typeof ListTransactionsRequest>;

export const ListTransactionsResponse = response({
  apiKey: 66,
  name: "ListTransactionsResponse",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    unknownStateFilters: field("0+", array(string)),
    transactionStates: field(
      "0+",
      array(
        struct("TransactionState", {
          transactionalId: field("0+", string),
          producerId: field("0+", int64),
          transactionState: field("0+", string),
        }),
      ),
    ),
  },
});
export type ListTransactionsResponse = Infer<typeof ListTransactionsResponse>;
