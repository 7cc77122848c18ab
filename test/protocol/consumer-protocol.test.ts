import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ConsumerProtocolAssignment,
  ConsumerProtocolSubscription,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "../../src/protocol/consumer-protocol.ts";
import { DecodeError, EncodeError } from "../../src/protocol/errors.ts";
import type { MessageSchema } from "../../src/protocol/schema.ts";
import { encodeVersioned } from "../../src/protocol/version-prefix.ts";
import { messageArbitrary } from "../support/arbitraries.ts";
import { mutated } from "../support/mutations.ts";
import { seed } from "../support/seed.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

const userData = Uint8Array.of(1, 2, 3);

describe("bytes that other clients write", () => {
  it.each([
    {
      title: "subscription version 0",
      bytes: "0000 00000002 0003 6f6e65 0003 74776f 00000003 010203",
      version: 0,
      value: { topics: ["one", "two"], userData, ownedPartitions: [], generationId: -1, rackId: null },
    },
    {
      title: "subscription version 1",
      bytes: "0001 00000002 0003 6f6e65 0003 74776f 00000003 010203 00000000",
      version: 1,
      value: { topics: ["one", "two"], userData, ownedPartitions: [], generationId: -1, rackId: null },
    },
    {
      title: "subscription version 3",
      bytes: "0003 00000001 0003 6f6e65 00000003 010203 00000000 00000040 0004 7261636b",
      version: 3,
      value: { topics: ["one"], userData, ownedPartitions: [], generationId: 64, rackId: "rack" },
    },
  ])("$title", ({ bytes, version, value }) => {
    expect(decodeSubscription(fromHex(bytes))).toEqual(value);
    expect(hex(encodeSubscription(value, version))).toBe(bytes.replaceAll(" ", ""));
  });

  it("assignment version 0", () => {
    const bytes = "0000 00000001 0003 6f6e65 00000003 00000000 00000002 00000004 00000003 010203";
    const value = { assignedPartitions: [{ topic: "one", partitions: [0, 2, 4] }], userData };
    expect(decodeAssignment(fromHex(bytes))).toEqual(value);
    expect(hex(encodeAssignment(value, 0))).toBe(bytes.replaceAll(" ", ""));
  });
});

describe("encodeSubscription", () => {
  it("writes version 3, and nothing but topics for a member that only has these", () => {
    expect(hex(encodeSubscription({ topics: ["a"] }))).toBe("000300000001000161ffffffff00000000ffffffffffff");
  });

  it("sorts topics by their UTF-16 code units and partitions by number, and leaves its input alone", () => {
    const topics = ["b", "\uffff", "a", "\u{10000}", "B"];
    const ownedPartitions = [
      { topic: "b", partitions: [10, 9] },
      { topic: "a", partitions: [] },
      { topic: "B", partitions: [1] },
      { topic: "b", partitions: [2] },
    ];
    const before = structuredClone({ topics, ownedPartitions });
    const decoded = decodeSubscription(encodeSubscription({ topics, ownedPartitions }));
    expect(decoded.topics).toEqual(["B", "a", "b", "\u{10000}", "\uffff"]);
    expect(decoded.ownedPartitions).toEqual([
      { topic: "B", partitions: [1] },
      { topic: "b", partitions: [2, 9, 10] },
    ]);
    expect({ topics, ownedPartitions }).toEqual(before);
  });

  it("drops what an older version cannot say", () => {
    const whole = {
      topics: ["a"],
      ownedPartitions: [{ topic: "a", partitions: [0] }],
      generationId: 7,
      rackId: "r",
    };
    expect(decodeSubscription(encodeSubscription(whole, 2))).toMatchObject({ generationId: 7, rackId: null });
    expect(decodeSubscription(encodeSubscription(whole, 1))).toMatchObject({ generationId: -1 });
    expect(decodeSubscription(encodeSubscription(whole, 0))).toMatchObject({ ownedPartitions: [] });
  });

  it.each([-1, 4, 1.5])("has no version %s", (version) => {
    expect(() => encodeSubscription({ topics: [] }, version)).toThrow(RangeError);
    expect(() => encodeAssignment({}, version)).toThrow(RangeError);
  });

  it("says which field is wrong", () => {
    expect(() => encodeSubscription({ topics: ["x".repeat(40_000)] })).toThrow(
      expect.objectContaining({ path: "ConsumerProtocolSubscription.topics[0]" }),
    );
    expect(() => encodeAssignment({ assignedPartitions: [{ topic: "a", partitions: [0.5] }] })).toThrow(
      EncodeError,
    );
  });
});

describe("encodeAssignment", () => {
  it("keeps the order in which topics first come, and joins those that come again", () => {
    const assignedPartitions = [
      { topic: "b", partitions: [3, 1] },
      { topic: "empty", partitions: [] },
      { topic: "a", partitions: [0] },
      { topic: "b", partitions: [2] },
    ];
    expect(decodeAssignment(encodeAssignment({ assignedPartitions }))).toEqual({
      assignedPartitions: [
        { topic: "b", partitions: [3, 1, 2] },
        { topic: "a", partitions: [0] },
      ],
      userData: null,
    });
  });
});

describe("decodeSubscription", () => {
  const value = {
    topics: ["one", "two"],
    userData,
    ownedPartitions: [{ topic: "one", partitions: [0] }],
    generationId: 5,
    rackId: "r",
  };

  it("reads a newer version as the newest it knows, and ignores what is left over", () => {
    const bytes = encodeSubscription(value);
    bytes[1] = 9;
    expect(decodeSubscription(Uint8Array.from([...bytes, 1, 2, 3]))).toEqual(value);
    expect(decodeSubscription(Uint8Array.from([...encodeSubscription(value, 0), 1]))).toMatchObject({
      topics: ["one", "two"],
      ownedPartitions: [],
    });
  });

  it.each([0, 1, 2])("takes bytes of version 3 that end where version %s does", (earlier) => {
    const bytes = encodeSubscription(value, earlier);
    const read = decodeSubscription(bytes);
    bytes[1] = 3;
    expect(decodeSubscription(bytes)).toEqual(read);
  });

  it("takes an empty rack for none, and any negative generation", () => {
    const odd = encodeVersioned(ConsumerProtocolSubscription, 3, { rackId: "", generationId: -8 });
    expect(decodeSubscription(odd)).toMatchObject({ rackId: null, generationId: -1 });
  });

  it("refuses bytes that end anywhere else", () => {
    const bytes = encodeSubscription(value);
    const ends = [0, 1, 2].map((version) => encodeSubscription(value, version).byteLength);
    for (let length = 0; length < bytes.byteLength; length++) {
      const cut = bytes.subarray(0, length);
      if (ends.includes(length)) expect(decodeSubscription(cut).topics).toEqual(value.topics);
      else expect(() => decodeSubscription(cut), `${length} bytes`).toThrow(DecodeError);
    }
  });
});

describe.each([
  ["subscription", "ConsumerProtocolSubscription", decodeSubscription],
  ["assignment", "ConsumerProtocolAssignment", decodeAssignment],
] as const)("bytes that are no %s", (_, name, decode) => {
  it.each([
    ["are empty", "", `${name}: 2 more bytes are needed and 0 are left at byte 0`],
    ["have a negative version", "ffff00000000", `${name}: there is no version -1 at byte 0`],
    ["end in their version", "00", `${name}: 2 more bytes are needed and 1 are left at byte 0`],
  ])("that %s are refused, with where", (_, text, message) => {
    expect(() => decode(fromHex(text))).toThrow(expect.objectContaining({ name: "DecodeError", message }));
  });
});

describe(`any subscription and assignment, seed ${seed}`, () => {
  const anyOf = (schema: MessageSchema) =>
    fc
      .integer({ min: 0, max: 3 })
      .chain((version) => fc.tuple(fc.constant(version), messageArbitrary(schema, version)));

  it("a subscription is written again as it was", () => {
    fc.assert(
      fc.property(anyOf(ConsumerProtocolSubscription), ([version, any]) => {
        // What decoding makes of it is sorted, and has no odd ways of saying that there is none.
        const value = decodeSubscription(encodeSubscription(any, version));
        expect(decodeSubscription(encodeSubscription(value, version))).toEqual(value);
      }),
      { seed },
    );
  });

  it("an assignment is written again as it was", () => {
    fc.assert(
      fc.property(anyOf(ConsumerProtocolAssignment), ([version, any]) => {
        const bytes = encodeAssignment(any, version);
        expect(encodeAssignment(decodeAssignment(bytes), version)).toEqual(bytes);
      }),
      { seed },
    );
  });

  it.each<[what: string, schema: MessageSchema, decode: (bytes: Uint8Array) => unknown]>([
    ["subscription", ConsumerProtocolSubscription, decodeSubscription],
    ["assignment", ConsumerProtocolAssignment, decodeAssignment],
  ])("a damaged %s decodes or is a DecodeError that says where", (_, schema, decode) => {
    const damaged = messageArbitrary(schema, 3).chain((value) => mutated(encodeVersioned(schema, 3, value)));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        try {
          decode(bytes);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          expect(error.path.startsWith(schema.name)).toBe(true);
          expect(error.offset).toBeLessThanOrEqual(bytes.byteLength);
        }
      }),
      { seed, numRuns: 500 },
    );
  });
});
