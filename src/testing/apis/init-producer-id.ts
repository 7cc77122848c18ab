/**
 * InitProducerId, v0-5: a producer id for an idempotent producer.
 *
 * - Without transactional id: an id that nobody has, epoch 0, whatever the request says of an earlier one.
 * - With a transactional id: not served yet (COORDINATOR_NOT_AVAILABLE).
 */

import { InitProducerIdRequest, InitProducerIdResponse } from "../../protocol/messages/init-producer-id.ts";
import { serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

export const InitProducerId = serve({
  request: InitProducerIdRequest,
  response: InitProducerIdResponse,
  refuse: (_request, errorCode) => ({ errorCode, producerId: -1n, producerEpoch: -1 }),
  handle: ({ transactionalId }, context) => {
    if (transactionalId !== null) {
      throw new Refusal("COORDINATOR_NOT_AVAILABLE", "Transactions are not served here");
    }
    if (!context.allows("IDEMPOTENT_WRITE", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    return { errorCode: NONE, producerId: context.cluster.newProducerId(), producerEpoch: 0 };
  },
});
