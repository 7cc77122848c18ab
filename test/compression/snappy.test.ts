import snappyjs from "snappyjs";
import { describe, expect, it } from "vitest";
import { snappyCodec } from "../../src/compression/snappy.ts";
import { fromHex, toHex } from "../protocol/records/support.ts";
import { bytesOf, joined, noise, outcome, words } from "./support.ts";

const snappy = snappyCodec();
const decompress = (bytes: Uint8Array, maxSize = 1 << 24): Uint8Array =>
  snappy.decompress(bytes, maxSize) as Uint8Array;

const HEADER = "82534e41505059000000000100000001";

/** Blocks in xerial's frames. */
function framed(...blocks: readonly string[]): Uint8Array {
  return fromHex(
    HEADER + blocks.map((block) => (block.length / 2).toString(16).padStart(8, "0") + block).join(""),
  );
}

describe("snappy", () => {
  it.each([
    // franz-go's pkg/kgo/compression_test.go
    ["one block", `${HEADER}0000000f0d3048656c6c6f2c20576f726c6421`, "Hello, World!"],
    // aiokafka's tests/test_codec.py
    [
      "two blocks",
      `${HEADER}00000018ac0214534e41505059fe0600fe0600fe0600fe060096060000000018ac021458455249414cfe0600fe0600fe0600` +
        "fe0600960600",
      "SNAPPY".repeat(50) + "XERIAL".repeat(50),
    ],
  ])("reads %s that another client keeps as test data", (_, hex, text) => {
    expect(new TextDecoder().decode(decompress(fromHex(hex)))).toBe(text);
  });

  it("writes xerial's frames as Kafka does, in blocks of 32 KB", () => {
    expect(toHex(snappy.compress(bytesOf("Hello, World!")) as Uint8Array)).toBe(
      `${HEADER}0000000f0d3048656c6c6f2c20576f726c6421`,
    );
    expect(toHex(snappy.compress(new Uint8Array(0)) as Uint8Array)).toBe(HEADER);
    const compressed = snappy.compress(noise(32_768 * 2 + 1)) as Uint8Array;
    const view = new DataView(compressed.buffer, compressed.byteOffset, compressed.byteLength);
    const sizes: number[] = [];
    for (let at = 16; at < compressed.byteLength; at += 4 + view.getInt32(at)) {
      const block = compressed.slice(at + 4, at + 4 + view.getInt32(at));
      sizes.push(snappyjs.uncompress(block).byteLength);
    }
    expect(sizes).toEqual([32_768, 32_768, 1]);
  });

  it("reads a bare block, of any size", () => {
    for (const content of [bytesOf("x"), words(20_000), noise(100_000), new Uint8Array(200_000)]) {
      const bare = snappyjs.compress(content);
      expect(Buffer.compare(decompress(bare, content.byteLength), content)).toBe(0);
      expect(outcome(() => decompress(bare, content.byteLength - 1))).toBe("too large");
    }
    expect(decompress(fromHex("00"))).toHaveLength(0);
  });

  it("reads streams that follow each other, as snappy-java does", () => {
    const bytes = joined(framed("0308616263"), framed(), framed("0100ff"));
    expect(toHex(decompress(bytes))).toBe("616263ff");
  });

  it("reads copies with distances of every width", () => {
    // "abcd", then four more times: one tag of each kind, and the literal's length in one byte and in four.
    expect(toHex(decompress(fromHex("080c616263640104")))).toBe("6162636461626364");
    expect(toHex(decompress(fromHex("080c616263640e0400")))).toBe("6162636461626364");
    expect(toHex(decompress(fromHex("080c616263640f04000000")))).toBe("6162636461626364");
    expect(toHex(decompress(fromHex("04fc0300000061626364")))).toBe("61626364");
  });

  it.each([
    [
      "snappy's own framing format",
      "ff060000734e6150705901110000828553c348656c6c6f2c20576f726c6421",
      /snappy data/,
    ],
    ["a cut block", `${HEADER}0000000f0d3048656c6c6f2c20576f726c`, /a block of 15 bytes does not fit/],
    ["a block of negative size", `${HEADER}ffffffff00`, /a block of -1 bytes does not fit/],
    ["a size that is cut off", `${HEADER}000000`, /ends in front of a block/],
    ["a header that is cut off", HEADER.slice(0, 30), /ends inside its header/],
    ["a version to come", `${HEADER.slice(0, 30)}02`, /a reader of version 2 is needed/],
    ["an empty block", `${HEADER}00000000`, /a block has no size/],
    ["nothing", "", /a block has no size/],
    ["a size of more than 32 bits", "808080808001", /a block has no size/],
    ["fewer bytes than it says", "0400ff", /a block has 1 bytes and says 4/],
    ["more bytes than it says", "010861626300", /a block has 4 bytes|literals/],
    ["literals that are not there", "0308ff", /3 literals are more than the block has/],
    ["a length that is cut off", "03f402", /ends inside a length/],
    ["a distance that is cut off", "08046162630e04", /ends inside a distance/],
    ["a distance of 0", "080c616263640100", /a copy is 0 bytes back, of 4/],
    ["a distance to before the block", "080c616263640105", /a copy is 5 bytes back, of 4/],
    ["a negative distance", "080c616263640fffffffff", /a copy is 4294967295 bytes back/],
    // snappyjs goes back 11 bytes for this length, for ever.
    ["a negative length", "7ffcf0ffffff616161616161616161616161616161", /4294967281 literals are more/],
  ])("refuses %s", (_, hex, problem) => {
    expect(() => decompress(fromHex(hex))).toThrow(problem);
    expect(outcome(() => decompress(fromHex(hex)))).toBe("damaged");
  });

  it("believes no block that promises more than it has", () => {
    // 2^32 - 1 bytes, and 256 MB, in a dozen bytes.
    for (const size of ["ffffffff0f", "8080808001"]) {
      expect(outcome(() => decompress(fromHex(`${size}00ff`), 2 ** 33))).toBe("damaged");
      expect(outcome(() => decompress(framed(`${size}00ff`), 2 ** 33))).toBe("damaged");
    }
  });

  it("adds up the sizes of all blocks before it makes any", () => {
    const block = toHex(snappyjs.compress(new Uint8Array(30_000)));
    const bytes = framed(...Array.from({ length: 1000 }, () => block));
    const before = process.memoryUsage().arrayBuffers;
    expect(outcome(() => decompress(bytes, 29_999_999))).toBe("too large");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(decompress(bytes, 30_000_000)).toHaveLength(30_000_000);
  });
});
