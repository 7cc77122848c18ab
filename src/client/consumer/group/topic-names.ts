/** The names of topics of which a coordinator has told the ids. */

import type { Uuid } from "../../../protocol/uuid.ts";
import type { Cluster } from "../../cluster.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { Deadline, sleep } from "../../retry.ts";

/** How long the cluster is asked for one before it is said that it cannot be found. */
const PATIENCE_MS = 30_000;

/** Looks names up, for as long as they are wanted. */
export class TopicNames {
  readonly #cluster: Cluster;
  readonly #logger: Logger;
  readonly #onFound: (names: ReadonlyMap<Uuid, string>) => void;
  readonly #wanted = new Map<Uuid, AbortController>();

  constructor(cluster: Cluster, logger: Logger, onFound: (names: ReadonlyMap<Uuid, string>) => void) {
    this.#cluster = cluster;
    this.#logger = logger;
    this.#onFound = onFound;
  }

  /** Those that are known without asking. */
  known(topicIds: Iterable<Uuid>): Map<Uuid, string> {
    const { topicNames } = this.#cluster.metadata;
    const known = new Map<Uuid, string>();
    for (const topicId of topicIds) {
      const name = topicNames.get(topicId);
      if (name !== undefined) known.set(topicId, name);
    }
    return known;
  }

  /** Looks these up, and no others any more. */
  want(topicIds: ReadonlySet<Uuid>): void {
    for (const [topicId, asking] of this.#wanted) {
      if (topicIds.has(topicId)) continue;
      this.#wanted.delete(topicId);
      asking.abort();
    }
    for (const topicId of topicIds) {
      if (this.#wanted.has(topicId)) continue;
      const asking = new AbortController();
      this.#wanted.set(topicId, asking);
      void this.#find(topicId, asking.signal);
    }
  }

  /** Never rejects. */
  async #find(topicId: Uuid, signal: AbortSignal): Promise<void> {
    const { clock } = this.#cluster;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const deadline = new Deadline(clock, PATIENCE_MS);
        const { name } = await this.#cluster.topicById(topicId, { deadline, signal });
        if (!signal.aborted) this.#onFound(new Map([[topicId, name]]));
        return;
      } catch (error) {
        if (signal.aborted) return;
        const why = messageOf(error);
        this.#logger.warn(
          `A partition that the group has assigned cannot be read yet: its topic is not found: ${why}`,
        );
      }
      await sleep(clock, this.#cluster.retryDelayMs(attempt), signal).catch(() => {
        // It only rejects when the signal is aborted, which ends the loop.
      });
    }
  }
}
