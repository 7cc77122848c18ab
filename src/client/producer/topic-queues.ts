import type { Clock } from "../../platform/platform.ts";
import { Alarm } from "../alarm.ts";
import { TimeoutError } from "../errors.ts";

/** A record that waits for its topic to be known, and what to do then: methods, since there may be very many. */
export interface WaitingRecord {
  readonly signal: AbortSignal | undefined;
  /** On the monotonic clock. Never before that of a record that came earlier. */
  readonly deadlineMs: number;
  proceed(): void;
  reject(error: unknown): void;
}

/** How topics are looked up. */
export interface TopicLookUp {
  readonly clock: Clock;
  /** Resolves when the topic is known; what is known of it already does, unless it is to be looked up anew. */
  readonly find: (topic: string, timeoutMs: number, anew: boolean) => Promise<unknown>;
  /** Makes the error of a record whose time is up. */
  readonly notFound: (topic: string) => Error;
}

interface TopicQueue {
  /** Null where a record was served; only while they are. */
  records: (WaitingRecord | null)[];
  /** One listener for each signal, however many records wait under it. */
  readonly listeners: Map<AbortSignal, () => void>;
  /** Rings when the time of the first is up. */
  readonly alarm: Alarm;
  /** Whether its records are being served right now. */
  isServed: boolean;
  /** Place of the first that came meanwhile and wants the topic to be looked up anew. */
  anewFrom: number | null;
}

/** Stands among the records of a queue, so that somebody knows when those before it are through. */
class Marker implements WaitingRecord {
  readonly signal = undefined;
  readonly deadlineMs: number;
  readonly proceed: () => void;
  readonly reject: () => void;

  constructor(deadlineMs: number, passed: () => void) {
    this.deadlineMs = deadlineMs;
    this.proceed = passed;
    this.reject = passed;
  }
}

/**
 * Records whose topics are still being looked up. While any record of a topic waits, later ones queue up behind it,
 * so that nothing overtakes. Each waits for its own time.
 */
export class TopicQueues {
  readonly #lookUp: TopicLookUp;
  readonly #queues = new Map<string, TopicQueue>();

  constructor(lookUp: TopicLookUp) {
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
    const waits = (each: WaitingRecord | null): boolean => each !== null && !(each instanceof Marker);
    return [...this.#queues.values()].reduce((sum, { records }) => sum + records.filter(waits).length, 0);
  }

  /**
   * Puts a record behind those that wait for the same topic, and looks the topic up if it is the first.
   *
   * @param anew What is known of the topic does not do.
   */
  add(topic: string, record: WaitingRecord, anew = false): void {
    const found = this.#queues.get(topic);
    if (found?.isServed === true) {
      if (anew) found.anewFrom ??= found.records.length;
      found.records.push(record);
      return;
    }
    const queue = found ?? this.#newQueue(topic);
    queue.records.push(record);
    queue.alarm.set(record.deadlineMs);
    this.#heed(queue, record.signal);
    if (found === undefined) void this.#find(topic, queue, anew);
  }

  /** For each topic that is being looked up, a promise that resolves when those that wait now do not any more. */
  whenThrough(): Promise<void>[] {
    return [...this.#queues].map(
      ([topic, { records }]) =>
        new Promise<void>((resolve) => {
          this.add(topic, new Marker(records.at(-1)?.deadlineMs ?? 0, resolve));
        }),
    );
  }

  /** Rejects every record that still waits. */
  rejectAll(error: Error): void {
    for (const [topic, queue] of [...this.#queues]) this.#reject(topic, queue, error);
  }

  #newQueue(topic: string): TopicQueue {
    const { clock } = this.#lookUp;
    const queue: TopicQueue = {
      records: [],
      listeners: new Map(),
      // Looking up keeps the process alive.
      alarm: new Alarm(clock, () => this.#expire(topic, queue)),
      isServed: false,
      anewFrom: null,
    };
    this.#queues.set(topic, queue);
    return queue;
  }

  #heed(queue: TopicQueue, signal: AbortSignal | undefined): void {
    if (signal === undefined || queue.listeners.has(signal)) return;
    const listener = (): void => {
      const given = queue.records.filter((each) => each?.signal === signal);
      queue.records = queue.records.filter((each) => each?.signal !== signal);
      for (const record of given) record?.reject(signal.reason);
    };
    queue.listeners.set(signal, listener);
    signal.addEventListener("abort", listener);
  }

  /** Never rejects: whatever happens is an answer to the records. */
  async #find(topic: string, queue: TopicQueue, anew: boolean): Promise<void> {
    const { clock, find } = this.#lookUp;
    // For as long as the last of them may wait; those that come meanwhile may wait longer.
    while (this.#queues.get(topic) === queue) {
      const untilMs = queue.records.at(-1)?.deadlineMs ?? 0;
      try {
        await find(topic, Math.max(0, untilMs - clock.monotonicMs()), anew);
      } catch (error) {
        if (error instanceof TimeoutError || untilMs <= clock.monotonicMs()) this.#expire(topic, queue);
        else this.#reject(topic, queue, error);
        continue;
      }
      this.#serve(topic, queue);
    }
  }

  #serve(topic: string, queue: TopicQueue): void {
    if (this.#queues.get(topic) !== queue) return;
    this.#release(queue);
    queue.isServed = true;
    const { records } = queue;
    // Who is served may hand over more, which comes behind those that wait.
    for (let i = 0; i < records.length && i !== queue.anewFrom; i++) {
      const record = records[i] as WaitingRecord;
      // Its memory is counted elsewhere from here on, and shall not be taken twice.
      records[i] = null;
      record.proceed();
    }
    // Closing the producer may have ended it meanwhile.
    if (this.#queues.get(topic) === queue) this.#queues.delete(topic);
    for (const record of records) if (record !== null) this.add(topic, record, true);
  }

  #reject(topic: string, queue: TopicQueue, error: unknown): void {
    if (this.#queues.get(topic) !== queue) return;
    // Who hands a record over again waits anew.
    this.#queues.delete(topic);
    this.#release(queue);
    for (const record of queue.records.splice(0)) record?.reject(error);
  }

  /** Rejects those whose time is up. */
  #expire(topic: string, queue: TopicQueue): void {
    if (this.#queues.get(topic) !== queue || queue.isServed) return;
    const now = this.#lookUp.clock.monotonicMs();
    const left = queue.records.findIndex((each) => each !== null && each.deadlineMs > now);
    const error = this.#lookUp.notFound(topic);
    if (left < 0) {
      this.#reject(topic, queue, error);
      return;
    }
    const late = queue.records.splice(0, left);
    queue.alarm.set(queue.records[0]?.deadlineMs ?? now);
    for (const record of late) record?.reject(error);
  }

  #release({ alarm, listeners }: TopicQueue): void {
    alarm.stop();
    for (const [signal, listener] of listeners) signal.removeEventListener("abort", listener);
    listeners.clear();
  }
}
