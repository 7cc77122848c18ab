/**
 * RemoveRaftVoter (key 81, KIP-853): takes a controller's vote in the quorum away. Admin clients send it to
 * any broker, which forwards it to the active controller, or to that controller; if it is itself the one, it
 * steps down afterwards.
 *
 * Errors:
 *
 * - VOTER_NOT_FOUND: no voter has that id and that directory. After a retry that may be one's own first
 *   attempt.
 * - REQUEST_TIMED_OUT: another change is going on, or this one was not committed in time. Send it again after
 *   a look at the quorum.
 * - NOT_LEADER_OR_FOLLOWER, BROKER_NOT_AVAILABLE: that controller is not active, or shuts down. Send it
 *   again, to the active one.
 * - UNSUPPORTED_VERSION: the cluster's `kraft.version` is 0, where voters are fixed by configuration. Raise
 *   the feature.
 * - INVALID_REQUEST: the id or the directory is missing.
 * - INCONSISTENT_CLUSTER_ID: that is another cluster.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal lacks ALTER on the cluster. Nothing to retry.
 */

import { int16, int32, string, uuid } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** The controller that is no longer to vote. */
export const RemoveRaftVoterRequest = request({
  apiKey: 81,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Null not to check. */
    clusterId: field("0+", string, { nullable: "0+" }),
    voterId: field("0+", int32),
    /** Id of its metadata log directory, as DescribeQuorum tells it. */
    voterDirectoryId: field("0+", uuid),
  },
});
export type RemoveRaftVoterRequest = Infer<typeof RemoveRaftVoterRequest>;

/** Whether it votes no more. */
export const RemoveRaftVoterResponse = response({
  apiKey: 81,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** In words for people; null without an error. */
    errorMessage: field("0+", string, { nullable: "0+", ignorable: true }),
  },
});
export type RemoveRaftVoterResponse = Infer<typeof RemoveRaftVoterResponse>;
