/** What is inside byte strings that the protocol passes on without a look. */

import { ConsumerProtocolAssignment, ConsumerProtocolSubscription } from "../consumer-protocol.ts";
import {
  ControlRecordTypeSchema,
  EndTxnMarker,
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from "../control-records.ts";
import type { CoordinatorRecordTypes } from "../coordinator-records/coordinator-record.ts";
import { int16At } from "../records/big-endian.ts";
import type { MessageSchema } from "../schema.ts";
import type { EmbeddedHook, EmbeddedMessage, OpaqueBytes } from "./options.ts";

/** Subscriptions and assignments of classic consumer groups, in JoinGroup, SyncGroup and DescribeGroups. */
export const consumerProtocol: EmbeddedHook = ({ path, bytes }) => {
  const isSubscription =
    /^JoinGroup(Request\.protocols|Response\.members)\[\d+\]\.metadata$/.test(path) ||
    /^DescribeGroupsResponse\..*\.memberMetadata$/.test(path);
  const isAssignment =
    /^SyncGroup(Request\.assignments\[\d+\]|Response)\.assignment$/.test(path) ||
    /^DescribeGroupsResponse\..*\.memberAssignment$/.test(path);
  if (isSubscription) return versioned(ConsumerProtocolSubscription, bytes);
  return isAssignment ? versioned(ConsumerProtocolAssignment, bytes) : null;
};

/**
 * The records of a coordinator's topic. A record does not say which topic it is from, so the caller has to.
 *
 * @param types `groupCoordinatorRecordTypes` for `__consumer_offsets`, and so on
 * @example
 * ```ts
 * import { coordinatorRecords, groupCoordinatorRecordTypes, inspectFrame } from "kafkawire/protocol";
 *
 * const embedded = coordinatorRecords(groupCoordinatorRecordTypes);
 * const inspection = inspectFrame(new Uint8Array(0), "response", { apiKey: 1, apiVersion: 12, embedded });
 * console.log(inspection.errors);
 * ```
 */
export function coordinatorRecords(types: CoordinatorRecordTypes): EmbeddedHook {
  const byId = new Map(Object.values(types).map((type) => [type.id, type]));
  return ({ path, bytes, recordKey }) => {
    if (path.endsWith(".key")) {
      const schema = byId.get(prefixOf(bytes))?.key;
      return schema === undefined ? null : { schema, version: 0, hasPrefix: true };
    }
    const schema = recordKey === null ? undefined : byId.get(prefixOf(recordKey))?.value;
    return schema === undefined ? null : versioned(schema, bytes);
  };
}

/** What the values of control records hold, by the type in their keys. */
const CONTROL_VALUES: readonly MessageSchema[] = [
  EndTxnMarker,
  EndTxnMarker,
  LeaderChangeMessage,
  SnapshotHeaderRecord,
  SnapshotFooterRecord,
  KRaftVersionRecord,
  VotersRecord,
];

/** Keys and values of control records. */
export const controlRecords: EmbeddedHook = ({ path, bytes, recordKey }: OpaqueBytes) => {
  if (path.endsWith(".key")) return { schema: ControlRecordTypeSchema, version: 0, hasPrefix: true };
  const schema = recordKey === null ? undefined : CONTROL_VALUES[prefixOf(recordKey.subarray(2))];
  if (schema === undefined) return null;
  // All but the markers of transactions hold their version as their first field.
  if (schema === EndTxnMarker) return versioned(schema, bytes);
  return { schema, version: newestKnown(schema, prefixOf(bytes)), hasPrefix: false };
};

/** A message behind an int16 version; newer ones are read as the newest that is known. */
function versioned(schema: MessageSchema, bytes: Uint8Array): EmbeddedMessage {
  return { schema, version: newestKnown(schema, prefixOf(bytes)), hasPrefix: true };
}

function newestKnown(schema: MessageSchema, version: number): number {
  const { lowest, highest } = schema.validVersions;
  return Math.min(Math.max(version, lowest), highest);
}

/** The int16 that opens the bytes; -1 where there is none. */
function prefixOf(bytes: Uint8Array): number {
  return bytes.byteLength < 2 ? -1 : int16At(bytes, 0);
}
