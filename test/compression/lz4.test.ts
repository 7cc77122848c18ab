import { describe, expect, it } from "vitest";
import { lz4Codec } from "../../src/compression/lz4.ts";
import { xxh32 } from "../../src/compression/xxh32.ts";
import { fromHex, toHex } from "../protocol/records/support.ts";
import { bytesOf, joined, noise, outcome, words } from "./support.ts";

const lz4 = lz4Codec();
const decompress = (bytes: Uint8Array, maxSize = 1 << 24, magic?: number): Uint8Array =>
  lz4.decompress(bytes, maxSize, magic) as Uint8Array;

interface FrameOptions {
  readonly flags?: number;
  readonly sizes?: number;
  readonly contentSize?: bigint;
  /** By default the right one. */
  readonly headerChecksum?: number;
  /** After the end mark. */
  readonly rest?: string;
}

/** A frame written field by field, of blocks as hex with their sizes, so that it can say anything. */
function frame(blocks: string, options: FrameOptions = {}): Uint8Array {
  const { flags = 0x60, sizes = 0x40, contentSize, rest = "" } = options;
  const size = new Uint8Array(contentSize === undefined ? 0 : 8);
  if (contentSize !== undefined) new DataView(size.buffer).setBigUint64(0, contentSize, true);
  const fields = joined(Uint8Array.of(flags, sizes), size);
  const headerChecksum = options.headerChecksum ?? (xxh32(fields) >>> 8) & 0xff;
  return joined(
    fromHex("04224d18"),
    fields,
    Uint8Array.of(headerChecksum),
    fromHex(blocks.replaceAll(" ", "")),
    fromHex(`00000000${rest}`),
  );
}

/** A number as four bytes, the lowest first, as hex. */
function word(value: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return toHex(bytes);
}

/** One block that is not compressed. */
const plain = (text: string): string => `${word((text.length | 0x8000_0000) >>> 0)}${toHex(bytesOf(text))}`;

describe("lz4", () => {
  it("writes the frames that Kafka does: independent blocks of 64 KB, no checksums, no sizes", () => {
    expect(toHex(lz4.compress(bytesOf("abc")) as Uint8Array)).toBe(
      "04224d18604082" + "03000080616263" + "00000000",
    );
    expect(toHex(lz4.compress(new Uint8Array(0)) as Uint8Array)).toBe("04224d18604082" + "00000000");
    const run = lz4.compress(new Uint8Array(65_536 + 300)) as Uint8Array;
    const first = new DataView(run.buffer, run.byteOffset).getUint32(7, true);
    expect(first).toBeLessThan(300);
    // One literal, a match of 294 bytes one back, and five literals.
    expect(toHex(run.subarray(11 + first))).toBe("0c0000001f000100ff14500000000000" + "00000000");
  });

  // FLG, BD and the checksum of a header, right and as Kafka wrote it into magic 0.
  it.each([
    [0x60, 0x40, 130, 26],
    [0x64, 0x40, 167, 12],
    [0x60, 0x70, 115, 16],
    [0x64, 0x70, 185, 86],
  ])(
    "takes the header of flags %i and %i with its checksum, and in magic 0 with the broken one",
    (flags, sizes, right, broken) => {
      const rest = flags & 0x04 ? word(xxh32(bytesOf("text"))) : "";
      const good = frame(plain("text"), { flags, sizes, rest });
      expect(good[6]).toBe(right);
      for (const magic of [0, 1, 2]) expect(decompress(good, 9, magic)).toEqual(bytesOf("text"));
      const bad = frame(plain("text"), { flags, sizes, rest, headerChecksum: broken });
      expect(decompress(bad, 9, 0)).toEqual(bytesOf("text"));
      for (const magic of [1, 2, undefined]) {
        expect(() => decompress(bad, 9, magic)).toThrow(
          /lz4 data is damaged \(the frame's header has another checksum\)/,
        );
      }
    },
  );

  it("reads several blocks, compressed and not, checksums and the size of the content", () => {
    const text = "abcabcabcabc-xyz";
    // Three literals, a match of six bytes three back, and seven literals.
    const compressed = `32${"616263"}0300${"70"}${toHex(bytesOf("abc-xyz"))}`;
    const size = compressed.length / 2;
    const checksum = word(xxh32(fromHex(compressed)));
    const two = `${word(size)}${compressed}${checksum}${plain("more")}${word(xxh32(bytesOf("more")))}`;
    const all = bytesOf(`${text}more`);
    const options = { flags: 0x7c, contentSize: BigInt(all.byteLength), rest: word(xxh32(all)) };
    expect(toHex(decompress(frame(two, options), all.byteLength))).toBe(toHex(all));
  });

  it("follows matches that overlap themselves, and lengths of many bytes", () => {
    for (const period of [1, 2, 3, 7, 8, 60, 1000]) {
      const content = Uint8Array.from({ length: 60_000 }, (_, i) => (i % period) * 3);
      const compressed = lz4.compress(content) as Uint8Array;
      expect(compressed.byteLength).toBeLessThan(period + 400);
      expect(Buffer.compare(decompress(compressed), content)).toBe(0);
    }
  });

  it("keeps to the end of a block: twelve bytes without a new match, five without any", () => {
    for (let size = 0; size < 40; size++) {
      const content = new Uint8Array(size).fill(7);
      const compressed = lz4.compress(content) as Uint8Array;
      expect(decompress(compressed, size)).toEqual(content);
      const isCompressed = size > 0 && ((compressed[10] as number) & 0x80) === 0;
      expect(isCompressed).toBe(size >= 13);
      if (isCompressed) expect(toHex(compressed.subarray(-9, -4))).toBe("0707070707");
    }
  });

  it("ignores what follows the frame, as Kafka does", () => {
    expect(decompress(joined(frame(plain("a")), bytesOf("anything")))).toEqual(bytesOf("a"));
    expect(decompress(joined(frame(plain("a")), frame(plain("b"))))).toEqual(bytesOf("a"));
  });

  it("uses nothing of an earlier input or block", () => {
    const codec = lz4Codec();
    const first = codec.compress(words(30_000)) as Uint8Array;
    codec.compress(noise(100_000));
    expect(toHex(codec.compress(words(30_000)) as Uint8Array)).toBe(toHex(first));
    const noisy = noise(65_536);
    const twice = codec.compress(joined(noisy, noisy)) as Uint8Array;
    expect(Buffer.compare(decompress(twice), joined(noisy, noisy))).toBe(0);
  });

  it.each([
    ["no frame", fromHex("04224d1900000000000000"), "this is no lz4 frame", 0],
    ["version 0", frame("", { flags: 0x20 }), "there is no version 0", 4],
    [
      "blocks that depend on each other",
      frame("", { flags: 0x40 }),
      "depend on each other, which Kafka forbids",
      4,
    ],
    ["a dictionary", frame("", { flags: 0x61 }), "needs a dictionary", 4],
    ["a reserved bit", frame("", { flags: 0x62 }), "sets a reserved bit", 4],
    ["a block size that does not exist", frame("", { sizes: 0x30 }), "no block size 0x30", 5],
    ["a reserved bit of the block size", frame("", { sizes: 0x41 }), "no block size 0x41", 5],
    ["the highest bit of the block size", frame("", { sizes: 0xc0 }), "no block size 0xc0", 5],
    [
      "a wrong checksum of a block",
      frame(`${plain("a")}00000000`, { flags: 0x70 }),
      "a block has another checksum",
      12,
    ],
    [
      "a wrong checksum of the content",
      frame(plain("a"), { flags: 0x64, rest: "00000000" }),
      "the content has another checksum",
      16,
    ],
    [
      "no checksum of the content",
      frame(plain("a"), { flags: 0x64 }),
      "ends in front of the checksum of the content",
      16,
    ],
    [
      "another size of the content",
      frame(plain("a"), { flags: 0x68, contentSize: 2n }),
      "1 bytes are not 2",
      24,
    ],
    ["a block that is too large", frame(word(65_537)), "a block has 65537 bytes", 7],
    ["a block that is cut off", frame(word(65_536)), "ends inside a block of 65536 bytes", 11],
    ["a distance of 0", frame(`${word(8)}1061000050616161`), "a match is 0 bytes back, of 1", 13],
    [
      "a distance to before the block",
      frame(`${plain("abc")}${word(6)}106102005061`),
      "a match is 2 bytes back, of 1",
      20,
    ],
    ["literals that are not there", frame(`${word(2)}2061`), "2 literals are more than the block has", 12],
    ["no last literals", frame(`${word(4)}10610100`), "ends before its last literals", 15],
    ["half a distance", frame(`${word(3)}106101`), "ends inside a distance", 13],
    ["a length without an end", frame(`${word(3)}f0ffff`), "ends inside a length", 14],
    ["a length of a match without an end", frame(`${word(5)}1f610100ff`), "ends inside a length", 16],
  ])("refuses %s, and says where", (_, bytes, problem, at) => {
    expect(() => decompress(bytes)).toThrow(problem);
    expect(() => decompress(bytes)).toThrow(expect.objectContaining({ code: "DECODE_ERROR", offset: at }));
  });

  it("refuses a block that says more than its frame allows, before it is made", () => {
    // 64 KB and a bit of one byte.
    const bomb = `1f610100${"ff".repeat(258)}0050${"61".repeat(5)}`;
    const bytes = frame(`${word(bomb.length / 2)}${bomb}`);
    expect(() => decompress(bytes)).toThrow(/a block has 65\d+ bytes when decompressed/);
    expect(decompress(frame(`${word(bomb.length / 2)}${bomb}`, { sizes: 0x50 })).byteLength).toBeGreaterThan(
      65_536,
    );
  });

  it("refuses a size of the content past the limit at once", () => {
    const bytes = frame(plain("a"), { flags: 0x68, contentSize: 2n ** 63n });
    expect(outcome(() => decompress(bytes))).toBe("too large");
  });
});
