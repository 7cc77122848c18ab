/** The bytes of our serializers are those of Kafka's own, and so is what is read from bytes. */

import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  boolean,
  bytes,
  float32,
  float64,
  int16,
  int32,
  int64,
  json,
  nothing,
  type Serde,
  string,
  uuid,
} from "../../src/mod.ts";
import { encodeUtf8 } from "../../src/protocol/utf8.ts";
import { seed } from "../support/seed.ts";
import { describeWithJava } from "./describe-java.ts";
import { askKafkaSerializers, fromHex, toHex } from "./java.ts";

/** One of Kafka's classes, what does the same here, and what both are tried with. */
interface Pair {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: of any type, and each with values of its own
  readonly serde: Serde<any, any>;
  readonly values: readonly unknown[];
  /** Bytes to read beside those that are written; what Kafka refuses we refuse. */
  readonly toRead: readonly string[];
}

const context = { topic: "t", part: "value", headers: undefined } as const;
const random = <T>(arbitrary: fc.Arbitrary<T>, count = 500): T[] =>
  fc.sample(arbitrary, { seed, numRuns: count });

const SAMPLE = random(fc.uint8Array({ maxLength: 40 }));
/** Every length up to more than the longest that is right. */
const LENGTHS = Array.from({ length: 18 }, (_, size) => toHex(new Uint8Array(size).fill(1)));
const fixed = (size: number): string[] =>
  random(fc.uint8Array({ minLength: size, maxLength: size })).map(toHex);
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
  .map((units) => String.fromCharCode(...units));

const DOUBLES = [
  0,
  -0,
  1,
  -1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.EPSILON,
  Number.MAX_SAFE_INTEGER,
  2.2250738585072014e-308,
  // Halfway between two floats, at the largest float and past it, and where floats lose their last bits.
  16_777_217,
  16_777_219,
  3.4028234663852886e38,
  3.4028235677973366e38,
  3.402823567797337e38,
  1.401298464324817e-45,
  7.006492321624085e-46,
  1.1754943508222875e-38,
  ...random(fc.double()),
];

const TEXTS = [
  "",
  "a",
  "\0",
  "é€😀",
  "日本語",
  "\ud800",
  "\udc00",
  "a\ud83d",
  "\ude00\ud83d",
  "\ufeffa",
  "\u2028",
  "x".repeat(40),
  `${"x".repeat(40)}\ud800`,
  ...random(anyUnits),
  ...random(fc.string({ unit: "binary", maxLength: 40 })),
];

const MALFORMED = [
  "80",
  "c3",
  "e282",
  "f09f98",
  "ff",
  "c080",
  "eda080",
  "eda080edb080",
  "f4908080",
  "61ff62",
];

const BYTES = [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(0, 127, 128, 255), ...SAMPLE];

const PAIRS: readonly Pair[] = [
  ...["ByteArray", "ByteBuffer", "Bytes"].map((type) => ({
    type,
    serde: bytes(),
    values: BYTES,
    toRead: LENGTHS,
  })),
  { type: "String", serde: string(), values: TEXTS, toRead: [...MALFORMED, ...BYTES.map(toHex)] },
  {
    type: "Boolean",
    serde: boolean(),
    values: [true, false],
    toRead: ["00", "01", "02", "7f", "80", "ff", ...LENGTHS],
  },
  {
    type: "Short",
    serde: int16(),
    values: [
      0,
      -0,
      1,
      -1,
      127,
      128,
      255,
      256,
      -32768,
      32767,
      ...random(fc.integer({ min: -32768, max: 32767 })),
    ],
    toRead: [...LENGTHS, ...fixed(2)],
  },
  {
    type: "Integer",
    serde: int32(),
    values: [0, -0, 1, -1, 255, 256, 65536, -(2 ** 31), 2 ** 31 - 1, ...random(fc.integer())],
    toRead: [...LENGTHS, ...fixed(4)],
  },
  {
    type: "Long",
    serde: int64(),
    values: [
      0,
      -0,
      1,
      -1,
      2 ** 31,
      -(2 ** 31) - 1,
      2 ** 32,
      2 ** 32 - 1,
      -(2 ** 32),
      -(2 ** 32) - 1,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      0n,
      -1n,
      2n ** 53n + 1n,
      -(2n ** 63n),
      2n ** 63n - 1n,
      ...random(fc.maxSafeInteger()),
      ...random(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    ],
    toRead: [...LENGTHS, ...fixed(8)],
  },
  {
    type: "Float",
    serde: float32(),
    values: DOUBLES,
    toRead: [...LENGTHS, "ffc00001", "7f800001", ...fixed(4)],
  },
  {
    type: "Double",
    serde: float64(),
    values: DOUBLES,
    toRead: [...LENGTHS, "fff8000000000001", "7ff0000000000001", ...fixed(8)],
  },
  {
    type: "UUID",
    serde: uuid(),
    values: [
      "00000000-0000-0000-0000-000000000000",
      "FFFFFFFF-ffff-FFFF-ffff-FFFFFFFFFFFF",
      ...random(fc.uuid()),
    ],
    toRead: [
      ...["", "x", "0-0-0-0", "00000000-0000-0000-0000-00000000000g", "00000000000000000000000000000000"].map(
        utf8,
      ),
      ...random(fc.uuid()).map((text) => utf8(text.toUpperCase())),
    ],
  },
  { type: "Void", serde: nothing(), values: [], toRead: ["", "00"] },
];

function utf8(text: string): string {
  const written = new Uint8Array(3 * text.length);
  return toHex(written.subarray(0, encodeUtf8(text, written, 0)));
}

/** A value as the Java program takes it. */
function asked(value: unknown): string {
  if (typeof value === "string") return `t${Buffer.from(value, "utf16le").swap16().toString("hex")}`;
  if (value instanceof Uint8Array) return toHex(value);
  return String(value);
}

/** What is sent, text as the record batch writes it. */
function sent(data: unknown): string {
  return typeof data === "string" ? utf8(data) : data === null ? "null" : toHex(data as Uint8Array);
}

/** What was read, in the form in which the Java program says it. */
function shown(value: unknown, java: string | undefined): string {
  // Java's own text for a number is another one; that both mean the same number is what counts.
  if (typeof value === "number" && java !== undefined && Object.is(Number(java), value)) return java;
  return asked(value);
}

function read({ serde }: Pair, hex: string, java: string | undefined): string {
  try {
    return shown(serde.deserialize(fromHex(hex), { ...context, headers: [] }), java);
  } catch {
    return "error";
  }
}

/** JSON that Jackson has to make the same text of, and the values that it has to read from ours. */
const JSON_TEXTS = [...TEXTS, '\u007f\u0080\u2028"\\/\b\f\n\r\t\u0001'];
const JSON_VALUES = [
  {},
  [],
  [[], [{}], null, true, false],
  { a: { b: [1, -0.5, 1e-7, 2 ** 53, 1e300] }, é: "日本語😀" },
  "text",
  17,
  ...random(fc.jsonValue()),
];

const toWrite = ({ type, values }: Pair): string[] =>
  values.map((value) => {
    const isMinusZero = Object.is(value, -0) && (type === "Double" || type === "Float");
    return `write\t${type}\t${isMinusZero ? "-0.0" : asked(value)}`;
  });

const written = ({ serde, values }: Pair): string[] =>
  values.map((value) => sent(serde.serialize(value, context)));

const inputs = (pair: Pair): string[] => [...new Set([...written(pair), ...pair.toRead])];

const toRead = (pair: Pair): string[] => inputs(pair).map((hex) => `read\t${pair.type}\t${hex}`);

describeWithJava(`serializers, seed ${seed}`, () => {
  /** One Java for all questions: each costs seconds to start. */
  const answers = new Map<string, string>();
  const answersTo = (questions: readonly string[]): string[] =>
    questions.map((each) => answers.get(each) ?? "none");

  const jsonToRead = JSON_TEXTS.map((x) => `read\tJson\t${sent(json().serialize({ x }, context))}`);
  const jsonToWrite = JSON_VALUES.map((value) => `write\tJson\t${asked(JSON.stringify(value))}`);

  beforeAll(async () => {
    const questions = [
      ...PAIRS.flatMap((pair) => [...toWrite(pair), ...toRead(pair)]),
      ...PAIRS.flatMap(({ type }) => [`write\t${type}\tnull`, `read\t${type}\tnull`]),
      ...jsonToRead,
      ...jsonToWrite,
    ];
    const answered = await askKafkaSerializers(questions);
    questions.forEach((question, i) => {
      answers.set(question, answered[i] ?? "");
    });
  });

  describe.each(PAIRS)("$type", (pair) => {
    const { type } = pair;

    it("writes the bytes that Kafka writes", () => {
      const java = answersTo(toWrite(pair));
      const differing = written(pair)
        .map((ours, i) => ({ value: pair.values[i], java: java[i], ours }))
        .filter((row) => row.java !== row.ours);
      expect(differing.slice(0, 3)).toEqual([]);
    });

    it("reads what Kafka reads, and refuses what it refuses", () => {
      const java = answersTo(toRead(pair));
      const differing = inputs(pair)
        .map((hex, i) => ({ hex, java: java[i], ours: read(pair, hex, java[i]) }))
        .filter((row) => row.java !== row.ours);
      expect(differing.slice(0, 3)).toEqual([]);
    });

    it("leaves null null in Kafka, as everything does here", () => {
      expect(answersTo([`write\t${type}\tnull`, `read\t${type}\tnull`])).toEqual(["null", "null"]);
    });
  });

  it("JSON is read by Jackson as it was meant, and reads what Jackson writes", () => {
    expect(answersTo(jsonToRead)).toEqual(JSON_TEXTS.map(asked));
    const byJackson = answersTo(jsonToWrite).map((hex) =>
      json<unknown>().deserialize(fromHex(hex), { ...context, headers: [] }),
    );
    expect(byJackson).toEqual(JSON_VALUES.map((value) => JSON.parse(JSON.stringify(value))));
  });
});
