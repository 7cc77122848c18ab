/**
 * Moving partitions to other brokers (KIP-455): new replicas follow, and once all of them are in sync those that go
 * are dropped. That takes no time, unless a new replica is down or held back.
 */

import type { ClusterState } from "../cluster-state.ts";
import { Refusal } from "../error-code.ts";
import { checkReplicas } from "./check-replicas.ts";
import type { Partition } from "./partition.ts";
import type { Replication } from "./replication.ts";

export class Reassignments {
  readonly #cluster: ClusterState;
  readonly #replication: Replication;

  constructor(cluster: ClusterState, replication: Replication) {
    this.#cluster = cluster;
    this.#replication = replication;
    cluster.listen({ onInSync: (partition) => this.#completeIfDone(partition) });
  }

  /**
   * Begins to move a partition, in the place of a move that is under way.
   *
   * @param mayChangeFactor whether the number of replicas may become another (KIP-860)
   * @throws Refusal INVALID_REPLICA_ASSIGNMENT, INVALID_REPLICATION_FACTOR
   */
  begin(partition: Partition, target: readonly number[], mayChangeFactor: boolean): void {
    checkReplicas(this.#cluster.brokers, target, null);
    const current = partition.replicas;
    const factor = current.length - partition.removing.length;
    if (!mayChangeFactor && factor !== target.length) {
      throw new Refusal(
        "INVALID_REPLICATION_FACTOR",
        `The replication factor is changed from ${factor} to ${target.length}`,
      );
    }
    const adding = target.filter((id) => !current.includes(id));
    const removing = current.filter((id) => !target.includes(id)).sort((a, b) => a - b);
    partition.adding = [...adding].sort((a, b) => a - b);
    partition.removing = removing;
    partition.replicas = [...target, ...removing];
    partition.partitionEpoch++;
    for (const brokerId of adding) {
      partition.beginReplica(brokerId);
      this.#replication.joinSync(partition, brokerId);
    }
    this.#completeIfDone(partition);
    this.#replication.changed(partition);
    this.#cluster.metadataChanged();
  }

  /**
   * Gives up the move that is under way: the new replicas go.
   *
   * @throws Refusal NO_REASSIGNMENT_IN_PROGRESS, INVALID_REPLICA_ASSIGNMENT
   */
  cancel(partition: Partition): void {
    const { topicName, index, adding } = partition;
    if (!isMoving(partition)) {
      throw new Refusal("NO_REASSIGNMENT_IN_PROGRESS", "No partition reassignment is in progress.");
    }
    const replicas = partition.replicas.filter((id) => !adding.includes(id));
    const isr = partition.isr.filter((id) => !adding.includes(id));
    const unclean = this.#cluster.configs.topicBoolean(topicName, "unclean.leader.election.enable");
    if (isr.length === 0 && !unclean) {
      throw new Refusal(
        "INVALID_REPLICA_ASSIGNMENT",
        `Unable to revert partition assignment for ${topicName}:${index} because it would require an unclean leader ` +
          "election.",
      );
    }
    this.#settle(partition, replicas, isr.length === 0 ? replicas.slice(0, 1) : isr);
  }

  #completeIfDone(partition: Partition): void {
    if (!isMoving(partition)) return;
    const stays = (id: number): boolean => !partition.removing.includes(id);
    const replicas = partition.replicas.filter(stays);
    const isr = partition.isr.filter(stays);
    if (replicas.every((id) => isr.includes(id))) this.#settle(partition, replicas, isr);
  }

  #settle(partition: Partition, replicas: readonly number[], isr: readonly number[]): void {
    const hadMore = partition.replicas.length > replicas.length;
    partition.replicas = replicas;
    partition.isr = isr;
    partition.adding = [];
    partition.removing = [];
    partition.partitionEpoch++;
    if (!replicas.includes(partition.leader)) this.#replication.leadElsewhere(partition);
    // Kafka has the epoch grow so that those that went are known to have gone.
    else if (hadMore) partition.leaderEpoch++;
    this.#replication.changed(partition);
    this.#cluster.metadataChanged();
  }
}

/** Whether a reassignment is under way. */
export function isMoving({ adding, removing }: Partition): boolean {
  return adding.length > 0 || removing.length > 0;
}
