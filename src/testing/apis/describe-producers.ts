/** DescribeProducers, v0 (KIP-664): which producers partitions know, and since when they have transactions open. */

import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from "../../protocol/messages/describe-producers.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import type { ProducerState } from "../log/producer-states.ts";
import { checkTopicName } from "../topics/topic-name.ts";

type Response = InferInput<typeof DescribeProducersResponse>;
type PartitionAnswer = NonNullable<NonNullable<Response["topics"]>[number]["partitions"]>[number];
type Described = NonNullable<PartitionAnswer["activeProducers"]>[number];

const NOT_LEADER_OR_FOLLOWER = errorNumber("NOT_LEADER_OR_FOLLOWER");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

export const DescribeProducers = serve({
  request: DescribeProducersRequest,
  response: DescribeProducersResponse,
  refuse: ({ topics }, errorCode, errorMessage) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode, errorMessage })),
    })),
  }),
  handle: ({ topics }, context) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        ...described(name, partitionIndex, context),
      })),
    })),
  }),
});

function described(topic: string, index: number, context: RequestContext): PartitionAnswer {
  const { cluster, broker, allows, injected } = context;
  try {
    checkTopicName(topic);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { errorCode: error.errorCode, errorMessage: error.message };
  }
  if (!allows("READ", "TOPIC", topic)) return { errorCode: TOPIC_AUTHORIZATION_FAILED };
  const fault = injected({ topic, partition: index });
  if (fault !== NONE) return { errorCode: fault };
  const partition = cluster.topics.partition(topic, index);
  if (partition === undefined) return { errorCode: UNKNOWN_TOPIC_OR_PARTITION };
  if (!partition.replicas.includes(broker.id)) return { errorCode: NOT_LEADER_OR_FOLLOWER };
  return { errorCode: NONE, activeProducers: Array.from(partition.log.producers.all, describedProducer) };
}

function describedProducer(state: ProducerState): Described {
  const { producerId, producerEpoch, coordinatorEpoch, lastTimestamp, transactionStart, batches } = state;
  return {
    producerId,
    producerEpoch,
    lastSequence: batches.at(-1)?.lastSequence ?? -1,
    lastTimestamp: BigInt(lastTimestamp),
    coordinatorEpoch,
    currentTxnStartOffset: transactionStart ?? -1n,
  };
}
