/** Compares our schemas with Kafka's: everything that decides about bytes, and nothing else. */

import type { CoordinatorRecordTypes } from "../../src/protocol/coordinator-records/coordinator-record.ts";
import { groupCoordinatorRecordTypes } from "../../src/protocol/coordinator-records/group-coordinator.ts";
import { shareCoordinatorRecordTypes } from "../../src/protocol/coordinator-records/share-coordinator.ts";
import { transactionCoordinatorRecordTypes } from "../../src/protocol/coordinator-records/transaction-coordinator.ts";
import type { AnyType, Field, Fields, MessageSchema } from "../../src/protocol/schema.ts";
import { formatVersions, parseVersions } from "../../src/protocol/versions.ts";
import type { KafkaField, KafkaSchema } from "./kafka-schemas.ts";

type AnyField = Field<AnyType, boolean>;

export interface Difference {
  /** Which message, struct or field, such as `FetchRequest.topics.partitions.partition`. */
  readonly path: string;
  /** Which of its properties, in the words of Kafka's schemas. */
  readonly property: string;
  readonly ours: string;
  readonly kafka: string;
}

/** Where ours is right not to be Kafka's; the key is path and property, and `kafka` is what is expected there. */
const EXCEPTIONS: ReadonlyMap<string, { readonly ours: string; readonly kafka: string }> = new Map([
  // Kafka 4.0 dropped version 0 with the only request that used it, ControlledShutdown v0. A capture of older
  // traffic still holds it, and reading it costs nothing.
  ["RequestHeader validVersions", { ours: "0-2", kafka: "1-2" }],
]);

/** What Kafka calls the API key of a coordinator's record stands in a table here, and not in the schemas. */
const recordTypes: readonly CoordinatorRecordTypes[] = [
  groupCoordinatorRecordTypes,
  shareCoordinatorRecordTypes,
  transactionCoordinatorRecordTypes,
];

/** What differs between our messages and Kafka's of the same names. */
export function compareSchemas(
  ours: ReadonlyMap<string, MessageSchema>,
  kafka: ReadonlyMap<string, KafkaSchema>,
): Difference[] {
  const differences: Difference[] = [];
  for (const [name, schema] of ours) {
    const theirs = kafka.get(name);
    if (theirs === undefined)
      differences.push({ path: name, property: "message", ours: "here", kafka: "absent" });
    else new Comparison(theirs, differences).message(schema);
  }
  return differences;
}

/** Live messages of Kafka that we do not have, by the kind of message. */
export function missingMessages(
  ours: ReadonlyMap<string, MessageSchema>,
  kafka: ReadonlyMap<string, KafkaSchema>,
): ReadonlyMap<string, readonly string[]> {
  const missing = new Map<string, string[]>();
  for (const schema of kafka.values()) {
    // What has no valid version any more is kept by Kafka only to know its API key.
    if (ours.has(schema.name) || schema.validVersions === "none") continue;
    missing.set(schema.type, [...(missing.get(schema.type) ?? []), schema.name]);
  }
  return missing;
}

class Comparison {
  readonly #schema: KafkaSchema;
  readonly #differences: Difference[];

  constructor(schema: KafkaSchema, differences: Difference[]) {
    this.#schema = schema;
    this.#differences = differences;
  }

  message(ours: MessageSchema): void {
    const { name, type, apiKey, validVersions, flexibleVersions, fields } = this.#schema;
    const record = recordOf(ours);
    this.#expect(name, "type", record?.type ?? ours.type, type);
    this.#expect(name, "apiKey", `${record?.id ?? ours.apiKey ?? "none"}`, `${apiKey ?? "none"}`);
    this.#expect(name, "validVersions", formatVersions(ours.validVersions), versions(validVersions));
    this.#expect(name, "flexibleVersions", formatVersions(ours.flexibleVersions), versions(flexibleVersions));
    this.#fields(name, ours.struct.fields, fields ?? []);
  }

  #fields(path: string, ours: Fields, kafka: readonly KafkaField[]): void {
    // The order is that of the wire, so it counts too.
    const kafkaNames = kafka.map(({ name }) => camelCase(name));
    this.#expect(path, "fields", Object.keys(ours).join(", "), kafkaNames.join(", "));
    for (const [i, theirs] of kafka.entries()) {
      const name = kafkaNames[i] as string;
      const field = ours[name];
      if (field !== undefined) this.#field(`${path}.${name}`, field, theirs);
    }
  }

  #field(path: string, ours: AnyField, kafka: KafkaField): void {
    this.#expect(path, "type", typeName(ours.type), kafka.type);
    // A field that names no versions has those in which it is tagged.
    this.#expect(
      path,
      "versions",
      formatVersions(ours.versions),
      versions(kafka.versions ?? kafka.taggedVersions),
    );
    this.#expect(
      path,
      "nullableVersions",
      formatVersions(ours.nullableVersions),
      versions(kafka.nullableVersions),
    );
    this.#expect(path, "taggedVersions", formatVersions(ours.taggedVersions), versions(kafka.taggedVersions));
    this.#expect(path, "tag", `${ours.tag ?? "none"}`, `${kafka.tag ?? "none"}`);
    this.#expect(path, "ignorable", `${ours.ignorable}`, `${kafka.ignorable ?? false}`);
    this.#expect(path, "default", ourDefault(ours), kafkaDefault(kafka));
    const inherited = "those of the message";
    this.#expect(
      path,
      "flexibleVersions",
      ours.flexible ? inherited : "none",
      kafka.flexibleVersions ?? inherited,
    );
    const innermost = elementType(ours.type);
    if (innermost.kind === "struct") this.#fields(path, innermost.fields, this.#structOf(kafka));
  }

  #structOf(field: KafkaField): readonly KafkaField[] {
    if (field.fields !== undefined) return field.fields;
    const name = field.type.replace("[]", "");
    return this.#schema.commonStructs?.find((struct) => struct.name === name)?.fields ?? [];
  }

  #expect(path: string, property: string, ours: string, kafka: string): void {
    if (ours === kafka) return;
    const exception = EXCEPTIONS.get(`${path} ${property}`);
    if (exception?.ours === ours && exception.kafka === kafka) return;
    this.#differences.push({ path, property, ours, kafka });
  }
}

/** What Kafka's schemas say of a coordinator's record, by our tables. */
function recordOf(schema: MessageSchema): { readonly id: number; readonly type: string } | undefined {
  for (const { id, key, value } of recordTypes.flatMap((types) => Object.values(types))) {
    if (key === schema) return { id, type: "coordinator-key" };
    if (value === schema) return { id, type: "coordinator-value" };
  }
  return undefined;
}

function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function versions(text: string | undefined): string {
  return formatVersions(parseVersions(text ?? "none"));
}

function elementType(type: AnyType): AnyType {
  return type.kind === "array" ? type.element : type;
}

function typeName(type: AnyType): string {
  return type.kind === "array" ? `[]${typeName(type.element)}` : type.name;
}

/** The default of a field in one form for both sides, `default of the type` where none is named. */
function ourDefault(field: AnyField): string {
  const named = field.default;
  if (field.type.kind === "array") return named === null ? "null" : "empty";
  if (field.type.kind === "struct") return named === null ? "null" : "defaults";
  const value = named === undefined ? field.type.zero : named;
  return value instanceof Uint8Array ? `${value.byteLength} bytes` : describe(value);
}

function kafkaDefault({ type, default: named }: KafkaField): string {
  // The schemas write null as text: only a text field could mean the word, and none does.
  if (named === "null") return "null";
  // Null without quotes is what Jackson gives where nothing stands, and Kafka's generator goes by that.
  const given = named === "" || named === null ? undefined : named;
  if (type.startsWith("[]")) return given === undefined ? "empty" : `${given}`;
  if (/^[A-Z]/.test(type)) return given === undefined ? "defaults" : `${given}`;
  switch (type) {
    case "string":
      return describe(`${given ?? ""}`);
    case "bool":
      return describe(`${given ?? false}` === "true");
    case "int64":
      return describe(BigInt(given ?? 0));
    case "uuid":
      return describe(given ?? "AAAAAAAAAAAAAAAAAAAAAA");
    case "bytes":
      return given === undefined ? "0 bytes" : `${given}`;
    case "records":
      return given === undefined ? "null" : `${given}`;
    default:
      return describe(Number(given ?? 0));
  }
}

function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
