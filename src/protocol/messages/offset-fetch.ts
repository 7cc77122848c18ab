/**
 * OffsetFetch (key 9): reads offsets that groups have committed. Members send it to the group's coordinator
 * to find where to begin, and admin clients to see how far a group has come.
 *
 * Versions: 1 is the first that Kafka 4 serves; 2 asks for all partitions at once and can say that the whole
 * has failed (KIP-88); 3 adds the throttle time (KIP-124); 4 is answered before the throttling (KIP-219); 5
 * adds leader epochs (KIP-320); 6 is flexible; 7 can keep back offsets that a transaction is about to replace
 * (KIP-447); 8 asks for several groups (KIP-709); 9 checks who asks, for members of the consumer protocol,
 * and 10 names topics by id (both KIP-848).
 *
 * It is no error when nothing was committed for a partition, nor when there is no such group: the offset is
 * then -1, and a request for all partitions gets only those that have one.
 *
 * Errors of a group, which in version 1 come with each partition:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and ask there.
 * - COORDINATOR_LOAD_IN_PROGRESS: ask again after a pause.
 * - UNKNOWN_MEMBER_ID (from version 9 on): the coordinator has removed the member. Join anew.
 * - STALE_MEMBER_EPOCH (from version 9 on): ask again with the member epoch of the latest heartbeat.
 * - GROUP_AUTHORIZATION_FAILED, INVALID_GROUP_ID: nothing to retry.
 *
 * Errors of a partition:
 *
 * - UNSTABLE_OFFSET_COMMIT: only with `requireStable`. A transaction is still open; ask again after a pause.
 * - UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION: refresh the metadata and ask again; the topic may be gone.
 * - TOPIC_AUTHORIZATION_FAILED: nothing to retry.
 */

import { bool, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/**
 * Asks for one group up to version 7, and from version 8 on for any number that have the same coordinator.
 */
export const OffsetFetchRequest = request({
  apiKey: 9,
  validVersions: "1-10",
  flexibleVersions: "6+",
  fields: {
    /** The group, up to version 7; from version 8 on in `groups`. */
    groupId: field("0-7", string),
    /** Null for all partitions that have a committed offset. */
    topics: field(
      "0-7",
      array(
        struct("OffsetFetchRequestTopic", {
          name: field("0-7", string),
          partitionIndexes: field("0-7", array(int32)),
        }),
      ),
      { nullable: "2-7" },
    ),
    /** The groups, from version 8 on. */
    groups: field(
      "8+",
      array(
        struct("OffsetFetchRequestGroup", {
          groupId: field("8+", string),
          /** Null from who is no member, and from members of the classic protocol. */
          memberId: field("9+", string, { nullable: "9+", default: null, ignorable: true }),
          /** Member epoch that the heartbeat gave; -1 where `memberId` is null. */
          memberEpoch: field("9+", int32, { default: -1, ignorable: true }),
          /** Null for all partitions that have a committed offset. */
          topics: field(
            "8+",
            array(
              struct("OffsetFetchRequestTopics", {
                /** Says which topic, up to version 9. */
                name: field("8-9", string, { ignorable: true }),
                /** Says which topic, from version 10 on. */
                topicId: field("10+", uuid, { ignorable: true }),
                partitionIndexes: field("8+", array(int32)),
              }),
            ),
            { nullable: "8+" },
          ),
        }),
      ),
    ),
    /**
     * Answers UNSTABLE_OFFSET_COMMIT where an open transaction holds an offset, instead of the older offset.
     * A reader that commits within transactions wants this, lest it reads something twice.
     */
    requireStable: field("7+", bool),
  },
});
export type OffsetFetchRequest = Infer<typeof OffsetFetchRequest>;

/** The offsets, of one group up to version 7 and by group from version 8 on. */
export const OffsetFetchResponse = response({
  apiKey: 9,
  validVersions: "1-10",
  flexibleVersions: "6+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("3+", int32, { ignorable: true }),
    /** Offsets of the one group, up to version 7. */
    topics: field(
      "0-7",
      array(
        struct("OffsetFetchResponseTopic", {
          name: field("0-7", string),
          partitions: field(
            "0-7",
            array(
              struct("OffsetFetchResponsePartition", {
                partitionIndex: field("0-7", int32),
                /** Where to go on reading; -1 when nothing was committed. */
                committedOffset: field("0-7", int64),
                /**
                 * Leader epoch of the record before it, to check the position with OffsetForLeaderEpoch; -1
                 * when not known.
                 */
                committedLeaderEpoch: field("5-7", int32, { default: -1, ignorable: true }),
                /** The text that was committed with the offset; empty when there is none. */
                metadata: field("0-7", string, { nullable: "0-7" }),
                errorCode: field("0-7", int16),
              }),
            ),
          ),
        }),
      ),
    ),
    /** 0, or what is wrong with the group. Version 1 says it with each partition. */
    errorCode: field("2-7", int16, { ignorable: true }),
    /** Offsets by group, from version 8 on. */
    groups: field(
      "8+",
      array(
        struct("OffsetFetchResponseGroup", {
          groupId: field("8+", string),
          topics: field(
            "8+",
            array(
              struct("OffsetFetchResponseTopics", {
                name: field("8-9", string, { ignorable: true }),
                topicId: field("10+", uuid, { ignorable: true }),
                partitions: field(
                  "8+",
                  array(
                    struct(
                      "OffsetFetchResponsePartitions",
                      {
                        partitionIndex: field("8+", int32),
                        /** Where to go on reading; -1 when nothing was committed. */
                        committedOffset: field("8+", int64),
                        /** Leader epoch of the record before it; -1 when not known. */
                        committedLeaderEpoch: field("8+", int32, { default: -1, ignorable: true }),
                        /** The text that was committed with the offset; empty when there is none. */
                        metadata: field("8+", string, { nullable: "8+" }),
                        /** 0, or why there is no offset of this partition. */
                        errorCode: field("8+", int16),
                      },
                      (partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode) => ({
                        partitionIndex,
                        committedOffset,
                        committedLeaderEpoch,
                        metadata,
                        errorCode,
                      }),
                    ),
                  ),
                ),
              }),
            ),
          ),
          /** 0, or what is wrong with the group; `topics` is then empty. */
          errorCode: field("8+", int16),
        }),
      ),
    ),
  },
});
export type OffsetFetchResponse = Infer<typeof OffsetFetchResponse>;
