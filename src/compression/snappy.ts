/**
 * snappy as Kafka has it: blocks of 32 KB in the frames of xerial's snappy-java, each after its size. Clients
 * that know nothing of those frames send one bare block instead, which is read too.
 */

import snappy from "snappyjs";
import type { CompressionCodec } from "../protocol/records/compression-type.ts";
import { damaged, messageOf, sizeExceeded } from "./failures.ts";
import { decompressedSnappySize } from "./snappy-block.ts";

/** 0x82, "SNAPPY", 0; the version, and the least version that can read it. */
const HEADER: readonly number[] = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1];
const MAGIC_SIZE = 8;
const COMPATIBLE_VERSION_AT = 12;
const VERSION = 1;

/** What snappy-java cuts its input into where nobody says otherwise, and Kafka does not. */
const BLOCK_SIZE = 32 * 1024;

/** snappy through snappyjs. */
export function snappyCodec(): CompressionCodec {
  return { type: "snappy", compress, decompress };
}

function compress(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  let size = HEADER.length;
  for (let start = 0; start < bytes.byteLength; start += BLOCK_SIZE) {
    const block = snappy.compress(view(bytes, start, Math.min(start + BLOCK_SIZE, bytes.byteLength)));
    blocks.push(block);
    size += 4 + block.byteLength;
  }
  const result = new Uint8Array(size);
  const numbers = new DataView(result.buffer);
  result.set(HEADER);
  let at = HEADER.length;
  for (const block of blocks) {
    numbers.setInt32(at, block.byteLength);
    result.set(block, at + 4);
    at += 4 + block.byteLength;
  }
  return result;
}

function decompress(bytes: Uint8Array, maxSize: number): Uint8Array {
  if (!startsHeader(bytes, 0)) {
    if (checkedSize(bytes, 0, bytes.byteLength) > maxSize) throw sizeExceeded("snappy", bytes, maxSize);
    return uncompress(bytes, 0, bytes.byteLength);
  }
  let size = 0;
  for (const [start, end] of blocksOf(bytes)) {
    size += checkedSize(bytes, start, end);
    if (size > maxSize) throw sizeExceeded("snappy", bytes, maxSize);
  }
  let result: Uint8Array | null = null;
  let to = 0;
  for (const [start, end] of blocksOf(bytes)) {
    const block = uncompress(bytes, start, end);
    if (block.byteLength === size) return block;
    result ??= new Uint8Array(size);
    result.set(block, to);
    to += block.byteLength;
  }
  return result ?? new Uint8Array(0);
}

/** Where the blocks of one xerial stream, or of several that follow each other, start and end. */
function* blocksOf(bytes: Uint8Array): Generator<readonly [number, number], void> {
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.byteLength) {
    if (startsHeader(bytes, at)) {
      if (at + HEADER.length > bytes.byteLength) throw damaged("snappy", "it ends inside its header", at);
      const version = numbers.getInt32(at + COMPATIBLE_VERSION_AT);
      if (version > VERSION) throw damaged("snappy", `a reader of version ${version} is needed`, at);
      at += HEADER.length;
      continue;
    }
    if (at + 4 > bytes.byteLength) throw damaged("snappy", "it ends in front of a block", at);
    const start = at + 4;
    const end = start + numbers.getInt32(at);
    if (end < start || end > bytes.byteLength) {
      throw damaged("snappy", `a block of ${end - start} bytes does not fit`, at);
    }
    yield [start, end];
    at = end;
  }
}

function startsHeader(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < MAGIC_SIZE; i++) if (bytes[at + i] !== HEADER[i]) return false;
  return true;
}

function checkedSize(bytes: Uint8Array, start: number, end: number): number {
  return decompressedSnappySize(bytes, start, end, (problem, at) => damaged("snappy", problem, at));
}

function uncompress(bytes: Uint8Array, start: number, end: number): Uint8Array {
  try {
    return snappy.uncompress(view(bytes, start, end));
  } catch (error) {
    throw damaged("snappy", messageOf(error), start, error);
  }
}

/** A plain `Uint8Array` whatever `bytes` is a subclass of: what the library makes is of its argument's kind. */
function view(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}
