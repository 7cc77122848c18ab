/**
 * BrokerHeartbeat (key 63, KIP-631): keeps a broker's registration alive, and asks to be fenced, unfenced or
 * allowed to shut down. Sent by brokers to the active controller every `broker.heartbeat.interval.ms`; one
 * that is silent for `broker.session.timeout.ms` is fenced and leads no partition.
 *
 * Versions: 1 tells which log directories failed (KIP-858); 2 which are cordoned (KIP-1066).
 *
 * Errors: NOT_CONTROLLER: find the active controller and send it there. STALE_BROKER_EPOCH: the broker is not
 * registered, or was registered again since. CLUSTER_AUTHORIZATION_FAILED: brokers lack CLUSTER_ACTION.
 */

import { bool, int16, int32, int64, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response } from "../schema.ts";

/** The broker's state, and what it wants. */
export const BrokerHeartbeatRequest = request({
  apiKey: 63,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    /** The epoch that it got when it registered. */
    brokerEpoch: field("0+", int64, { default: -1n }),
    /** How far it has got with the cluster's metadata. */
    currentMetadataOffset: field("0+", int64),
    /** Wants to be, or to stay, fenced: to lead nothing and serve no client. */
    wantFence: field("0+", bool),
    /** Wants its leaderships moved away, and then to shut down. */
    wantShutDown: field("0+", bool),
    /** Log directories that have failed. */
    offlineLogDirs: field("1+", array(uuid), { tag: 0 }),
    /**
     * Log directories that are to get no new replicas; null while a starting broker has not caught up yet.
     */
    cordonedLogDirs: field("2+", array(uuid), { nullable: "2+", default: null, tag: 1 }),
  },
});
export type BrokerHeartbeatRequest = Infer<typeof BrokerHeartbeatRequest>;

/** The broker's state according to the controller. */
export const BrokerHeartbeatResponse = response({
  apiKey: 63,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** How long the controller mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** Whether its metadata goes at least as far as its own registration. */
    isCaughtUp: field("0+", bool),
    isFenced: field("0+", bool, { default: true }),
    /** Whether it may shut down now. */
    shouldShutDown: field("0+", bool),
  },
});
export type BrokerHeartbeatResponse = Infer<typeof BrokerHeartbeatResponse>;
