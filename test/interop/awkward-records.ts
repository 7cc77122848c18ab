/** The records that every pair of clients has to carry unchanged, chosen where clients are known to differ. */

import { createHash } from "node:crypto";
import fc from "fast-check";
import type { RecordData } from "../../src/mod.ts";

export interface AwkwardRecord {
  readonly name: string;
  readonly key: RecordData;
  readonly value: RecordData;
  readonly headers: readonly (readonly [key: string, value: RecordData])[];
  /** Left to the writing client where it is absent. */
  readonly timestamp?: number;
  /** Too large for a topic of these tests (lanes.ts) unless it is compressed: that it arrives proves that it was. */
  readonly onlyCompressed?: true;
  /** Java's client makes a record of this that brokers refuse. */
  readonly notByJava?: true;
}

/** 900 KB: the largest round number under what brokers take by default, 1 MiB with all that goes around it. */
const LARGE = 900 * 1024;

/** Bytes that no compression makes smaller, the same in every run. */
function noise(length: number): Uint8Array {
  return createHash("shake256", { outputLength: length }).update("kafkawire").digest();
}

/** Text-like bytes that compress well. */
function prose(length: number): Uint8Array {
  return Buffer.alloc(length, "All work and no play makes Jack a dull boy.\n");
}

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
/** Overlong, torn and surrogate sequences: any client that takes these for text changes them. */
const notUtf8 = Uint8Array.of(0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0xc0, 0x80, 0xff, 0xfe);

type Content = Partial<Omit<AwkwardRecord, "name">>;
const record = (name: string, content: Content): AwkwardRecord => ({
  name,
  key: null,
  value: null,
  headers: [],
  ...content,
});

const absences = [
  record("null key and null value", {}),
  record("empty key and empty value", { key: "", value: "" }),
  record("null key and empty value", { value: "" }),
  record("empty key and null value", { key: "" }),
  record("key only", { key: "gone" }),
  record("value only", { value: "keyless" }),
  record("empty key", { key: new Uint8Array(0), value: "under an empty key" }),
  record("empty value", { key: "nothing", value: new Uint8Array(0) }),
];

const texts = Object.entries({
  emoji: "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
  "combining marks": "e\u0301 \u00e9 Z\u0351\u036b\u0343 \u1112\u1161\u11ab",
  CJK: "日本語 漢字 한국어 中文 𠜎",
  "right to left": "\u05e9\u05dc\u05d5\u05dd \u202e\u0645\u0631\u062d\u0628\u0627\u202c",
  "a byte-order mark": "\ufefftext\ufeff",
  "a NUL and line ends": "a\0b\nc\r\nd\u0085e\u2028f",
  "the borders of UTF-8's lengths": "\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff\u{10000}\u{10ffff}",
}).map(([name, text]) => record(`text with ${name}`, { key: text, value: text, headers: [[text, text]] }));

/** Java writes "?" for each. Of a header's name it foretells another length, so that its own record is damaged. */
const LONE_SURROGATES = "\ud83d|\udc00|\udc00\ud83d|\ud83d";
const loneSurrogates = [
  record("text with lone surrogates", {
    key: LONE_SURROGATES,
    value: LONE_SURROGATES,
    headers: [["lone", LONE_SURROGATES]],
  }),
  record("a header named with lone surrogates", { headers: [[LONE_SURROGATES, "v"]], notByJava: true }),
];

const binaries = [
  record("every byte", { key: everyByte, value: everyByte, headers: [["bytes", everyByte]] }),
  record("bytes that are no UTF-8", { key: notUtf8, value: notUtf8, headers: [["bytes", notUtf8]] }),
  record("NULs and newlines", { key: Buffer.from("\0\n\0"), value: Buffer.from("\n\0\r\n\0\n\n") }),
  record("bytes that read as -1", { key: Buffer.alloc(4, 0xff), value: Buffer.alloc(8, 0xff) }),
  record("bytes that read as the least int", {
    key: Uint8Array.of(0x80, 0, 0, 0),
    value: Uint8Array.of(0x80),
  }),
  record("bytes that read as the varint -1", { key: Uint8Array.of(1), value: Uint8Array.of(1) }),
  record("a view within a larger buffer", {
    key: everyByte.subarray(7, 9),
    value: everyByte.subarray(100, 200),
  }),
  record("an ArrayBuffer", { key: everyByte.slice(0, 3).buffer, value: everyByte.slice(200).buffer }),
];

/** Where the varint of a length takes a byte more. */
const lengths = [1, 63, 64, 8191, 8192].map((length) =>
  record(`${length} bytes`, {
    key: noise(length),
    value: prose(length),
    headers: [["k".repeat(length), noise(length)]],
  }),
);

const headers = [
  record("a header that is null", { value: "v", headers: [["null", null]] }),
  record("a header that is empty", { value: "v", headers: [["empty", ""]] }),
  record("a header without a name", { value: "v", headers: [["", "nameless"]] }),
  record("a header of nothing at all", { value: "v", headers: [["", null]] }),
  record("headers under one key", {
    value: "v",
    headers: [
      ["twice", "1"],
      ["other", "between"],
      ["twice", "2"],
      ["twice", null],
      ["twice", ""],
      ["twice", "1"],
    ],
  }),
  record("headers without key and value", { headers: [["alone", "yes"]] }),
  record("headers with names beyond ASCII", {
    value: "v",
    headers: [
      ["größe", "ü"],
      ["サイズ", "日本"],
      ["📏", "👍"],
    ],
  }),
  record("a header whose value holds = and ,", { value: "v", headers: [["list", "a=1,b=NULL,"]] }),
  record("a header whose name holds = and ,", { value: "v", headers: [["a=1,b", "2"]] }),
  record("a thousand headers", {
    value: "v",
    headers: Array.from(
      { length: 1000 },
      (_, i) => [`header-${i % 10}`, i % 3 === 0 ? null : `${i}`] as const,
    ),
  }),
  record("a large header", { value: "v", headers: [["large", prose(100_000)]] }),
];

/** In an order that makes the differences within a batch go up and down, and as far as they can. */
const timestamps = [
  1_700_000_000_000,
  0,
  253_402_300_799_999,
  1,
  Number.MAX_SAFE_INTEGER,
  1_699_999_999_999,
].map((timestamp) => record(`timestamp ${timestamp}`, { value: "v", timestamp }));

const large = [
  record("a large key", { key: noise(100_000), value: "v" }),
  record("900 KB that do not compress", { key: "noise", value: noise(LARGE) }),
  record("900 KB that compress well", { key: "prose", value: prose(LARGE) }),
  record("3 MB that compress well", { key: "more prose", value: prose(3_000_000), onlyCompressed: true }),
];

/** Records that nobody thought of. Any UTF-16 is text here, lone surrogates included, but for headers' names. */
function randomRecords(seed: number): AwkwardRecord[] {
  const text = fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff })), {
      maxLength: 20,
    })
    .map((units) => String.fromCharCode(...units));
  const name = fc.string({ unit: "binary", maxLength: 20 });
  const data = fc.oneof(fc.constant(null), text, fc.uint8Array({ maxLength: 300 }));
  const content = fc.record({
    key: data,
    value: data,
    headers: fc.array(fc.tuple(name, data), { maxLength: 4 }),
  });
  return fc.sample(content, { seed, numRuns: 50 }).map((parts, i) => record(`random record ${i}`, parts));
}

/** The whole table, which ends with 50 random records. */
export function awkwardRecords(seed: number): readonly AwkwardRecord[] {
  return [
    ...absences,
    ...texts,
    ...loneSurrogates,
    ...binaries,
    ...lengths,
    ...headers,
    ...timestamps,
    ...large,
    ...randomRecords(seed),
  ];
}
