import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../src/protocol/compile.ts";
import {
  decodeControlRecord,
  EndTxnMarker,
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from "../../src/protocol/control-records.ts";
import { DecodeError } from "../../src/protocol/errors.ts";
import type { MessageSchema } from "../../src/protocol/schema.ts";
import { encodeVersioned } from "../../src/protocol/version-prefix.ts";
import { messageArbitrary } from "../support/arbitraries.ts";
import { same } from "../support/interpreter.ts";
import { mutated } from "../support/mutations.ts";
import { seed } from "../support/seed.ts";

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const keyOf = (type: number, version = 0): Uint8Array =>
  Uint8Array.of(version >> 8, version, type >> 8, type);

describe("markers of transactions", () => {
  it.each([
    ["ABORT", "0000 0000"],
    ["COMMIT", "0000 0001"],
  ])("%s", (type, key) => {
    expect(decodeControlRecord(fromHex(key), fromHex("0000 00000007"))).toEqual({
      type,
      version: 0,
      value: { coordinatorEpoch: 7 },
    });
  });

  it("of a newer version are read as the newest known one, and say which they are", () => {
    expect(decodeControlRecord(keyOf(1, 3), fromHex("0005 00000007 aabb"))).toEqual({
      type: "COMMIT",
      version: 5,
      value: { coordinatorEpoch: 7 },
    });
    expect(decodeControlRecord(fromHex("0001 0001 ffff"), fromHex("0000 00000007"))).toMatchObject({
      type: "COMMIT",
    });
  });
});

describe("a type that is not known", () => {
  it.each([7, 300, -1])("is no error: %s", (typeId) => {
    const value = Uint8Array.of(1);
    expect(decodeControlRecord(keyOf(typeId), value)).toEqual({
      type: "UNKNOWN",
      typeId,
      version: null,
      value,
    });
    expect(decodeControlRecord(keyOf(typeId), null)).toMatchObject({ value: null });
  });
});

it("tells the two versions of a LeaderChangeMessage apart by what it says", () => {
  const voter = { voterId: 3, voterDirectoryId: "AAAAAAAAAAAAAAAAAAAAAQ" };
  const value = { leaderId: 3, voters: [voter], grantingVoters: [voter] };
  const later = encode(LeaderChangeMessage, 1, { ...value, version: 1 });
  expect(decodeControlRecord(keyOf(2), later)).toEqual({
    type: "LEADER_CHANGE",
    version: 1,
    value: { ...value, version: 1 },
  });
  const plain = { voterId: 3 };
  const first = encode(LeaderChangeMessage, 0, { leaderId: 3, voters: [plain], grantingVoters: [] });
  expect(decodeControlRecord(keyOf(2), first)).toMatchObject({ version: 0, value: { voters: [plain] } });
});

describe("what is no control record", () => {
  it.each([
    ["has no key", null, "0000", "ControlRecordTypeSchema: a control record has no key at byte 0"],
    [
      "has a short key",
      "0000 00",
      "0000",
      "ControlRecordTypeSchema.type: 2 more bytes are needed and 1 are left at byte 2",
    ],
    [
      "has an empty key",
      "",
      "0000",
      "ControlRecordTypeSchema: 2 more bytes are needed and 0 are left at byte 0",
    ],
    [
      "has a key of a negative version",
      "ffff 0000",
      "0000",
      "ControlRecordTypeSchema: there is no version -1 at byte 0",
    ],
    ["has no value", "0000 0001", null, "EndTxnMarker: a control record COMMIT has no value at byte 0"],
    [
      "has a value of a negative version",
      "0000 0001",
      "fffe 00000000",
      "EndTxnMarker: there is no version -2 at byte 0",
    ],
    [
      "has a short value",
      "0000 0001",
      "0000 0000",
      "EndTxnMarker.coordinatorEpoch: 4 more bytes are needed and 2 are left at byte 2",
    ],
    [
      "has a value without a version",
      "0000 0004",
      "00",
      "SnapshotFooterRecord: 2 more bytes are needed and 1 are left at byte 0",
    ],
  ])("%s", (_, key, value, message) => {
    const bytes = (text: string | null): Uint8Array | null => (text === null ? null : fromHex(text));
    expect(() => decodeControlRecord(bytes(key), bytes(value))).toThrow(
      expect.objectContaining({ name: "DecodeError", message }),
    );
  });
});

describe.each<[type: string, id: number, schema: MessageSchema]>([
  ["ABORT", 0, EndTxnMarker],
  ["COMMIT", 1, EndTxnMarker],
  ["LEADER_CHANGE", 2, LeaderChangeMessage],
  ["SNAPSHOT_HEADER", 3, SnapshotHeaderRecord],
  ["SNAPSHOT_FOOTER", 4, SnapshotFooterRecord],
  ["KRAFT_VERSION", 5, KRaftVersionRecord],
  ["KRAFT_VOTERS", 6, VotersRecord],
])(`any %s, seed ${seed}`, (type, id, schema) => {
  /** Any value, in any version, with the bytes of it. */
  const anyValue = fc
    .integer({ min: schema.validVersions.lowest, max: schema.validVersions.highest })
    .chain((version) =>
      messageArbitrary(schema, version).map((body) => {
        if (schema === EndTxnMarker)
          return { version, value: body, bytes: encodeVersioned(schema, version, body) };
        const value = { ...body, version };
        return { version, value, bytes: encode(schema, version, value) };
      }),
    );

  it("decodes to what was encoded", () => {
    fc.assert(
      fc.property(anyValue, ({ version, value, bytes }) => {
        const record = decodeControlRecord(keyOf(id), bytes);
        expect(record).toMatchObject({ type, version });
        expect(same(record.value, value)).toBe(true);
      }),
      { seed },
    );
  });

  it("damaged, decodes or is a DecodeError that says where", () => {
    fc.assert(
      fc.property(
        anyValue.chain(({ bytes }) => fc.oneof(mutated(bytes), fc.uint8Array({ maxLength: 40 }))),
        (bytes) => {
          try {
            decodeControlRecord(keyOf(id), bytes);
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
            expect(error.path.startsWith(schema.name)).toBe(true);
            expect(error.offset).toBeLessThanOrEqual(bytes.byteLength);
          }
        },
      ),
      { seed, numRuns: 300 },
    );
  });
});
