/**
 * lz4 as Kafka has it: one frame of the lz4 frame format, whose blocks do not depend on each other. Kafka writes
 * blocks of 64 KB with neither checksums nor sizes, and so do we; read is whatever the format allows beside
 * blocks that depend on each other and dictionaries, which Kafka refuses too.
 */

import type { CompressionCodec } from "../protocol/records/compression-type.ts";
import { damaged, sizeExceeded } from "./failures.ts";
import {
  compressLz4Block,
  decompressedLz4Size,
  decompressLz4Block,
  Lz4Table,
  largestLz4Block,
} from "./lz4-block.ts";
import { xxh32 } from "./xxh32.ts";

const MAGIC_NUMBER = 0x184d_2204;
const VERSION = 1;

/** The bits of the frame's first flag byte; its two highest are the version. */
const INDEPENDENT_BLOCKS = 0x20;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const RESERVED_OR_DICTIONARY = 0x03;

/** The largest size of a block by its code, which is the second flag byte's bits 4 to 6: 64 KB, 256 KB, 1 and 4 MB. */
const SMALLEST_SIZE_CODE = 4;
const LARGEST_SIZE_CODE = 7;
const BLOCK_SIZE = 64 * 1024;

/** In front of a block stands its size; this bit says that it is not compressed. */
const NOT_COMPRESSED = 0x8000_0000;

/** Magic number, flags, and a byte of the checksum of the flags. */
const FRAME_HEADER: readonly number[] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
const END_MARK_SIZE = 4;

/** lz4 in TypeScript. */
export function lz4Codec(): CompressionCodec {
  let table: Lz4Table | null = null;
  return {
    type: "lz4",
    compress: (bytes) => {
      table ??= new Lz4Table();
      return compress(bytes, table);
    },
    decompress,
  };
}

function compress(bytes: Uint8Array, table: Lz4Table): Uint8Array {
  const size = bytes.byteLength;
  const blocks = Math.ceil(size / BLOCK_SIZE);
  // A block that does not get smaller is written as it is, so only the last one needs room for its growth.
  const growth = largestLz4Block(BLOCK_SIZE) - BLOCK_SIZE;
  const frame = new Uint8Array(FRAME_HEADER.length + size + 4 * blocks + growth + END_MARK_SIZE);
  const view = new DataView(frame.buffer);
  frame.set(FRAME_HEADER);
  table.reset(size);
  let to = FRAME_HEADER.length;
  for (let start = 0; start < size; start += BLOCK_SIZE) {
    const end = Math.min(start + BLOCK_SIZE, size);
    const blockAt = to + 4;
    const blockEnd = compressLz4Block(bytes, start, end, frame, blockAt, table);
    if (blockEnd - blockAt < end - start) {
      view.setUint32(to, blockEnd - blockAt, true);
      to = blockEnd;
    } else {
      view.setUint32(to, (end - start) | NOT_COMPRESSED, true);
      frame.set(bytes.subarray(start, end), blockAt);
      to = blockAt + end - start;
    }
  }
  view.setUint32(to, 0, true);
  return frame.subarray(0, to + END_MARK_SIZE);
}

interface FrameHeader {
  readonly blocksAt: number;
  readonly maxBlockSize: number;
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly contentSize: number | null;
}

function decompress(bytes: Uint8Array, maxSize: number, magic: number = 2): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(bytes, view, magic);
  const { blocksAt, contentSize, hasBlockChecksums } = header;
  if (contentSize !== null && contentSize > maxSize) throw sizeExceeded("lz4", bytes, maxSize);
  const { size, end } = checkBlocks(bytes, view, header, maxSize);
  if (contentSize !== null && contentSize !== size) throw fail(`${size} bytes are not ${contentSize}`, end);
  const content = new Uint8Array(size);
  let to = 0;
  let at = blocksAt;
  while (at < end - END_MARK_SIZE) {
    const word = view.getUint32(at, true);
    const start = at + 4;
    const blockEnd = start + (word & ~NOT_COMPRESSED);
    if (word & NOT_COMPRESSED) {
      content.set(bytes.subarray(start, blockEnd), to);
      to += blockEnd - start;
    } else {
      to = decompressLz4Block(bytes, start, blockEnd, content, to);
    }
    at = blockEnd + (hasBlockChecksums ? 4 : 0);
  }
  // What follows the frame is not looked at, as in Kafka.
  if (header.hasContentChecksum && uint32(view, end, "the checksum of the content") !== xxh32(content)) {
    throw fail("the content has another checksum", end);
  }
  return content;
}

/** Finds every fault that a block can have, and the size of all, before memory is allocated for them. */
function checkBlocks(
  bytes: Uint8Array,
  view: DataView,
  { blocksAt, hasBlockChecksums, maxBlockSize }: FrameHeader,
  maxSize: number,
): { readonly size: number; readonly end: number } {
  let size = 0;
  let at = blocksAt;
  for (;;) {
    const word = uint32(view, at, "the size of a block");
    const start = at + 4;
    if (word === 0) return { size, end: start };
    const end = start + (word & ~NOT_COMPRESSED);
    if (end - start > maxBlockSize) throw fail(`a block has ${end - start} bytes`, at);
    if (end > bytes.byteLength) throw fail(`the data ends inside a block of ${end - start} bytes`, start);
    const blockSize = word & NOT_COMPRESSED ? end - start : decompressedLz4Size(bytes, start, end, fail);
    if (blockSize > maxBlockSize) throw fail(`a block has ${blockSize} bytes when decompressed`, start);
    at = end;
    if (hasBlockChecksums) {
      if (uint32(view, at, "the checksum of a block") !== xxh32(bytes, start, end)) {
        throw fail("a block has another checksum", at);
      }
      at += 4;
    }
    size += blockSize;
    if (size > maxSize) throw sizeExceeded("lz4", bytes, maxSize);
  }
}

function readHeader(bytes: Uint8Array, view: DataView, magic: number): FrameHeader {
  if (uint32(view, 0, "the frame's header") !== MAGIC_NUMBER) throw fail("this is no lz4 frame", 0);
  if (bytes.byteLength < FRAME_HEADER.length) throw fail("the data ends inside the frame's header", 4);
  const flags = bytes[4] as number;
  const sizes = bytes[5] as number;
  if (flags >>> 6 !== VERSION) throw fail(`there is no version ${flags >>> 6} of frames`, 4);
  if (flags & RESERVED_OR_DICTIONARY) throw fail("the frame needs a dictionary, or sets a reserved bit", 4);
  if ((flags & INDEPENDENT_BLOCKS) === 0)
    throw fail("its blocks depend on each other, which Kafka forbids", 4);
  const sizeCode = sizes >>> 4;
  if ((sizes & 0x0f) !== 0 || sizeCode < SMALLEST_SIZE_CODE || sizeCode > LARGEST_SIZE_CODE) {
    throw fail(`there is no block size 0x${sizes.toString(16)}`, 5);
  }
  const checksumAt = flags & CONTENT_SIZE ? 14 : 6;
  const checksum = bytes[checksumAt];
  if (checksum === undefined) throw fail("the data ends inside the frame's header", bytes.byteLength);
  // In magic 0 it covers the wrong bytes, and Kafka does not look at it either (KAFKA-3160).
  if (magic !== 0 && checksum !== ((xxh32(bytes, 4, checksumAt) >>> 8) & 0xff)) {
    throw fail("the frame's header has another checksum", checksumAt);
  }
  return {
    blocksAt: checksumAt + 1,
    maxBlockSize: 1 << (8 + 2 * sizeCode),
    hasBlockChecksums: (flags & BLOCK_CHECKSUMS) !== 0,
    hasContentChecksum: (flags & CONTENT_CHECKSUM) !== 0,
    contentSize: flags & CONTENT_SIZE ? Number(view.getBigUint64(6, true)) : null,
  };
}

function uint32(view: DataView, at: number, what: string): number {
  if (at + 4 > view.byteLength) throw fail(`the data ends in front of ${what}`, at);
  return view.getUint32(at, true);
}

function fail(problem: string, at: number): Error {
  return damaged("lz4", problem, at);
}
