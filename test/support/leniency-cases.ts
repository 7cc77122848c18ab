/**
 * Bytes at the edge of what Kafka reads. The unit tests hold our decoder to this table, and the golden tests
 * hold the table against Kafka's own classes.
 */

import { RequestHeader } from "../../src/protocol/header.ts";
import { messages } from "../../src/protocol/messages.ts";
import { bool, int32, int64, string, uuid } from "../../src/protocol/primitives.ts";
import { array, field, type MessageSchema, request, struct } from "../../src/protocol/schema.ts";

export interface LeniencyCase {
  readonly title: string;
  readonly schema: MessageSchema;
  readonly name: string;
  readonly version: number;
  readonly hex: string;
  /** Fields of the value that it decodes to; absent where decoding is refused. */
  readonly value?: Readonly<Record<string, unknown>>;
}

/** A struct that may be null. */
const describeTopicPartitions = request({
  apiKey: 75,
  name: "DescribeTopicPartitionsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    topics: field("0+", array(struct("TopicRequest", { name: field("0+", string) }))),
    responsePartitionLimit: field("0+", int32, { default: 2000 }),
    cursor: field(
      "0+",
      struct("Cursor", { topicName: field("0+", string), partitionIndex: field("0+", int32) }),
      { nullable: "0+", default: null },
    ),
  },
});

/** Tagged fields that come with later versions, one of them null by default. */
const brokerHeartbeat = request({
  apiKey: 63,
  name: "BrokerHeartbeatRequest",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    brokerEpoch: field("0+", int64, { default: -1n }),
    currentMetadataOffset: field("0+", int64),
    wantFence: field("0+", bool),
    wantShutDown: field("0+", bool),
    offlineLogDirs: field("1+", array(uuid), { tag: 0 }),
    cordonedLogDirs: field("2+", array(uuid), { nullable: "2+", default: null, tag: 1 }),
  },
});

/** @param spaced hex with spaces for the reader */
function leniency(
  title: string,
  of: MessageSchema | string,
  version: number,
  spaced: string,
  value?: Readonly<Record<string, unknown>>,
): LeniencyCase {
  const schema = typeof of === "string" ? (messages.get(of) as MessageSchema) : of;
  const hex = spaced.replaceAll(" ", "");
  return { title, schema, name: schema.name, version, hex, ...(value === undefined ? {} : { value }) };
}

const topicId = "00".repeat(16);
const noTopicId = "A".repeat(22);
/** ApiVersionsResponse v3 up to its tagged fields. */
const apiVersions = "0000 01 00000000";
/** FetchRequest v12 up to its tagged fields. */
const fetch = "ffffffff 000001f4 00000001 03200000 00 00000000 ffffffff 01 01 01";
const heartbeat = "00000001 ffffffffffffffff 0000000000000000 00 00";
const manyTags = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `${(0x80 + (i % 128)).toString(16) + hexByte(1 + (i >> 7))}00`,
  ).join("");

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

export const leniencyCases: readonly LeniencyCase[] = [
  leniency("null in a version where null may not stand", "MetadataRequest", 0, "ffffffff"),
  leniency("null in a version where it may", "MetadataRequest", 1, "ffffffff", { topics: null }),
  leniency("a length of -2 as null", "MetadataRequest", 1, "fffffffe", { topics: null }),
  leniency("the least length of all as null", "MetadataRequest", 1, "80000000", { topics: null }),
  leniency("a compact null", "MetadataRequest", 9, "00 01 00 00 00", { topics: null }),
  leniency("a compact length of -2 as null", "MetadataRequest", 9, "ffffffff0f 01 00 00 00", {
    topics: null,
  }),
  leniency(
    "the least compact length, which wraps to the highest",
    "MetadataRequest",
    9,
    "8080808008 01 00 00 00",
  ),
  leniency("a null text where none may stand", "MetadataRequest", 1, "00000001 ffff"),
  leniency("a compact null text where none may stand", "MetadataRequest", 9, "02 00 00 01 00 00 00"),
  leniency("a compact text that may be null", "MetadataRequest", 10, `02 ${topicId} 00 00 01 00 00 00`, {
    topics: [{ topicId: noTopicId, name: null }],
  }),
  leniency(
    "null records of length -2",
    "ProduceRequest",
    3,
    "ffff 0001 00000000 00000001 0000 00000001 00000007 fffffffe",
    {
      topicData: [{ name: "", topicId: noTopicId, partitionData: [{ index: 7, records: null }] }],
    },
  ),

  leniency("2 as true", "MetadataRequest", 4, "ffffffff 02", { allowAutoTopicCreation: true }),
  leniency("0x80 as true", "MetadataRequest", 4, "ffffffff 80", { allowAutoTopicCreation: true }),

  leniency("a varint longer than it needs to be", "MetadataRequest", 9, "8180808000 01 00 00 00", {
    topics: [],
  }),
  leniency("bits of a varint beyond 32, dropped", "MetadataRequest", 9, "8180808010 01 00 00 00", {
    topics: [],
  }),
  leniency("a varint of six bytes", "MetadataRequest", 9, "818080808000 01 00 00 00"),

  leniency("invalid UTF-8", "MetadataRequest", 1, "00000001 0003 ff4180", {
    topics: [{ topicId: noTopicId, name: "\ufffdA\ufffd" }],
  }),
  leniency("encoded surrogates", "MetadataRequest", 1, "00000001 000a eda080 41 eda1 42 edbfbf", {
    topics: [{ topicId: noTopicId, name: "\ufffdA\ufffdB\ufffd" }],
  }),
  leniency("a byte order mark, kept", "MetadataRequest", 1, "00000001 0004 efbbbf61", {
    topics: [{ topicId: noTopicId, name: "\ufeffa" }],
  }),
  leniency("the longest text", "MetadataRequest", 9, `02 808002 ${"61".repeat(32_767)} 00 01 00 00 00`, {
    topics: [{ topicId: noTopicId, name: "a".repeat(32_767) }],
  }),
  leniency(
    "a compact text one byte longer",
    "MetadataRequest",
    9,
    `02 818002 ${"61".repeat(32_768)} 00 01 00 00 00`,
  ),
  leniency("a text longer than the message", "MetadataRequest", 1, "00000001 0003 6161"),
  leniency("a uuid", "MetadataRequest", 10, `02 ${"ff".repeat(16)} 00 00 01 00 00 00`, {
    topics: [{ topicId: "_____________________w", name: null }],
  }),

  leniency("more elements than bytes", "MetadataRequest", 1, "00000005 0000 0000"),
  leniency("the highest number of elements", "MetadataRequest", 1, "7fffffff 0000 0000"),
  leniency(
    "a million and one elements, all there",
    "MetadataRequest",
    1,
    `000f4241 ${"0000".repeat(1_000_001)}`,
  ),

  leniency("an unknown tag", "ApiVersionsResponse", 3, `${apiVersions} 01 07 02 aabb`, {
    unknownTaggedFields: [{ tag: 7, data: Uint8Array.of(0xaa, 0xbb) }],
  }),
  leniency(
    "a known tag twice, the last wins",
    "ApiVersionsResponse",
    3,
    `${apiVersions} 02 03 01 01 03 01 00`,
    {
      zkMigrationReady: false,
    },
  ),
  leniency(
    "known tags out of order",
    "ApiVersionsResponse",
    3,
    `${apiVersions} 02 03 01 01 01 08 0000000000000009`,
    {
      zkMigrationReady: true,
      finalizedFeaturesEpoch: 9n,
    },
  ),
  leniency("unknown tags out of order", "ApiVersionsResponse", 3, `${apiVersions} 02 09 00 07 00`, {
    unknownTaggedFields: [
      { tag: 9, data: new Uint8Array(0) },
      { tag: 7, data: new Uint8Array(0) },
    ],
  }),
  leniency("a known tag whose size says too much", "ApiVersionsResponse", 3, `${apiVersions} 01 03 05 01`, {
    zkMigrationReady: true,
  }),
  leniency(
    "a known tag whose size says too little",
    "ApiVersionsResponse",
    3,
    `${apiVersions} 01 01 00 0000000000000009`,
    {
      finalizedFeaturesEpoch: 9n,
    },
  ),
  leniency("a tag beyond 2^31", "ApiVersionsResponse", 3, `${apiVersions} 01 ffffffff0f 00`, {
    unknownTaggedFields: [{ tag: 0xffff_ffff, data: new Uint8Array(0) }],
  }),
  leniency(
    "an unknown tag that is larger than the message",
    "ApiVersionsResponse",
    3,
    `${apiVersions} 01 07 03 aabb`,
  ),
  leniency("an unknown tag of negative size", "ApiVersionsResponse", 3, `${apiVersions} 01 07 ffffffff0f`),
  leniency("more tags than bytes", "ApiVersionsResponse", 3, `${apiVersions} 05 07 00`),
  leniency("a negative number of tags", "ApiVersionsResponse", 3, `${apiVersions} ffffffff0f`),
  leniency("10,001 tags, all there", "ApiVersionsResponse", 3, `${apiVersions} 914e ${manyTags(10_001)}`),
  leniency(
    "a tag that only a later version has",
    "FetchRequest",
    12,
    `${fetch} 01 01 0d 00000005 0000000000000001 00`,
  ),
  leniency("an unknown tag beside it", "FetchRequest", 12, `${fetch} 01 02 01 aa`, {
    unknownTaggedFields: [{ tag: 2, data: Uint8Array.of(0xaa) }],
  }),
  leniency("a later version's tag that is null by default", brokerHeartbeat, 1, `${heartbeat} 01 01 01 01`),
  leniency("an empty array where null is the default", brokerHeartbeat, 2, `${heartbeat} 01 01 01 01`, {
    cordonedLogDirs: [],
  }),
  leniency("the default that is null", brokerHeartbeat, 2, `${heartbeat} 00`, { cordonedLogDirs: null }),

  leniency("a struct that is null", describeTopicPartitions, 0, "01 000007d0 ff 00", { cursor: null }),
  leniency("any negative byte as a null struct", describeTopicPartitions, 0, "01 000007d0 80 00", {
    cursor: null,
  }),
  leniency("a struct after 1", describeTopicPartitions, 0, "01 000007d0 01 0261 00000003 00 00", {
    cursor: { topicName: "a", partitionIndex: 3 },
  }),
  leniency("a struct after 0", describeTopicPartitions, 0, "01 000007d0 00 0261 00000003 00 00", {
    cursor: { topicName: "a", partitionIndex: 3 },
  }),

  leniency(
    "a client id with its old length in a flexible header",
    RequestHeader,
    2,
    "0003 000c 00000009 0002 6b77 00",
    {
      requestApiKey: 3,
      requestApiVersion: 12,
      correlationId: 9,
      clientId: "kw",
    },
  ),
  leniency("no client id in a flexible header", RequestHeader, 2, "0003 000c 00000009 ffff 00", {
    clientId: null,
  }),
];
