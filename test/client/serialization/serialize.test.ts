import { expect, it, vi } from "vitest";
import { deserialize } from "../../../src/client/serialization/deserialize.ts";
import { serialize } from "../../../src/client/serialization/serialize.ts";
import {
  int32,
  json,
  type SerializationContext,
  SerializationError,
  type Serializer,
} from "../../../src/mod.ts";

const context = { topic: "orders", part: "key", headers: undefined } as const;

function failureOf(serializer: Serializer<unknown>, data: unknown = "x"): SerializationError {
  try {
    serialize(serializer, data, context);
  } catch (error) {
    expect(error).toBeInstanceOf(SerializationError);
    return error as SerializationError;
  }
  throw new Error("It was serialized");
}

it("null and undefined are null, and nobody is asked", () => {
  const asked = vi.fn(() => "x");
  expect(serialize({ serialize: asked }, null, context)).toBeNull();
  expect(serialize({ serialize: asked }, undefined, context)).toBeNull();
  expect(asked).not.toHaveBeenCalled();
});

it("the serializer is told what it serializes, and is itself `this`", () => {
  class Tagged implements Serializer<number> {
    readonly seen: SerializationContext[] = [];
    serialize(data: number, told: SerializationContext): string {
      this.seen.push(told);
      return `${told.topic}:${data}`;
    }
  }
  const tagged = new Tagged();
  const headers = { trace: "1" };
  expect(serialize(tagged, 0, { topic: "orders", part: "value", headers })).toBe("orders:0");
  expect(tagged.seen).toEqual([{ topic: "orders", part: "value", headers }]);
});

it.each<[string, unknown, unknown]>([
  ["text", "a", "a"],
  ["bytes", Uint8Array.of(1), Uint8Array.of(1)],
  ["a Buffer", Buffer.from("a"), Buffer.from("a")],
  ["an ArrayBuffer", Uint8Array.of(1).buffer, Uint8Array.of(1)],
  ["null", null, null],
])("a serializer may return %s", (_, returned, expected) => {
  expect(serialize({ serialize: () => returned as string }, "x", context)).toEqual(expected);
});

it("what it throws fails the record, with topic, part and cause", () => {
  const cause = new Error("no schema for this");
  const failure = failureOf({
    serialize: () => {
      throw cause;
    },
  });
  expect(failure).toMatchObject({
    code: "SERIALIZATION_FAILED",
    topic: "orders",
    part: "key",
    retriable: false,
    fatal: false,
    cause,
    message: 'Record for topic "orders": the serializer of its key failed: no schema for this',
  });
});

it.each<[unknown, string]>([
  [undefined, "returned undefined: it must be a string, Uint8Array, ArrayBuffer or null"],
  [5, "returned a number: it must be a string"],
  [{}, "returned an Object: it must be a string"],
  [[1], "returned an Array: it must be a string"],
])("what cannot be sent is an error: %j", (returned, message) => {
  expect(failureOf({ serialize: () => returned as string }).message).toContain(message);
});

it("a promise is an error that says what to do, and its own failure disturbs nobody", async () => {
  const unhandled = vi.fn();
  process.on("unhandledRejection", unhandled);
  const failure = failureOf({ serialize: async () => Promise.reject(new Error("later")) } as never);
  // Node.js tells of unhandled rejections once all microtasks are done.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", unhandled);
  expect(failure.message).toBe(
    'Record for topic "orders": the serializer of its key returned a promise, and serializers answer at once: ' +
      "await what it needs before send()",
  );
  expect(unhandled).not.toHaveBeenCalled();
});

const record = { topic: "orders", partition: 2, offset: 7n, headers: [{ key: "h", value: null }] };

it("null is read as null, and nobody is asked", () => {
  const asked = vi.fn();
  expect(deserialize({ deserialize: asked }, null, "key", record)).toBeNull();
  expect(asked).not.toHaveBeenCalled();
});

it("the deserializer is told what it reads", () => {
  const seen: unknown[] = [];
  const data = Uint8Array.of(1);
  const read = deserialize(
    {
      deserialize(bytes, { topic, part, headers }) {
        seen.push(bytes, topic, part, headers);
        return "read";
      },
    },
    data,
    "value",
    record,
  );
  expect(read).toBe("read");
  expect(seen).toEqual([data, "orders", "value", record.headers]);
});

it.each([
  [json(), "the 3 bytes are not JSON"],
  [int32(), "it reads 4 bytes, and there are 3"],
])("what cannot be read says where it stands", (serde, why) => {
  const read = (): unknown => deserialize(serde, Buffer.from("a%b"), "value", record);
  expect(read).toThrow(SerializationError);
  expect(read).toThrow(
    expect.objectContaining({
      code: "DESERIALIZATION_FAILED",
      topic: "orders",
      part: "value",
      message: `Record in topic "orders", partition 2, offset 7: the deserializer of its value failed: ${why}`,
    }),
  );
});
