/** Batches brought into one Produce request, and its answer brought back to them. Pure: no I/O happens here. */

import type { ProduceResponse } from "../../protocol/messages/produce.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type Uuid, ZERO_UUID } from "../../protocol/uuid.ts";
import type { Produce } from "../api.ts";
import type { ProducerBatch } from "./batch.ts";

/** Produce v13 names topics by id; where a topic has none, v12 is the last that takes its name. */
export const LAST_VERSION_BY_NAME = 12;

/** What all requests of a producer have in common. */
export interface ProduceTerms {
  readonly acks: 0 | 1 | -1;
  readonly timeoutMs: number;
  readonly transactionalId: string | null;
}

/** A request, and what is needed to read its answer. */
export interface ProduceRequestToSend {
  readonly value: InferInput<typeof Produce.request>;
  /** False where a topic among them has no id that is known. */
  readonly hasTopicIds: boolean;
  /** Those the topics had when it was sent: they may be deleted and made anew before the answer comes. */
  readonly topicIds: ReadonlyMap<string, Uuid>;
}

/** What the answer says of one batch. */
export type PartitionAnswer = ProduceResponse["responses"][number]["partitionResponses"][number];

/** @param batches at most one of each partition, with their bytes made. */
export function produceRequest(
  batches: readonly ProducerBatch[],
  terms: ProduceTerms,
  topicIdOf: (topic: string) => Uuid | null,
): ProduceRequestToSend {
  const topicIds = new Map<string, Uuid>();
  const topicData: {
    name: string;
    topicId: Uuid;
    partitionData: { index: number; records: Uint8Array }[];
  }[] = [];
  const places = new Map<string, number>();
  let hasTopicIds = true;
  for (const { topic, partition, bytes } of batches) {
    let place = places.get(topic);
    if (place === undefined) {
      const topicId = topicIdOf(topic) ?? ZERO_UUID;
      if (topicId === ZERO_UUID) hasTopicIds = false;
      topicIds.set(topic, topicId);
      place = topicData.length;
      places.set(topic, place);
      topicData.push({ name: topic, topicId, partitionData: [] });
    }
    topicData[place]?.partitionData.push({ index: partition, records: bytes });
  }
  return { value: { ...terms, topicData }, hasTopicIds, topicIds };
}

/** What the answer says of each batch, in their order; undefined where it says nothing. */
export function produceAnswers(
  batches: readonly ProducerBatch[],
  { topicIds }: ProduceRequestToSend,
  response: ProduceResponse,
  version: number,
): (PartitionAnswer | undefined)[] {
  const byTopic = new Map<string, Map<number, PartitionAnswer>>();
  for (const { name, topicId, partitionResponses } of response.responses) {
    const key = version > LAST_VERSION_BY_NAME ? topicId : name;
    const byPartition = byTopic.get(key) ?? new Map<number, PartitionAnswer>();
    for (const answer of partitionResponses) byPartition.set(answer.index, answer);
    byTopic.set(key, byPartition);
  }
  return batches.map(({ topic, partition }) => {
    const key = version > LAST_VERSION_BY_NAME ? (topicIds.get(topic) as string) : topic;
    return byTopic.get(key)?.get(partition);
  });
}
