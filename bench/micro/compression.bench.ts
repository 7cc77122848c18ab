/**
 * Every compression codec that this runtime has, on the records of a batch: 16 KB, which is the default size of a
 * batch, and 1 MB. What is printed for each size beside the times is how small it gets.
 *
 *   npm run bench -- compression
 */

import { createRequire } from "node:module";
import type { CompressionCodec, Decompressor } from "../../src/protocol/records/compression-type.ts";
import { bench, group } from "./cpu-time.ts";
import { reportCpuTime } from "./report.ts";
import { warmWithEverySchema } from "./warm.ts";

const load = createRequire(new URL("../../dist/compression/", import.meta.url));
const { compressionCodecs }: typeof import("../../src/compression/codecs.ts") = load("./codecs.js");
const { zstdDecompressor }: typeof import("../../src/compression/zstd.ts") = load("./zstd.js");
const { decompressFrames }: typeof import("../../src/compression/zstd-in-typescript.ts") =
  load("./zstd-in-typescript.js");
const { xxh32 }: typeof import("../../src/compression/xxh32.ts") = load("./xxh32.js");
const { platform }: typeof import("../../src/platform/node.ts") = load("../platform/node.js");

const codecs = compressionCodecs(platform.zlib);
// Ours first, since the report compares the first of a group with the others.
const compressors = [
  ...new Set<CompressionCodec | null>([
    codecs.forWriting("lz4"),
    ...codecs.supported.map((type) => codecs.forWriting(type)),
  ]),
].filter((codec) => codec !== null);

/** What records of JSON look like: keys that repeat, numbers that do not. */
function payload(size: number): Uint8Array {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 0x41c6_4e6d) + 12345) & 0x7fff_ffff;
    return state;
  };
  let text = "";
  while (text.length < size) {
    text += JSON.stringify({
      id: random(),
      customer: `customer-${random() % 1000}`,
      state: ["new", "paid", "shipped"][random() % 3],
      amount: (random() % 100_000) / 100,
      at: new Date(1_700_000_000_000 + random()).toISOString(),
    });
  }
  return new TextEncoder().encode(text.slice(0, size));
}

for (const [name, size] of [
  ["16 KB", 16 * 1024],
  ["1 MB", 1024 * 1024],
] as const) {
  const bytes = payload(size);
  group(`compress ${name}`, () => {
    for (const codec of compressors) {
      bench(codec.type, () => codec.compress(bytes));
    }
  });
  const compressed = await Promise.all(
    compressors.map(async (codec) => [codec, Uint8Array.from(await codec.compress(bytes))] as const),
  );
  for (const [{ type }, result] of compressed) {
    console.log(`${name} of JSON with ${type}: ${((100 * result.byteLength) / size).toFixed(1)} %`);
  }
  group(`decompress ${name}`, () => {
    const all = compressed.flatMap(([codec, result]): [string, Decompressor, Uint8Array][] => [
      [codec.type, codec, result],
      ...(codec.type === "zstd"
        ? [
            ["zstd in TypeScript", zstdDecompressor({}, decompressFrames), result] as [
              string,
              Decompressor,
              Uint8Array,
            ],
          ]
        : []),
    ]);
    for (const [label, codec, result] of all) {
      bench(label, () => codec.decompress(result, size));
    }
  });
}

const megabyte = payload(1024 * 1024);
group("checksums of 1 MB", () => {
  bench("xxh32", () => xxh32(megabyte));
  bench("CRC-32", () => platform.zlib.crc32?.(megabyte));
});
warmWithEverySchema();
await reportCpuTime("compression");
