/**
 * The state of a cluster that everything else builds on. There is one for all brokers, as if they told each other of
 * every change in no time. `cluster.ts` puts those on top of it who decide what happens.
 */

import type { Clock } from "../platform/platform.ts";
import type { CompressionType, Decompressor } from "../protocol/records/compression-type.ts";
import type { Uuid } from "../protocol/uuid.ts";
import type { Broker } from "./broker.ts";
import type { ConfigStore } from "./config/config-store.ts";
import { FinalizedFeatures } from "./finalized-features.ts";
import type { LogSettings } from "./log/log-settings.ts";
import type { ReleaseFacts } from "./releases.ts";
import type { Partition } from "./topics/partition.ts";
import { type Topic, TopicStore } from "./topics/topic-store.ts";
import { Waits } from "./waits.ts";

export interface ClusterStateOptions {
  readonly clusterId: string;
  readonly release: ReleaseFacts;
  readonly clock: Clock;
  readonly configs: ConfigStore;
  readonly brokers: readonly Broker[];
  /** Codecs to look into compressed batches. */
  readonly forReading: (type: CompressionType) => Decompressor | null;
}

/** Who is told of what happens in a cluster. */
export interface ClusterListener {
  /** Another broker leads the partition, or none does. */
  onLeaderChanged?(partition: Partition): void;
  /** A partition was made, or came back with a cluster that was kept. */
  onPartitionMade?(partition: Partition): void;
  /** A topic was deleted, with its records. */
  onTopicDeleted?(topic: Topic): void;
  /** Producer ids up to `producerIdsEnd` may be given away. */
  onProducerIdsTaken?(): void;
  /** Configurations are others. */
  onConfigsChanged?(): void;
  /** A replica has come to be in sync. */
  onInSync?(partition: Partition): void;
  /** Topics, brokers, leaders or replicas are others. */
  onMetadataChanged?(): void;
}

const UUID_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const FIRST_PRODUCER_ID = 1000n;
/** So many are taken at once, as in Kafka. */
const PRODUCER_ID_BLOCK = 1000n;

export class ClusterState {
  readonly clusterId: string;
  readonly release: ReleaseFacts;
  /** The time of the cluster: whatever a broker times goes by it. */
  readonly clock: Clock;
  readonly configs: ConfigStore;
  /** By id, whether up or down. */
  readonly brokers: ReadonlyMap<number, Broker>;
  readonly topics = new TopicStore();
  readonly waits: Waits;
  /** What the brokers have agreed on. */
  readonly features: FinalizedFeatures;
  readonly forReading: (type: CompressionType) => Decompressor | null;
  /** What waits on the metadata as a whole waits on this. */
  readonly metadataKey = {};
  /** How many changes of the metadata there have been. */
  metadataChanges = 0;
  readonly #listeners: ClusterListener[] = [];
  /** Read again when configurations change: every batch that is appended asks for them. */
  readonly #logSettings = new Map<string, LogSettings>();
  #nextProducerId = FIRST_PRODUCER_ID;
  /** Those in front of it may have been given to somebody. */
  producerIdsEnd = FIRST_PRODUCER_ID;

  constructor({ clusterId, release, clock, configs, brokers, forReading }: ClusterStateOptions) {
    this.clusterId = clusterId;
    this.release = release;
    this.clock = clock;
    this.configs = configs;
    this.brokers = new Map(brokers.map((broker) => [broker.id, broker]));
    this.waits = new Waits(clock);
    this.features = new FinalizedFeatures(release.features);
    this.forReading = forReading;
  }

  /** The brokers that are up, by id. */
  get aliveBrokers(): Broker[] {
    return [...this.brokers.values()].filter(({ isUp }) => isUp);
  }

  /** The first broker that is up; -1 if none is. */
  get controllerId(): number {
    return this.aliveBrokers[0]?.id ?? -1;
  }

  /** Has `listener` told of changes. */
  listen(listener: ClusterListener): void {
    this.#listeners.push(listener);
  }

  leaderChanged(partition: Partition): void {
    for (const listener of this.#listeners) listener.onLeaderChanged?.(partition);
  }

  partitionMade(partition: Partition): void {
    for (const listener of this.#listeners) listener.onPartitionMade?.(partition);
  }

  topicDeleted(topic: Topic): void {
    for (const listener of this.#listeners) listener.onTopicDeleted?.(topic);
  }

  inSync(partition: Partition): void {
    for (const listener of this.#listeners) listener.onInSync?.(partition);
  }

  metadataChanged(): void {
    this.metadataChanges++;
    this.waits.wake(this.metadataKey);
    for (const listener of this.#listeners) listener.onMetadataChanged?.();
  }

  /** Configurations are others: what was read from them is read again. */
  configsChanged(): void {
    this.#logSettings.clear();
    for (const listener of this.#listeners) listener.onConfigsChanged?.();
  }

  /** A producer id that nobody has. */
  newProducerId(): bigint {
    const producerId = this.#nextProducerId++;
    if (producerId >= this.producerIdsEnd) {
      this.producerIdsEnd = producerId + PRODUCER_ID_BLOCK;
      for (const listener of this.#listeners) listener.onProducerIdsTaken?.();
    }
    return producerId;
  }

  /** Goes on with producer ids behind those that were taken before. */
  continueProducerIds(end: bigint): void {
    this.#nextProducerId = end;
    this.producerIdsEnd = end;
  }

  /** A uuid that nobody has. */
  newUuid(): Uuid {
    // The last of 22 digits holds two bits; the first is no "-", which command lines take for an option.
    const digit = (most: number): string => UUID_DIGITS.charAt(Math.floor(this.clock.random() * most));
    let text = digit(62);
    for (let i = 0; i < 20; i++) text += digit(64);
    return text + "AQgw".charAt(Math.floor(this.clock.random() * 4));
  }

  /** What the configuration of a topic says to its logs. */
  logSettings(topic: string): LogSettings {
    const known = this.#logSettings.get(topic);
    if (known !== undefined) return known;
    const settings = this.#readLogSettings(topic);
    this.#logSettings.set(topic, settings);
    return settings;
  }

  #readLogSettings(topic: string): LogSettings {
    const { configs } = this;
    const policies = configs.topicList(topic, "cleanup.policy");
    // Until 3.x one key says it for both directions, and counts where it is set.
    const difference = configs.topicDefinitions.has("message.timestamp.difference.max.ms")
      ? configs.topicNumber(topic, "message.timestamp.difference.max.ms")
      : Number.POSITIVE_INFINITY;
    const limit = (name: string): number =>
      Math.min(
        difference,
        configs.topicDefinitions.has(name) ? configs.topicNumber(topic, name) : difference,
      );
    const isStamped = configs.ofTopic(topic, "message.timestamp.type").value === "LogAppendTime";
    return {
      minInsyncReplicas: configs.topicNumber(topic, "min.insync.replicas"),
      maxMessageBytes: configs.topicNumber(topic, "max.message.bytes"),
      timestampType: isStamped ? "LogAppendTime" : "CreateTime",
      timestampBeforeMaxMs: limit("message.timestamp.before.max.ms"),
      timestampAfterMaxMs: limit("message.timestamp.after.max.ms"),
      isCompacted: policies.includes("compact"),
      isDeleted: policies.includes("delete"),
      retentionMs: configs.topicNumber(topic, "retention.ms"),
      retentionBytes: configs.topicNumber(topic, "retention.bytes"),
      segmentBytes: configs.topicNumber(topic, "segment.bytes"),
      segmentMs: configs.topicNumber(topic, "segment.ms"),
      deleteRetentionMs: configs.topicNumber(topic, "delete.retention.ms"),
      minCompactionLagMs: configs.topicNumber(topic, "min.compaction.lag.ms"),
      maxCompactionLagMs: configs.topicNumber(topic, "max.compaction.lag.ms"),
      minCleanableDirtyRatio: configs.topicNumber(topic, "min.cleanable.dirty.ratio"),
    };
  }
}
