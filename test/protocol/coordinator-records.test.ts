import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../src/protocol/compile.ts";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "../../src/protocol/consumer-protocol.ts";
import {
  GroupMetadataKey,
  GroupMetadataValue,
  OffsetCommitKey,
} from "../../src/protocol/coordinator-records/classic-group.ts";
import type { CoordinatorRecordType } from "../../src/protocol/coordinator-records/coordinator-record.ts";
import {
  decodeGroupCoordinatorRecord,
  groupCoordinatorRecordTypes,
} from "../../src/protocol/coordinator-records/group-coordinator.ts";
import {
  decodeShareCoordinatorRecord,
  shareCoordinatorRecordTypes,
} from "../../src/protocol/coordinator-records/share-coordinator.ts";
import {
  decodeTransactionLogRecord,
  transactionCoordinatorRecordTypes,
} from "../../src/protocol/coordinator-records/transaction-coordinator.ts";
import { DecodeError } from "../../src/protocol/errors.ts";
import { messages } from "../../src/protocol/messages.ts";
import { encodeVersioned } from "../../src/protocol/version-prefix.ts";
import { messageArbitrary } from "../support/arbitraries.ts";
import { same } from "../support/interpreter.ts";
import { mutated } from "../support/mutations.ts";
import { seed } from "../support/seed.ts";

const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const keyBytes = (id: number, body: Uint8Array): Uint8Array => Uint8Array.from([id >> 8, id, ...body]);

describe("committed offsets", () => {
  const key = fromHex("0001 0001 67 0001 74 00000005");

  it("are read in every version", () => {
    const value = fromHex("0003 000000000000002a 00000007 0001 6d 0000000000000001");
    expect(decodeGroupCoordinatorRecord(key, value)).toEqual({
      type: "OFFSET_COMMIT",
      key: { group: "g", topic: "t", partition: 5 },
      version: 3,
      value: {
        offset: 42n,
        leaderEpoch: 7,
        metadata: "m",
        commitTimestamp: 1n,
        expireTimestamp: -1n,
        topicId: "AAAAAAAAAAAAAAAAAAAAAA",
      },
    });
  });

  it("are forgotten by a tombstone", () => {
    expect(decodeGroupCoordinatorRecord(key, null)).toEqual({
      type: "OFFSET_COMMIT",
      key: { group: "g", topic: "t", partition: 5 },
      version: null,
      value: null,
    });
  });

  it("may have bytes left over, which are ignored", () => {
    const value = fromHex("0000 000000000000002a 0000 0000000000000001 aabb");
    const longKey = Uint8Array.from([...key, 1, 2]);
    expect(decodeGroupCoordinatorRecord(longKey, value)).toMatchObject({
      version: 0,
      value: { offset: 42n },
    });
  });
});

it("a classic group holds subscriptions and assignments of its members", () => {
  const value = encodeVersioned(GroupMetadataValue, 3, {
    protocolType: "consumer",
    generation: 4,
    members: [
      {
        memberId: "m",
        subscription: encodeSubscription({ topics: ["t"] }),
        assignment: encodeAssignment({ assignedPartitions: [{ topic: "t", partitions: [1] }] }),
      },
    ],
  });
  const record = decodeGroupCoordinatorRecord(
    keyBytes(2, encode(GroupMetadataKey, 0, { group: "g" })),
    value,
  );
  if (record.type !== "GROUP_METADATA") throw new Error(`a record ${record.type}`);
  const [member] = record.value?.members ?? [];
  expect(decodeSubscription(member?.subscription as Uint8Array).topics).toEqual(["t"]);
  expect(decodeAssignment(member?.assignment as Uint8Array).assignedPartitions).toEqual([
    { topic: "t", partitions: [1] },
  ]);
});

describe("what a newer Kafka wrote", () => {
  it("of a kind that is not known is given back as it is", () => {
    const [key, value] = [fromHex("0063 0102"), fromHex("05")];
    for (const decode of [
      decodeGroupCoordinatorRecord,
      decodeTransactionLogRecord,
      decodeShareCoordinatorRecord,
    ]) {
      expect(decode(key, value)).toEqual({ type: "UNKNOWN", typeId: 99, version: null, key, value });
      expect(decode(key, null)).toMatchObject({ type: "UNKNOWN", value: null });
    }
  });

  it("of a version that is not known is given back as it is, with the number of its kind", () => {
    const key = keyBytes(1, encode(OffsetCommitKey, 0, { group: "g", topic: "t", partition: 0 }));
    for (const version of [5, -1]) {
      const value = fromHex(`${version < 0 ? "ffff" : "0005"} 00`);
      expect(decodeGroupCoordinatorRecord(key, value)).toEqual({
        type: "UNKNOWN",
        typeId: 1,
        version,
        key,
        value,
      });
    }
  });
});

describe("what is no record of a coordinator", () => {
  it.each([
    ["has no key", null, "0000", "key: a coordinator's record has no key at byte 0"],
    ["has an empty key", "", "0000", "key: 2 more bytes are needed and 0 are left at byte 0"],
    [
      "has a short key",
      "0002 0001",
      "0000",
      "GroupMetadataKey.group: 1 more bytes are needed and 0 are left at byte 4",
    ],
    [
      "has an empty value",
      "0002 0001 67",
      "",
      "GroupMetadataValue: 2 more bytes are needed and 0 are left at byte 0",
    ],
    [
      "has a short value",
      "0002 0001 67",
      "0000 0000 00",
      "GroupMetadataValue.generation: 4 more bytes are needed and 1 are left at byte 4",
    ],
  ])("%s", (_, key, value, message) => {
    expect(() => decodeGroupCoordinatorRecord(key === null ? null : fromHex(key), fromHex(value))).toThrow(
      expect.objectContaining({ name: "DecodeError", message }),
    );
  });
});

describe.each([
  {
    topic: "__consumer_offsets",
    types: groupCoordinatorRecordTypes,
    count: 22,
    decode: decodeGroupCoordinatorRecord,
  },
  {
    topic: "__transaction_state",
    types: transactionCoordinatorRecordTypes,
    count: 1,
    decode: decodeTransactionLogRecord,
  },
  {
    topic: "__share_group_state",
    types: shareCoordinatorRecordTypes,
    count: 2,
    decode: decodeShareCoordinatorRecord,
  },
])("kinds of records in $topic", ({ types, count, decode }) => {
  const kinds: [string, CoordinatorRecordType][] = Object.entries(types);

  it("have numbers and names of their own, and are all among the messages", () => {
    expect(kinds).toHaveLength(count);
    expect(new Set(kinds.map(([, { id }]) => id)).size).toBe(count);
    for (const [type, { key, value }] of kinds) {
      const name = type.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
      expect([key.name, value.name]).toEqual([`${name}Key`, `${name}Value`]);
      expect(messages.get(key.name)).toBe(key);
      expect(messages.get(value.name)).toBe(value);
    }
  });

  describe.each(kinds)(`%s, seed ${seed}`, (type, { id, key, value }) => {
    const anyRecord = fc
      .integer({ min: value.validVersions.lowest, max: value.validVersions.highest })
      .chain((version) =>
        fc.record({
          version: fc.constant(version),
          key: messageArbitrary(key, 0),
          value: messageArbitrary(value, version),
        }),
      )
      .map((record) => ({
        ...record,
        keyBytes: keyBytes(id, encode(key, 0, record.key)),
        valueBytes: encodeVersioned(value, record.version, record.value),
      }));

    it("decodes to what was encoded", () => {
      fc.assert(
        fc.property(anyRecord, (record) => {
          const decoded = decode(record.keyBytes, record.valueBytes);
          expect(decoded).toMatchObject({ type, version: record.version });
          expect(same([decoded.key, decoded.value], [record.key, record.value])).toBe(true);
        }),
        { seed, numRuns: 30 },
      );
    });

    it("damaged or cut short, decodes or is a DecodeError that says where", () => {
      const damaged = anyRecord.chain((record) =>
        fc.oneof(
          fc.record({ key: mutated(record.keyBytes), value: fc.constant(record.valueBytes) }),
          fc.record({ key: fc.constant(record.keyBytes), value: mutated(record.valueBytes) }),
          fc.record({ key: fc.constant(record.keyBytes), value: fc.uint8Array({ maxLength: 40 }) }),
        ),
      );
      fc.assert(
        fc.property(damaged, (record) => {
          try {
            decode(record.key, record.value);
          } catch (error) {
            if (!(error instanceof DecodeError)) throw error;
            expect(error.path).not.toBe("");
            expect(error.offset).toBeLessThanOrEqual(
              Math.max(record.key.byteLength, record.value.byteLength),
            );
          }
        }),
        { seed, numRuns: 60 },
      );
    });
  });
});
