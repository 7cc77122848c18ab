/** Record batches of every magic and codec, and the codecs themselves. */

import { zstdDecompressor } from "../../src/compression/zstd.ts";
import { decompressFrames } from "../../src/compression/zstd-in-typescript.ts";
import { platform } from "../../src/platform/node.ts";
import type { CompressionCodec, Decompressor } from "../../src/protocol/records/compression-type.ts";
import { crc32c } from "../../src/protocol/records/crc32c.ts";
import { readRecordBatches } from "../../src/protocol/records/read-record-batches.ts";
import { RecordBatchBuilder } from "../../src/protocol/records/record-batch-builder.ts";
import { noise, words } from "../../test/compression/support.ts";
import { vectors } from "../../test/compression/zstd-vectors.ts";
import { bitwiseCrc32, rawMessage } from "../../test/protocol/records/support.ts";
import { compressors, decompressorFor, decompressors } from "./codecs.ts";
import type { Family } from "./family.ts";
import { Random } from "./random.ts";
import { accepts } from "./refusals.ts";

const crc32 = platform.zlib.crc32 ?? bitwiseCrc32;

const LIMIT = 1 << 20;

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Reads all records and touches every part of them. */
function readAll(bytes: Uint8Array, checkCrc: boolean): void {
  for (const batch of readRecordBatches(bytes, { checkCrc, crc32 })) {
    const payload = batch.decompress(decompressorFor(batch.compressionType), LIMIT);
    if (payload instanceof Promise) throw new Error("The codecs of Node.js are synchronous");
    for (const record of batch.records(payload)) {
      void [record.offset, record.timestamp, record.key, record.value];
      for (const { key, value } of record.headers) void [key, value];
    }
  }
}

function batchOf(random: Random, compression: CompressionCodec | null): Uint8Array {
  const builder = new RecordBatchBuilder();
  const timestamp = random.below(2) === 0 ? 0 : 1_700_000_000_000;
  for (let count = 1 + random.below(6); count > 0; count--) {
    const headers = Array.from({ length: random.skewed(4) }, () => ({
      key: `h${random.below(100)}`,
      value: random.pick([null, random.bytes(random.skewed(20))]),
    }));
    const key = random.pick([null, "key", random.bytes(random.skewed(20))]);
    builder.append(timestamp + random.below(1000), key, random.bytes(random.skewed(80)), headers);
  }
  return builder.build({ baseOffset: BigInt(random.below(1000)), compression }) as Uint8Array;
}

function legacySet(random: Random, magic: number): Uint8Array {
  const messages = Array.from({ length: 1 + random.below(4) }, (_, index) =>
    rawMessage({
      magic,
      offset: BigInt(index),
      timestamp: BigInt(random.below(1000)),
      key: random.pick([null, "6b"]),
      value: random.pick([null, random.bytes(random.skewed(60))]),
    }),
  );
  return joined(...messages);
}

const legacyCodecs: readonly (CompressionCodec | null)[] = [
  null,
  ...compressors.filter(({ type }) => type !== "zstd"),
];

function wrapped(random: Random, magic: number): Uint8Array {
  const codec = random.pick(legacyCodecs);
  const set = legacySet(random, magic);
  if (codec === null) return set;
  const value = codec.compress(set) as Uint8Array;
  const attributes = ["none", "gzip", "snappy", "lz4"].indexOf(codec.type);
  return rawMessage({ magic, attributes, offset: 9n, value });
}

function crcMended(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.byteLength < 61 || random.below(2) === 0) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The length too, as of a single batch.
  if (random.below(2) === 0) view.setInt32(8, bytes.byteLength - 12);
  const end = Math.min(12 + Math.max(view.getInt32(8), 0), bytes.byteLength);
  if (view.getInt8(16) === 2) view.setUint32(17, crc32c(bytes, 21, Math.max(end, 21)));
  else view.setUint32(12, crc32(bytes.subarray(16, end)));
  return bytes;
}

/** A target checks CRCs, or it does not. */
function recordSets(name: string, sample: (random: Random, index: number) => Uint8Array): Family {
  return {
    name,
    targets: ["checked", "unchecked"],
    samples: (_, seed) => Array.from({ length: 60 }, (_, index) => sample(new Random(seed, index), index)),
    mend: (_, bytes, random) => crcMended(Uint8Array.from(bytes), random),
    decode: (target, bytes) => accepts(() => readAll(bytes, target === "checked")),
  };
}

function contentOf(random: Random): Uint8Array {
  switch (random.below(4)) {
    case 0:
      return noise(random.skewed(400), random.next());
    case 1:
      return words(random.skewed(300));
    case 2:
      return new Uint8Array(random.skewed(70_000)).fill(random.next());
    default:
      return joined(
        words(random.skewed(60)),
        noise(random.skewed(60), random.next()),
        words(random.skewed(60)),
      );
  }
}

const zstdVectors = vectors.map(({ hex }) => Uint8Array.from(Buffer.from(hex, "hex")));

function compression(name: string, codec: Decompressor): Family {
  const compressor = compressors.find(({ type }) => type === codec.type);
  return {
    name,
    // What of lz4 depends on the magic, and nothing else does.
    targets: codec.type === "lz4" ? ["magic 0", "magic 1", "magic 2"] : ["magic 2"],
    samples: (_, seed) => [
      ...(compressor === undefined
        ? []
        : Array.from(
            { length: 60 },
            (_, index) => compressor.compress(contentOf(new Random(seed, index))) as Uint8Array,
          )),
      ...(codec.type === "zstd" ? zstdVectors : []),
    ],
    decode: (target, bytes) =>
      accepts(() => {
        const content = codec.decompress(bytes, LIMIT, Number(target.slice("magic ".length)));
        if (content instanceof Promise) throw new Error("The codecs of Node.js are synchronous");
        if (content.byteLength > LIMIT) throw new Error(`${content.byteLength} bytes are over the limit`);
      }),
  };
}

export const recordFamilies: readonly Family[] = [
  recordSets("record batches", (random, index) =>
    joined(
      batchOf(random, [null, ...compressors][index % (compressors.length + 1)] ?? null),
      ...(index % 5 === 0 ? [batchOf(random, null)] : []),
    ),
  ),
  recordSets("message sets of magic 0 and 1", (random, index) => wrapped(random, index % 2)),
  ...decompressors.filter(({ type }) => type !== "zstd").map((codec) => compression(codec.type, codec)),
  compression("zstd in TypeScript", zstdDecompressor({}, decompressFrames)),
  ...(platform.zlib.zstdDecompress === undefined
    ? []
    : [compression("zstd of the runtime", zstdDecompressor(platform.zlib, decompressFrames))]),
];
