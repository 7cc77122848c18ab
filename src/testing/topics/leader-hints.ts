/** Who leads a partition and where that broker is: what Produce and Fetch add to NOT_LEADER_OR_FOLLOWER (KIP-951). */

import type { ClusterState } from "../cluster-state.ts";
import type { Partition } from "./partition.ts";

export interface LeaderHint {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export function leaderHint({ leader, leaderEpoch }: Partition): LeaderHint {
  return { leaderId: leader, leaderEpoch };
}

/** Where those brokers are that the hints name. */
export function nodeEndpoints(
  cluster: ClusterState,
  hints: Iterable<{ readonly leaderId?: number | undefined } | undefined>,
): NodeEndpoint[] {
  const endpoints = new Map<number, NodeEndpoint>();
  for (const hint of hints) {
    const broker = cluster.brokers.get(hint?.leaderId ?? -1);
    if (broker?.isUp !== true) continue;
    const { id, host, port, rack } = broker;
    endpoints.set(id, { nodeId: id, host, port, rack });
  }
  return [...endpoints.values()];
}
