import type { Cluster } from "../cluster.ts";
import { isRetriable, messageOf, TimeoutError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Cursor, PartitionState } from "./fetch-state.ts";

/** What a partition that fails is told by, and when it is tried again. */
export interface SetbackOptions {
  readonly defaultApiTimeoutMs: number;
  readonly logger: Logger;
  /** Tells the reader. */
  readonly fail: (state: PartitionState, error: unknown) => void;
  /** Something may be worth another attempt. */
  readonly pump: () => void;
}

/** Failures of partitions: waiting between the attempts, new metadata, and when the reader has to know. */
export class Setbacks {
  readonly #cluster: Cluster;
  readonly #options: SetbackOptions;

  constructor(cluster: Cluster, options: SetbackOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  recovered(cursor: Cursor): void {
    cursor.failures = 0;
    cursor.failingSinceMs = null;
  }

  backOff(cursor: Cursor): void {
    cursor.failures++;
    cursor.notBeforeMs = this.#cluster.clock.monotonicMs() + this.#cluster.retryDelayMs(cursor.failures);
  }

  /** Tells the reader, and tries again after a while: what stood in the way may be gone by then. */
  fatal(state: PartitionState, error: unknown): void {
    this.backOff(state.cursor);
    this.#options.fail(state, error);
  }

  /** Tries again, by new metadata; the reader is told of what does not pass by itself, or not in time. */
  failed(state: PartitionState, error: unknown): void {
    if (!isRetriable(error)) {
      this.fatal(state, error);
      return;
    }
    const { cursor } = state;
    const now = this.#cluster.clock.monotonicMs();
    const { defaultApiTimeoutMs, logger, fail, pump } = this.#options;
    cursor.failingSinceMs ??= now;
    this.backOff(cursor);
    logger.debug(`${state.name} will be fetched again: ${messageOf(error)}`);
    if (now - cursor.failingSinceMs >= defaultApiTimeoutMs) {
      cursor.failingSinceMs = null;
      const message = `${state.name} could not be read for ${defaultApiTimeoutMs} ms: ${messageOf(error)}`;
      fail(state, new TimeoutError("TIMEOUT", message, { cause: error }));
      return;
    }
    this.#cluster.refresh([state.topic]).then(
      pump,
      // No broker can be asked now; the next attempt at fetching asks again.
      (failure) => logger.debug(`Leaders of "${state.topic}" are still unknown: ${messageOf(failure)}`),
    );
  }
}
