import { describe, expect, it } from "vitest";
import { DecodeError, EncodeError, KafkaError } from "../../src/protocol/errors.ts";

describe("KafkaError", () => {
  it("is neither retriable nor fatal unless it says so", () => {
    const plain = new KafkaError("NONE", "text");
    expect([plain.code, plain.message, plain.retriable, plain.fatal]).toEqual(["NONE", "text", false, false]);
    expect("cause" in plain).toBe(false);
    const cause = new Error("why");
    const full = new KafkaError("X", "text", { retriable: true, fatal: true, cause });
    expect([full.retriable, full.fatal, full.cause]).toEqual([true, true, cause]);
  });
});

describe.each([
  ["DecodeError", () => new DecodeError("problem", 7), " at byte 7"],
  ["EncodeError", () => new EncodeError("problem"), ""],
] as const)("%s", (name, make, suffix) => {
  it("is a KafkaError with a name of its own", () => {
    const error = make();
    expect(error).toBeInstanceOf(KafkaError);
    expect(error.name).toBe(name);
    expect(error.message).toBe(`problem${suffix}`);
    expect(error.path).toBe("");
  });

  it.each<[steps: (string | number)[], path: string]>([
    [["a"], "a"],
    [[3], "[3]"],
    [["leaderId", 0, "partitions", 2, "topics", "M"], "M.topics[2].partitions[0].leaderId"],
    [[1, 0, "matrix"], "matrix[0][1]"],
  ])("builds its path outwards: %j", (steps, path) => {
    const error = make();
    for (const step of steps) expect(error.within(step)).toBe(error);
    expect(error.path).toBe(path);
    expect(error.message).toBe(`${path}: problem${suffix}`);
  });
});

it("knows at which byte decoding stopped", () => {
  const error = new DecodeError("problem", 7);
  expect([error.code, error.offset]).toEqual(["DECODE_ERROR", 7]);
  expect(new EncodeError("problem").code).toBe("ENCODE_ERROR");
});
