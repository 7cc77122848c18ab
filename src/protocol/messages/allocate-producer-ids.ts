/**
 * AllocateProducerIds (key 67, KIP-730): reserves a block of producer ids, from which a broker answers
 * InitProducerId. Brokers send it to the controller.
 *
 * Errors: STALE_BROKER_EPOCH and BROKER_ID_NOT_REGISTERED, when the controller does not know this life of the
 * broker (yet), and NOT_CONTROLLER, are tried again. CLUSTER_AUTHORIZATION_FAILED is for who may not act as a
 * broker.
 */

import { int16, int32, int64 } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** Asks for the next block. */
export const AllocateProducerIdsRequest = request({
  apiKey: 67,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    /** Epoch that the controller gave to the broker when it registered. */
    brokerEpoch: field("0+", int64, { default: -1n }),
  },
});
export type AllocateProducerIdsRequest = Infer<typeof AllocateProducerIdsRequest>;

/** A block that nobody else gets. */
export const AllocateProducerIdsResponse = response({
  apiKey: 67,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** First id of the block. */
    producerIdStart: field("0+", int64),
    /** How many ids there are, counted upwards from the first. */
    producerIdLen: field("0+", int32),
  },
});
export type AllocateProducerIdsResponse = Infer<typeof AllocateProducerIdsResponse>;
