/** Looks whether a group has another coordinator by now, beside what is asked of the one that is silent. */

import type { Timer } from "../../../platform/platform.ts";
import { KafkaError } from "../../../protocol/errors.ts";
import type { Purpose } from "../../broker.ts";
import type { Cluster } from "../../cluster.ts";
import type { Coordinators } from "../../coordinators.ts";

/** What a search works with. */
export interface CoordinatorSearchOptions {
  readonly cluster: Cluster;
  readonly coordinators: Coordinators;
  readonly groupId: string;
  /** Told that the coordinator is another one than `nodeId`. */
  readonly onMoved: (nodeId: number) => void;
}

/** After so long without an answer a coordinator is doubted, and again after as long. */
const SILENCE_MS = 1_000;
/** No more often than that brokers are asked, however often a coordinator is doubted. */
const INTERVAL_MS = 500;
/** So long one question may take; after it the next one goes out on other connections. */
const QUESTION_MS = 3_000;

/**
 * Asks all brokers where the coordinator is, as often as it is doubted, and until it is heard again.
 *
 * The first question goes over the connections that there are. Where it is the way to the brokers that is broken, they
 * may all be as dead as the one to the coordinator, which takes {@link PATIENCE_MS} to find out: later questions go
 * over connections of their own.
 */
export class CoordinatorSearch {
  readonly #options: CoordinatorSearchOptions;
  readonly #purpose: Purpose;
  /** Questions since the coordinator was last heard. */
  #questions = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #asking: AbortController | null = null;
  #isClosed = false;

  constructor(options: CoordinatorSearchOptions) {
    this.#options = options;
    this.#purpose = options.cluster.newPurpose("find");
  }

  /** Doubts `nodeId` for as long as it owes an answer. */
  watch(nodeId: number): { readonly stop: () => void } {
    const { clock } = this.#options.cluster;
    const set = (): Timer => clock.setTimer(SILENCE_MS, doubt, { background: true });
    const doubt = (): void => {
      this.doubt(nodeId);
      timer = set();
    };
    let timer = set();
    return { stop: () => timer.cancel() };
  }

  /** `nodeId` is silent, or cannot be reached. */
  doubt(nodeId: number): void {
    const nowMs = this.#options.cluster.clock.monotonicMs();
    if (this.#isClosed || this.#asking !== null || nowMs - this.#lastAtMs < INTERVAL_MS) return;
    this.#lastAtMs = nowMs;
    void this.#ask(nodeId);
  }

  /** The coordinator has answered. */
  heard(): void {
    if (this.#questions > 0) this.#end(new KafkaError("ABORTED", "The coordinator has answered"));
  }

  close(cause: Error): void {
    this.#isClosed = true;
    this.#end(cause);
  }

  /** Never rejects: what is not known now is asked again where the doubt remains. */
  async #ask(nodeId: number): Promise<void> {
    const { cluster, coordinators, groupId, onMoved } = this.#options;
    const asking = new AbortController();
    this.#asking = asking;
    const late = new KafkaError("ABORTED", "The question takes too long, and is put on another connection");
    const timer = cluster.clock.setTimer(QUESTION_MS, () => asking.abort(late), { background: true });
    const own = this.#questions > 0 ? { purpose: this.#purpose } : {};
    this.#questions++;
    try {
      const options = { ...own, signal: asking.signal };
      if (await coordinators.hasMoved("group", groupId, nodeId, options)) onMoved(nodeId);
    } catch {
      // Nobody could be asked either: whoever asked the coordinator hears why it could not.
    } finally {
      timer.cancel();
      if (this.#asking === asking) this.#asking = null;
    }
  }

  #end(cause: Error): void {
    this.#questions = 0;
    this.#asking?.abort(cause);
    this.#asking = null;
    this.#options.cluster.release(this.#purpose, cause);
  }
}
