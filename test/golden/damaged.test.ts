import fc from "fast-check";
import { expect, it } from "vitest";
import { decode, encode } from "../../src/protocol/compile.ts";
import { DecodeError, EncodeError } from "../../src/protocol/errors.ts";
import type { MessageSchema } from "../../src/protocol/schema.ts";
import { everyVersion, messageArbitrary } from "../support/arbitraries.ts";
import { same } from "../support/interpreter.ts";
import { leniencyCases } from "../support/leniency-cases.ts";
import { mutated } from "../support/mutations.ts";
import { seed } from "../support/seed.ts";
import { describeWithJava } from "./describe-java.ts";
import { type Encoded, fromHex, type KafkaReading, readByKafka, toHex } from "./java.ts";
import { fromKafkaJson } from "./kafka-json.ts";
import { countOf, schemaOf, show } from "./messages.ts";

/** Damaged messages of each version. */
const INSTANCES = 20;

/** Holds what we make of bytes against what Kafka made of them, down to which of them are refused. */
function compareReadings(
  schema: MessageSchema,
  { name, version, hex }: Encoded,
  kafka: KafkaReading,
): string | null {
  const at = `${name} v${version} ${hex.slice(0, 2000)}`;
  let value: Record<string, unknown>;
  try {
    value = decode(schema, version, fromHex(hex));
  } catch (error) {
    if (!(error instanceof DecodeError)) return `${at}: ${error} is no DecodeError`;
    // Kafka leaves the check for bytes that are left over to its caller; we do it here.
    return kafka.error !== undefined || kafka.unread > 0
      ? null
      : `${at}: ${error}, and Kafka reads ${kafka.json}`;
  }
  if (kafka.error !== undefined) return `${at}: we read ${show(value)}, and Kafka says ${kafka.error}`;
  if (kafka.unread > 0) return `${at}: Kafka leaves ${kafka.unread} bytes unread`;
  if (!same(value, fromKafkaJson(schema, JSON.parse(kafka.json)))) {
    return `${at}: we read ${show(value)}, and Kafka reads ${kafka.json}`;
  }
  let again: string;
  try {
    again = toHex(encode(schema, version, value));
  } catch (error) {
    if (!(error instanceof EncodeError)) return `${at}: ${error} is no EncodeError`;
    again = "-";
  }
  return again === kafka.hex ? null : `${at}: we write it again as ${again}, Kafka as ${kafka.hex}`;
}

describeWithJava(`damaged messages against Kafka's own classes, seed ${seed}`, () => {
  it("refuses what Kafka refuses and makes the same of what Kafka accepts", async () => {
    const damaged: Encoded[] = everyVersion()
      .filter(({ schema, version }) => schema.name !== "RequestHeader" || version > 0)
      .flatMap(({ schema, version }) => {
        const harm = messageArbitrary(schema, version).chain((value) =>
          mutated(encode(schema, version, value)),
        );
        return fc
          .sample(harm, { seed, numRuns: INSTANCES })
          .map((bytes) => ({ name: schema.name, version, hex: toHex(bytes) }));
      });
    const readings = await readByKafka(damaged);
    const differences = damaged
      .map((message, i) => compareReadings(schemaOf(message.name), message, readings[i] as KafkaReading))
      .filter((difference) => difference !== null);
    const accepted = readings.filter((reading) => reading.error === undefined).length;
    console.log(
      `Damaged: ${countOf(damaged)}, ${accepted} of which Kafka reads, ${differences.length} differences`,
    );
    expect(differences).toEqual([]);
    // Both ways have to happen for the comparison to say anything.
    expect(accepted).toBeGreaterThan(damaged.length / 10);
    expect(accepted).toBeLessThan((damaged.length * 9) / 10);
  });

  it("finds Kafka as lenient and as strict as our own tests say", async () => {
    const readings = await readByKafka(leniencyCases);
    const outcomes = leniencyCases.map((message, i) => ({
      title: message.title,
      accepted: readings[i]?.error === undefined,
      difference: compareReadings(message.schema, message, readings[i] as KafkaReading),
    }));
    expect(outcomes).toEqual(
      leniencyCases.map(({ title, value }) => ({ title, accepted: value !== undefined, difference: null })),
    );
  });
});
