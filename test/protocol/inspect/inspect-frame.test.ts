import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encode } from "../../../src/protocol/compile.ts";
import { encodeAssignment, encodeSubscription } from "../../../src/protocol/consumer-protocol.ts";
import {
  OffsetCommitKey,
  OffsetCommitValue,
} from "../../../src/protocol/coordinator-records/classic-group.ts";
import { groupCoordinatorRecordTypes } from "../../../src/protocol/coordinator-records/group-coordinator.ts";
import { coordinatorRecords } from "../../../src/protocol/inspect/embedded.ts";
import { inspect } from "../../../src/protocol/inspect/inspect.ts";
import { inspectFrame } from "../../../src/protocol/inspect/inspect-frame.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../../src/protocol/messages/api-versions.ts";
import { EnvelopeRequest } from "../../../src/protocol/messages/envelope.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import { FetchSnapshotResponse } from "../../../src/protocol/messages/fetch-snapshot.ts";
import { JoinGroupRequest } from "../../../src/protocol/messages/join-group.ts";
import { MetadataRequest, MetadataResponse } from "../../../src/protocol/messages/metadata.ts";
import { SyncGroupResponse } from "../../../src/protocol/messages/sync-group.ts";
import { messages } from "../../../src/protocol/messages.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { messageArbitrary } from "../../support/arbitraries.ts";
import { mutated } from "../../support/mutations.ts";
import { seed } from "../../support/seed.ts";
import { frameOf } from "./frames.ts";
import { expectPartition, spanAt } from "./support.ts";

const metadata = frameOf(
  MetadataRequest,
  12,
  { topics: [{ name: "orders" }] },
  { correlationId: 5, clientId: "x" },
);

describe("inspectFrame of a request", () => {
  it.each([
    ["with its size", metadata, true],
    ["without its size", metadata.subarray(4), false],
  ])("finds what it is, %s", (_, bytes, framed) => {
    for (const options of [{}, { framed }]) {
      const inspection = inspectFrame(bytes, "request", options);
      expectPartition(inspection);
      expect(inspection).toMatchObject({
        framed,
        apiKey: 3,
        apiName: "Metadata",
        apiVersion: 12,
        headerVersion: 2,
        correlationId: 5,
        schema: MetadataRequest,
        errors: [],
      });
      expect(spanAt(inspection, "RequestHeader.clientId").value).toBe("x");
      expect(spanAt(inspection, "MetadataRequest.topics[0].name").value).toBe("orders");
    }
  });

  it("finds the header version of a message that is not flexible", () => {
    const inspection = inspectFrame(frameOf(ApiVersionsRequest, 0, {}, { correlationId: 1 }), "request");
    expect(inspection).toMatchObject({ headerVersion: 1, errors: [] });
  });

  it.each([
    ["an API that is not known", [0x01, 0x00], [0, 1], 11, "API 256 is not known"],
    ["an API without messages", [0, 7], [0, 1], 11, "API 7 (ControlledShutdown) has no messages here"],
    ["a version that is not known", [0, 3], [0, 99], 12, "MetadataRequest has no version 99: it has 0-13"],
  ])("reads the header of %s", (_, apiKey, apiVersion, end, message) => {
    const bytes = Uint8Array.from([...apiKey, ...apiVersion, 0, 0, 0, 9, 0, 1, 0x78, 0, 2, 3]);
    const inspection = inspectFrame(bytes, "request", { framed: false });
    expectPartition(inspection);
    expect(inspection).toMatchObject({ apiVersion: apiVersion[1], correlationId: 9, schema: null });
    expect(inspection.errors).toEqual([{ message, offset: end, path: "RequestHeader" }]);
    expect(spanAt(inspection, "RequestHeader.clientId").value).toBe("x");
    expect(spanAt(inspection, "request", "unread")).toMatchObject({ start: end, end: 14 });
  });

  it("reads one that is cut off, and says so", () => {
    for (let length = 0; length < metadata.byteLength; length++) {
      const inspection = inspectFrame(metadata.subarray(0, length), "request", { framed: true });
      expectPartition(inspection);
      expect(inspection.errors.length).toBeGreaterThan(0);
    }
    const inspection = inspectFrame(metadata.subarray(0, -3), "request");
    expect(inspection).toMatchObject({ framed: true, apiName: "Metadata" });
    expect(inspection.errors[0]).toEqual({
      message: `the frame announces ${metadata.byteLength - 4} bytes and ${metadata.byteLength - 7} are here`,
      offset: 0,
      path: "request.size",
    });
  });

  it("leaves the next frame unread", () => {
    const inspection = inspectFrame(Uint8Array.from([...metadata, 0, 0, 0]), "request", { framed: true });
    expectPartition(inspection);
    expect(inspection.errors).toEqual([
      { message: "3 bytes are left over", offset: metadata.byteLength, path: "request" },
    ]);
  });

  it(`covers any bytes at all, seed ${seed}`, () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated(metadata));
    const options = fc.record({
      framed: fc.constantFrom(undefined, true, false),
      apiKey: fc.constantFrom(undefined, 0, 1, 3, 18, 500),
      apiVersion: fc.constantFrom(undefined, 0, 3, 12, -1, 99),
    });
    fc.assert(
      fc.property(bytes, fc.constantFrom("request", "response"), options, (given, direction, chosen) => {
        const { framed, apiKey, apiVersion } = chosen;
        expectPartition(
          inspectFrame(given, direction, {
            ...(framed === undefined ? {} : { framed }),
            ...(apiKey === undefined ? {} : { apiKey }),
            ...(apiVersion === undefined ? {} : { apiVersion }),
          }),
        );
      }),
      { seed, numRuns: 2000 },
    );
  });
});

describe("inspectFrame finds out whether the size is there", () => {
  it("for every message in its lowest and highest version", () => {
    for (const schema of messages.values()) {
      const { apiKey, type } = schema;
      if (apiKey === null || (type !== "request" && type !== "response")) continue;
      for (const version of [schema.validVersions.lowest, schema.validVersions.highest]) {
        const values = fc.sample(messageArbitrary(schema, version), { seed, numRuns: 3 });
        for (const value of values) {
          const frame = frameOf(schema, version, value as never, { correlationId: 1000, clientId: "x" });
          const options = { apiKey, apiVersion: version };
          // The answer that older brokers give is in version 0, whatever was asked.
          if (value["errorCode"] === 35 && schema === (ApiVersionsResponse as unknown)) continue;
          expect(inspectFrame(frame, type, options).framed, schema.name).toBe(true);
          expect(inspectFrame(frame.subarray(4), type, options).framed, schema.name).toBe(false);
        }
      }
    }
  });
});

describe("inspectFrame of a response", () => {
  const bytes = frameOf(MetadataResponse, 12, { clusterId: "abc" }, { correlationId: 6 });

  it("reads what the request asked for", () => {
    const inspection = inspectFrame(bytes, "response", { apiKey: 3, apiVersion: 12 });
    expectPartition(inspection);
    expect(inspection).toMatchObject({ apiName: "Metadata", headerVersion: 1, correlationId: 6, errors: [] });
    expect(spanAt(inspection, "MetadataResponse.clusterId").value).toBe("abc");
  });

  it("reads no more than the header where nobody says what it answers", () => {
    const inspection = inspectFrame(bytes, "response");
    expectPartition(inspection);
    expect(inspection).toMatchObject({
      framed: true,
      apiKey: null,
      apiName: null,
      correlationId: 6,
      schema: null,
    });
    expect(inspection.errors[0]?.message).toBe("a response needs options.apiKey and options.apiVersion");
  });

  it("reads the refusal of ApiVersions in version 0, whatever was asked", () => {
    const refusal = frameOf(
      ApiVersionsResponse,
      0,
      { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 3 }] },
      { correlationId: 1 },
    );
    for (const apiVersion of [0, 5, 99]) {
      const inspection = inspectFrame(refusal, "response", { apiKey: 18, apiVersion });
      expect(inspection).toMatchObject({ apiVersion: 0, headerVersion: 0, errors: [] });
      expect(spanAt(inspection, "ApiVersionsResponse.errorCode").note).toBe("UNSUPPORTED_VERSION");
      expect(spanAt(inspection, "ApiVersionsResponse.apiKeys[0].apiKey").note).toBe("ApiVersions");
    }
  });
});

describe("inspect", () => {
  it("refuses a version that the message does not have", () => {
    expect(() => inspect(FetchRequest, 3, new Uint8Array(0))).toThrow(
      new RangeError("FetchRequest has no version 3: it has 4-18"),
    );
  });

  it("names a damaged field, and keeps what comes before it", () => {
    const bytes = encode(MetadataRequest, 12, { topics: [{ name: "orders" }] });
    const inspection = inspect(MetadataRequest, 12, bytes.subarray(0, 20));
    expectPartition(inspection);
    const path = "MetadataRequest.topics[0].name";
    const message = "6 more bytes are needed and 2 are left";
    expect(inspection.errors).toEqual([{ message, offset: 18, path }]);
    expect(spanAt(inspection, path).children?.[0]).toMatchObject({ type: "compact string length", value: 6 });
    expect(spanAt(inspection, "MetadataRequest", "unread")).toMatchObject({
      start: 18,
      end: 20,
      error: { message, offset: 18, path },
    });
  });

  it("says where a tagged field is not as long as it says", () => {
    const bytes = Uint8Array.from([...encode(FetchResponse, 16, {}).slice(0, -1), 1, 0, 9, 1]);
    const inspection = inspect(FetchResponse, 16, bytes);
    expectPartition(inspection);
    expect(inspection.errors).toEqual([]);
    expect(spanAt(inspection, "FetchResponse.nodeEndpoints", "tagged field").note).toBe(
      "says 9 bytes and takes 1",
    );
  });
});

describe("bytes that hold a message", () => {
  it("of the consumer protocol are opened, newer versions as the newest known", () => {
    const subscription = encodeSubscription({ topics: ["orders"] });
    subscription[1] = 9;
    const join = encode(JoinGroupRequest, 5, { protocols: [{ name: "range", metadata: subscription }] });
    const inspection = inspect(JoinGroupRequest, 5, join);
    expectPartition(inspection);
    const path = "JoinGroupRequest.protocols[0].metadata";
    expect(spanAt(inspection, path).value).toEqual(subscription);
    expect(spanAt(inspection, `${path}.version`).value).toBe(9);
    expect(spanAt(inspection, `${path}.ConsumerProtocolSubscription.topics[0]`).value).toBe("orders");

    const assignment = encodeAssignment({ assignedPartitions: [{ topic: "orders", partitions: [1] }] });
    const sync = inspect(SyncGroupResponse, 3, encode(SyncGroupResponse, 3, { assignment }));
    expectPartition(sync);
    const partitions =
      "SyncGroupResponse.assignment.ConsumerProtocolAssignment.assignedPartitions[0].partitions";
    expect(spanAt(sync, `${partitions}[0]`).value).toBe(1);
  });

  it("stay bytes where they turn out to be something else", () => {
    const metadata = Uint8Array.of(0, 1, 0, 0, 0, 9);
    const join = encode(JoinGroupRequest, 5, { protocols: [{ name: "x", metadata }] });
    const inspection = inspect(JoinGroupRequest, 5, join);
    expectPartition(inspection);
    expect(inspection.errors).toEqual([]);
    expect(spanAt(inspection, "JoinGroupRequest.protocols[0].metadata", "bytes")).toMatchObject({
      kind: "value",
      value: metadata,
    });
  });

  it("of a coordinator are opened by the kind that their key names", () => {
    const builder = new RecordBatchBuilder();
    const key = encode(OffsetCommitKey, 0, { group: "billing", topic: "orders", partition: 3 });
    const value = encode(OffsetCommitValue, 3, { offset: 42n, commitTimestamp: 1n });
    builder.append(0, Uint8Array.from([0, 1, ...key]), Uint8Array.from([0, 3, ...value]));
    builder.append(0, Uint8Array.of(0, 99), Uint8Array.of(1));
    const responses = [{ topic: "__consumer_offsets", partitions: [{ records: builder.build() }] }];
    const bytes = encode(FetchResponse, 4, { responses });
    const inspection = inspect(FetchResponse, 4, bytes, {
      embedded: coordinatorRecords(groupCoordinatorRecordTypes),
    });
    expectPartition(inspection);
    expect(inspection.errors).toEqual([]);
    const records = "FetchResponse.responses[0].partitions[0].records.batches[0].records";
    expect(spanAt(inspection, `${records}[0].key.OffsetCommitKey.partition`).value).toBe(3);
    expect(spanAt(inspection, `${records}[0].value.OffsetCommitValue.offset`).value).toBe(42n);
    expect(spanAt(inspection, `${records}[1].value`).value).toEqual(Uint8Array.of(1));
  });
});

describe("inspectFrame of a forwarded request", () => {
  const principal = Uint8Array.of(1, 2);
  const envelope = (requestData: Uint8Array): Uint8Array =>
    frameOf(
      EnvelopeRequest,
      0,
      { requestData, requestPrincipal: principal, clientHostAddress: Uint8Array.of(127, 0, 0, 1) },
      { correlationId: 6 },
    );

  it("opens it, header and body", () => {
    const inspection = inspectFrame(envelope(metadata.subarray(4)), "request");
    expectPartition(inspection);
    expect(inspection.errors).toEqual([]);
    const inside = "EnvelopeRequest.requestData";
    expect(spanAt(inspection, `${inside}.RequestHeader.correlationId`).value).toBe(5);
    expect(spanAt(inspection, `${inside}.MetadataRequest.topics[0].name`).value).toBe("orders");
    expect(spanAt(inspection, inside).value).toEqual(metadata.subarray(4));
  });

  it.each([
    ["one of an unknown API", Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0)],
    ["one of an unknown version", Uint8Array.of(0, 3, 0, 99, 0, 0, 0, 0)],
    ["one that is cut off", metadata.subarray(4, 20)],
    ["what is too short for any", Uint8Array.of(0, 3)],
  ])("leaves %s as bytes", (_, bytes) => {
    const inspection = inspectFrame(envelope(bytes), "request");
    expectPartition(inspection);
    expect(inspection.errors).toEqual([]);
    expect(spanAt(inspection, "EnvelopeRequest.requestData", "bytes").value).toEqual(bytes);
  });
});

describe("a slice of a snapshot", () => {
  const builder = new RecordBatchBuilder();
  builder.append(0, null, "first");
  const batch = builder.build() as Uint8Array;
  const path = "FetchSnapshotResponse.topics[0].partitions[0].unalignedRecords";
  const inspectSlice = (slice: Uint8Array) => {
    const topics = [{ partitions: [{ unalignedRecords: slice }] }];
    const inspection = inspect(FetchSnapshotResponse, 1, encode(FetchSnapshotResponse, 1, { topics }));
    expectPartition(inspection);
    expect(inspection.errors).toEqual([]);
    return inspection;
  };

  it("that begins with a batch is opened, up to one that is cut off", () => {
    const inspection = inspectSlice(Uint8Array.from([...batch, ...batch.subarray(0, 40)]));
    expect(spanAt(inspection, `${path}.batches[0].records[0].value`).value).toHaveLength(5);
    expect(spanAt(inspection, `${path}.batches[1]`, "cut off").note).toBe(
      `40 of ${batch.byteLength} bytes are here`,
    );
  });

  it.each([1, 20, 70])("that begins %i bytes into a batch stays as it is", (start) => {
    const slice = Uint8Array.from([...batch.subarray(start), ...batch]);
    expect(spanAt(inspectSlice(slice), path, "records").value).toEqual(slice);
  });
});
