/** Random bytes that say their own version, and what `java/VersionedBytes.java` is asked about them. */

import fc from "fast-check";
import { encode } from "../../src/protocol/compile.ts";
import {
  type ControlRecord,
  EndTxnMarker,
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from "../../src/protocol/control-records.ts";
import type {
  CoordinatorRecord,
  CoordinatorRecordTypes,
} from "../../src/protocol/coordinator-records/coordinator-record.ts";
import type { MessageSchema } from "../../src/protocol/schema.ts";
import { encodeVersioned } from "../../src/protocol/version-prefix.ts";
import { messageArbitrary } from "../support/arbitraries.ts";
import { mutated } from "../support/mutations.ts";
import { toHex } from "./java.ts";

export interface RecordBytes {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** Schemas of control records by the number of their type. */
const controlSchemas: readonly MessageSchema[] = [
  EndTxnMarker,
  EndTxnMarker,
  LeaderChangeMessage,
  SnapshotHeaderRecord,
  SnapshotFooterRecord,
  KRaftVersionRecord,
  VotersRecord,
];

/** The bytes as they are, damaged, of another version, or with more bytes at their end. */
export function variants(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const otherVersion = fc
    .tuple(fc.integer({ min: -2, max: 40 }), fc.uint8Array({ maxLength: 6 }))
    .map(([version, rest]) => prefixed(version, Uint8Array.from([...bytes.subarray(2), ...rest])));
  return fc.oneof(fc.constant(bytes), mutated(bytes), otherVersion);
}

/** Some version of a message after that version. */
export function versioned(schema: MessageSchema): fc.Arbitrary<Uint8Array> {
  const { lowest, highest } = schema.validVersions;
  return fc
    .integer({ min: lowest, max: highest })
    .chain((version) =>
      messageArbitrary(schema, version).map((value) => encodeVersioned(schema, version, value)),
    );
}

/** Control records of all types. */
export const controlRecords: fc.Arbitrary<RecordBytes> = fc
  .nat({ max: controlSchemas.length })
  .chain((type) => {
    const key = Uint8Array.of(0, 0, 0, type);
    const schema = controlSchemas[type];
    if (schema === undefined) return fc.record({ key: fc.constant(key), value: fc.uint8Array() });
    const value =
      schema === EndTxnMarker
        ? versioned(schema)
        : messageArbitrary(schema, 0).map((body) => encode(schema, 0, { ...body, version: 0 }));
    return fc.record({ key: fc.constant(key), value });
  });

/** Records of a coordinator, of all its types. */
export function coordinatorRecords(types: CoordinatorRecordTypes): fc.Arbitrary<RecordBytes> {
  return fc.constantFrom(...Object.values(types)).chain(({ id, key, value }) =>
    fc.record({
      key: messageArbitrary(key, 0).map((body) => prefixed(id, encode(key, 0, body))),
      value: versioned(value),
    }),
  );
}

/** Damage to key or value, or no value at all. */
export function recordVariants({ key, value }: RecordBytes): fc.Arbitrary<RecordBytes> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ key: fc.constant(key), value: variants(value as Uint8Array) }) },
    { weight: 2, arbitrary: fc.record({ key: variants(key), value: fc.constant(value) }) },
    { weight: 1, arbitrary: fc.constant({ key, value: null }) },
  );
}

export function prefixed(version: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 + body.byteLength);
  new DataView(bytes.buffer).setInt16(0, version);
  bytes.set(body, 2);
  return bytes;
}

export function hexOrNull(bytes: Uint8Array | null): string {
  return bytes === null ? "-" : toHex(bytes);
}

/** What Kafka answers where it reads the same; it writes all values of control records as version 0. */
export function describeControlRecord(record: ControlRecord): string {
  switch (record.type) {
    case "UNKNOWN":
      return `ok\tUNKNOWN\t${hexOrNull(record.value)}`;
    case "ABORT":
    case "COMMIT":
      return `ok\t${record.type}\t${toHex(encodeVersioned(EndTxnMarker, 0, record.value))}`;
    case "LEADER_CHANGE":
      return `ok\t${record.type}\t${toHex(encode(LeaderChangeMessage, 0, record.value))}`;
    case "SNAPSHOT_HEADER":
      return `ok\t${record.type}\t${toHex(encode(SnapshotHeaderRecord, 0, record.value))}`;
    case "SNAPSHOT_FOOTER":
      return `ok\t${record.type}\t${toHex(encode(SnapshotFooterRecord, 0, record.value))}`;
    case "KRAFT_VERSION":
      return `ok\t${record.type}\t${toHex(encode(KRaftVersionRecord, 0, record.value))}`;
    case "KRAFT_VOTERS":
      return `ok\t${record.type}\t${toHex(encode(VotersRecord, 0, record.value))}`;
  }
}

/** What Kafka answers where it reads the same. */
export function describeCoordinatorRecord<Types extends CoordinatorRecordTypes>(
  types: Types,
  record: CoordinatorRecord<Types>,
): string {
  if (record.type === "UNKNOWN") return record.version === null ? "unknown-type" : "unknown-version";
  const schemas = types[record.type] as CoordinatorRecordTypes[string];
  const key = prefixed(schemas.id, encode(schemas.key, 0, record.key as object));
  const { version, value } = record;
  const written =
    version === null ? null : encodeVersioned(schemas.value, version, value as unknown as object);
  return `ok\t${schemas.id}\t${toHex(key)}\t${hexOrNull(written)}`;
}
