import { ListOffsets, OffsetForLeaderEpoch } from "../api.ts";
import type { Ask } from "../request.ts";

const LATEST_TIMESTAMP = -1n;
const CONSUMER_REPLICA_ID = -1;
/** What a new leader says until its followers have come up to the start of its epoch: it waits for them. */
const OFFSET_NOT_AVAILABLE = 78;

/**
 * Whether the leader of these partitions waits for other replicas, so that it has a reason not to answer a Produce
 * request with acks=all. It does where its log goes on behind the high watermark: ListOffsets tells a consumer of
 * the one, OffsetForLeaderEpoch of the other. Where both are the same, the records have not come to the broker, or
 * it has answered.
 *
 * Records of other producers look the same as ours; then a dead connection is found out a little later.
 */
export async function waitsForReplicas(
  ask: Ask,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): Promise<boolean> {
  const watermarks = await ask(ListOffsets, {
    replicaId: CONSUMER_REPLICA_ID,
    topics: byTopic(partitions).map(([name, asked]) => ({
      name,
      partitions: asked.map(({ partition }) => ({ partitionIndex: partition, timestamp: LATEST_TIMESTAMP })),
    })),
  });
  const isNewLeader = watermarks.response.topics.some(({ partitions: told }) =>
    told.some(({ errorCode }) => errorCode === OFFSET_NOT_AVAILABLE),
  );
  if (isNewLeader) return true;
  const known = watermarks.response.topics.flatMap(({ name: topic, partitions: told }) =>
    told
      .filter(({ errorCode }) => errorCode === 0)
      .map(({ partitionIndex: partition, offset, leaderEpoch }) => ({
        topic,
        partition,
        offset,
        leaderEpoch,
      })),
  );
  const ends = await ask(OffsetForLeaderEpoch, {
    replicaId: CONSUMER_REPLICA_ID,
    topics: byTopic(known).map(([topic, told]) => ({
      topic,
      partitions: told.map(({ partition, leaderEpoch }) => ({ partition, leaderEpoch })),
    })),
  });
  const logEnds = new Map(
    ends.response.topics.flatMap(({ topic, partitions: told }) =>
      told.map(({ partition, endOffset }) => [`${topic}-${partition}`, endOffset] as const),
    ),
  );
  return known.some(({ topic, partition, offset }) => (logEnds.get(`${topic}-${partition}`) ?? -1n) > offset);
}

function byTopic<T extends { readonly topic: string }>(
  items: readonly T[],
): readonly (readonly [string, T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.topic);
    if (group === undefined) groups.set(item.topic, [item]);
    else group.push(item);
  }
  return [...groups];
}
