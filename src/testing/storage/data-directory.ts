/**
 * A directory in which a cluster is kept: for each broker one that is a log directory of Kafka, with the partitions
 * whose first replica the broker has, since all replicas share one log; and `cluster.json`, a file of our own, with
 * topics, configurations and what else Kafka has in its log of metadata.
 *
 * Everything is written before it is answered, though not flushed to the disk itself: a process that is killed loses
 * nothing that was acknowledged, a machine that loses its power may.
 */

import type { Storage } from "../../platform/storage.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import type { ClusterState } from "../cluster-state.ts";
import { Partition } from "../topics/partition.ts";
import type { Replication } from "../topics/replication.ts";
import type { Topic } from "../topics/topic-store.ts";
import { checkpoint, checkpointLines, properties, text } from "./checkpoints.ts";
import { type KeptCluster, type KeptTopic, keptOf, readKept } from "./kept-cluster.ts";
import { loadLog } from "./load-log.ts";
import { OpenFiles } from "./open-files.ts";
import { PartitionFiles } from "./partition-files.ts";

const CLUSTER_FILE = "cluster.json";
const STARTS_FILE = "log-start-offset-checkpoint";
const LOCK_FILE = ".lock";

export class DataDirectory {
  /** What was there before; null for a new directory. */
  readonly kept: KeptCluster | null;
  /** What was cut off of damaged files, in words. */
  readonly warnings: string[] = [];
  readonly #path: string;
  readonly #storage: Storage;
  readonly #files: OpenFiles;
  readonly #unlock: () => void;
  readonly #partitions = new Map<Partition, PartitionFiles>();
  #cluster: ClusterState | null = null;
  #written = "";

  /** @throws Error when another process uses the directory, or its files make no sense. */
  constructor(path: string, storage: Storage) {
    this.#storage = storage;
    this.#files = new OpenFiles(storage);
    this.#path = storage.absolute(path);
    storage.makeDirectory(this.#path);
    this.#unlock = storage.lock(this.#within(LOCK_FILE));
    try {
      const bytes = storage.read(this.#within(CLUSTER_FILE));
      this.kept =
        bytes === null ? null : readKept(new TextDecoder().decode(bytes), this.#within(CLUSTER_FILE));
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  /** Brings back what was kept, and keeps what happens from now on. No broker may be up yet. */
  attach(cluster: ClusterState, replication: Replication): void {
    this.#cluster = cluster;
    for (const broker of cluster.brokers.values()) {
      broker.logDirectory = this.#brokerDirectory(broker.id);
      this.#makeBrokerDirectory(broker.id, cluster.clusterId);
    }
    if (this.kept !== null) this.#restore(this.kept, cluster, replication);
    cluster.listen({
      onPartitionMade: (partition) => this.#made(partition, cluster),
      onTopicDeleted: ({ partitions }) => this.#deleted(partitions),
      onMetadataChanged: () => this.#save(),
      onConfigsChanged: () => this.#save(),
      onProducerIdsTaken: () => this.#save(),
    });
    this.#save();
  }

  /** Has all that was written reach the disk itself, and lets others use the directory. */
  close(): void {
    try {
      this.#files.close();
    } finally {
      this.#unlock();
    }
  }

  #restore(kept: KeptCluster, cluster: ClusterState, replication: Replication): void {
    cluster.configs.restore(kept.configs);
    cluster.configsChanged();
    cluster.features.restore(kept.features);
    cluster.continueProducerIds(BigInt(kept.producerIdsEnd));
    const starts = new Map<string, bigint>();
    for (const { id } of cluster.brokers.values()) {
      const bytes = this.#storage.read(this.#storage.within(this.#brokerDirectory(id), STARTS_FILE));
      for (const line of checkpointLines(bytes)) {
        const [, name, index, offset] = /^(\S+) (\d+) (\d+)$/.exec(line) ?? [];
        if (offset !== undefined) starts.set(`${name}-${index}`, BigInt(offset));
      }
    }
    for (const topic of kept.topics) cluster.topics.add(this.#topicOf(topic, starts, cluster, replication));
  }

  #topicOf(
    { name, topicId, isInternal, partitions }: KeptTopic,
    starts: ReadonlyMap<string, bigint>,
    cluster: ClusterState,
    replication: Replication,
  ): Topic {
    const needsId = topicId === ZERO_UUID && cluster.release.hasTopicIds;
    return {
      name,
      topicId: needsId ? cluster.newUuid() : topicId,
      isInternal,
      partitions: partitions.map(({ replicas, leaderEpoch }, index) => {
        const partition = new Partition(name, index, replicas, cluster.forReading);
        const files = this.#filesOf(partition);
        const start = starts.get(`${name}-${index}`) ?? 0n;
        this.#find(files, partition, cluster);
        this.warnings.push(...loadLog(partition.log, files.directory, start, this.#storage));
        partition.leaderEpoch = Math.max(leaderEpoch, partition.log.epochs.latest);
        replication.settle(partition);
        partition.advance();
        cluster.partitionMade(partition);
        return partition;
      }),
    };
  }

  /** Looks for a partition with the other brokers: it may have been on its way when everything stopped. */
  #find(files: PartitionFiles, { topicName, index }: Partition, cluster: ClusterState): void {
    const storage = this.#storage;
    const name = `${topicName}-${index}`;
    if (storage.list(files.directory).length > 0) return;
    for (const { id } of cluster.brokers.values()) {
      const elsewhere = storage.within(this.#brokerDirectory(id), name);
      if (storage.list(elsewhere).length === 0) continue;
      storage.remove(files.directory);
      storage.rename(elsewhere, files.directory);
      return;
    }
    storage.makeDirectory(files.directory);
  }

  #made(partition: Partition, cluster: ClusterState): void {
    if (this.#partitions.has(partition)) return;
    this.#filesOf(partition).make(cluster.topics.get(partition.topicName)?.topicId ?? ZERO_UUID);
  }

  #deleted(partitions: readonly Partition[]): void {
    for (const partition of partitions) {
      this.#partitions.get(partition)?.remove();
      this.#partitions.delete(partition);
    }
    this.#save();
  }

  #filesOf(partition: Partition): PartitionFiles {
    const { log } = partition;
    const saveStarts = (): void => this.#saveStarts(homeOf(partition));
    const files = new PartitionFiles(
      this.#directoryOf(partition),
      log,
      this.#storage,
      this.#files,
      saveStarts,
    );
    log.watch(files);
    this.#partitions.set(partition, files);
    return files;
  }

  #save(): void {
    const cluster = this.#cluster;
    if (cluster === null) return;
    for (const [partition, files] of this.#partitions) {
      const directory = this.#directoryOf(partition);
      if (files.directory !== directory) this.#move(partition, files, directory);
    }
    const written = `${JSON.stringify(keptOf(cluster), null, 1)}\n`;
    if (written === this.#written) return;
    // Half of it would be worse than nothing, also after the power was gone.
    this.#storage.replace(this.#within(CLUSTER_FILE), text(written), { flush: true });
    this.#written = written;
  }

  /** Another broker has the first replica now. */
  #move(partition: Partition, files: PartitionFiles, directory: string): void {
    files.moveTo(directory);
    if (partition.log.startOffset > 0n) this.#saveStarts(homeOf(partition));
  }

  #saveStarts(brokerId: number): void {
    const lines: string[] = [];
    for (const partition of this.#partitions.keys()) {
      const { topicName, index, log } = partition;
      if (homeOf(partition) !== brokerId || log.startOffset === 0n) continue;
      lines.push(`${topicName} ${index} ${log.startOffset}`);
    }
    const path = this.#storage.within(this.#brokerDirectory(brokerId), STARTS_FILE);
    this.#storage.replace(path, checkpoint(lines));
  }

  #makeBrokerDirectory(brokerId: number, clusterId: string): void {
    const directory = this.#brokerDirectory(brokerId);
    this.#storage.makeDirectory(directory);
    this.#storage.replace(
      this.#storage.within(directory, "meta.properties"),
      properties({ version: "1", "cluster.id": clusterId, "node.id": String(brokerId) }),
    );
  }

  #directoryOf(partition: Partition): string {
    const directory = this.#brokerDirectory(homeOf(partition));
    return this.#storage.within(directory, `${partition.topicName}-${partition.index}`);
  }

  #brokerDirectory(brokerId: number): string {
    return this.#within(`broker-${brokerId}`);
  }

  #within(name: string): string {
    return this.#storage.within(this.#path, name);
  }
}

/** The broker in whose directory a partition lies. */
function homeOf({ replicas }: Partition): number {
  return replicas[0] ?? 1;
}
