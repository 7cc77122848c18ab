import { expect, it } from "vitest";
import { prepareHeaders } from "../../../src/client/producer/headers.ts";
import type { HeadersToSend } from "../../../src/mod.ts";

const bytes = Uint8Array.of(1, 2);

it.each<[string, HeadersToSend | undefined, readonly [string, unknown][]]>([
  ["none", undefined, []],
  ["an empty list", [], []],
  ["an empty object", {}, []],
  [
    "an object, in its order",
    { b: "1", a: bytes, c: bytes.buffer, d: null },
    [
      ["b", "1"],
      ["a", bytes],
      ["c", bytes],
      ["d", null],
    ],
  ],
  [
    "pairs and objects mixed, with a key twice",
    [["k", "1"], { key: "k", value: null }, ["", bytes.buffer]],
    [
      ["k", "1"],
      ["k", null],
      ["", bytes],
    ],
  ],
  ["undefined, which leaves a header out", { a: undefined, b: "" }, [["b", ""]]],
  ["undefined in a list", [["a", undefined], { key: "b", value: undefined }], []],
])("headers may be %s", (_, headers, expected) => {
  const prepared = prepareHeaders(headers, "t");
  expect(prepared.map(({ key, value }) => [key, value])).toEqual(expected);
});

it.each<[unknown, string]>([
  [5, "headers must be a list or an object"],
  [null, "headers must be a list or an object"],
  ["a=b", "headers must be a list or an object"],
  [["a"], "a header must be [key, value] or { key, value }"],
  [[null], "a header must be [key, value] or { key, value }"],
  [[{ name: "a", value: "b" }], "a header's key must be a string"],
  [{ a: 5 }, 'its header "a" is a number'],
])("%j is refused", (headers, message) => {
  expect(() => prepareHeaders(headers as never, "orders")).toThrow(`Record for topic "orders": ${message}`);
});
