import { describe, expect, it } from "vitest";
import { encode } from "../../src/protocol/compile.ts";
import {
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from "../../src/protocol/header.ts";
import { messages } from "../../src/protocol/messages.ts";
import { type MessageSchema, request } from "../../src/protocol/schema.ts";

const header = { requestApiKey: 3, requestApiVersion: 12, correlationId: 9, clientId: "kw" };
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const schemaOf = (name: string) => messages.get(name) as MessageSchema;

describe("request header", () => {
  it.each([
    [0, { ...header, clientId: "" }, "0003000c00000009"],
    [1, header, "0003000c0000000900026b77"],
    [1, { ...header, clientId: null }, "0003000c00000009ffff"],
    // The client id keeps its int16 length, the tagged fields follow it.
    [2, header, "0003000c0000000900026b7700"],
    [2, { ...header, clientId: null }, "0003000c00000009ffff00"],
  ] as const)("version %i of %j", (version, value, hex) => {
    expect(hexOf(encode(RequestHeader, version, value))).toBe(hex);
  });

  it("has no client id in version 0", () => {
    expect(() => encode(RequestHeader, 0, header)).toThrow("RequestHeader.clientId");
  });

  it.each([
    ["MetadataRequest", 8, 1],
    ["MetadataRequest", 9, 2],
    ["ApiVersionsRequest", 2, 1],
    ["ApiVersionsRequest", 3, 2],
    ["ProduceRequest", 8, 1],
    ["ProduceRequest", 9, 2],
  ])("in front of %s v%i has version %i", (name, version, expected) => {
    expect(requestHeaderVersion(schemaOf(name), version)).toBe(expected);
  });

  it("has version 0 for ControlledShutdown v0 alone", () => {
    const shutdown = request({
      apiKey: 7,
      name: "ControlledShutdownRequest",
      validVersions: "0-3",
      flexibleVersions: "3+",
      fields: {},
    });
    expect([0, 1, 2, 3].map((version) => requestHeaderVersion(shutdown, version))).toEqual([0, 1, 1, 2]);
  });
});

describe("response header", () => {
  it.each([
    [0, "00000009"],
    [1, "0000000900"],
  ])("version %i", (version, hex) => {
    expect(hexOf(encode(ResponseHeader, version, { correlationId: 9 }))).toBe(hex);
  });

  it.each([
    ["MetadataResponse", 8, 0],
    ["MetadataResponse", 9, 1],
    ["FetchResponse", 11, 0],
    ["FetchResponse", 12, 1],
    // Readable for clients that asked in a version which the broker does not know.
    ["ApiVersionsResponse", 0, 0],
    ["ApiVersionsResponse", 3, 0],
    ["ApiVersionsResponse", 5, 0],
  ])("in front of %s v%i has version %i", (name, version, expected) => {
    expect(responseHeaderVersion(schemaOf(name), version)).toBe(expected);
  });
});
