/** Lists of partitions as sets. */

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Those of `partitions` that are not among `others`. */
export function without(
  partitions: readonly TopicPartition[],
  others: readonly TopicPartition[],
): readonly TopicPartition[] {
  if (partitions.length === 0 || others.length === 0) return partitions;
  const known = new Set(others.map(keyOf));
  return partitions.filter((each) => !known.has(keyOf(each)));
}

/** Those of `partitions` whose topic is one of `topics`. */
export function within(
  partitions: readonly TopicPartition[],
  topics: readonly string[],
): readonly TopicPartition[] {
  const wanted = new Set(topics);
  return partitions.filter(({ topic }) => wanted.has(topic));
}

/** Numbers by topic, as requests list them. */
export function byTopic(partitions: Iterable<TopicPartition>): Map<string, number[]> {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const numbers = topics.get(topic);
    if (numbers === undefined) topics.set(topic, [partition]);
    else numbers.push(partition);
  }
  return topics;
}

/** The same text for the same partition; names of topics have no spaces. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}
