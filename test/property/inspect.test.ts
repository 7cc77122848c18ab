/** The inspector against every version of every message: spans partition the bytes and say what decoding says. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../src/protocol/compile.ts";
import { DecodeError } from "../../src/protocol/errors.ts";
import { formatInspection } from "../../src/protocol/inspect/format-inspection.ts";
import { inspect } from "../../src/protocol/inspect/inspect.ts";
import type { Inspection, InspectionError } from "../../src/protocol/inspect/span.ts";
import { messages } from "../../src/protocol/messages.ts";
import type { AnyType, Fields, MessageSchema } from "../../src/protocol/schema.ts";
import { assemble, expectPartition } from "../protocol/inspect/support.ts";
import { everyVersion, messageArbitrary } from "../support/arbitraries.ts";
import { absentValue, interpret, same } from "../support/interpreter.ts";
import { hostileLengths, mutated, splice } from "../support/mutations.ts";
import { seed } from "../support/seed.ts";

const versionsOf = (schema: MessageSchema): number[] =>
  everyVersion().flatMap((candidate) => (candidate.schema === schema ? [candidate.version] : []));

/** Puts defaults where a version has no field, as decoding does. */
function completed(fields: Fields, value: Record<string, unknown>): Record<string, unknown> {
  const whole: Record<string, unknown> = { ...value };
  for (const [name, field] of Object.entries(fields)) {
    whole[name] = name in value ? completedValue(field.type, value[name]) : absentValue(field);
  }
  return whole;
}

function completedValue(type: AnyType, value: unknown): unknown {
  if (value === null) return null;
  if (type.kind === "array") return (value as unknown[]).map((each) => completedValue(type.element, each));
  return type.kind === "struct" ? completed(type.fields, value as Record<string, unknown>) : value;
}

/** What is wrong with the message itself: the records inside it are bytes to decoding. */
function ownErrors({ errors }: Inspection): InspectionError[] {
  return errors.filter(({ path }) => !path.includes(".batches["));
}

/** Inspects any bytes and holds the result against what decoding makes of them. */
function expectAgreement(schema: MessageSchema, version: number, bytes: Uint8Array): Inspection {
  const inspection = inspect(schema, version, bytes);
  expectPartition(inspection);
  const [error, ...more] = ownErrors(inspection);
  let decoded: Record<string, unknown>;
  try {
    decoded = decode(schema, version, bytes);
  } catch (thrown) {
    if (!(thrown instanceof DecodeError)) throw thrown;
    expect(error?.offset, thrown.message).toBe(thrown.offset);
    // Decoding does not say which unknown tagged field it was.
    expect(error?.path.startsWith(thrown.path), `${error?.path} is in ${thrown.path}`).toBe(true);
    expect(more).toEqual([]);
    return inspection;
  }
  expect(error).toBeUndefined();
  const assembled = completed(schema.struct.fields, assemble(inspection.root) as Record<string, unknown>);
  if (!same(assembled, decoded)) expect(assembled).toEqual(decoded);
  return inspection;
}

describe(`the inspector and every version of every message, seed ${seed}`, () => {
  describe.each([...messages.values()].map((schema) => [schema.name, schema] as const))("%s", (_, schema) => {
    const versions = versionsOf(schema);

    it("gives spans that partition the bytes, with the values that decoding gives", () => {
      for (const version of versions) {
        fc.assert(
          fc.property(messageArbitrary(schema, version), (value) => {
            const inspection = expectAgreement(schema, version, encode(schema, version, value));
            expect(ownErrors(inspection)).toEqual([]);
          }),
          { seed, numRuns: 8 },
        );
      }
    });

    it("keeps what it knows of bytes that are cut off or too many, and fails where decoding does", () => {
      for (const version of versions) {
        fc.assert(
          fc.property(messageArbitrary(schema, version), (value) => {
            const bytes = encode(schema, version, value);
            const step = Math.max(1, Math.floor(bytes.byteLength / 100));
            for (let length = 0; length < bytes.byteLength; length += step) {
              expectAgreement(schema, version, bytes.subarray(0, length));
            }
            expectAgreement(schema, version, splice(bytes, bytes.byteLength, bytes.byteLength, [0, 1]));
          }),
          { seed, numRuns: 2 },
        );
      }
    });

    it("does so with damaged bytes and with hostile lengths, and prints them", () => {
      for (const version of versions) {
        const damaged = messageArbitrary(schema, version).chain((value) =>
          fc.oneof(mutated(encode(schema, version, value)), hostile(schema, version, value)),
        );
        fc.assert(
          fc.property(damaged, (bytes) => {
            const inspection = expectAgreement(schema, version, bytes);
            expect(formatInspection(inspection)).not.toMatch(/[^\P{C}\n]/u);
          }),
          { seed, numRuns: 20 },
        );
      }
    });
  });
});

function hostile(
  schema: MessageSchema,
  version: number,
  value: Record<string, unknown>,
): fc.Arbitrary<Uint8Array> {
  const { bytes, lengths } = interpret(schema, version, value);
  if (lengths.length === 0) return fc.constant(bytes);
  const mark = fc.constantFrom(...lengths);
  return mark.chain((chosen) =>
    fc
      .constantFrom(...hostileLengths(chosen))
      .map((length) => splice(bytes, chosen.start, chosen.end, length)),
  );
}
