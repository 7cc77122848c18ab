/**
 * Creating, deleting and enlarging topics: what the controller of a Kafka cluster decides. The rules are here, the
 * APIs only translate; whatever else makes topics (automatic creation, internal topics, a test) comes here too.
 */

import { ZERO_UUID } from "../../protocol/uuid.ts";
import type { ClusterState } from "../cluster-state.ts";
import { checkTopicConfigs } from "../config/check-configs.ts";
import { Refusal } from "../error-code.ts";
import { checkReplicas } from "./check-replicas.ts";
import { Partition } from "./partition.ts";
import type { Replication } from "./replication.ts";
import { checkTopicName, collide } from "./topic-name.ts";
import type { Topic } from "./topic-store.ts";

/** What a topic is to be like. */
export interface TopicSpec {
  readonly name: string;
  /** -1 for `num.partitions`. */
  readonly numPartitions: number;
  /** -1 for `default.replication.factor`. */
  readonly replicationFactor: number;
  /** Broker ids by partition; null to choose them. */
  readonly assignments?: ReadonlyMap<number, readonly number[]> | null;
  readonly configs?: Iterable<readonly [name: string, value: string]>;
  readonly isInternal?: boolean;
}

/** As many partitions as a test can want: beyond, somebody has made a mistake. */
const MOST_PARTITIONS = 100_000;

export class TopicManager {
  readonly #cluster: ClusterState;
  readonly #replication: Replication;

  constructor(cluster: ClusterState, replication: Replication) {
    this.#cluster = cluster;
    this.#replication = replication;
  }

  /**
   * Makes a topic.
   *
   * @param validateOnly whether only to look if it could be made
   * @throws Refusal when it cannot.
   */
  create(spec: TopicSpec, validateOnly = false): Topic {
    const { topics, configs: store, forReading } = this.#cluster;
    checkTopicName(spec.name);
    if (topics.get(spec.name) !== undefined) {
      throw new Refusal("TOPIC_ALREADY_EXISTS", `Topic '${spec.name}' already exists.`);
    }
    for (const { name } of topics.all) {
      if (!collide(name, spec.name)) continue;
      throw new Refusal(
        "INVALID_TOPIC_EXCEPTION",
        `Topic '${spec.name}' collides with existing topic: ${name}`,
      );
    }
    const replicas = this.#replicasOf(spec);
    const configs = [...(spec.configs ?? [])];
    checkTopicConfigs(store, configs);
    const partitions = replicas.map((brokers, index) => new Partition(spec.name, index, brokers, forReading));
    const isInternal = spec.isInternal ?? false;
    const topic = { name: spec.name, topicId: this.#newTopicId(), isInternal, partitions };
    if (validateOnly) return topic;
    topics.add(topic);
    const own = store.topic(spec.name);
    for (const [name, value] of configs) own.set(name, value);
    this.#cluster.configsChanged();
    for (const partition of partitions) {
      this.#replication.settle(partition);
      this.#cluster.partitionMade(partition);
    }
    this.#cluster.metadataChanged();
    return topic;
  }

  delete(topic: Topic): void {
    const { topics, configs, waits } = this.#cluster;
    topics.delete(topic);
    configs.forgetTopic(topic.name);
    this.#cluster.configsChanged();
    for (const partition of topic.partitions) waits.wake(partition);
    this.#cluster.topicDeleted(topic);
    this.#cluster.metadataChanged();
  }

  /**
   * Adds partitions.
   *
   * @param assignments of the new partitions; null to choose them
   */
  enlarge(
    topic: Topic,
    count: number,
    assignments: readonly (readonly number[])[] | null,
    validateOnly = false,
  ): void {
    const existing = topic.partitions.length;
    if (count <= existing) {
      const problem =
        count === existing
          ? `Topic already has ${existing} partition(s).`
          : `The topic ${topic.name} currently has ${existing} partition(s); ${count} would not be an increase.`;
      throw new Refusal("INVALID_PARTITIONS", problem);
    }
    if (count > MOST_PARTITIONS) throw new Refusal("INVALID_PARTITIONS", `${count} partitions are too many`);
    if (assignments !== null && assignments.length !== count - existing) {
      throw new Refusal(
        "INVALID_REPLICA_ASSIGNMENT",
        `Attempted to add ${count - existing} additional partition(s), but only ${assignments.length} assignment(s) ` +
          "were specified.",
      );
    }
    const factor = topic.partitions[0]?.replicas.length ?? 1;
    const replicas = assignments ?? this.#chosen(count - existing, factor, existing);
    for (const brokers of replicas) checkReplicas(this.#cluster.brokers, brokers, factor);
    if (validateOnly) return;
    for (const brokers of replicas) {
      const index = topic.partitions.length;
      const partition = new Partition(topic.name, index, brokers, this.#cluster.forReading);
      topic.partitions.push(partition);
      this.#replication.settle(partition);
      this.#cluster.partitionMade(partition);
    }
    this.#cluster.metadataChanged();
  }

  /** Makes a topic that was asked for and is not there, with the brokers' defaults. */
  createAutomatically(name: string): Topic {
    return this.create({ name, numPartitions: -1, replicationFactor: -1 });
  }

  #replicasOf({
    numPartitions,
    replicationFactor,
    assignments = null,
  }: TopicSpec): readonly (readonly number[])[] {
    const { configs, brokers } = this.#cluster;
    if (assignments !== null && assignments.size > 0) {
      if (replicationFactor !== -1) {
        throw new Refusal(
          "INVALID_REQUEST",
          "A manual partition assignment was specified, but replication factor was not set to -1.",
        );
      }
      if (numPartitions !== -1) {
        throw new Refusal(
          "INVALID_REQUEST",
          "A manual partition assignment was specified, but numPartitions was not set to -1.",
        );
      }
      return this.#manual(assignments);
    }
    const count = numPartitions === -1 ? configs.number("num.partitions") : numPartitions;
    const factor =
      replicationFactor === -1 ? configs.number("default.replication.factor") : replicationFactor;
    if (factor < 1) {
      throw new Refusal(
        "INVALID_REPLICATION_FACTOR",
        "Replication factor must be larger than 0, or -1 to use the default value.",
      );
    }
    if (count < 1 || count > MOST_PARTITIONS) {
      throw new Refusal(
        "INVALID_PARTITIONS",
        "Number of partitions was set to an invalid non-positive value.",
      );
    }
    const alive = [...brokers.values()].filter(({ isUp }) => isUp).length;
    if (factor > brokers.size) {
      throw new Refusal(
        "INVALID_REPLICATION_FACTOR",
        `Unable to replicate the partition ${factor} time(s): The target replication factor of ${factor} cannot be ` +
          `reached because only ${alive} broker(s) are registered.`,
      );
    }
    return this.#chosen(count, factor, 0);
  }

  #manual(assignments: ReadonlyMap<number, readonly number[]>): readonly (readonly number[])[] {
    const replicas: (readonly number[])[] = [];
    for (let index = 0; index < assignments.size; index++) {
      const brokers = assignments.get(index);
      if (brokers === undefined) {
        throw new Refusal(
          "INVALID_REPLICA_ASSIGNMENT",
          "partitions should be a consecutive 0-based integer sequence",
        );
      }
      checkReplicas(this.#cluster.brokers, brokers, (assignments.get(0) ?? []).length);
      replicas.push(brokers);
    }
    return replicas;
  }

  /** Leaders in turn, each followed by the next brokers: the same each time, which Kafka does not promise. */
  #chosen(count: number, factor: number, from: number): number[][] {
    const { brokers, topics } = this.#cluster;
    // Those that are up lead; where they are too few, the others are replicas too.
    const all = [...brokers.values()].sort((a, b) => Number(b.isUp) - Number(a.isUp));
    const up = Math.max(all.filter(({ isUp }) => isUp).length, 1);
    const turn = from + topics.size;
    return Array.from({ length: count }, (_, index) => {
      const first = (turn + index) % up;
      const chosen = [...all.slice(first, up), ...all.slice(0, first), ...all.slice(up)];
      return chosen.slice(0, factor).map(({ id }) => id);
    });
  }

  #newTopicId(): string {
    return this.#cluster.release.hasTopicIds ? this.#cluster.newUuid() : ZERO_UUID;
  }
}
