/** The messages that the benchmarks of control messages read and write. */

import * as protocol from "kafkawire/protocol";
import * as apiVersions from "./hand-written/api-versions-response-v3.ts";
import * as joinGroup from "./hand-written/join-group-response-v9.ts";
import * as metadata from "./hand-written/metadata-response-v12.ts";
import * as offsetFetch from "./hand-written/offset-fetch-response-v8.ts";

const UUID = "RxBU5ITT3Eo19Q_V-pn96Q";

export const messages = {
  "MetadataResponse v12, 1,200 partitions": {
    schema: protocol.MetadataResponse,
    version: 12,
    hand: metadata,
    value: {
      brokers: Array.from({ length: 6 }, (_, nodeId) => ({
        nodeId,
        host: `broker-${nodeId}.kafka.example.com`,
        port: 9092,
        rack: `zone-${nodeId % 3}`,
      })),
      clusterId: UUID,
      controllerId: 3,
      topics: Array.from({ length: 20 }, (_, t) => ({
        name: `orders.region-${t}`,
        topicId: UUID,
        partitions: Array.from({ length: 60 }, (_, partitionIndex) => ({
          partitionIndex,
          leaderId: partitionIndex % 6,
          leaderEpoch: 17,
          replicaNodes: [partitionIndex % 6, (partitionIndex + 1) % 6, (partitionIndex + 2) % 6],
          isrNodes: [partitionIndex % 6, (partitionIndex + 1) % 6, (partitionIndex + 2) % 6],
          offlineReplicas: [],
        })),
      })),
    },
  },
  "ApiVersionsResponse v3, 70 APIs": {
    schema: protocol.ApiVersionsResponse,
    version: 3,
    hand: apiVersions,
    value: {
      apiKeys: Array.from({ length: 70 }, (_, apiKey) => ({
        apiKey,
        minVersion: 0,
        maxVersion: apiKey % 14,
      })),
      supportedFeatures: ["group.version", "kraft.version", "metadata.version", "transaction.version"].map(
        (name) => ({
          name,
          minVersion: 0,
          maxVersion: 25,
        }),
      ),
      finalizedFeaturesEpoch: 87n,
      finalizedFeatures: [{ name: "metadata.version", maxVersionLevel: 25, minVersionLevel: 25 }],
    },
  },
  "JoinGroupResponse v9, 50 members": {
    schema: protocol.JoinGroupResponse,
    version: 9,
    hand: joinGroup,
    value: {
      generationId: 12,
      protocolType: "consumer",
      protocolName: "cooperative-sticky",
      leader: "billing-1-9f86d081-884c-4d63-a1f2-d4ba8ae9ec1b",
      memberId: "billing-1-9f86d081-884c-4d63-a1f2-d4ba8ae9ec1b",
      members: Array.from({ length: 50 }, (_, i) => ({
        memberId: `billing-${i}-9f86d081-884c-4d63-a1f2-d4ba8ae9ec1b`,
        groupInstanceId: i % 2 === 0 ? null : `billing-${i}`,
        metadata: new Uint8Array(120).fill(i),
      })),
    },
  },
  "OffsetFetchResponse v8, 1,200 partitions": {
    schema: protocol.OffsetFetchResponse,
    version: 8,
    hand: offsetFetch,
    value: {
      groups: [
        {
          groupId: "billing",
          topics: Array.from({ length: 20 }, (_, t) => ({
            name: `orders.region-${t}`,
            partitions: Array.from({ length: 60 }, (_, partitionIndex) => ({
              partitionIndex,
              committedOffset: 1_234_567_890n + BigInt(partitionIndex),
              committedLeaderEpoch: 17,
              metadata: "",
            })),
          })),
        },
      ],
    },
  },
} as const;
