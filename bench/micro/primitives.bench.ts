/**
 * Each primitive type by itself, a hundred values a run: kafkawire's cursors against the encoders and decoders of
 * kafkajs, @platformatic/kafka and kafka-ts where they have the type, and against a plain loop over a Buffer, which
 * writes into memory that is there while all others make their own. A uuid is text of 22 characters for kafkawire and
 * 36 for the others; kafka-ts reads it without dashes. kafkajs has an int64 as a Long, and only it.
 *
 *   npm run bench -- primitives
 */

import { createRequire } from "node:module";
import { Reader, Writer } from "kafkawire/protocol";
import { bench, group } from "./cpu-time.ts";
import { reportCpuTime } from "./report.ts";
import { warmWithEverySchema } from "./warm.ts";

// biome-ignore lint/suspicious/noExplicitAny: these modules are internal to packages and have no types
type Untyped = any;

const require = createRequire(import.meta.url);
const at = (path: string): URL => new URL(`../node_modules/${path}`, import.meta.url);
const kafkajs: Untyped = {
  Encoder: require(at("kafkajs/src/protocol/encoder.js").pathname),
  Decoder: require(at("kafkajs/src/protocol/decoder.js").pathname),
};
const kafkaTs: Untyped = {
  ...require(at("kafka-ts/dist/utils/encoder.js").pathname),
  ...require(at("kafka-ts/dist/utils/decoder.js").pathname),
};
const platformatic: Untyped = {
  ...(await import(at("@platformatic/kafka/dist/protocol/writer.js").href)),
  ...(await import(at("@platformatic/kafka/dist/protocol/reader.js").href)),
};

const COUNT = 100;
const scratch = Buffer.alloc(1 << 20);

/** How a client writes one value, and how it reads one. */
type Ways = readonly [(writer: Untyped, value: Untyped) => void, (reader: Untyped) => unknown];

interface Type {
  readonly values: readonly unknown[];
  /** The values as the other clients take them, where that differs. */
  readonly otherValues?: readonly unknown[];
  readonly ours: Ways;
  readonly kafkajs?: Ways;
  readonly platformatic?: Ways;
  readonly kafkaTs?: Ways;
  /** Both give the index behind the value; the second puts the value into `out`. */
  readonly loop?: readonly [
    (value: Untyped, index: number) => number,
    (bytes: Buffer, index: number, out: unknown[]) => number,
  ];
}

const values = <T>(make: (i: number) => T): T[] => Array.from({ length: COUNT }, (_, i) => make(i));
const ints = (limit: number): number[] => values((i) => Math.trunc((Math.sin(i) * limit) / 2 ** (i % 8)));

function text(texts: readonly string[]): Type {
  const writeLength = (w: Writer, length: number): void => w.int16(length);
  return {
    values: texts,
    ours: [(w, v) => w.text(v, 0x7fff, writeLength), (r) => r.text(r.int16())],
    kafkajs: [(w, v) => w.writeString(v), (r) => r.readString()],
    platformatic: [(w, v) => w.appendString(v, false), (r) => r.readString(false)],
    kafkaTs: [(w, v) => w.writeString(v), (r) => r.readString()],
    loop: [
      (v, i) => {
        const size = scratch.write(v, i + 2);
        scratch.writeInt16BE(size, i);
        return i + 2 + size;
      },
      (b, i, out) => {
        const end = i + 2 + b.readInt16BE(i);
        out.push(b.toString("utf8", i + 2, end));
        return end;
      },
    ],
  };
}

function byteStrings(size: number): Type {
  return {
    values: values((i) => Buffer.alloc(size, i)),
    ours: [
      (w, v) => {
        w.int32(v.byteLength);
        w.raw(v);
      },
      (r) => r.view(r.int32()),
    ],
    kafkajs: [(w, v) => w.writeBytes(v), (r) => r.readBytes()],
    platformatic: [(w, v) => w.appendBytes(v, false), (r) => r.readBytes(false)],
    kafkaTs: [(w, v) => w.writeBytes(v), (r) => r.readBytes()],
    loop: [
      (v, i) => {
        scratch.writeInt32BE(v.length, i);
        scratch.set(v, i + 4);
        return i + 4 + v.length;
      },
      (b, i, out) => {
        const end = i + 4 + b.readInt32BE(i);
        out.push(b.subarray(i + 4, end));
        return end;
      },
    ],
  };
}

const uuids = values((i) => Buffer.alloc(16, i + 1));

const types: { readonly [name: string]: Type } = {
  int8: {
    values: ints(0x7f),
    ours: [(w, v) => w.int8(v), (r) => r.int8()],
    kafkajs: [(w, v) => w.writeInt8(v), (r) => r.readInt8()],
    platformatic: [(w, v) => w.appendInt8(v), (r) => r.readInt8()],
    kafkaTs: [(w, v) => w.writeInt8(v), (r) => r.readInt8()],
    loop: [
      (v, i) => scratch.writeInt8(v, i),
      (b, i, out) => {
        out.push(b.readInt8(i));
        return i + 1;
      },
    ],
  },
  int16: {
    values: ints(0x7fff),
    ours: [(w, v) => w.int16(v), (r) => r.int16()],
    kafkajs: [(w, v) => w.writeInt16(v), (r) => r.readInt16()],
    platformatic: [(w, v) => w.appendInt16(v), (r) => r.readInt16()],
    kafkaTs: [(w, v) => w.writeInt16(v), (r) => r.readInt16()],
    loop: [
      (v, i) => scratch.writeInt16BE(v, i),
      (b, i, out) => {
        out.push(b.readInt16BE(i));
        return i + 2;
      },
    ],
  },
  int32: {
    values: ints(0x7fff_ffff),
    ours: [(w, v) => w.int32(v), (r) => r.int32()],
    kafkajs: [(w, v) => w.writeInt32(v), (r) => r.readInt32()],
    platformatic: [(w, v) => w.appendInt32(v), (r) => r.readInt32()],
    kafkaTs: [(w, v) => w.writeInt32(v), (r) => r.readInt32()],
    loop: [
      (v, i) => scratch.writeInt32BE(v, i),
      (b, i, out) => {
        out.push(b.readInt32BE(i));
        return i + 4;
      },
    ],
  },
  int64: {
    values: values((i) => 1_234_567_890_123n * BigInt(i - 50)),
    ours: [(w, v) => w.int64(v), (r) => r.int64()],
    platformatic: [(w, v) => w.appendInt64(v), (r) => r.readInt64()],
    kafkaTs: [(w, v) => w.writeInt64(v), (r) => r.readInt64()],
    loop: [
      (v, i) => scratch.writeBigInt64BE(v, i),
      (b, i, out) => {
        out.push(b.readBigInt64BE(i));
        return i + 8;
      },
    ],
  },
  varint: {
    values: ints(0xffff),
    ours: [(w, v) => w.varint(v), (r) => r.varint()],
    kafkajs: [(w, v) => w.writeVarInt(v), (r) => r.readVarInt()],
    platformatic: [(w, v) => w.appendVarInt(v), (r) => r.readVarInt()],
    kafkaTs: [(w, v) => w.writeVarInt(v), (r) => r.readVarInt()],
  },
  varlong: {
    values: values((i) => 12_345_678n * BigInt(i - 50)),
    ours: [(w, v) => w.varlong(v), (r) => r.varlong()],
    platformatic: [(w, v) => w.appendVarInt64(v), (r) => r.readVarInt64()],
    kafkaTs: [(w, v) => w.writeVarLong(v), (r) => r.readVarLong()],
  },
  "string of 8 ASCII characters": text(values((i) => `topic-${10 + (i % 90)}`)),
  "string of 200 ASCII characters": text(values((i) => `${i}`.padEnd(200, "abcdefghij"))),
  "string of 8 characters, not ASCII": text(values((i) => `añß-${1000 + i}`)),
  "string of 200 characters, not ASCII": text(values((i) => `${i}`.padEnd(200, "häßlich€"))),
  "bytes, 16": byteStrings(16),
  "bytes, 1 KiB": byteStrings(1024),
  uuid: {
    values: uuids.map((bytes) => bytes.toString("base64url")),
    otherValues: uuids.map((bytes) =>
      bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
    ),
    ours: [(w, v) => w.uuid(v), (r) => r.uuid()],
    platformatic: [(w, v) => w.appendUUID(v), (r) => r.readUUID()],
    kafkaTs: [(w, v) => w.writeUUID(v.replaceAll("-", "")), (r) => r.readUUID()],
  },
};

for (const [name, type] of Object.entries(types)) {
  const { values: own, otherValues: others = own, loop } = type;
  const encode = (
    ways: Ways | undefined,
    all: readonly unknown[],
    make: () => Untyped,
    done: (w: Untyped) => Uint8Array,
  ) => {
    if (ways === undefined) return null;
    const [write] = ways;
    return (): Uint8Array => {
      const writer = make();
      for (const value of all) write(writer, value);
      return done(writer);
    };
  };
  const decode = (ways: Ways | undefined, make: (bytes: Buffer) => Untyped) => {
    if (ways === undefined) return null;
    const [, read] = ways;
    return (bytes: Buffer): unknown[] => {
      const reader = make(bytes);
      const out: unknown[] = [];
      for (let i = 0; i < COUNT; i++) out.push(read(reader));
      return out;
    };
  };
  const encoders = {
    kafkawire: encode(
      type.ours,
      own,
      () => new Writer(),
      (w: Writer) => w.toBytes(),
    ),
    kafkajs: encode(
      type.kafkajs,
      others,
      () => new kafkajs.Encoder(),
      (w) => w.buffer,
    ),
    "@platformatic/kafka": encode(
      type.platformatic,
      others,
      () => platformatic.Writer.create(),
      (w) => w.buffer,
    ),
    "kafka-ts": encode(
      type.kafkaTs,
      others,
      () => new kafkaTs.Encoder(),
      (w) => w.value(),
    ),
    "plain loop":
      loop === undefined
        ? null
        : (): Uint8Array => {
            let index = 0;
            for (const value of own) index = loop[0](value, index);
            return scratch.subarray(0, index);
          },
  };
  const decoders = {
    kafkawire: decode(type.ours, (bytes) => new Reader(bytes)),
    kafkajs: decode(type.kafkajs, (bytes) => new kafkajs.Decoder(bytes)),
    "@platformatic/kafka": decode(type.platformatic, (bytes) => platformatic.Reader.from(bytes)),
    "kafka-ts": decode(type.kafkaTs, (bytes) => new kafkaTs.Decoder(bytes)),
    "plain loop":
      loop === undefined
        ? null
        : (bytes: Buffer): unknown[] => {
            const out: unknown[] = [];
            for (let i = 0, index = 0; i < COUNT; i++) index = loop[1](bytes, index, out);
            return out;
          },
  };
  const bytes = Buffer.from(encoders.kafkawire?.() ?? []);
  const read = decoders.kafkawire?.(bytes) ?? [];
  group(`write ${COUNT} ${name}`, () => {
    for (const [who, run] of Object.entries(encoders)) {
      if (run === null) continue;
      if (Buffer.compare(run(), bytes) !== 0) throw new Error(`${who} writes ${name} in another way`);
      bench(who, () => run());
    }
  });
  group(`read ${COUNT} ${name}`, () => {
    for (const [who, run] of Object.entries(decoders)) {
      if (run === null) continue;
      const same =
        name === "uuid" || run(bytes).every((value, i) => `${other(value)}` === `${other(read[i])}`);
      if (!same) throw new Error(`${who} reads ${name} in another way`);
      bench(who, () => run(bytes));
    }
  });
}

/** Bytes are views in all, of one class or another. */
function other(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

warmWithEverySchema();
await reportCpuTime("primitives");
