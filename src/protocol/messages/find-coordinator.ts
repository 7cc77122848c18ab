/**
 * FindCoordinator (key 10): which broker coordinates a group, a transactional id or a share partition.
 * Clients send it to any broker before they talk to a coordinator, and again whenever a broker answers that
 * it is not the one. The coordinator is the leader of that partition of an internal topic to which the key
 * hashes, so it moves when that leader does.
 *
 * Versions: 1 adds transactional ids (KIP-98), the throttle time (KIP-124) and error messages; 2 is answered
 * before the throttling (KIP-219); 3 is flexible; 4 takes several keys (KIP-699); 5 may answer
 * TRANSACTION_ABORTABLE (KIP-890); 6 finds share coordinators (KIP-932).
 *
 * Errors of a key:
 *
 * - COORDINATOR_NOT_AVAILABLE: the internal topic is only just being created, or that partition has no
 *   leader. Ask again after a pause.
 * - INVALID_REQUEST: the key of a share partition is malformed, or was sent with a version below 6.
 * - TRANSACTION_ABORTABLE: abort the transaction.
 * - GROUP_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED (for
 *   share partitions, which are the brokers' business): nothing to retry.
 */

import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** One key up to version 3, and from version 4 on any number of one type. */
export const FindCoordinatorRequest = request({
  apiKey: 10,
  validVersions: "0-6",
  flexibleVersions: "3+",
  fields: {
    /** The group id or transactional id, up to version 3; from version 4 on in `coordinatorKeys`. */
    key: field("0-3", string),
    /**
     * What the keys are: 0 group ids, 1 transactional ids, 2 share partitions (from version 6 on). In version
     * 0 always group ids.
     */
    keyType: field("1+", int8),
    /** The keys, from version 4 on. A share partition is written `groupId:topicId:partition`. */
    coordinatorKeys: field("4+", array(string)),
  },
});
export type FindCoordinatorRequest = Infer<typeof FindCoordinatorRequest>;

/**
 * The coordinators and their addresses on the listener that was asked: one in the fields up to version 3, one
 * for each key in `coordinators` from version 4 on.
 */
export const FindCoordinatorResponse = response({
  apiKey: 10,
  validVersions: "0-6",
  flexibleVersions: "3+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0-3", int16),
    /** What is wrong in words for people; null, empty or `NONE` when there is nothing to add. */
    errorMessage: field("1-3", string, { nullable: "1-3", ignorable: true }),
    /** -1 with an error. */
    nodeId: field("0-3", int32),
    host: field("0-3", string),
    port: field("0-3", int32),
    /** In no order that can be relied on; `key` says which is whose. */
    coordinators: field(
      "4+",
      array(
        struct("Coordinator", {
          key: field("4+", string),
          /** -1 with an error. */
          nodeId: field("4+", int32),
          host: field("4+", string),
          port: field("4+", int32),
          errorCode: field("4+", int16),
          errorMessage: field("4+", string, { nullable: "4+", ignorable: true }),
        }),
      ),
    ),
  },
});
export type FindCoordinatorResponse = Infer<typeof FindCoordinatorResponse>;
