/** All that a client notices of its own work: events, counters, waits. One for each `Kafka`. */

import type { Clock, Platform } from "../../platform/platform.ts";
import { defaultLogger, type Logger } from "../logger.ts";
import type { ClusterMetadata, TopicMetadata } from "../metadata.ts";
import { BrokerObserver } from "./broker-observer.ts";
import { BrokerCounters, ConsumerCounters, MetadataCounters, ProducerCounters } from "./counters.ts";
import { EventHub, type EventSource } from "./event-hub.ts";
import {
  brokerCountersSnapshot,
  type ConsumerGauges,
  consumerMetrics,
  type GroupMetrics,
  type Metrics,
  metadataMetrics,
  type ProducerGauges,
  producerMetrics,
} from "./metrics.ts";
import { type StalledWait, Waits } from "./waits.ts";

/** Whose work it is. */
export interface ObservabilityOptions {
  readonly platform: Platform;
  readonly clientId: string;
  readonly logger: Logger;
}

/** So many waits are named in one line of the log. */
const MOST_NAMED = 3;

/** All that one client notices. */
export class Observability {
  readonly events: EventHub;
  readonly waits: Waits;
  readonly producer = new ProducerCounters();
  readonly consumer = new ConsumerCounters();
  readonly metadata = new MetadataCounters();
  readonly #clientId: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #brokers = new Set<BrokerObserver>();
  readonly #former = new BrokerCounters();
  readonly #producers = new Set<ProducerGauges>();
  readonly #consumers = new Set<ConsumerGauges>();
  readonly #groups = new Set<() => GroupMetrics>();
  readonly #metadataUpdated: EventSource<"metadata:updated">;
  readonly #leaderChanged: EventSource<"leader:changed">;

  constructor({ platform, clientId, logger }: ObservabilityOptions) {
    this.#clientId = clientId;
    this.#clock = platform.clock;
    this.#logger = logger;
    this.events = new EventHub(platform, clientId, logger);
    this.waits = new Waits(platform.clock);
    this.#metadataUpdated = this.events.source("metadata:updated");
    this.#leaderChanged = this.events.source("leader:changed");
  }

  /** A broker that may be connected to. */
  broker(name: string, nodeId: number | null): BrokerObserver {
    const parts = { clock: this.#clock, logger: this.#logger, events: this.events, waits: this.waits };
    const observer = new BrokerObserver(name, nodeId, parts, (left) => {
      if (this.#brokers.delete(left)) this.#former.add(left.counters);
    });
    this.#brokers.add(observer);
    return observer;
  }

  /** A producer is there until the result is called. */
  addProducer(gauges: ProducerGauges): () => void {
    this.#producers.add(gauges);
    return () => void this.#producers.delete(gauges);
  }

  /** A consumer is there until the result is called. */
  addConsumer(gauges: ConsumerGauges): () => void {
    this.#consumers.add(gauges);
    return () => void this.#consumers.delete(gauges);
  }

  /** A membership in a group is there until the result is called. */
  addGroup(group: () => GroupMetrics): () => void {
    this.#groups.add(group);
    return () => void this.#groups.delete(group);
  }

  /** A broker has described the cluster. */
  metadataUpdated(before: ClusterMetadata, after: ClusterMetadata, topics: readonly string[]): void {
    this.metadata.refreshes++;
    this.metadata.refreshedAtMs = this.#clock.monotonicMs();
    if (this.#leaderChanged.isWanted) this.#tellOfLeaders(before, after, topics);
    if (!this.#metadataUpdated.isWanted) return;
    this.#metadataUpdated.emit({
      clusterId: after.clusterId,
      controllerId: after.controllerId,
      brokers: [...after.brokers.values()].map(({ nodeId, host, port }) => ({ nodeId, host, port })),
      topics,
      changedTopics: topics.filter((topic) => !isSame(before.topics.get(topic), after.topics.get(topic))),
    });
  }

  /** No broker could. */
  metadataFailed(): void {
    this.metadata.refreshesFailed++;
  }

  /**
   * Starts the watchdog.
   *
   * @param inTheWay what stands in the way of reaching the cluster
   */
  watch(inTheWay: () => string): void {
    this.waits.watch(inTheWay, (stalled) => this.#tellOfStalled(stalled));
  }

  snapshot(): Metrics {
    return {
      clientId: this.#clientId,
      takenAtMs: this.#clock.wallMs(),
      brokers: [...this.#brokers].map((broker) => broker.snapshot()),
      formerBrokers: brokerCountersSnapshot(this.#former),
      metadata: metadataMetrics(this.metadata, this.#clock.monotonicMs()),
      producer: producerMetrics(this.producer, this.#producers),
      consumer: consumerMetrics(this.consumer, this.#consumers, this.#groups),
      waits: this.waits.list().length,
    };
  }

  #tellOfLeaders(before: ClusterMetadata, after: ClusterMetadata, topics: readonly string[]): void {
    for (const name of topics) {
      const known = before.topics.get(name);
      const told = after.topics.get(name);
      // A topic that was made anew has partitions of its own, which had no leader before.
      if (known === undefined || told === undefined || known.topicId !== told.topicId) continue;
      for (const { partition, leaderId, leaderEpoch } of told.partitions) {
        const from = known.partitions[partition]?.leaderId;
        if (from === undefined || from === leaderId) continue;
        this.#leaderChanged.emit({ topic: name, partition, from, to: leaderId, leaderEpoch });
      }
    }
  }

  #tellOfStalled(stalled: readonly StalledWait[]): void {
    const overdue = stalled.filter(({ isOverdue }) => isOverdue);
    const slow = stalled.filter(({ isOverdue }) => !isOverdue);
    if (overdue.length > 0) {
      this.#logger.error(
        `${listed(overdue)}: the deadline has passed and the wait goes on, which is a fault of kafkawire`,
      );
    }
    if (slow.length > 0) this.#logger.warn(`Still waiting for ${listed(slow)}`);
    const source = this.events.source("stalled");
    if (source.isWanted) for (const wait of stalled) source.emit(wait);
  }
}

/** For what is made by itself, without a client that anybody could ask. */
export function unobserved(options: {
  readonly platform: Platform;
  readonly clientId: string;
}): Observability {
  return new Observability({ ...options, logger: defaultLogger });
}

function listed(waits: readonly StalledWait[]): string {
  const named = waits.slice(0, MOST_NAMED).map(({ waitingFor, ageMs, deadlineInMs, inTheWay }) => {
    const limit = deadlineInMs === null ? "" : `, of ${seconds(ageMs + deadlineInMs)} s`;
    return `${waitingFor} (${seconds(ageMs)} s${limit}${inTheWay === "" ? "" : `; ${inTheWay}`})`;
  });
  const rest = waits.length - named.length;
  return `${named.join(", ")}${rest === 0 ? "" : `, and ${rest} more (Kafka.waits() lists them)`}`;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

function isSame(before: TopicMetadata | undefined, after: TopicMetadata | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return (
    before.topicId === after.topicId &&
    before.partitions.length === after.partitions.length &&
    before.partitions.every(({ leaderId, leaderEpoch }, index) => {
      const told = after.partitions[index];
      return told?.leaderId === leaderId && told.leaderEpoch === leaderEpoch;
    })
  );
}
