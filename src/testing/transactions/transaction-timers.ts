/**
 * When the coordinator looks for transactions that take too long, and for ids that nobody uses any more: at the times
 * at which Kafka's does, counted from the start of the cluster, but only while there is something to look for.
 */

import type { Timer } from "../../platform/platform.ts";
import type { ClusterState } from "../cluster-state.ts";
import type { TransactionState } from "./transaction-state.ts";

const ABORT_INTERVAL = "transaction.abort.timed.out.transaction.cleanup.interval.ms";
const EXPIRY_INTERVAL = "transaction.remove.expired.transaction.cleanup.interval.ms";

export class TransactionTimers {
  readonly #cluster: ClusterState;
  readonly #states: ReadonlyMap<string, TransactionState>;
  readonly #look: { readonly abort: () => void; readonly expire: () => void };
  readonly #startMs: number;
  #abort: Timer | null = null;
  #expiry: Timer | null = null;

  constructor(
    cluster: ClusterState,
    states: ReadonlyMap<string, TransactionState>,
    look: { readonly abort: () => void; readonly expire: () => void },
  ) {
    this.#cluster = cluster;
    this.#states = states;
    this.#look = look;
    this.#startMs = cluster.clock.monotonicMs();
  }

  /** Sets the timers that are needed; called whenever a state has changed. */
  plan(): void {
    if (this.#expiry === null && this.#states.size > 0) {
      this.#expiry = this.#after(EXPIRY_INTERVAL, () => {
        this.#expiry = null;
        this.#look.expire();
      });
    }
    if (this.#abort === null && this.#hasOngoing()) {
      this.#abort = this.#after(ABORT_INTERVAL, () => {
        this.#abort = null;
        this.#look.abort();
      });
    }
  }

  #hasOngoing(): boolean {
    for (const { status } of this.#states.values()) if (status === "Ongoing") return true;
    return false;
  }

  #after(interval: string, look: () => void): Timer {
    const { clock, configs } = this.#cluster;
    const intervalMs = configs.number(interval);
    const sinceStartMs = clock.monotonicMs() - this.#startMs;
    const delayMs = intervalMs - (sinceStartMs % intervalMs);
    return clock.setTimer(
      delayMs,
      () => {
        look();
        this.plan();
      },
      { background: true },
    );
  }
}
