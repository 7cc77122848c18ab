/** Finds the topics whose names match a subscription's expressions, and looks for new ones now and then. */

import type { Timer } from "../../platform/platform.ts";
import type { Cluster } from "../cluster.ts";
import { isRetriable, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { TopicsWanted } from "./topics-to-read.ts";

/** What a watch needs. */
export interface TopicWatchParts {
  readonly cluster: Cluster;
  readonly logger: Logger;
  readonly requestTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  /** Is told the names, sorted: once they are known, and whenever they are others. */
  readonly onTopics: (topics: readonly string[]) => void;
  /** Is told what cannot pass, such as a client that may not see any topics. */
  readonly onFailed: (error: unknown) => void;
}

export class TopicWatch {
  readonly #parts: TopicWatchParts;
  readonly #wanted: TopicsWanted;
  #known: string | null = null;
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(wanted: TopicsWanted, parts: TopicWatchParts) {
    this.#wanted = wanted;
    this.#parts = parts;
  }

  /** Begins. Names are told at once; expressions take a look at the cluster. */
  start(): void {
    if (this.#wanted.expressions.length === 0) this.#tell([]);
    else void this.#look(1);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #look(attempt: number): Promise<void> {
    const { cluster, logger, metadataMaxAgeMs, onFailed, requestTimeoutMs } = this.#parts;
    let delayMs = metadataMaxAgeMs;
    let next = 1;
    try {
      const topics = await cluster.listTopics(requestTimeoutMs);
      if (this.#isStopped) return;
      this.#tell(topics.filter((name) => this.#wanted.expressions.some((each) => each.test(name))));
    } catch (error) {
      if (this.#isStopped) return;
      if (!isRetriable(error)) onFailed(error);
      logger.debug(`The topics of the cluster are asked for again: ${messageOf(error)}`);
      delayMs = cluster.retryDelayMs(attempt);
      next = attempt + 1;
    }
    this.#timer = cluster.clock.setTimer(delayMs, () => void this.#look(next), { background: true });
  }

  #tell(found: readonly string[]): void {
    const topics = [...new Set([...this.#wanted.names, ...found])].sort();
    const key = JSON.stringify(topics);
    if (key === this.#known) return;
    this.#known = key;
    this.#parts.onTopics(topics);
  }
}
