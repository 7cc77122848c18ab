/**
 * The outer structure of zstd data (RFC 8878): frames of blocks, found without decompressing any. What a
 * runtime's zstd makes of several frames, or of one that is cut off, differs and is not always an error.
 */

const MAGIC_NUMBER = 0xfd2f_b528;
/** The first of sixteen magic numbers of frames that hold something else, to be skipped. */
const SKIPPABLE = 0x184d_2a50;

/** The bits of a frame's first byte; its two highest are the width of the content size. */
const SINGLE_SEGMENT = 0x20;
const RESERVED = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY_WIDTHS = [0, 1, 2, 4];

const REPEATED_BYTE = 1;
const NO_BLOCK = 3;

/** What no block decompresses to more than. */
export const MAX_ZSTD_BLOCK_SIZE = 128 * 1024;

/** Where a frame stands, and what it says of itself. */
export interface ZstdFrame {
  readonly start: number;
  readonly end: number;
  readonly blocksStart: number;
  readonly blocksEnd: number;
  /** How far back a match reaches at most. */
  readonly windowSize: number;
  /** Null where the frame does not say, as those of Kafka do not. */
  readonly contentSize: number | null;
  /** What the content cannot be larger than, going by the number and kind of its blocks. */
  readonly largestContent: number;
  /** The lower half of the content's xxHash, which follows the blocks; null where the frame has none. */
  readonly checksum: number | null;
}

/**
 * The frames of `bytes` in order, but for those to be skipped.
 *
 * @param fail makes the error that is thrown, of the problem and the byte
 */
export function zstdFrames(bytes: Uint8Array, fail: (problem: string, at: number) => Error): ZstdFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: ZstdFrame[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    need(4, at);
    const magicNumber = view.getUint32(at, true);
    if (magicNumber >>> 4 === SKIPPABLE >>> 4) {
      need(8, at);
      const size = 8 + view.getUint32(at + 4, true);
      need(size, at);
      at += size;
    } else {
      if (magicNumber !== MAGIC_NUMBER) throw fail("this is no zstd frame", at);
      const frame = readFrame(at);
      frames.push(frame);
      at = frame.end;
    }
  }
  if (frames.length === 0) throw fail("there is no frame", 0);
  return frames;

  function readFrame(start: number): ZstdFrame {
    need(6, start);
    const flags = view.getUint8(start + 4);
    if (flags & RESERVED) throw fail("a frame sets a reserved bit", start + 4);
    const isSingleSegment = (flags & SINGLE_SEGMENT) !== 0;
    const windowAt = start + 5;
    const dictionaryAt = isSingleSegment ? windowAt : windowAt + 1;
    const dictionaryWidth = DICTIONARY_WIDTHS[flags & 3] as number;
    const contentSizeAt = dictionaryAt + dictionaryWidth;
    const contentSizeWidth = flags >>> 6 === 0 ? (isSingleSegment ? 1 : 0) : 1 << (flags >>> 6);
    const blocksStart = contentSizeAt + contentSizeWidth;
    need(blocksStart - start, start);
    for (let at = dictionaryAt; at < contentSizeAt; at++) {
      if (view.getUint8(at) !== 0) throw fail("a frame needs a dictionary", dictionaryAt);
    }
    const contentSize = readContentSize(contentSizeAt, contentSizeWidth);
    const windowSize =
      isSingleSegment && contentSize !== null ? contentSize : windowSizeOf(view.getUint8(windowAt));
    const maxBlockSize = Math.min(windowSize, MAX_ZSTD_BLOCK_SIZE);
    let largestContent = 0;
    let at = blocksStart;
    for (let isLast = false; !isLast; ) {
      need(3, at);
      const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      isLast = (header & 1) === 1;
      const kind = (header >>> 1) & 3;
      const size = header >>> 3;
      if (kind === NO_BLOCK) throw fail("there is no such kind of block", at);
      if (size > maxBlockSize) throw fail(`a block has ${size} bytes`, at);
      largestContent += kind === 2 ? maxBlockSize : size;
      const width = kind === REPEATED_BYTE ? 1 : size;
      need(3 + width, at);
      at += 3 + width;
    }
    const end = flags & CONTENT_CHECKSUM ? at + 4 : at;
    need(end - at, at);
    const checksum = end > at ? view.getUint32(at, true) : null;
    return { start, end, blocksStart, blocksEnd: at, windowSize, contentSize, largestContent, checksum };
  }

  function readContentSize(at: number, width: number): number | null {
    switch (width) {
      case 0:
        return null;
      case 1:
        return view.getUint8(at);
      case 2:
        return view.getUint16(at, true) + 256;
      case 4:
        return view.getUint32(at, true);
      default:
        return Number(view.getBigUint64(at, true));
    }
  }

  function need(size: number, at: number): void {
    if (size > bytes.byteLength - at) throw fail("it ends inside a frame", at);
  }
}

function windowSizeOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}
