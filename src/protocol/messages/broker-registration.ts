/**
 * BrokerRegistration (key 62, KIP-631): a broker joins the cluster. Sent by brokers to the active controller
 * when they start; until they then catch up and heartbeat, they are fenced.
 *
 * Versions: 1 was for the migration from ZooKeeper (KIP-866); 2 adds log directories (KIP-858); 3 the epoch
 * before (KIP-966); 4 allows features whose lowest level is 0.
 *
 * Errors: NOT_CONTROLLER: find the active controller and send it there. DUPLICATE_BROKER_REGISTRATION:
 * another broker of that id is alive; right after a crash, try again until its session is over.
 * INCONSISTENT_CLUSTER_ID: the broker's disks belong to another cluster. UNSUPPORTED_VERSION: the broker does
 * not support a feature's level of this cluster. INVALID_REGISTRATION: it has no log directories, or their
 * ids come twice or belong to another broker. BROKER_ID_NOT_REGISTERED: a broker that still works with
 * ZooKeeper. CLUSTER_AUTHORIZATION_FAILED: brokers lack CLUSTER_ACTION.
 */

import { bool, int16, int32, int64, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** What the cluster has to know about a broker. */
export const BrokerRegistrationRequest = request({
  apiKey: 62,
  validVersions: "0-4",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    clusterId: field("0+", string),
    /** Made anew each time the process starts. */
    incarnationId: field("0+", uuid),
    /** Where clients and brokers reach it. */
    listeners: field(
      "0+",
      array(
        struct("Listener", {
          /** Name of the listener, such as `PLAINTEXT` or `INTERNAL`. */
          name: field("0+", string),
          host: field("0+", string),
          port: field("0+", uint16),
          /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
          securityProtocol: field("0+", int16),
        }),
      ),
    ),
    /**
     * Levels that the broker supports; those in force in the cluster have to be among them. Up to version 3,
     * features that may have level 0 are left out.
     */
    features: field(
      "0+",
      array(
        struct("Feature", {
          name: field("0+", string),
          minSupportedVersion: field("0+", int16),
          maxSupportedVersion: field("0+", int16),
        }),
      ),
    ),
    /** Value of `broker.rack`; null where it has none. */
    rack: field("0+", string, { nullable: "0+" }),
    /** Whether it still works with ZooKeeper; Kafka 4 refuses those. */
    isMigratingZkBroker: field("1+", bool),
    /** Ids of the log directories that work. */
    logDirs: field("2+", array(uuid), { ignorable: true }),
    /**
     * The broker's epoch before it last shut down cleanly; -1 if it did not or is new, so that it may have
     * lost records.
     */
    previousBrokerEpoch: field("3+", int64, { default: -1n, ignorable: true }),
  },
});
export type BrokerRegistrationRequest = Infer<typeof BrokerRegistrationRequest>;

/** The broker's new epoch. */
export const BrokerRegistrationResponse = response({
  apiKey: 62,
  validVersions: "0-4",
  flexibleVersions: "0+",
  fields: {
    /** How long the controller mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** Goes with all that the broker sends to the controller from now on; -1 with an error. */
    brokerEpoch: field("0+", int64, { default: -1n }),
  },
});
export type BrokerRegistrationResponse = Infer<typeof BrokerRegistrationResponse>;
