/**
 * Records of `__share_group_state`: how far a share group is with a partition (KIP-932). A snapshot holds all of
 * it, and updates what has changed since.
 */

import { int8, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, data, field, type Infer, struct } from "../schema.ts";

const StateBatch = struct("StateBatch", {
  firstOffset: field("0+", int64),
  lastOffset: field("0+", int64),
  /** 0 available, 2 acknowledged, 4 archived: given up. */
  deliveryState: field("0+", int8),
  /** How often the records have been handed out. */
  deliveryCount: field("0+", int16),
});

/** Which partition of which group the snapshot is of. */
export const ShareSnapshotKey = data({
  name: "ShareSnapshotKey",
  validVersions: "0",
  fields: {
    groupId: field("0", string),
    topicId: field("0", uuid),
    partition: field("0", int32),
  },
});
export type ShareSnapshotKey = Infer<typeof ShareSnapshotKey>;

/** All that is known at one moment. */
export const ShareSnapshotValue = data({
  name: "ShareSnapshotValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Number of the snapshot, which its updates repeat. */
    snapshotEpoch: field("0+", int32),
    /** Rises when the group's offsets are set anew. */
    stateEpoch: field("0+", int32),
    /** Epoch of the partition's leader that wrote last. */
    leaderEpoch: field("0+", int32),
    /** All records before it are done with. */
    startOffset: field("0+", int64),
    /** How many records from `startOffset` on are done with; -1 when not known (KIP-1226). */
    deliveryCompleteCount: field("0+", int32, { default: -1, tag: 0 }),
    createTimestamp: field("0+", int64),
    writeTimestamp: field("0+", int64),
    stateBatches: field("0+", array(StateBatch)),
  },
});
export type ShareSnapshotValue = Infer<typeof ShareSnapshotValue>;

/** Which partition of which group the update is of. */
export const ShareUpdateKey = data({
  name: "ShareUpdateKey",
  validVersions: "0",
  fields: {
    groupId: field("0", string),
    topicId: field("0", uuid),
    partition: field("0", int32),
  },
});
export type ShareUpdateKey = Infer<typeof ShareUpdateKey>;

/** What has changed since the snapshot, or since the update before. */
export const ShareUpdateValue = data({
  name: "ShareUpdateValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Number of the snapshot that this goes on top of. */
    snapshotEpoch: field("0+", int32),
    /** Epoch of the partition's leader that wrote it. */
    leaderEpoch: field("0+", int32),
    /** -1 where it has not changed. */
    startOffset: field("0+", int64),
    /** How many records from the start offset on are done with; -1 when not known (KIP-1226). */
    deliveryCompleteCount: field("0+", int32, { default: -1, tag: 0 }),
    /** The batches that have changed. */
    stateBatches: field("0+", array(StateBatch)),
  },
});
export type ShareUpdateValue = Infer<typeof ShareUpdateValue>;
