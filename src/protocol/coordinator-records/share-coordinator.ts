/** Records of `__share_group_state`, by which the share coordinator remembers how far share groups are. */

import {
  type CoordinatorRecord,
  type CoordinatorRecordTypes,
  decodeCoordinatorRecord,
} from "./coordinator-record.ts";
import { ShareSnapshotKey, ShareSnapshotValue, ShareUpdateKey, ShareUpdateValue } from "./share-state.ts";

/** The kinds of records by Kafka's names. */
export const shareCoordinatorRecordTypes = {
  SHARE_SNAPSHOT: { id: 0, key: ShareSnapshotKey, value: ShareSnapshotValue },
  SHARE_UPDATE: { id: 1, key: ShareUpdateKey, value: ShareUpdateValue },
} as const satisfies CoordinatorRecordTypes;

/** A record of `__share_group_state` by its kind. */
export type ShareCoordinatorRecord = CoordinatorRecord<typeof shareCoordinatorRecordTypes>;

/**
 * Decodes a record of `__share_group_state`.
 *
 * @throws DecodeError when key or value are not what they say.
 */
export function decodeShareCoordinatorRecord(
  key: Uint8Array | null,
  value: Uint8Array | null,
): ShareCoordinatorRecord {
  return decodeCoordinatorRecord(shareCoordinatorRecordTypes, key, value);
}
