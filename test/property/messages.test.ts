import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../src/protocol/compile.ts";
import { DecodeError, EncodeError } from "../../src/protocol/errors.ts";
import { messages } from "../../src/protocol/messages.ts";
import type { MessageSchema } from "../../src/protocol/schema.ts";
import {
  everyVersion,
  type MessageValue,
  messageArbitrary,
  withoutDefaults,
} from "../support/arbitraries.ts";
import { interpret, same } from "../support/interpreter.ts";
import { hostileLengths, mutated, splice } from "../support/mutations.ts";
import { decodePlainly } from "../support/plain-decoder.ts";
import { seed } from "../support/seed.ts";

/** Few for each version, since there are many versions and another seed in every run. */
const RUNS = 12;

function versionsOf(schema: MessageSchema): number[] {
  return everyVersion()
    .filter((candidate) => candidate.schema === schema)
    .map(({ version }) => version);
}

/** Checks a property of every version of a message. */
function forEveryVersion(
  schema: MessageSchema,
  property: (version: number, value: MessageValue) => void,
  runs = RUNS,
): void {
  for (const version of versionsOf(schema)) {
    fc.assert(
      fc.property(messageArbitrary(schema, version), (value) => property(version, value)),
      { seed, numRuns: runs },
    );
  }
}

/** How many replacements stand for bytes that are no text is a matter of its own, and tested as one. */
function collapsed(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\ufffd+/gu, "\ufffd");
  if (Array.isArray(value)) return value.map(collapsed);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, collapsed(inner)]));
}

/** The error of decoding, which must be a DecodeError that says where; null when the bytes decode. */
function decodeErrorOf(schema: MessageSchema, version: number, bytes: Uint8Array): DecodeError | null {
  try {
    decode(schema, version, bytes);
    return null;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    expect(error.path.startsWith(schema.name), error.message).toBe(true);
    expect(error.offset).toBeGreaterThanOrEqual(0);
    expect(error.offset).toBeLessThanOrEqual(bytes.byteLength);
    return error;
  }
}

describe(`every version of every message, seed ${seed}`, () => {
  describe.each([...messages.values()].map((schema) => [schema.name, schema] as const))("%s", (_, schema) => {
    it("decodes what it encodes, unknown tagged fields included, and encodes that the same", () => {
      forEveryVersion(schema, (version, value) => {
        const bytes = encode(schema, version, value);
        const decoded = decode(schema, version, bytes);
        if (!same(decoded, value)) expect(decoded).toEqual(value);
        expect(same(encode(schema, version, decoded), bytes)).toBe(true);
      });
    });

    it("encodes as the plain interpreter does", () => {
      forEveryVersion(schema, (version, value) => {
        const bytes = encode(schema, version, value);
        const plain = interpret(schema, version, value).bytes;
        if (!same(bytes, plain)) expect(bytes).toEqual(plain);
      });
    });

    it("decodes as the plain decoder does", () => {
      forEveryVersion(schema, (version, value) => {
        const bytes = encode(schema, version, value);
        const plain = decodePlainly(schema, version, bytes);
        if (!same(plain, decode(schema, version, bytes)))
          expect(decode(schema, version, bytes)).toEqual(plain);
      });
    });

    it("encodes fields that are left out as their defaults", () => {
      forEveryVersion(schema, (version, value) => {
        const sparse = withoutDefaults(schema, value);
        expect(same(encode(schema, version, sparse), encode(schema, version, value))).toBe(true);
      });
    });

    it("refuses every truncation and says where", () => {
      forEveryVersion(
        schema,
        (version, value) => {
          const bytes = encode(schema, version, value);
          // All lengths of a short message, a sample of those of a long one.
          const step = Math.max(1, Math.floor(bytes.byteLength / 200));
          for (let length = 0; length < bytes.byteLength; length += step) {
            const error = decodeErrorOf(schema, version, bytes.subarray(0, length));
            expect(error, `${length} of ${bytes.byteLength} bytes decode`).not.toBeNull();
          }
        },
        4,
      );
    });

    it("refuses bytes that are left over", () => {
      forEveryVersion(schema, (version, value) => {
        const bytes = encode(schema, version, value);
        const error = decodeErrorOf(schema, version, splice(bytes, bytes.byteLength, bytes.byteLength, [0]));
        expect(error?.offset).toBe(bytes.byteLength);
      });
    });

    it("decodes damaged bytes or refuses them and says where", () => {
      for (const version of versionsOf(schema)) {
        const damaged = messageArbitrary(schema, version).chain((value) =>
          mutated(encode(schema, version, value)),
        );
        fc.assert(
          fc.property(damaged, (bytes) => {
            if (decodeErrorOf(schema, version, bytes) !== null) return;
            const plain = collapsed(decodePlainly(schema, version, bytes));
            const decoded = collapsed(decode(schema, version, bytes));
            if (!same(plain, decoded)) expect(decoded).toEqual(plain);
            // Unknown tags out of order are read and not written, which is Kafka's way too.
            try {
              encode(schema, version, decode(schema, version, bytes));
            } catch (error) {
              if (!(error instanceof EncodeError)) throw error;
              expect(error.path).toMatch(/unknownTaggedFields$/);
            }
          }),
          { seed, numRuns: 40 },
        );
      }
    });

    it("refuses lengths that no frame holds, without memory for them", () => {
      let lengthsSeen = 0;
      let tried = 0;
      const before = process.memoryUsage();
      forEveryVersion(schema, (version, value) => {
        const { bytes, lengths } = interpret(schema, version, value);
        lengthsSeen += lengths.length;
        for (const mark of lengths) {
          for (const hostile of hostileLengths(mark)) {
            const damaged = splice(bytes, mark.start, mark.end, hostile);
            // A text's old length tops out at 32,767, which a long message does hold.
            if (hostile.length === 2 && damaged.byteLength > 0x7fff) continue;
            expect(decodeErrorOf(schema, version, damaged)).not.toBeNull();
            tried++;
          }
        }
      });
      const after = process.memoryUsage();
      // One of these lengths, believed, would take a gigabyte.
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(512 * 1024 * 1024);
      expect(after.heapUsed - before.heapUsed).toBeLessThan(512 * 1024 * 1024);
      expect(tried > 0).toBe(lengthsSeen > 0);
    });
  });
});
