/** The schemas in Kafka's jars, as they are. */

import { fileURLToPath } from "node:url";
import { runJava } from "../kafka/java.ts";
import { DEFAULT_KAFKA_VERSION } from "../kafka/versions.ts";

/** What a schema says of a field; `about`, `entityType`, `mapKey` and `zeroCopy` change nothing on the wire. */
export interface KafkaField {
  readonly name: string;
  readonly type: string;
  /** Absent stands for `taggedVersions`. */
  readonly versions?: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly tag?: number;
  readonly default?: string | number | boolean | null;
  readonly ignorable?: boolean;
  readonly flexibleVersions?: string;
  readonly fields?: readonly KafkaField[];
}

export interface KafkaSchema {
  readonly apiKey?: number;
  readonly type: string;
  readonly name: string;
  readonly validVersions: string;
  readonly flexibleVersions?: string;
  readonly fields?: readonly KafkaField[];
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly KafkaField[] }[];
}

/** The schemas of a version of Kafka by name. Needs Java, and Maven to fetch the jars. */
export async function kafkaSchemas(
  kafkaVersion: string = DEFAULT_KAFKA_VERSION,
): Promise<ReadonlyMap<string, KafkaSchema>> {
  const program = fileURLToPath(new URL("PrintSchemas.java", import.meta.url));
  const { stdout } = await runJava({ program, kafkaVersion });
  const schemas = stdout
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as KafkaSchema);
  return new Map(schemas.map((schema) => [schema.name, schema]));
}
