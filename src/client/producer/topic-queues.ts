import type { TopicMetadata } from "../metadata.ts";

/** A record that waits for its topic to be known, and what to do then: methods, since there may be very many. */
export interface WaitingRecord {
  readonly signal: AbortSignal | undefined;
  proceed(): void;
  reject(error: unknown): void;
}

/** Looks a topic up; what is known of it already does, unless it is to be looked up anew. */
export type LookUp = (topic: string, anew: boolean) => Promise<TopicMetadata>;

interface TopicQueue {
  records: WaitingRecord[];
  /** One listener for each signal, however many records wait under it. */
  readonly listeners: Map<AbortSignal, () => void>;
  /** Resolves when the look-up has ended, whichever way. */
  readonly lookedUp: Promise<void>;
}

/**
 * Records whose topics are still being looked up. While any record of a topic waits, later ones queue up behind it,
 * so that nothing overtakes.
 */
export class TopicQueues {
  readonly #lookUp: LookUp;
  readonly #queues = new Map<string, TopicQueue>();

  constructor(lookUp: LookUp) {
    this.#lookUp = lookUp;
  }

  /** Whether records wait for that topic. */
  has(topic: string): boolean {
    return this.#queues.has(topic);
  }

  /** Topics for which records wait. */
  get size(): number {
    return this.#queues.size;
  }

  /** Records that wait, for whatever topic. */
  get recordCount(): number {
    return [...this.#queues.values()].reduce((sum, { records }) => sum + records.length, 0);
  }

  /**
   * Puts a record behind those that wait for the same topic, and looks the topic up if it is the first.
   *
   * @param anew What is known of the topic does not do.
   */
  add(topic: string, record: WaitingRecord, anew = false): void {
    let queue = this.#queues.get(topic);
    if (queue === undefined) {
      const lookedUp = this.#lookUp(topic, anew).then(
        () => this.#endOf(topic, (record) => record.proceed()),
        (error) => this.#endOf(topic, (record) => record.reject(error)),
      );
      queue = { records: [], listeners: new Map(), lookedUp };
      this.#queues.set(topic, queue);
    }
    queue.records.push(record);
    const { signal } = record;
    if (signal !== undefined && !queue.listeners.has(signal)) {
      const waiting = queue;
      const listener = (): void => {
        const given = waiting.records.filter((each) => each.signal === signal);
        waiting.records = waiting.records.filter((each) => each.signal !== signal);
        for (const record of given) record.reject(signal.reason);
      };
      queue.listeners.set(signal, listener);
      signal.addEventListener("abort", listener);
    }
  }

  /** For each topic that is being looked up, a promise that resolves when that has ended, whichever way. */
  lookUps(): Promise<void>[] {
    return [...this.#queues.values()].map(({ lookedUp }) => lookedUp);
  }

  /** Rejects every record that still waits. */
  rejectAll(error: Error): void {
    for (const topic of [...this.#queues.keys()]) this.#endOf(topic, (record) => record.reject(error));
  }

  #endOf(topic: string, what: (record: WaitingRecord) => void): void {
    const queue = this.#queues.get(topic);
    if (queue === undefined) return;
    this.#queues.delete(topic);
    for (const [signal, listener] of queue.listeners) signal.removeEventListener("abort", listener);
    const records: (WaitingRecord | null)[] = queue.records;
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as WaitingRecord;
      // Its memory is counted elsewhere from here on, and shall not be taken twice.
      records[i] = null;
      what(record);
    }
  }
}
