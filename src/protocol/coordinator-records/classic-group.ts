/**
 * Records of `__consumer_offsets` that all kinds of groups share, and those of classic groups: who is in the
 * group is one record, and every committed offset is one.
 */

import { bytes, int32, int64, string, uuid } from "../primitives.ts";
import { array, data, field, type Infer, struct } from "../schema.ts";

/** Which partition's offset a group has committed, as brokers before 0.9 wrote it. */
export const LegacyOffsetCommitKey = data({
  name: "LegacyOffsetCommitKey",
  validVersions: "0",
  fields: {
    group: field("0", string),
    topic: field("0", string),
    partition: field("0", int32),
  },
});
export type LegacyOffsetCommitKey = Infer<typeof LegacyOffsetCommitKey>;

/** A committed offset in the oldest form. */
export const LegacyOffsetCommitValue = data({
  name: "LegacyOffsetCommitValue",
  validVersions: "0",
  fields: {
    offset: field("0", int64),
    metadata: field("0", string),
    commitTimestamp: field("0", int64),
  },
});
export type LegacyOffsetCommitValue = Infer<typeof LegacyOffsetCommitValue>;

/** Which partition's offset a group has committed. */
export const OffsetCommitKey = data({
  name: "OffsetCommitKey",
  validVersions: "0",
  fields: {
    group: field("0", string),
    topic: field("0", string),
    partition: field("0", int32),
  },
});
export type OffsetCommitKey = Infer<typeof OffsetCommitKey>;

/**
 * A committed offset.
 *
 * Version 1 lets each commit say when it expires; 2 counts from when the group became empty instead (KIP-211);
 * 3 holds the leader epoch (KIP-320); 4 is flexible, so that an older broker reads what a newer one wrote
 * (KIP-915).
 */
export const OffsetCommitValue = data({
  name: "OffsetCommitValue",
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: {
    /** Offset of the record that the group reads next. */
    offset: field("0+", int64),
    /** Leader epoch of the last record that was read; -1 when not known. */
    leaderEpoch: field("3+", int32, { default: -1, ignorable: true }),
    /** The consumer's own note. */
    metadata: field("0+", string),
    commitTimestamp: field("0+", int64),
    expireTimestamp: field("1", int64, { default: -1n, ignorable: true }),
    /** Tells the topic from another one that took its name; zero where the commit named no id. */
    topicId: field("4+", uuid, { tag: 0, ignorable: true }),
  },
});
export type OffsetCommitValue = Infer<typeof OffsetCommitValue>;

/** Which classic group it is. */
export const GroupMetadataKey = data({
  name: "GroupMetadataKey",
  validVersions: "0",
  fields: {
    group: field("0", string),
  },
});
export type GroupMetadataKey = Infer<typeof GroupMetadataKey>;

/**
 * A classic group after a rebalance, or when its last member has left.
 *
 * Version 1 has the rebalance timeout (KIP-62), 2 the time of the last change, from which the expiry of offsets
 * counts (KIP-211), 3 static members (KIP-345); 4 is flexible (KIP-915).
 */
export const GroupMetadataValue = data({
  name: "GroupMetadataValue",
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: {
    /** "consumer" for groups of consumers; empty for a group that only commits offsets. */
    protocolType: field("0+", string),
    generation: field("0+", int32),
    /** The assignor that was agreed on; null without members. */
    protocol: field("0+", string, { nullable: "0+" }),
    /** Member id of the leader; null without members. */
    leader: field("0+", string, { nullable: "0+" }),
    currentStateTimestamp: field("2+", int64, { default: -1n, ignorable: true }),
    members: field(
      "0+",
      array(
        struct("MemberMetadata", {
          memberId: field("0+", string),
          groupInstanceId: field("3+", string, { nullable: "3+", default: null, ignorable: true }),
          clientId: field("0+", string),
          clientHost: field("0+", string),
          /** In ms. */
          rebalanceTimeout: field("1+", int32, { default: -1, ignorable: true }),
          /** In ms. */
          sessionTimeout: field("0+", int32),
          /** What the member sent for the protocol agreed on; `decodeSubscription` reads a consumer's. */
          subscription: field("0+", bytes),
          /** What the leader gave it; `decodeAssignment` reads a consumer's. */
          assignment: field("0+", bytes),
        }),
      ),
    ),
  },
});
export type GroupMetadataValue = Infer<typeof GroupMetadataValue>;
