/**
 * AddOffsetsToTxn, v0-4: the offsets of a group take part in a transaction.
 *
 * - v2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH. v4: TRANSACTION_ABORTABLE, which is never answered here.
 */

import {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from "../../protocol/messages/add-offsets-to-txn.ts";
import { serve } from "../api.ts";
import { errorNumber, Refusal } from "../error-code.ts";
import { checkMayWrite, checkTransactionalId } from "../transactions/check-transactional-id.ts";

const FIRST_VERSION_WITH_FENCED = 2;

export const AddOffsetsToTxn = serve({
  request: AddOffsetsToTxnRequest,
  response: AddOffsetsToTxnResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ transactionalId, producerId, producerEpoch, groupId }, context) => {
    checkMayWrite(transactionalId, context);
    if (!context.allows("READ", "GROUP", groupId)) {
      throw new Refusal("GROUP_AUTHORIZATION_FAILED", "Group authorization failed.");
    }
    if (transactionalId === "") throw new Refusal("INVALID_REQUEST", "The transactional id is empty");
    checkTransactionalId(transactionalId, context);
    const { cluster, version } = context;
    const { topicName: topic, index: partition } = cluster.coordinators.partitionFor("group", groupId);
    const producer = { producerId, producerEpoch };
    const error = cluster.transactions.addPartitions(transactionalId, producer, [{ topic, partition }], 0);
    const isOld = version < FIRST_VERSION_WITH_FENCED && error === "PRODUCER_FENCED";
    return { errorCode: errorNumber(isOld ? "INVALID_PRODUCER_EPOCH" : error) };
  },
});
