/**
 * Control messages: kafkawire against kafkajs, @platformatic/kafka and kafka-ts, each pair in the version that the
 * client has: requests written, responses read, the bodies without headers. All write the same bytes, which is
 * checked. What differs in the work:
 *
 * - kafkawire checks each value's type and range when it writes, and each length when it reads; a response's unknown
 *   tagged fields are kept. The others check little or nothing
 * - kafkajs is asynchronous in both directions, which is measured with it
 * - kafka-ts leaves tagged fields of ApiVersions as bytes, and gives offsets as bigints, as kafkawire does; kafkajs
 *   gives them as text
 *
 *   npm run bench -- control-messages-against-peers
 */

import * as protocol from "kafkawire/protocol";
import { Reader, Writer } from "kafkawire/protocol";
import { controlPeers, type Inputs, subscription } from "./control-peers.ts";
import { messages } from "./control-values.ts";
import { bench, group } from "./cpu-time.ts";
import { reportCpuTime } from "./report.ts";
import { warmWithEverySchema } from "./warm.ts";

const inputs: Inputs = {
  groupId: "billing",
  memberId: "billing-1-9f86d081-884c-4d63-a1f2-d4ba8ae9ec1b",
  topics: Array.from({ length: 20 }, (_, t) => `orders.region-${t}`),
  partitions: Array.from({ length: 60 }, (_, partition) => partition),
};
const { groupId, memberId, topics, partitions } = inputs;
const peers = await controlPeers(inputs);

const byTopic = topics.map((name) => ({ name, partitionIndexes: partitions }));
const offsetFetch = messages["OffsetFetchResponse v8, 1,200 partitions"].value;

/** Requests and responses as kafkawire takes them, by version where versions have different fields. */
const apis = {
  Metadata: {
    what: "1,200 partitions",
    request: protocol.MetadataRequest,
    response: protocol.MetadataResponse,
    asked: () => ({ topics: topics.map((name) => ({ name })), allowAutoTopicCreation: true }),
    answered: (version: number) =>
      withoutNewer(version, messages["MetadataResponse v12, 1,200 partitions"].value),
    count: 1200,
  },
  ApiVersions: {
    what: "70 APIs",
    request: protocol.ApiVersionsRequest,
    response: protocol.ApiVersionsResponse,
    asked: () => ({ clientSoftwareName: "bench", clientSoftwareVersion: "1.0.0" }),
    answered: () => messages["ApiVersionsResponse v3, 70 APIs"].value,
    count: 70,
  },
  JoinGroup: {
    what: "50 members",
    request: protocol.JoinGroupRequest,
    response: protocol.JoinGroupResponse,
    asked: () => ({
      groupId,
      sessionTimeoutMs: 45_000,
      rebalanceTimeoutMs: 300_000,
      memberId,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: subscription(topics) }],
    }),
    answered: () => messages["JoinGroupResponse v9, 50 members"].value,
    count: 50,
  },
  OffsetFetch: {
    what: "1,200 partitions",
    request: protocol.OffsetFetchRequest,
    response: protocol.OffsetFetchResponse,
    asked: (version: number) =>
      version < 8 ? { groupId, topics: byTopic } : { groups: [{ groupId, topics: byTopic }] },
    answered: (version: number) => (version < 8 ? { topics: offsetFetch.groups[0].topics } : offsetFetch),
    count: 1200,
  },
} as const;

/** Topic ids came with version 10 of Metadata, and in an older one only null can be written. */
function withoutNewer(version: number, value: { readonly topics: readonly object[] }): object {
  return version >= 10
    ? value
    : { ...value, topics: value.topics.map((topic) => ({ ...topic, topicId: protocol.ZERO_UUID })) };
}

for (const [api, { what, request, response, asked, answered, count }] of Object.entries(apis)) {
  for (const peer of peers[api as keyof typeof peers]) {
    const { name, version } = peer;
    const requestCodec = protocol.codecFor(request as protocol.MessageSchema, version);
    const responseCodec = protocol.codecFor(response as protocol.MessageSchema, version);
    const ask = asked(version) as never;
    const write = (): Uint8Array => {
      const writer = new Writer();
      requestCodec.encode(writer, ask);
      return writer.toBytes();
    };
    const bytes = Buffer.from(
      protocol.encode(response as protocol.MessageSchema, version, answered(version)),
    );
    const theirs = await peer.encodeRequest();
    if (Buffer.compare(theirs, write()) !== 0)
      throw new Error(`${name} writes another ${api}Request v${version}`);
    const read = peer.countRead(await peer.decodeResponse(bytes));
    if (read !== count) throw new Error(`${name} reads ${read} of ${count} from ${api}Response v${version}`);
    group(`encode ${api}Request v${version}, against ${name}`, () => {
      bench("kafkawire", write);
      bench(name, peer.encodeRequest);
    });
    group(`decode ${api}Response v${version}, ${what}, against ${name}`, () => {
      bench("kafkawire", () => responseCodec.decode(new Reader(bytes)));
      bench(name, () => peer.decodeResponse(bytes));
    });
  }
}
warmWithEverySchema();
await reportCpuTime("control-messages-against-peers");
