/**
 * Offsets that nobody needs any longer (`offsets.retention.minutes`, KIP-211), and groups of which nothing is left.
 * They are looked for each `offsets.retention.check.interval.ms`, as in Kafka.
 */

import type { ClusterState } from "../cluster-state.ts";
import type { CommittedOffset } from "./committed-offsets.ts";
import type { Group } from "./group.ts";
import type { GroupCoordinator } from "./group-coordinator.ts";

const MS_PER_MINUTE = 60_000;

/** Looks for what has expired, again and again until the clock stops. */
export function keepOffsetRetention(cluster: ClusterState, groups: GroupCoordinator): void {
  const look = (): void => {
    for (const group of [...groups.all]) expire(group, cluster, groups);
    plan();
  };
  const plan = (): void =>
    void cluster.clock.setTimer(cluster.configs.number("offsets.retention.check.interval.ms"), look, {
      background: true,
    });
  plan();
}

function expire(group: Group, cluster: ClusterState, groups: GroupCoordinator): void {
  const { groupId } = group;
  const offsets = groups.offsets.of(groupId);
  const retentionMs = cluster.configs.number("offsets.retention.minutes") * MS_PER_MINUTE;
  const nowMs = cluster.clock.wallMs();
  const isExpired = (committed: CommittedOffset): boolean => {
    const sinceMs = group.retainedSinceMs(committed);
    if (sinceMs === null) return false;
    return nowMs >= (committed.expireTimestampMs ?? sinceMs + retentionMs);
  };
  const expired = [...(offsets?.all() ?? [])].filter(
    ({ topic, partition, committed }) =>
      !group.isSubscribedTo(topic) && !offsets?.isPending(topic, partition) && isExpired(committed),
  );
  groups.offsets.delete(groupId, expired);
  if (groups.offsets.of(groupId) === undefined && group.isEmpty) groups.delete(group);
}
