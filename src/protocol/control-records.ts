/**
 * Control records: what brokers write into partitions for themselves, alone in a batch whose `isControl` is
 * set. A consumer acts on the markers of transactions and hands on none of them; the others are in the metadata
 * log of a KRaft cluster and in its snapshots.
 *
 * The key says which of them it is: an int16 version, then {@link ControlRecordTypeSchema}.
 */

import { codecFor } from "./compile.ts";
import { DecodeError } from "./errors.ts";
import { int16, int32, int64, string, uint16, uuid } from "./primitives.ts";
import { Reader } from "./reader.ts";
import { array, data, type Fields, field, type Infer, type MessageSchema, struct } from "./schema.ts";
import { readVersion } from "./version-prefix.ts";

/** The key of a control record, after its int16 version. */
export const ControlRecordTypeSchema = data({
  name: "ControlRecordTypeSchema",
  validVersions: "0",
  fields: {
    /** 0 ABORT, 1 COMMIT, 2 LEADER_CHANGE, 3 SNAPSHOT_HEADER, 4 SNAPSHOT_FOOTER, 5 KRAFT_VERSION, 6 KRAFT_VOTERS. */
    type: field("0+", int16),
  },
});
export type ControlRecordTypeSchema = Infer<typeof ControlRecordTypeSchema>;

/**
 * The value of ABORT and COMMIT (KIP-98), after its int16 version: the transaction of the batch's producer id
 * ends here, in this partition.
 */
export const EndTxnMarker = data({
  name: "EndTxnMarker",
  validVersions: "0",
  fields: {
    /** Epoch of the coordinator that wrote it; brokers refuse markers of one that has been replaced. */
    coordinatorEpoch: field("0+", int32),
  },
});
export type EndTxnMarker = Infer<typeof EndTxnMarker>;

const LeaderChangeVoter = struct("Voter", {
  voterId: field("0+", int32),
  voterDirectoryId: field("1+", uuid),
});

/**
 * The value of LEADER_CHANGE (KIP-595): a controller has been elected and opens its epoch with this record.
 *
 * Version 1 names the directories of voters (KIP-853). Kafka 4.4 knows it and still writes version 0.
 */
export const LeaderChangeMessage = data({
  name: "LeaderChangeMessage",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** Version of the record, which this kind of control record holds in its body. */
    version: field("0+", int16),
    leaderId: field("0+", int32),
    /** Who could vote. */
    voters: field("0+", array(LeaderChangeVoter)),
    /** Who voted for this leader. */
    grantingVoters: field("0+", array(LeaderChangeVoter)),
  },
});
export type LeaderChangeMessage = Infer<typeof LeaderChangeMessage>;

/** The value of SNAPSHOT_HEADER (KIP-630): the first record of a snapshot of the metadata log. */
export const SnapshotHeaderRecord = data({
  name: "SnapshotHeaderRecord",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Version of the record. */
    version: field("0+", int16),
    /** When the last record was appended whose effect is in the snapshot. */
    lastContainedLogTimestamp: field("0+", int64),
  },
});
export type SnapshotHeaderRecord = Infer<typeof SnapshotHeaderRecord>;

/** The value of SNAPSHOT_FOOTER (KIP-630): the last record of a snapshot; one without it is not whole. */
export const SnapshotFooterRecord = data({
  name: "SnapshotFooterRecord",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Version of the record. */
    version: field("0+", int16),
  },
});
export type SnapshotFooterRecord = Infer<typeof SnapshotFooterRecord>;

/** The value of KRAFT_VERSION (KIP-853): from here on the quorum works by this `kraft.version`. */
export const KRaftVersionRecord = data({
  name: "KRaftVersionRecord",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Version of the record. */
    version: field("0+", int16),
    /** Level of the feature: 1 and up let voters come and go. */
    kRaftVersion: field("0+", int16),
  },
});
export type KRaftVersionRecord = Infer<typeof KRaftVersionRecord>;

/** The value of KRAFT_VOTERS (KIP-853): from here on these are the voters of the quorum. */
export const VotersRecord = data({
  name: "VotersRecord",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Version of the record. */
    version: field("0+", int16),
    voters: field(
      "0+",
      array(
        struct("Voter", {
          voterId: field("0+", int32),
          /** Tells a voter from another one that came in its place with an empty disk. */
          voterDirectoryId: field("0+", uuid),
          /** Where it is to be reached, by the name of the listener. */
          endpoints: field(
            "0+",
            array(
              struct("Endpoint", {
                name: field("0+", string),
                host: field("0+", string),
                port: field("0+", uint16),
              }),
            ),
          ),
          /** Levels of `kraft.version` that it can work by. */
          kRaftVersionFeature: field(
            "0+",
            struct("KRaftVersionFeature", {
              minSupportedVersion: field("0+", int16),
              maxSupportedVersion: field("0+", int16),
            }),
          ),
        }),
      ),
    ),
  },
});
export type VotersRecord = Infer<typeof VotersRecord>;

interface KnownControlRecord<Type extends string, Value> {
  readonly type: Type;
  /** The version that the value says it has; one that is not known was read as the nearest that is. */
  readonly version: number;
  readonly value: Value;
}

/** A control record of a type that is not known here: not an error, and nothing that a consumer acts on. */
export interface UnknownControlRecord {
  readonly type: "UNKNOWN";
  /** Number of the type. */
  readonly typeId: number;
  readonly version: null;
  /** As it was. */
  readonly value: Uint8Array | null;
}

/** A control record by its type. */
export type ControlRecord =
  | KnownControlRecord<"ABORT", EndTxnMarker>
  | KnownControlRecord<"COMMIT", EndTxnMarker>
  | KnownControlRecord<"LEADER_CHANGE", LeaderChangeMessage>
  | KnownControlRecord<"SNAPSHOT_HEADER", SnapshotHeaderRecord>
  | KnownControlRecord<"SNAPSHOT_FOOTER", SnapshotFooterRecord>
  | KnownControlRecord<"KRAFT_VERSION", KRaftVersionRecord>
  | KnownControlRecord<"KRAFT_VOTERS", VotersRecord>
  | UnknownControlRecord;

/** Whether a value's version stands in front of its body or is the first field of it. */
type VersionPlace = "before" | "inside";

/** By the number of the type. */
const TYPES: readonly (readonly [
  type: Exclude<ControlRecord["type"], "UNKNOWN">,
  schema: MessageSchema,
  version: VersionPlace,
])[] = [
  ["ABORT", EndTxnMarker, "before"],
  ["COMMIT", EndTxnMarker, "before"],
  ["LEADER_CHANGE", LeaderChangeMessage, "inside"],
  ["SNAPSHOT_HEADER", SnapshotHeaderRecord, "inside"],
  ["SNAPSHOT_FOOTER", SnapshotFooterRecord, "inside"],
  ["KRAFT_VERSION", KRaftVersionRecord, "inside"],
  ["KRAFT_VOTERS", VotersRecord, "inside"],
];

/**
 * Decodes a record of a control batch. As in Kafka's own classes, newer versions of keys and values are read as
 * the newest known ones, bytes that are left over are ignored, and a type that is not known is no error.
 *
 * @throws DecodeError when key or value are not those of a control record.
 */
export function decodeControlRecord(key: Uint8Array | null, value: Uint8Array | null): ControlRecord {
  const typeId = decodeType(key);
  const known = TYPES[typeId];
  if (known === undefined) return { type: "UNKNOWN", typeId, version: null, value };
  const [type, schema, place] = known;
  if (value === null) throw new DecodeError(`a control record ${type} has no value`, 0).within(schema.name);
  return { type, ...decodeValue(schema, place, value) } as ControlRecord;
}

function decodeType(key: Uint8Array | null): number {
  const { name } = ControlRecordTypeSchema;
  if (key === null) throw new DecodeError("a control record has no key", 0).within(name);
  const reader = new Reader(key);
  const version = readVersion(reader, name);
  if (version < 0) throw new DecodeError(`there is no version ${version}`, 0).within(name);
  return codecFor(ControlRecordTypeSchema, 0).decode(reader).type;
}

function decodeValue(
  schema: MessageSchema<Fields>,
  place: VersionPlace,
  bytes: Uint8Array,
): { version: number; value: unknown } {
  const start = new Reader(bytes);
  const version = readVersion(start, schema.name);
  // Kafka looks at the version of a transaction's marker only.
  if (version < 0 && place === "before") {
    throw new DecodeError(`there is no version ${version}`, 0).within(schema.name);
  }
  const { lowest, highest } = schema.validVersions;
  const nearest = Math.max(lowest, Math.min(version, highest));
  const reader = place === "before" ? start : new Reader(bytes);
  return { version, value: codecFor(schema, nearest).decode(reader) };
}
