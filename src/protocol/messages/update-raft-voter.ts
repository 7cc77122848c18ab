/**
 * UpdateRaftVoter (key 82, KIP-853): a voter of the controllers' quorum tells the leader that its addresses,
 * or the `kraft.version` levels that it supports, are others than the quorum knows. Sent by that voter; no
 * client sends it.
 *
 * Errors: NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH and UNKNOWN_LEADER_EPOCH: go on with `currentLeader`.
 * REQUEST_TIMED_OUT and BROKER_NOT_AVAILABLE: another change is going on, or the leader shuts down; send it
 * again. VOTER_NOT_FOUND: no voter has that id and that directory. INVALID_REQUEST: something is missing, or
 * the voter does not support the `kraft.version` in force. UNSUPPORTED_VERSION: that `kraft.version` does not
 * allow it. INCONSISTENT_CLUSTER_ID and CLUSTER_AUTHORIZATION_FAILED: the nodes are configured wrongly.
 */

import { int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** What is new about the voter. */
export const UpdateRaftVoterRequest = request({
  apiKey: 82,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Null not to check. */
    clusterId: field("0+", string, { nullable: "0+" }),
    /** Leader epoch that the voter knows of, so that an old leader does not answer. */
    currentLeaderEpoch: field("0+", int32),
    voterId: field("0+", int32),
    /** Id of its metadata log directory. */
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
    /** Levels of `kraft.version` that it supports. */
    kRaftVersionFeature: field(
      "0+",
      struct("KRaftVersionFeature", {
        minSupportedVersion: field("0+", int16),
        maxSupportedVersion: field("0+", int16),
      }),
    ),
  },
});
export type UpdateRaftVoterRequest = Infer<typeof UpdateRaftVoterRequest>;

/** Whether the leader has taken it; that is not yet committed. */
export const UpdateRaftVoterResponse = response({
  apiKey: 82,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** Who leads now. */
    currentLeader: field(
      "0+",
      struct("CurrentLeader", {
        /** -1 when not known. */
        leaderId: field("0+", int32, { default: -1 }),
        /** -1 when not known. */
        leaderEpoch: field("0+", int32, { default: -1 }),
        host: field("0+", string),
        port: field("0+", int32),
      }),
      { tag: 0 },
    ),
  },
});
export type UpdateRaftVoterResponse = Infer<typeof UpdateRaftVoterResponse>;
