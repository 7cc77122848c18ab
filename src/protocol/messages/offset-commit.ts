/**
 * OffsetCommit (key 8): stores how far a group has read. Members send it to the group's coordinator, and so
 * does a client that keeps offsets under a group's name without being a member. Offsets that belong to a
 * transaction go by TxnOffsetCommit instead.
 *
 * Versions: 2 is the first that Kafka 4 serves; 3 adds the throttle time (KIP-124); 4 is answered before the
 * throttling (KIP-219); 5 leaves it to the broker how long offsets are kept (KIP-211); 6 adds leader epochs
 * (KIP-320); 7 static members (KIP-345); 8 is flexible; 9 is the first for members of the consumer protocol,
 * and 10 names topics by id (both KIP-848).
 *
 * Errors of a partition; those that concern the group come with each of them:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, REQUEST_TIMED_OUT: find the coordinator again and send it
 *   there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID: the broker does not know it, or not yet. Send it again for
 *   a while; the topic may have been deleted.
 * - REBALANCE_IN_PROGRESS: a classic group is between JoinGroup and SyncGroup. Finish the rebalance, then
 *   commit what the member still owns.
 * - ILLEGAL_GENERATION: the group has gone on to another generation. Rejoin; the partitions may be another
 *   member's by now, so do not send the same commit again.
 * - UNKNOWN_MEMBER_ID: the coordinator has removed the member, which has to join anew. Outside membership:
 *   the group has members, and only they may commit.
 * - STALE_MEMBER_EPOCH (from version 9 on): send it again with the member epoch of the latest heartbeat, if
 *   the partitions are still assigned.
 * - GROUP_ID_NOT_FOUND: a member's commit for a group that is not there. Before version 9 that is
 *   ILLEGAL_GENERATION.
 * - FENCED_INSTANCE_ID: another member has taken over the instance id. Fatal to this one.
 * - OFFSET_METADATA_TOO_LARGE: `committedMetadata` is over the broker's `offset.metadata.max.bytes`.
 * - INVALID_COMMIT_OFFSET_SIZE: the commit is too large for the coordinator's log as a whole.
 * - UNSUPPORTED_VERSION: a member of the consumer or streams protocol used a version below 9.
 * - GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED, INVALID_GROUP_ID: nothing to retry.
 */

import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Offsets to store. What is wrong with one partition leaves the others alone. */
export const OffsetCommitRequest = request({
  apiKey: 8,
  validVersions: "2-10",
  flexibleVersions: "8+",
  fields: {
    groupId: field("0+", string),
    /**
     * The generation that JoinGroup gave, or with the consumer protocol the member epoch that the heartbeat
     * gave; -1 outside membership, which works while the group has no members.
     */
    generationIdOrMemberEpoch: field("1+", int32, { default: -1, ignorable: true }),
    /** Empty outside membership. */
    memberId: field("1+", string, { ignorable: true }),
    /** `group.instance.id` of a static member; null for any other. */
    groupInstanceId: field("7+", string, { nullable: "7+", default: null }),
    /** How long the offsets are kept; -1 for the broker's `offsets.retention.minutes`. */
    retentionTimeMs: field("2-4", int64, { default: -1n, ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetCommitRequestTopic", {
          /** Says which topic, up to version 9. */
          name: field("0-9", string, { ignorable: true }),
          /** Says which topic, from version 10 on. */
          topicId: field("10+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("OffsetCommitRequestPartition", {
                partitionIndex: field("0+", int32),
                /** Where to go on reading: one past the last record that is done with. */
                committedOffset: field("0+", int64),
                /**
                 * Leader epoch of the last record that was read, by which whoever goes on from here finds out
                 * whether the log has lost records since; -1 when not known.
                 */
                committedLeaderEpoch: field("6+", int32, { default: -1, ignorable: true }),
                /** Any text to keep with the offset; null is stored as empty. */
                committedMetadata: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetCommitRequest = Infer<typeof OffsetCommitRequest>;

/** Which offsets were stored. */
export const OffsetCommitResponse = response({
  apiKey: 8,
  validVersions: "2-10",
  flexibleVersions: "8+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("3+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetCommitResponseTopic", {
          name: field("0-9", string, { ignorable: true }),
          topicId: field("10+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("OffsetCommitResponsePartition", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetCommitResponse = Infer<typeof OffsetCommitResponse>;
