/**
 * How coordinators write what they must not forget: records in compacted internal topics, whose keys open with
 * an int16 that says what kind of record it is, and whose values open with an int16 that says their version. A
 * record without a value, a tombstone, says that what the key names is gone.
 */

import { codecFor } from "../compile.ts";
import { DecodeError } from "../errors.ts";
import { Reader } from "../reader.ts";
import type { Infer, MessageSchema } from "../schema.ts";
import { readVersion } from "../version-prefix.ts";
import { containsVersion } from "../versions.ts";

/** Keys do not change, or compaction would not find the records that belong together. */
const KEY_VERSION = 0;

/** One kind of record of a coordinator. */
export interface CoordinatorRecordType<
  K extends MessageSchema = MessageSchema,
  V extends MessageSchema = MessageSchema,
> {
  /** Number of the kind, which opens the key; `apiKey` in Kafka's schemas. */
  readonly id: number;
  readonly key: K;
  readonly value: V;
}

/** The kinds of records of one coordinator by Kafka's names. */
export type CoordinatorRecordTypes = { readonly [type: string]: CoordinatorRecordType };

interface KnownCoordinatorRecord<Type, Key, Value> {
  readonly type: Type;
  readonly key: Key;
  /** Version of the value; null with a tombstone. */
  readonly version: number | null;
  /** Null says that what the key names is gone. */
  readonly value: Value | null;
}

/** A record that a newer Kafka wrote: of a kind, or with a value of a version, that is not known here. */
export interface UnknownCoordinatorRecord {
  readonly type: "UNKNOWN";
  /** Number of the kind; one that is known where it is the version that is not. */
  readonly typeId: number;
  /** Version of the value that is not known; null where it is the kind. */
  readonly version: number | null;
  /** As it was. */
  readonly key: Uint8Array;
  /** As it was. */
  readonly value: Uint8Array | null;
}

/** A record of the coordinator whose kinds of records `Types` are. */
export type CoordinatorRecord<Types extends CoordinatorRecordTypes> =
  | {
      [T in keyof Types]: KnownCoordinatorRecord<T, Infer<Types[T]["key"]>, Infer<Types[T]["value"]>>;
    }[keyof Types]
  | UnknownCoordinatorRecord;

/**
 * Decodes a record of a coordinator. Bytes that are left over in key and value are ignored, as by Kafka's own
 * coordinators; what a newer one wrote is given back as it is.
 *
 * @throws DecodeError when key or value are not what they say.
 */
export function decodeCoordinatorRecord<Types extends CoordinatorRecordTypes>(
  types: Types,
  key: Uint8Array | null,
  value: Uint8Array | null,
): CoordinatorRecord<Types> {
  if (key === null) throw new DecodeError("a coordinator's record has no key", 0).within("key");
  const keyReader = new Reader(key);
  const typeId = readVersion(keyReader, "key");
  const known = Object.entries(types).find(([, { id }]) => id === typeId);
  if (known === undefined) return { type: "UNKNOWN", typeId, version: null, key, value };
  const [type, schemas] = known;
  const record = { type, key: codecFor(schemas.key, KEY_VERSION).decode(keyReader) };
  if (value === null) return { ...record, version: null, value } as CoordinatorRecord<Types>;
  const valueReader = new Reader(value);
  const version = readVersion(valueReader, schemas.value.name);
  if (!containsVersion(schemas.value.validVersions, version)) {
    return { type: "UNKNOWN", typeId, version, key, value };
  }
  const decoded = codecFor(schemas.value, version).decode(valueReader);
  return { ...record, version, value: decoded } as CoordinatorRecord<Types>;
}
