/**
 * CRC-32C by size: kafkawire's against that of @node-rs/crc32, which is native code and what @platformatic/kafka uses
 * where it can, the WebAssembly that it uses elsewhere, and the JavaScript of kafkajs.
 *
 *   npm run bench -- crc32c
 */

import { createRequire } from "node:module";
import { crc32c } from "kafkawire/protocol";
import { bench, group } from "./cpu-time.ts";
import { reportCpuTime } from "./report.ts";
import { warmWithEverySchema } from "./warm.ts";

type Crc = (bytes: Uint8Array) => number;

const require = createRequire(import.meta.url);
const native: { readonly crc32c: Crc } = require("@node-rs/crc32");
const kafkajs: Crc = require(
  new URL("../node_modules/kafkajs/src/protocol/recordBatch/crc32C/index.js", import.meta.url).pathname,
);
const wasm: { readonly crc32c: Crc } = await import(
  new URL("../node_modules/@platformatic/wasm-utils/dist/index.js", import.meta.url).href
);

const memory = Buffer.alloc(2 << 20).map((_, i) => Math.imul(i, 0x9e3779b1) >>> 24);

for (const size of [8, 16, 64, 128, 256, 512, 1024, 4096, 16_384, 65_536, 1 << 20]) {
  // Not at the start of a word, as in a batch.
  const bytes = new Uint8Array(memory.buffer, memory.byteOffset + 21, size);
  const all: readonly (readonly [string, Crc])[] = [
    ["kafkawire", (part) => crc32c(part)],
    ["@node-rs/crc32 (native)", native.crc32c],
    ["@platformatic/wasm-utils", wasm.crc32c],
    ["kafkajs", kafkajs],
  ];
  group(`CRC-32C of ${size} bytes`, () => {
    for (const [name, crc] of all) {
      if (crc(bytes) !== crc32c(bytes)) throw new Error(`${name} gives another CRC for ${size} bytes`);
      bench(name, () => crc(bytes));
    }
  });
}
warmWithEverySchema();
await reportCpuTime("crc32c");
