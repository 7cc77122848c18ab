import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUuid, encodeUuid, ZERO_UUID } from "../../src/protocol/uuid.ts";

describe("uuids", () => {
  it.each([
    ["00000000000000000000000000000000", ZERO_UUID],
    ["00000000000000000000000000000001", "AAAAAAAAAAAAAAAAAAAAAQ"],
    ["ffffffffffffffffffffffffffffffff", "_____________________w"],
    ["fbefbefbefbefbefbefbefbefbefbefb", "-----------------------".slice(0, 21).concat("w")],
  ])("%s is %s", (hex, text) => {
    expect(decodeUuid(Uint8Array.from(Buffer.from(hex, "hex")), 0)).toBe(text);
  });

  it("writes what it reads, in its place", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 18, maxLength: 18 }), (bytes) => {
        const text = decodeUuid(bytes, 1);
        expect(text).toBe(Buffer.from(bytes.subarray(1, 17)).toString("base64url"));
        const copy = Uint8Array.from(bytes).fill(0, 1, 17);
        expect(encodeUuid(text, copy, 1)).toBe(true);
        expect(Array.from(copy)).toEqual(Array.from(bytes));
      }),
    );
  });

  it.each([
    ["empty", ""],
    ["a character short", "A".repeat(21)],
    ["a character long", "A".repeat(23)],
    ["padded", `${"A".repeat(22)}==`],
    ["hexadecimal with dashes", "00000000-0000-0000-0000-000000000000"],
    ["of base64's other alphabet", `${"A".repeat(21)}+`],
    ["with a letter outside ASCII", `${"A".repeat(21)}é`],
    ["with bits left over", `${"A".repeat(21)}B`],
  ])("refuses text that is %s", (_, text) => {
    expect(encodeUuid(text, new Uint8Array(32), 0)).toBe(false);
  });
});
