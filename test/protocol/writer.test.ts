import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodeError } from "../../src/protocol/errors.ts";
import { Writer } from "../../src/protocol/writer.ts";

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const int16Length = (writer: Writer, length: number) => writer.int16(length);

const CASES: readonly (readonly [name: string, write: (w: Writer) => void, hex: string])[] = [
  ["false", (w) => w.boolean(false), "00"],
  ["true", (w) => w.boolean(true), "01"],
  ["int8", (w) => w.int8(-128), "80"],
  ["uint8", (w) => w.uint8(255), "ff"],
  ["int16", (w) => w.int16(-2), "fffe"],
  ["uint16", (w) => w.uint16(65_535), "ffff"],
  ["int32", (w) => w.int32(-2_147_483_648), "80000000"],
  ["uint32", (w) => w.uint32(4_294_967_295), "ffffffff"],
  ["int64", (w) => w.int64(-(2n ** 63n)), "8000000000000000"],
  ["float64", (w) => w.float64(1.5), "3ff8000000000000"],
  ["uuid", (w) => w.uuid("AAAAAAAAAAAAAAAAAAAAAQ"), "00000000000000000000000000000001"],
  ["varint", (w) => w.varint(-64), "7f"],
  ["varlong", (w) => w.varlong(-65n), "8101"],
  ["unsigned varint", (w) => w.unsignedVarint(300), "ac02"],
  ["text", (w) => w.text("é", 9, int16Length), "0002c3a9"],
  ["bytes", (w) => w.raw(Uint8Array.of(1, 2)), "0102"],
];

/** Sizes that straddle the writer's own limits. */
const large = (size: number, fill: number) => new Uint8Array(size).fill(fill);

describe("Writer", () => {
  it.each(CASES)("writes %s, whatever room there is", (_, write, hex) => {
    for (const capacity of [0, 1, 2, 3, 7, 512]) {
      const writer = new Writer(capacity);
      writer.uint8(0xaa);
      write(writer);
      writer.uint8(0xbb);
      expect(writer.length).toBe(hex.length / 2 + 2);
      expect(hexOf(writer.toBytes())).toBe(`aa${hex}bb`);
    }
  });

  it("writes all of them one after the other from a buffer of one byte", () => {
    const writer = new Writer(1);
    for (const [, write] of CASES) write(writer);
    expect(hexOf(writer.toBytes())).toBe(CASES.map(([, , hex]) => hex).join(""));
  });

  it("refers to large bytes and copies small ones, in the order of writing", () => {
    const writer = new Writer(1);
    const big = large(4096, 7);
    const small = large(4095, 8);
    writer.int16(1);
    writer.raw(big);
    writer.raw(small);
    writer.raw(big);
    writer.raw(big);
    writer.int16(2);
    const chunks = writer.chunks();
    expect(chunks.map((chunk) => chunk.byteLength)).toEqual([2, 4096, 4095, 4096, 4096, 2]);
    expect(chunks[1]).toBe(big);
    expect(chunks[2]).not.toBe(small);
    const length = 2 + 4096 * 3 + 4095 + 2;
    expect(writer.length).toBe(length);
    expect(hexOf(writer.toBytes())).toBe(
      ["0001", hexOf(big), hexOf(small), hexOf(big), hexOf(big), "0002"].join(""),
    );
  });

  it("goes on after its chunks were asked for, and leaves those as they were", () => {
    const writer = new Writer(4);
    writer.int32(1);
    const before = writer.chunks();
    for (let i = 2; i < 100; i++) writer.int32(i);
    expect(before.map(hexOf)).toEqual(["00000001"]);
    expect(writer.length).toBe(99 * 4);
    expect(hexOf(writer.toBytes())).toBe(
      Array.from({ length: 99 }, (_, i) => (i + 1).toString(16).padStart(8, "0")).join(""),
    );
    expect(hexOf(Buffer.concat(writer.chunks()))).toBe(hexOf(writer.toBytes()));
  });

  it("gives bytes that further writing does not change", () => {
    const writer = new Writer();
    writer.int16(1);
    const bytes = writer.toBytes();
    writer.int16(2);
    expect(hexOf(bytes)).toBe("0001");
    expect(hexOf(writer.toBytes())).toBe("00010002");
  });

  it("is empty at first", () => {
    const writer = new Writer();
    expect([writer.length, writer.toBytes().byteLength, writer.chunks().length]).toEqual([0, 0, 0]);
  });

  it.each([0, 1, 126, 127, 128, 16_383, 16_384, 16_385])(
    "writes the size of %i bytes in front of them",
    (size) => {
      for (const capacity of [1, size, size + 1, size + 2, size + 3]) {
        const writer = new Writer(capacity);
        writer.uint8(0xaa);
        // Large enough to be referred to anywhere else; here it must stay in the buffer to be moved.
        writer.sized((inner) => inner.raw(large(size, 5)));
        writer.uint8(0xbb);
        const sizeHex =
          size < 128
            ? [size]
            : size < 16_384
              ? [0x80 | (size & 0x7f), size >> 7]
              : [0x80 | (size & 0x7f), 0x80 | ((size >> 7) & 0x7f), size >> 14];
        const expected = Buffer.concat([Buffer.of(0xaa, ...sizeHex), large(size, 5), Buffer.of(0xbb)]);
        expect(Buffer.compare(writer.toBytes(), expected)).toBe(0);
        expect(writer.length).toBe(expected.byteLength);
      }
    },
  );

  it("writes sizes inside sizes, and refers to large bytes again after them", () => {
    const writer = new Writer(1);
    const big = large(5000, 1);
    writer.sized((outer) => {
      outer.sized((inner) => inner.raw(large(130, 2)));
      outer.sized((inner) => inner.raw(big));
    });
    writer.raw(big);
    const inner = Buffer.concat([Buffer.of(0x82, 0x01), large(130, 2), Buffer.of(0x88, 0x27), big]);
    const expected = Buffer.concat([
      Buffer.of(0x80 | (inner.byteLength & 0x7f), inner.byteLength >> 7),
      inner,
      big,
    ]);
    expect(Buffer.compare(writer.toBytes(), expected)).toBe(0);
    expect(writer.chunks().at(-1)).toBe(big);
  });

  it("gives the same bytes however small its first buffer is", () => {
    const steps = fc.array(
      fc.oneof(
        fc.constantFrom(...CASES.map(([, write]) => write)),
        fc
          .constantFrom(0, 100, 4095, 4096, 5000)
          .map((size) => (w: Writer) => w.raw(large(size, size & 0xff))),
        fc
          .constantFrom(0, 127, 128, 5000)
          .map((size) => (w: Writer) => w.sized((inner) => inner.raw(large(size, 3)))),
        fc.constant((w: Writer) => void w.chunks()),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 64 }), (writes, capacity) => {
        const small = new Writer(capacity);
        const ample = new Writer(1 << 17);
        for (const write of writes) {
          write(small);
          write(ample);
        }
        expect(Buffer.compare(small.toBytes(), ample.toBytes())).toBe(0);
        expect(Buffer.compare(Buffer.concat(small.chunks()), ample.toBytes())).toBe(0);
        expect(small.length).toBe(ample.toBytes().byteLength);
      }),
    );
  });

  it("refuses a uuid that is none and a text that is too long, by their bytes", () => {
    expect(() => new Writer().uuid("no")).toThrow(EncodeError);
    expect(() => new Writer().text("ééé", 5, int16Length)).toThrow(
      "the text takes 6 bytes in UTF-8 and at most 5 fit",
    );
    expect(() => new Writer().text("éé", 4, int16Length)).not.toThrow();
  });

  it("serves for one message after another, which keep their bytes", () => {
    const writer = new Writer(16);
    const taken: { readonly bytes: Uint8Array; readonly expected: string }[] = [];
    for (let i = 0; i < 50; i++) {
      for (let n = 0; n < i % 7; n++) writer.int32(i);
      expect(writer.length).toBe(4 * (i % 7));
      const expected = Buffer.concat(Array(i % 7).fill(Buffer.from([0, 0, 0, i]))).toString("hex");
      taken.push({ bytes: Buffer.concat(writer.take()), expected });
      writer.int32(-1);
      writer.drop();
      expect(writer.length).toBe(0);
    }
    expect(taken.map(({ bytes }) => Buffer.from(bytes).toString("hex"))).toEqual(
      taken.map(({ expected }) => expected),
    );
  });

  it("does not write over what was taken", () => {
    const writer = new Writer(64);
    const taken = Array.from({ length: 100 }, (_, i) => {
      writer.int32(i);
      writer.raw(new Uint8Array(i % 3 === 0 ? 5000 : 3));
      writer.int32(i);
      return writer.take();
    });
    taken.forEach((chunks, i) => {
      const bytes = Buffer.concat(chunks);
      expect([bytes.readInt32BE(0), bytes.readInt32BE(bytes.length - 4)]).toEqual([i, i]);
      expect(bytes.length).toBe(8 + (i % 3 === 0 ? 5000 : 3));
    });
  });

  it("forgets all of a message that is dropped, large bytes and open sizes too", () => {
    const writer = new Writer();
    writer.raw(new Uint8Array(5000));
    expect(() =>
      writer.sized(() => {
        throw new Error("no");
      }),
    ).toThrow("no");
    writer.drop();
    writer.raw(new Uint8Array(5000));
    expect(writer.take().map(({ byteLength }) => byteLength)).toEqual([5000]);
  });
});
