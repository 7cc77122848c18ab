/** The topics of a group as its leader sees them: when it assigns, and after that, lest they change. */

import type { TopicLayout } from "../../../group/assignor.ts";
import type { Timer } from "../../../platform/platform.ts";
import type { Cluster } from "../../cluster.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { TopicMetadata } from "../../metadata.ts";

/** How a leader looks at topics. */
export interface GroupTopicsOptions {
  readonly cluster: Cluster;
  readonly logger: Logger;
  /** How often the brokers are asked. */
  readonly metadataMaxAgeMs: number;
  /** How often it is looked whether others have learned something new. */
  readonly lookMs: number;
  /** Whether racks count: they do where the member has one. */
  readonly withRacks: boolean;
}

/** So often a topic that is not there is asked for, at the most. */
const MISSING_MS = 1000;
const UNKNOWN_TOPIC_OR_PARTITION = 3;

type Layouts = ReadonlyMap<string, TopicLayout>;

interface Watched {
  readonly topics: readonly string[];
  readonly layouts: Layouts;
}

export class GroupTopics {
  readonly #options: GroupTopicsOptions;
  #timer: Timer | null = null;
  /** What is watched; a look that began for something else says nothing. */
  #watched: Watched | null = null;
  #askedAtMs = 0;

  constructor(options: GroupTopicsOptions) {
    this.#options = options;
  }

  /**
   * Asks the brokers for topics. Those that are not there are left out.
   *
   * @throws KafkaError when no broker could be asked.
   */
  async describe(topics: readonly string[]): Promise<Layouts> {
    const { cluster } = this.#options;
    this.#askedAtMs = cluster.clock.monotonicMs();
    if (topics.length > 0) await cluster.refresh(topics);
    return this.#known(topics);
  }

  /** Calls `onChange` once when topics are other than `layouts` says, in words that say how. */
  watch(topics: readonly string[], layouts: Layouts, onChange: (how: string) => void): void {
    this.stop();
    const watched: Watched = { topics, layouts };
    this.#watched = watched;
    const look = (): void => {
      void this.#look(watched).then((how) => {
        if (this.#watched !== watched) return;
        if (how === null) {
          this.#arm(look);
          return;
        }
        this.stop();
        onChange(how);
      });
    };
    this.#arm(look);
  }

  stop(): void {
    this.#watched = null;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(look: () => void): void {
    const { cluster, lookMs } = this.#options;
    const delayMs = this.#isAnyMissing() ? Math.min(MISSING_MS, lookMs) : lookMs;
    this.#timer = cluster.clock.setTimer(delayMs, look, { background: true });
  }

  #isAnyMissing(): boolean {
    const { topics = [], layouts } = this.#watched ?? {};
    return topics.some((topic) => layouts?.get(topic) === undefined);
  }

  /** What has changed, in words; null for nothing. Never rejects. */
  async #look({ topics, layouts }: Watched): Promise<string | null> {
    const { cluster, logger, metadataMaxAgeMs } = this.#options;
    const isDue = cluster.clock.monotonicMs() - this.#askedAtMs >= metadataMaxAgeMs;
    if (isDue || this.#isAnyMissing()) {
      try {
        await this.describe(topics);
      } catch (error) {
        logger.debug(`The topics of the group could not be described again: ${messageOf(error)}`);
      }
    }
    const known = this.#known(topics);
    for (const topic of topics) {
      const how = this.#difference(topic, layouts.get(topic), known.get(topic));
      if (how !== null) return how;
    }
    return null;
  }

  #difference(topic: string, before: TopicLayout | undefined, now: TopicLayout | undefined): string | null {
    if (before === undefined) return now === undefined ? null : `topic ${topic} has appeared`;
    if (now === undefined) {
      // Only that one says that the topic is gone: others, that a broker does not know at the moment.
      const isGone = this.#options.cluster.metadata.topicErrors.get(topic) === UNKNOWN_TOPIC_OR_PARTITION;
      return isGone ? `topic ${topic} is gone` : null;
    }
    if (before.partitions !== now.partitions)
      return `topic ${topic} has ${now.partitions} partitions, no more ${before.partitions}`;
    const racks = ({ racks: all }: TopicLayout): string =>
      JSON.stringify(all.map((each) => [...each].sort()));
    return this.#options.withRacks && racks(before) !== racks(now)
      ? `topic ${topic} is in other racks`
      : null;
  }

  #known(topics: readonly string[]): Layouts {
    const { metadata } = this.#options.cluster;
    const layouts = new Map<string, TopicLayout>();
    for (const topic of topics) {
      const known = metadata.topics.get(topic);
      if (known !== undefined)
        layouts.set(
          topic,
          layoutOf(known, (nodeId) => metadata.brokers.get(nodeId)?.rack),
        );
    }
    return layouts;
  }
}

function layoutOf(
  { partitions }: TopicMetadata,
  rackOf: (nodeId: number) => string | null | undefined,
): TopicLayout {
  const racks = partitions.map(({ replicas }) => {
    const found = new Set<string>();
    for (const nodeId of replicas) {
      const rack = rackOf(nodeId);
      if (rack !== null && rack !== undefined) found.add(rack);
    }
    return [...found];
  });
  return { partitions: partitions.length, racks };
}
