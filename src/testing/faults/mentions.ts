/** What a request names, whatever API it is of: Kafka calls the same things by the same names almost everywhere. */

import type { TopicStore } from "../topics/topic-store.ts";

const TOPIC_KEYS = ["topic", "name", "topicName"];
const TOPIC_LIST_KEYS = ["topicNames", "topics"];
const PARTITION_KEYS = ["partition", "partitionIndex", "index"];
const GROUP_KEYS = ["groupId", "transactionalId", "key"];
const GROUP_LIST_KEYS = ["coordinatorKeys", "groups", "groupIds", "groupsNames", "transactionalIds"];

type Struct = Readonly<Record<string, unknown>>;

/** Whether the request names the topic; and of it the partition, where one is given. */
export function mentionsTopic(
  body: unknown,
  topic: string,
  partition: number | undefined,
  topics: TopicStore,
): boolean {
  const topicId = topics.get(topic)?.topicId;
  return some(body, (struct) => {
    const isNamed =
      TOPIC_KEYS.some((key) => struct[key] === topic) ||
      TOPIC_LIST_KEYS.some((key) => includes(struct[key], topic)) ||
      (topicId !== undefined && struct["topicId"] === topicId);
    return isNamed && (partition === undefined || mentionsPartition(struct, partition));
  });
}

/** Whether the request names the group, or the transactional id. */
export function mentionsGroup(body: unknown, group: string): boolean {
  return some(
    body,
    (struct) =>
      GROUP_KEYS.some((key) => struct[key] === group) ||
      GROUP_LIST_KEYS.some((key) => includes(struct[key], group)),
  );
}

function mentionsPartition(topic: Struct, partition: number): boolean {
  return some(
    topic,
    (struct) =>
      PARTITION_KEYS.some((key) => struct[key] === partition) ||
      includes(struct["partitions"], partition) ||
      includes(struct["partitionIndexes"], partition),
  );
}

function includes(value: unknown, element: unknown): boolean {
  return Array.isArray(value) && value.includes(element);
}

/** Whether a struct anywhere in the value fits. */
function some(value: unknown, fits: (struct: Struct) => boolean): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (Array.isArray(value)) return value.some((element) => some(element, fits));
  return fits(value as Struct) || Object.values(value).some((inner) => some(inner, fits));
}
