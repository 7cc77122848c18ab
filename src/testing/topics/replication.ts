/**
 * Who leads which partition, and who is in sync: what Kafka's controller and its replicas decide between them.
 * Everything happens at once, with the event that causes it: elections take no time, and a broker that comes up has
 * all records when it is back, unless it is held.
 */

import type { ClusterState } from "../cluster-state.ts";
import { Refusal } from "../error-code.ts";
import { NO_LEADER, type Partition } from "./partition.ts";

export class Replication {
  readonly #cluster: ClusterState;

  constructor(cluster: ClusterState) {
    this.#cluster = cluster;
  }

  /** Brings a new partition in line with which brokers are up. */
  settle(partition: Partition): void {
    const up = partition.replicas.filter((id) => this.#isUp(id));
    // Kafka keeps one of them in sync even if all are down, so that it is known who has the records.
    partition.isr = up.length > 0 ? up : partition.replicas.slice(0, 1);
    partition.leader = up[0] ?? NO_LEADER;
  }

  /** A broker has stopped: others lead in its place where they can. */
  brokerStopped(brokerId: number): void {
    for (const partition of this.#cluster.topics.partitions()) {
      if (!partition.replicas.includes(brokerId)) continue;
      if (partition.leader === brokerId) this.#elect(partition);
      else if (partition.isr.includes(brokerId)) this.#shrink(partition, [brokerId]);
    }
    this.#cluster.metadataChanged();
  }

  /** A broker is back: it follows, and leads where nobody else does. */
  brokerStarted(brokerId: number): void {
    for (const partition of this.#cluster.topics.partitions()) {
      if (!partition.replicas.includes(brokerId)) continue;
      if (partition.leader === NO_LEADER) this.#elect(partition);
      this.joinSync(partition, brokerId);
    }
    this.#cluster.metadataChanged();
  }

  /** Has a replica lead, as a reassignment or the election of the preferred leader does. */
  moveLeader(partition: Partition, brokerId: number): void {
    if (!partition.replicas.includes(brokerId)) {
      throw new Refusal(
        "INVALID_REPLICA_ASSIGNMENT",
        `Broker ${brokerId} has no replica of ${partition.topicName}-${partition.index}`,
      );
    }
    if (!this.#isUp(brokerId)) throw new Refusal("BROKER_NOT_AVAILABLE", `Broker ${brokerId} is down`);
    this.#lead(partition, brokerId);
    if (!partition.isr.includes(brokerId)) partition.isr = [...partition.isr, brokerId];
    this.changed(partition);
    this.#cluster.metadataChanged();
  }

  /**
   * Has the preferred replica lead.
   *
   * @throws Refusal ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE
   */
  electPreferred(partition: Partition): void {
    const preferred = partition.replicas[0] ?? NO_LEADER;
    if (partition.leader === preferred) throw notNeeded();
    if (!this.#isUp(preferred) || !partition.isr.includes(preferred)) {
      throw new Refusal("PREFERRED_LEADER_NOT_AVAILABLE", "The preferred leader was not available.");
    }
    this.#lead(partition, preferred);
    this.changed(partition);
    this.#cluster.metadataChanged();
  }

  /**
   * Has any replica lead that is up, where none does; what only others have is lost.
   *
   * @throws Refusal ELECTION_NOT_NEEDED, ELIGIBLE_LEADERS_NOT_AVAILABLE
   */
  electUnclean(partition: Partition): void {
    if (partition.leader !== NO_LEADER) throw notNeeded();
    const leader = partition.replicas.find((id) => this.#isUp(id));
    if (leader === undefined) {
      throw new Refusal(
        "ELIGIBLE_LEADERS_NOT_AVAILABLE",
        "Eligible topic partition leaders are not available.",
      );
    }
    this.#lead(partition, leader);
    partition.isr = [leader];
    this.changed(partition);
    this.#cluster.metadataChanged();
  }

  /** Has another broker lead where the one that leads has lost its replica. */
  leadElsewhere(partition: Partition): void {
    const next = partition.replicas.find((id) => partition.isr.includes(id) && this.#isUp(id));
    this.#lead(partition, next ?? NO_LEADER);
  }

  /** A follower that is up and has everything counts as in sync. */
  joinSync(partition: Partition, brokerId: number): void {
    if (partition.isr.includes(brokerId) || !this.#isUp(brokerId) || partition.leader === NO_LEADER) return;
    if (partition.endOffsetOf(brokerId) < partition.highWatermark) return;
    partition.isr = partition.replicas.filter((id) => id === brokerId || partition.isr.includes(id));
    partition.partitionEpoch++;
    this.#cluster.inSync(partition);
    this.changed(partition);
  }

  /** Takes brokers out of the in-sync replicas, as those that lag for `replica.lag.time.max.ms`. */
  leaveSync(partition: Partition, brokerId: number): void {
    if (partition.isr.includes(brokerId) && partition.leader !== brokerId)
      this.#shrink(partition, [brokerId]);
  }

  /** Has those who wait on the partition looked at again. */
  changed(partition: Partition): void {
    partition.advance();
    this.#cluster.waits.wake(partition);
  }

  #shrink(partition: Partition, gone: readonly number[]): void {
    partition.isr = partition.isr.filter((id) => !gone.includes(id));
    partition.partitionEpoch++;
    this.changed(partition);
  }

  #elect(partition: Partition): void {
    const { topicName, replicas, isr } = partition;
    const up = replicas.filter((id) => this.#isUp(id));
    const inSync = up.find((id) => isr.includes(id));
    const unclean = this.#cluster.configs.topicBoolean(topicName, "unclean.leader.election.enable");
    const leader = inSync ?? (unclean ? up[0] : undefined) ?? NO_LEADER;
    this.#lead(partition, leader);
    if (leader !== NO_LEADER) {
      const stillInSync = isr.filter((id) => up.includes(id));
      partition.isr = inSync === undefined ? [leader] : stillInSync;
    } else {
      // The last one in sync stays so: nobody else may lead without loss.
      partition.isr = isr.slice(-1);
    }
    this.changed(partition);
  }

  #lead(partition: Partition, leader: number): void {
    if (partition.leader === leader) return;
    // What only the old leader had is lost with the first thing that the new one writes; here, at once.
    if (leader !== NO_LEADER) partition.truncateTo(partition.endOffsetOf(leader));
    partition.leader = leader;
    partition.leaderEpoch++;
    partition.partitionEpoch++;
    if (leader !== NO_LEADER) partition.release(leader);
    this.#cluster.leaderChanged(partition);
  }

  #isUp(brokerId: number): boolean {
    return this.#cluster.brokers.get(brokerId)?.isUp === true;
  }
}

function notNeeded(): Refusal {
  return new Refusal("ELECTION_NOT_NEEDED", "Leader election not needed for topic partition.");
}
