import type { GroupMember, TopicLayout } from "../assignor.ts";
import { inHashOrder } from "./hash-order.ts";

/**
 * The topics to assign: those that somebody is subscribed to and that have partitions. In the order in which Kafka's
 * leader goes through them, if `members` are in theirs: first all names in that of a hash map, then the known ones.
 */
export function topicsToAssign(
  members: readonly GroupMember[],
  topics: ReadonlyMap<string, TopicLayout>,
): Map<string, TopicLayout> {
  const subscribed = new Set<string>();
  for (const { subscription } of members) for (const topic of subscription.topics) subscribed.add(topic);
  const known = inHashOrder([...subscribed]).filter((topic) => (topics.get(topic)?.partitions ?? 0) > 0);
  return new Map(inHashOrder(known).map((topic) => [topic, topics.get(topic) as TopicLayout]));
}
