/**
 * AddRaftVoter (key 80, KIP-853): makes a controller that follows the quorum a voter in it. Admin clients
 * send it to any broker, which forwards it to the active controller, or to that controller; a controller may
 * send it for itself.
 *
 * Versions: 1 can be answered before the change is committed, for controllers that join by themselves
 * (KIP-1186).
 *
 * Errors:
 *
 * - DUPLICATE_VOTER: a voter has that id. After a retry that may be one's own first attempt; a voter whose
 *   disk was replaced has to be removed first.
 * - REQUEST_TIMED_OUT: another change is going on, the controller lags behind or does not answer, or the
 *   change was not committed in time. Send it again after a look at the quorum.
 * - NOT_LEADER_OR_FOLLOWER, BROKER_NOT_AVAILABLE: that controller is not active, or shuts down. Send it
 *   again, to the active one.
 * - UNSUPPORTED_VERSION: the cluster's `kraft.version` is 0, where voters are fixed by configuration. Raise
 *   the feature.
 * - INVALID_REQUEST: the id, the directory or the address on the controllers' listener is missing, or the new
 *   voter does not support the cluster's `kraft.version`.
 * - INCONSISTENT_CLUSTER_ID: that is another cluster.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal lacks ALTER on the cluster. Nothing to retry.
 */

import { bool, int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** The controller that is to vote. */
export const AddRaftVoterRequest = request({
  apiKey: 80,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** Null not to check. */
    clusterId: field("0+", string, { nullable: "0+" }),
    /** How long it may take. */
    timeoutMs: field("0+", int32),
    voterId: field("0+", int32),
    /** Id of its metadata log directory, from the `meta.properties` there. */
    voterDirectoryId: field("0+", uuid),
    /** Where the other controllers reach it. */
    listeners: field(
      "0+",
      array(
        struct("Listener", {
          name: field("0+", string),
          host: field("0+", string),
          port: field("0+", uint16),
        }),
      ),
    ),
    /** Answers when a majority has the change; if false, as soon as the leader has it. */
    ackWhenCommitted: field("1+", bool, { default: true }),
  },
});
export type AddRaftVoterRequest = Infer<typeof AddRaftVoterRequest>;

/** Whether it votes. */
export const AddRaftVoterResponse = response({
  apiKey: 80,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** In words for people; null without an error. */
    errorMessage: field("0+", string, { nullable: "0+", ignorable: true }),
  },
});
export type AddRaftVoterResponse = Infer<typeof AddRaftVoterResponse>;
