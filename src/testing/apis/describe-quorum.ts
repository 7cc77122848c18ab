/**
 * DescribeQuorum, v0-2: the quorum of controllers, which here is the one controller; brokers follow it.
 *
 * Anything but partition 0 of `__cluster_metadata` is UNKNOWN_TOPIC_OR_PARTITION.
 *
 * Differs from Kafka: there is no log of metadata, so its end is the number of changes; the controller's listener is
 * the broker's own.
 */

import { DescribeQuorumRequest, DescribeQuorumResponse } from "../../protocol/messages/describe-quorum.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");
const METADATA_TOPIC = "__cluster_metadata";
const LEADER_EPOCH = 1;

export const DescribeQuorum = serve({
  request: DescribeQuorumRequest,
  response: DescribeQuorumResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  handle: ({ topics }, context) => {
    const { cluster } = context;
    if (!context.allows("DESCRIBE", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    const [topic] = topics;
    const isIt =
      topics.length === 1 &&
      topic?.topicName === METADATA_TOPIC &&
      topic.partitions.length === 1 &&
      topic.partitions[0]?.partitionIndex === 0;
    if (!isIt) {
      const errorCode = UNKNOWN_TOPIC_OR_PARTITION;
      const errorMessage = "This server does not host this topic-partition.";
      return {
        errorMessage: null,
        topics: topics.map(({ topicName, partitions }) => ({
          topicName,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
        })),
      };
    }
    const nowMs = BigInt(cluster.clock.wallMs());
    const logEndOffset = BigInt(cluster.metadataChanges);
    const state = (replicaId: number) => ({
      replicaId,
      replicaDirectoryId: ZERO_UUID,
      logEndOffset,
      lastFetchTimestamp: nowMs,
      lastCaughtUpTimestamp: nowMs,
    });
    const { controllerId } = cluster;
    const controller = cluster.brokers.get(controllerId);
    return {
      errorCode: NONE,
      errorMessage: null,
      topics: [
        {
          topicName: METADATA_TOPIC,
          partitions: [
            {
              partitionIndex: 0,
              errorCode: NONE,
              errorMessage: null,
              leaderId: controllerId,
              leaderEpoch: LEADER_EPOCH,
              highWatermark: logEndOffset,
              currentVoters: [state(controllerId)],
              observers: cluster.aliveBrokers
                .filter(({ id }) => id !== controllerId)
                .map(({ id }) => state(id)),
            },
          ],
        },
      ],
      nodes:
        context.version < 2 || controller === undefined
          ? []
          : [
              {
                nodeId: controllerId,
                listeners: [{ name: "CONTROLLER", host: controller.host, port: controller.port }],
              },
            ],
    };
  },
});
