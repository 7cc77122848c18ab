import type { Cluster } from "../cluster.ts";
import { messageOf, TimeoutError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { PartitionQueue } from "./accumulator.ts";
import type { ProducerBatch } from "./batch.ts";
import type { Settler } from "./settler.ts";

/** A batch in a request. */
export interface BatchOnTheWay {
  readonly queue: PartitionQueue;
  readonly batch: ProducerBatch;
  /** It goes to another broker, and the answer to this request tells nothing of it any more. */
  isTakenBack: boolean;
}

/** Batches that go to one broker in one request. */
export interface ProduceGroup {
  readonly leader: number;
  readonly ready: BatchOnTheWay[];
  bytes: number;
}

/** Requests that have no answer yet, and what is done when none comes for long. */
export class RequestsOnTheWay {
  readonly #cluster: Cluster;
  readonly #settler: Settler;
  readonly #logger: Logger;
  readonly #wake: () => void;
  readonly #byLeader = new Map<number, ProduceGroup[]>();
  /** Brokers whose partitions are looked for elsewhere. */
  readonly #silent = new Set<number>();

  constructor(cluster: Cluster, settler: Settler, logger: Logger, wake: () => void) {
    this.#cluster = cluster;
    this.#settler = settler;
    this.#logger = logger;
    this.#wake = wake;
  }

  /** Node ids of the brokers that were sent any so far. */
  get leaders(): readonly number[] {
    return [...this.#byLeader.keys()];
  }

  /** How many are on their way to a broker. */
  countTo(leader: number): number {
    return this.#byLeader.get(leader)?.length ?? 0;
  }

  add(group: ProduceGroup): void {
    const groups = this.#byLeader.get(group.leader);
    if (groups === undefined) this.#byLeader.set(group.leader, [group]);
    else groups.push(group);
  }

  remove(group: ProduceGroup): void {
    const groups = this.#byLeader.get(group.leader) ?? [];
    groups.splice(groups.indexOf(group), 1);
  }

  /**
   * A broker that is silent may stand still, and others lead its partitions by now: what waits there for an answer
   * is sent to them, which is told from what the brokers that do answer know. Looks until there is an answer, or
   * nothing left to be taken back. Never rejects.
   */
  async lookElsewhere(leader: number): Promise<void> {
    const groups = this.#byLeader.get(leader);
    if (groups === undefined || this.#silent.has(leader)) return;
    this.#silent.add(leader);
    const { clock } = this.#cluster;
    const unanswered = [...groups];
    for (let attempt = 1; unanswered.every((group) => groups.includes(group)); attempt++) {
      const waiting = groups.flatMap(({ ready }) => ready.filter(({ isTakenBack }) => !isTakenBack));
      if (waiting.length === 0) break;
      try {
        await this.#cluster.refresh(new Set(waiting.map(({ queue }) => queue.topic)));
        for (const each of waiting) this.#takeBackFrom(leader, each);
      } catch (failure) {
        this.#logger.debug(`Nobody can be asked for leaders now: ${messageOf(failure)}`);
      }
      const delayMs = this.#cluster.retryDelayMs(attempt);
      // The requests keep the process alive.
      await new Promise<void>((resolve) => clock.setTimer(delayMs, resolve, { background: true }));
    }
    this.#silent.delete(leader);
  }

  #takeBackFrom(silent: number, each: BatchOnTheWay): void {
    const { queue, batch } = each;
    const leader = this.#cluster.leaderOf(queue.topic, queue.partition);
    if (each.isTakenBack || !batch.isOnTheWay || leader === undefined || leader === silent) return;
    each.isTakenBack = true;
    const moved = `broker ${leader} leads topic "${queue.topic}", partition ${queue.partition} now`;
    const message = `Broker ${silent} does not answer, and ${moved}`;
    this.#settler.failed(queue, batch, new TimeoutError("REQUEST_TIMED_OUT", message));
    // Where it goes is known.
    queue.notBeforeMs = 0;
    this.#wake();
  }
}
