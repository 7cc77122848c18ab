import { expect, it } from "vitest";
import { xxh64Low } from "../../src/compression/xxh64.ts";
import { bytesOf, joined, noise } from "./support.ts";

/** The checksums that zstd 1.5.7 writes for so many bytes of noise. */
const CHECKSUMS: readonly (readonly [size: number, hash: number])[] = [
  [0, 0x51d8_e999],
  [1, 0xd095_b684],
  [3, 0x547c_7d56],
  [4, 0x8752_8d12],
  [5, 0xda9f_dd7b],
  [7, 0xe6ee_2129],
  [8, 0xfc4d_e1e5],
  [9, 0xfe86_4968],
  [12, 0x130f_e3f2],
  [15, 0x5510_f746],
  [16, 0x2f5c_e45e],
  [31, 0x2a34_76b8],
  [32, 0x005b_6caa],
  [33, 0xe1b8_3d57],
  [40, 0x0f40_c1fa],
  [63, 0x2a2f_b3f0],
  [64, 0xf498_d6d5],
  [100, 0x2f05_ff97],
  [1000, 0x7186_7361],
];

it.each(CHECKSUMS)("hashes %i bytes as zstd does, wherever they are", (size, hash) => {
  const bytes = joined(bytesOf("xyz"), noise(size), bytesOf("!"));
  expect(xxh64Low(bytes, 3, 3 + size)).toBe(hash);
});
