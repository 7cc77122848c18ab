import type { Cluster } from "./cluster.ts";
import type { Partition } from "./topics/partition.ts";

/** One partition of a `TestCluster`, to look at and to act on. */
export class TestPartition {
  readonly #cluster: Cluster;
  readonly #partition: Partition;

  /** @internal */
  constructor(cluster: Cluster, partition: Partition) {
    this.#cluster = cluster;
    this.#partition = partition;
  }

  /** Id of the broker that leads; -1 if none does. */
  get leader(): number {
    return this.#partition.leader;
  }

  get leaderEpoch(): number {
    return this.#partition.leaderEpoch;
  }

  /** Ids of the brokers that have it; the first is preferred as leader. */
  get replicas(): readonly number[] {
    return this.#partition.replicas;
  }

  /** Ids of the brokers that are in sync. */
  get isr(): readonly number[] {
    return this.#partition.isr;
  }

  /** The first offset that can be read. */
  get logStartOffset(): bigint {
    return this.#partition.log.startOffset;
  }

  /** The offset behind the last record that consumers may read. */
  get highWatermark(): bigint {
    return this.#partition.highWatermark;
  }

  /** The offset that the next record gets. */
  get logEndOffset(): bigint {
    return this.#partition.log.endOffset;
  }

  /** Has another broker lead. @throws when it has no replica, or is down. */
  moveLeader(broker: number): void {
    this.#cluster.replication.moveLeader(this.#partition, broker);
  }

  /**
   * Keeps a follower from following: the high watermark waits for it while it is in sync, and what it does not have is
   * lost if it leads next.
   */
  holdFollower(broker: number): void {
    this.#partition.hold(broker);
  }

  /** Lets a follower catch up and be in sync again. */
  releaseFollower(broker: number): void {
    this.#partition.release(broker);
    this.#cluster.replication.joinSync(this.#partition, broker);
    this.#cluster.replication.changed(this.#partition);
  }

  /**
   * Compacts the log now, up to its end, as a topic with `cleanup.policy=compact` does by itself once enough of it is
   * new. Tombstones whose time is up go with it.
   *
   * @throws RangeError when the topic is not compacted.
   */
  compact(): void {
    const { topicName } = this.#partition;
    if (!this.#cluster.logSettings(topicName).isCompacted) {
      throw new RangeError(`The topic ${topicName} is not compacted: set cleanup.policy to compact`);
    }
    this.#cluster.cleaner.compact(this.#partition);
  }

  /** Takes a follower out of the in-sync replicas, as the leader does with one that lags for too long. */
  shrinkIsr(broker: number): void {
    this.#cluster.replication.leaveSync(this.#partition, broker);
  }
}
