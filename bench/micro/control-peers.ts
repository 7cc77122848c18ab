/**
 * The codecs of control messages of other JavaScript clients: requests written, responses read. They are internal to
 * their packages, so the versions are pinned in `bench/package.json`. What they have no code for is the other half:
 * no client writes responses.
 */

import { createRequire } from "node:module";

// biome-ignore lint/suspicious/noExplicitAny: these modules are internal to packages and have no types
type Untyped = any;

/** One API in the version that a client has of it, and the inputs of the benchmark in the client's own shape. */
export interface ControlPeer {
  readonly name: string;
  readonly version: number;
  /** The body of the request, without a header. */
  readonly encodeRequest: () => Uint8Array | Promise<Uint8Array>;
  /** The body of the response. */
  readonly decodeResponse: (bytes: Buffer) => unknown;
  /** How many of what the response has most of were read, to show that the work was done. */
  readonly countRead: (response: Untyped) => number;
}

/** What the requests say. */
export interface Inputs {
  readonly groupId: string;
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly partitions: readonly number[];
}

const require = createRequire(import.meta.url);
const at = (path: string): URL => new URL(`../node_modules/${path}`, import.meta.url);
const inside = (path: string): Untyped => require(at(path).pathname);
const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

/** A consumer's subscription as kafka-ts writes it, which encodes it with the request: the others are given it. */
export function subscription(topics: readonly string[]): Buffer {
  const { encodeProtocolMetadata } = inside("kafka-ts/dist/api/join-group/common.js");
  return encodeProtocolMetadata({ version: 0, topics });
}

type Peers = Readonly<Record<"Metadata" | "ApiVersions" | "JoinGroup" | "OffsetFetch", ControlPeer[]>>;

function kafkajs({ groupId, memberId, topics, partitions }: Inputs): Record<keyof Peers, ControlPeer> {
  const load = (api: string, version: number) => ({
    request: inside(`kafkajs/src/protocol/requests/${api}/v${version}/request.js`),
    response: inside(`kafkajs/src/protocol/requests/${api}/v${version}/response.js`),
  });
  const peer = (
    api: string,
    version: number,
    request: object,
    countRead: ControlPeer["countRead"],
  ): ControlPeer => {
    const code = load(api, version);
    return {
      name: "kafkajs",
      version,
      encodeRequest: async () => (await code.request(request).encode()).buffer,
      decodeResponse: (bytes) => code.response.decode(bytes),
      countRead,
    };
  };
  const metadata = subscription(topics);
  return {
    Metadata: peer("metadata", 6, { topics, allowAutoTopicCreation: true }, (r) =>
      sum(r.topicMetadata.map((topic: Untyped) => topic.partitionMetadata.length)),
    ),
    ApiVersions: peer("apiVersions", 2, {}, (r) => r.apiVersions.length),
    JoinGroup: peer(
      "joinGroup",
      5,
      {
        groupId,
        sessionTimeout: 45_000,
        rebalanceTimeout: 300_000,
        memberId,
        groupInstanceId: null,
        protocolType: "consumer",
        groupProtocols: [{ name: "range", metadata }],
      },
      (r) => r.members.length,
    ),
    OffsetFetch: peer(
      "offsetFetch",
      4,
      {
        groupId,
        topics: topics.map((topic) => ({
          topic,
          partitions: partitions.map((partition) => ({ partition })),
        })),
      },
      (r) => sum(r.responses.map((topic: Untyped) => topic.partitions.length)),
    ),
  };
}

async function platformatic(inputs: Inputs): Promise<Record<keyof Peers, ControlPeer>> {
  const { groupId, memberId, topics, partitions } = inputs;
  const load = (path: string): Promise<Untyped> => import(at(`@platformatic/kafka/dist/${path}`).href);
  const { Reader } = await load("protocol/reader.js");
  const peer = async (
    path: string,
    apiKey: number,
    version: number,
    request: readonly unknown[],
    countRead: ControlPeer["countRead"],
  ): Promise<ControlPeer> => {
    const { createRequest, parseResponse } = await load(`apis/${path}-v${version}.js`);
    return {
      name: "@platformatic/kafka",
      version,
      encodeRequest: () => createRequest(...request).buffer,
      decodeResponse: (bytes) => parseResponse(0, apiKey, version, Reader.from(bytes)),
      countRead,
    };
  };
  const protocols = [{ name: "range", metadata: subscription(topics) }];
  const group = {
    groupId,
    memberId: null,
    memberEpoch: -1,
    topics: topics.map((name) => ({ name, partitionIndexes: partitions })),
  };
  return {
    Metadata: await peer("metadata/metadata", 3, 12, [topics, true, false], (r) =>
      sum(r.topics.map((topic: Untyped) => topic.partitions.length)),
    ),
    ApiVersions: await peer("metadata/api-versions", 18, 3, ["bench", "1.0.0"], (r) => r.apiKeys.length),
    JoinGroup: await peer(
      "consumer/join-group",
      11,
      9,
      [groupId, 45_000, 300_000, memberId, null, "consumer", protocols, null],
      (r) => r.members.length,
    ),
    OffsetFetch: await peer("consumer/offset-fetch", 9, 9, [[group], false], (r) =>
      sum(r.groups[0].topics.map((topic: Untyped) => topic.partitions.length)),
    ),
  };
}

function kafkaTs({ groupId, memberId, topics, partitions }: Inputs): Record<keyof Peers, ControlPeer> {
  const { Encoder } = inside("kafka-ts/dist/utils/encoder.js");
  const { Decoder } = inside("kafka-ts/dist/utils/decoder.js");
  const peer = (
    path: string,
    name: string,
    version: number,
    request: object,
    countRead: ControlPeer["countRead"],
  ): ControlPeer => {
    const api = inside(`kafka-ts/dist/api/${path}/v${version}.js`)[`${name}_V${version}`];
    return {
      name: "kafka-ts",
      version,
      encodeRequest: () => api.request(new Encoder(), request).value(),
      decodeResponse: (bytes) => api.response(new Decoder(bytes)),
      countRead,
    };
  };
  return {
    Metadata: peer(
      "metadata",
      "METADATA",
      12,
      { topics: topics.map((name) => ({ id: null, name })), allowTopicAutoCreation: true },
      (r) => sum(r.topics.map((topic: Untyped) => topic.partitions.length)),
    ),
    ApiVersions: peer(
      "api-versions",
      "API_VERSIONS",
      3,
      { clientSoftwareName: "bench", clientSoftwareVersion: "1.0.0" },
      (r) => r.versions.length,
    ),
    JoinGroup: peer(
      "join-group",
      "JOIN_GROUP",
      9,
      {
        groupId,
        sessionTimeoutMs: 45_000,
        rebalanceTimeoutMs: 300_000,
        memberId,
        groupInstanceId: null,
        protocolType: "consumer",
        protocols: [{ name: "range", metadata: { version: 0, topics } }],
        reason: null,
      },
      (r) => r.members.length,
    ),
    OffsetFetch: peer(
      "offset-fetch",
      "OFFSET_FETCH",
      9,
      {
        groups: [{ groupId, topics: topics.map((name) => ({ name, partitionIndexes: partitions })) }],
        requireStable: false,
      },
      (r) => sum(r.groups[0].topics.map((topic: Untyped) => topic.partitions.length)),
    ),
  };
}

/** Of each API, what each client has. */
export async function controlPeers(inputs: Inputs): Promise<Peers> {
  const all = [kafkajs(inputs), await platformatic(inputs), kafkaTs(inputs)];
  const of = (api: keyof Peers): ControlPeer[] => all.map((peers) => peers[api]);
  return {
    Metadata: of("Metadata"),
    ApiVersions: of("ApiVersions"),
    JoinGroup: of("JoinGroup"),
    OffsetFetch: of("OffsetFetch"),
  };
}
