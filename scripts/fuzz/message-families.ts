/** Messages of every version, decoded and inspected; and what reads them out of other bytes. */

import fc from "fast-check";
import { apiNames } from "../../src/protocol/api-keys.ts";
import { decode, encode } from "../../src/protocol/compile.ts";
import { decodeAssignment, decodeSubscription } from "../../src/protocol/consumer-protocol.ts";
import { decodeControlRecord } from "../../src/protocol/control-records.ts";
import { decodeGroupCoordinatorRecord } from "../../src/protocol/coordinator-records/group-coordinator.ts";
import { decodeShareCoordinatorRecord } from "../../src/protocol/coordinator-records/share-coordinator.ts";
import { decodeTransactionLogRecord } from "../../src/protocol/coordinator-records/transaction-coordinator.ts";
import { FrameReader } from "../../src/protocol/frame.ts";
import {
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from "../../src/protocol/header.ts";
import { formatInspection } from "../../src/protocol/inspect/format-inspection.ts";
import { inspect } from "../../src/protocol/inspect/inspect.ts";
import { inspectFrame } from "../../src/protocol/inspect/inspect-frame.ts";
import { messages } from "../../src/protocol/messages.ts";
import type { MessageSchema, MessageType } from "../../src/protocol/schema.ts";
import { everyVersion, messageArbitrary } from "../../test/support/arbitraries.ts";
import { decompressors } from "./codecs.ts";
import type { Family } from "./family.ts";
import { accepts } from "./refusals.ts";

const SAMPLES = 4;

const versions = new Map(
  everyVersion().map(({ schema, version }) => [`${schema.name} v${version}`, { schema, version }]),
);

function targetsOf(types: readonly MessageType[]): string[] {
  return [...versions].flatMap(([target, { schema }]) => (types.includes(schema.type) ? [target] : []));
}

function versionOf(target: string): { schema: MessageSchema; version: number } {
  const found = versions.get(target);
  if (found === undefined) throw new RangeError(`There is no message ${target}`);
  return found;
}

function samplesOf(target: string, seed: number): Uint8Array[] {
  const { schema, version } = versionOf(target);
  const values = fc.sample(messageArbitrary(schema, version), { seed, numRuns: SAMPLES });
  return values.map((value) => encode(schema, version, value));
}

function decoding(name: string, types: readonly MessageType[]): Family {
  return {
    name,
    targets: targetsOf(types),
    samples: samplesOf,
    decode: (target, bytes) => {
      const { schema, version } = versionOf(target);
      return accepts(() => decode(schema, version, bytes));
    },
  };
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function int16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

function framed(content: Uint8Array): Uint8Array {
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, content.byteLength);
  return joined(size, content);
}

/** Header and body in a frame. */
function frameOf(target: string, body: Uint8Array): Uint8Array {
  const { schema, version } = versionOf(target);
  const header =
    schema.type === "request"
      ? encode(RequestHeader, requestHeaderVersion(schema, version), {
          requestApiKey: schema.apiKey ?? 0,
          requestApiVersion: version,
          correlationId: 7,
          // The oldest header has none.
          clientId: requestHeaderVersion(schema, version) === 0 ? "" : "fuzz",
        })
      : encode(ResponseHeader, responseHeaderVersion(schema, version), { correlationId: 7 });
  return framed(joined(header, body));
}

/** Nothing may be thrown at all: damage is a part of the result. */
const inspecting: Family = {
  name: "inspect",
  targets: [...versions.keys()],
  samples: samplesOf,
  decode: (target, bytes) => {
    const { schema, version } = versionOf(target);
    const inspection = inspect(schema, version, bytes, {
      codecs: decompressors,
      maxDecompressedSize: 1 << 20,
    });
    formatInspection(inspection);
    return inspection.errors.length === 0;
  },
};

const inspectingFrames: Family = {
  name: "inspectFrame",
  targets: targetsOf(["request", "response"]),
  samples: (target, seed) => samplesOf(target, seed).map((body) => frameOf(target, body)),
  decode: (target, bytes) => {
    const { schema, version } = versionOf(target);
    const direction = schema.type === "request" ? "request" : "response";
    const inspection = inspectFrame(bytes, direction, {
      apiKey: schema.apiKey ?? 0,
      apiVersion: version,
      codecs: decompressors,
      maxDecompressedSize: 1 << 20,
    });
    formatInspection(inspection);
    return inspection.errors.length === 0;
  },
};

/** In chunks whose sizes the bytes themselves say. */
const frames: Family = {
  name: "FrameReader",
  targets: ["frames"],
  samples: (_, seed) =>
    targetsOf(["request"])
      .slice(0, 20)
      .map((target) => joined(...samplesOf(target, seed).map((body) => frameOf(target, body)))),
  decode: (_, bytes) =>
    accepts(() => {
      const reader = new FrameReader(1 << 24);
      const step = 1 + (bytes[bytes.byteLength >>> 1] ?? 0);
      for (let at = 0; at < bytes.byteLength; at += step) {
        for (const frame of reader.push(bytes.subarray(at, at + step))) inspectFrame(frame, "request");
      }
    }),
};

const consumerProtocol: Family = {
  name: "consumer protocol",
  targets: ["ConsumerProtocolSubscription", "ConsumerProtocolAssignment"],
  samples: (target, seed) =>
    targetsOf(["data"])
      .filter((each) => each.startsWith(`${target} `))
      .flatMap((each) => samplesOf(each, seed).map((body) => joined(int16(versionOf(each).version), body))),
  decode: (target, bytes) =>
    accepts(() =>
      target === "ConsumerProtocolSubscription" ? decodeSubscription(bytes) : decodeAssignment(bytes),
    ),
};

const recordDecoders = {
  control: decodeControlRecord,
  "group coordinator": decodeGroupCoordinatorRecord,
  "share coordinator": decodeShareCoordinatorRecord,
  "transaction coordinator": decodeTransactionLogRecord,
} as const;

/** A key's size, the key, and the value, as made of any message behind any prefix. */
const internalRecords: Family = {
  name: "control and coordinator records",
  targets: Object.keys(recordDecoders),
  samples: (_, seed) => {
    const data = targetsOf(["data"]).flatMap((target) => samplesOf(target, seed).slice(0, 1));
    return data.flatMap((value, index) => {
      const key = joined(int16(index % 24), data[(index * 7) % data.length] as Uint8Array).subarray(0, 255);
      return [
        joined(Uint8Array.of(key.byteLength), key, int16(index % 4), value),
        joined(Uint8Array.of(4), int16(0), int16(index % 8), int16(0), value),
      ];
    });
  },
  decode: (target, bytes) => {
    const keyEnd = 1 + (bytes[0] ?? 0);
    const key = bytes.subarray(1, keyEnd);
    const value = keyEnd > bytes.byteLength ? null : bytes.subarray(keyEnd);
    return accepts(() => recordDecoders[target as keyof typeof recordDecoders](key, value));
  },
};

export const messageFamilies: readonly Family[] = [
  decoding("requests", ["request"]),
  decoding("responses", ["response"]),
  decoding("headers and data", ["header", "data"]),
  frames,
  consumerProtocol,
  internalRecords,
  inspecting,
  inspectingFrames,
];

/** For the report. */
export const counts = { messages: messages.size, versions: versions.size, apis: apiNames.size };
