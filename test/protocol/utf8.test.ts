import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, encodeUtf8, utf8Length } from "../../src/protocol/utf8.ts";

function encoded(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text) + 2);
  const end = encodeUtf8(text, bytes, 1);
  expect(end - 1, "length foretold").toBe(bytes.byteLength - 2);
  expect([bytes[0], bytes[bytes.byteLength - 1]], "bytes around").toEqual([0, 0]);
  return bytes.subarray(1, end);
}

function decoded(hex: string): string {
  const bytes = Uint8Array.from(Buffer.from(`c3${hex}c3`, "hex"));
  return decodeUtf8(bytes, 1, bytes.byteLength - 1);
}

describe("utf-8", () => {
  it.each([
    ["empty", "", ""],
    ["ASCII", "orders", "6f7264657273"],
    ["NUL", "a\u0000b", "610062"],
    ["the ends of one byte", "\u0000\u007f", "007f"],
    ["the ends of two", "\u0080\u07ff", "c280dfbf"],
    ["the ends of three", "\u0800\ud7ff\ue000\uffff", "e0a080ed9fbfee8080efbfbf"],
    ["the ends of four", "\u{10000}\u{10ffff}", "f0908080f48fbfbf"],
    ["a leading byte order mark", "\ufeffa", "efbbbf61"],
    ["text over the length of the ASCII loop", "é".repeat(20), "c3a9".repeat(20)],
    ["a text that stops being ASCII late", `${"x".repeat(23)}é`, `${"78".repeat(23)}c3a9`],
  ])("writes and reads %s", (_, text, hex) => {
    expect(Buffer.from(encoded(text)).toString("hex")).toBe(hex);
    expect(decoded(hex)).toBe(text);
  });

  it.each([
    ["alone", "\ud800"],
    ["alone, the other half", "\udc00"],
    ["before a letter", "\ud800a"],
    ["the wrong way round", "\udc00\ud800"],
    ["twice before its other half", "\ud83d\ud83d\ude00"],
  ])("writes a surrogate as a question mark: %s", (_, text) => {
    expect(Buffer.from(encoded(text)).toString()).toBe(text.replace(/[\ud800-\udfff]/gu, "?"));
  });

  // Each result is what Java's String makes of the bytes.
  it.each([
    ["ff", "\ufffd"],
    ["c080", "\ufffd\ufffd"],
    ["e080", "\ufffd\ufffd"],
    ["e282", "\ufffd"],
    ["f08080", "\ufffd\ufffd\ufffd"],
    ["f0908d", "\ufffd"],
    ["f4908080", "\ufffd\ufffd\ufffd\ufffd"],
    ["f8888080", "\ufffd\ufffd\ufffd\ufffd"],
    ["eda080", "\ufffd"],
    ["eda080edb080", "\ufffd\ufffd"],
    ["eda0", "\ufffd"],
    ["edbf41", "\ufffdA"],
    ["ed41", "\ufffdA"],
    ["ed9fbfeda080efbfbd", "\ud7ff\ufffd\ufffd"],
    [`${"61".repeat(40)}eda08062`, `${"a".repeat(40)}\ufffdb`],
  ])("reads invalid %s as Java does", (hex, text) => {
    expect(decoded(hex)).toBe(text);
  });

  it("agrees with the runtime on all well-formed text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const bytes = encoded(text);
        expect(Buffer.compare(bytes, Buffer.from(text))).toBe(0);
        expect(decodeUtf8(bytes, 0, bytes.byteLength)).toBe(text);
      }),
    );
  });
});
