import { beforeAll, expect, it } from "vitest";
import { compareSchemas, missingMessages } from "../../scripts/check-schemas/compare.ts";
import { type KafkaSchema, kafkaSchemas } from "../../scripts/check-schemas/kafka-schemas.ts";
import { messages } from "../../src/protocol/messages.ts";
import { int16 } from "../../src/protocol/primitives.ts";
import type { AnyType, Field, Fields, MessageSchema, StructType } from "../../src/protocol/schema.ts";
import { parseVersions } from "../../src/protocol/versions.ts";
import { describeWithJava } from "./describe-java.ts";

type AnyField = Field<AnyType, boolean>;

/** `type` with one field, found by its path, changed. */
function alterStruct(
  type: StructType<Fields>,
  [name, ...inner]: readonly string[],
  change: Partial<AnyField>,
): StructType<Fields> {
  const field = type.fields[name as string] as AnyField;
  const altered =
    inner.length === 0 ? { ...field, ...change } : { ...field, type: alterType(field.type, inner, change) };
  return { ...type, fields: { ...type.fields, [name as string]: altered } };
}

function alterType(type: AnyType, path: readonly string[], change: Partial<AnyField>): AnyType {
  if (type.kind === "array") return { ...type, element: alterType(type.element, path, change) };
  if (type.kind === "struct") return alterStruct(type, path, change);
  throw new TypeError(`${type.name} has no field ${path.join(".")}`);
}

function withMessage(schema: MessageSchema): ReadonlyMap<string, MessageSchema> {
  return new Map([...messages, [schema.name, schema]]);
}

const fetchRequest = messages.get("FetchRequest") as MessageSchema;

describeWithJava("schemas against those in Kafka's jar", () => {
  let kafka: ReadonlyMap<string, KafkaSchema>;

  beforeAll(async () => {
    kafka = await kafkaSchemas();
  });

  it("are the same", () => {
    const missing = [...missingMessages(messages, kafka)].map(([type, names]) => `${names.length} ${type}`);
    console.log(`Schemas compared: ${messages.size}; not described here: ${missing.join(", ") || "none"}`);
    expect(compareSchemas(messages, kafka)).toEqual([]);
  });

  it.each<[property: string, change: Partial<AnyField>]>([
    ["default", { default: 0 }],
    ["versions", { versions: parseVersions("8+") }],
    ["nullableVersions", { nullableVersions: parseVersions("9+") }],
    ["taggedVersions", { taggedVersions: parseVersions("12+") }],
    ["tag", { tag: 5 }],
    ["ignorable", { ignorable: false }],
    ["type", { type: int16 }],
    ["flexibleVersions", { flexible: false }],
  ])("differ when the %s of one field does", (property, change) => {
    const path = ["topics", "partitions", "currentLeaderEpoch"];
    const altered = { ...fetchRequest, struct: alterStruct(fetchRequest.struct, path, change) };
    expect(compareSchemas(withMessage(altered), kafka)).toEqual([
      expect.objectContaining({ path: "FetchRequest.topics.partitions.currentLeaderEpoch", property }),
    ]);
  });

  it.each<[property: string, change: Partial<MessageSchema>]>([
    ["validVersions", { validVersions: parseVersions("4-17") }],
    ["flexibleVersions", { flexibleVersions: parseVersions("11+") }],
    ["apiKey", { apiKey: 2 }],
    ["type", { type: "response" }],
  ])("differ when the %s of a message do", (property, change) => {
    expect(compareSchemas(withMessage({ ...fetchRequest, ...change }), kafka)).toEqual([
      expect.objectContaining({ path: "FetchRequest", property }),
    ]);
  });

  it("differ when fields change places, and when one is missing", () => {
    const { maxWaitMs, minBytes, ...others } = fetchRequest.struct.fields;
    const swapped = { minBytes, maxWaitMs, ...others } as Fields;
    for (const fields of [swapped, others as Fields]) {
      const altered = { ...fetchRequest, struct: { ...fetchRequest.struct, fields } };
      expect(compareSchemas(withMessage(altered), kafka)).toEqual([
        expect.objectContaining({ path: "FetchRequest", property: "fields" }),
      ]);
    }
  });

  it("differ when a message of ours is none of Kafka's", () => {
    const invented = { ...fetchRequest, name: "FetchManyRequest" };
    expect(compareSchemas(new Map([["FetchManyRequest", invented]]), kafka)).toEqual([
      { path: "FetchManyRequest", property: "message", ours: "here", kafka: "absent" },
    ]);
  });
});
