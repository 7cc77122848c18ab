/** What `send` does with its records: it hands them to the intake, and where the buffer is full waits for room. */

import type { Clock } from "../../platform/platform.ts";
import { abortReason } from "../errors.ts";
import type { BufferMemory, RoomWaiter } from "./buffer-memory.ts";
import { OneDelivery } from "./delivery.ts";
import { checkRecord, type ProducerRecord, type RecordMetadata } from "./record.ts";
import type { RecordData } from "./record-data.ts";
import type { RecordIntake } from "./record-intake.ts";
import { ManyDeliveries } from "./send-many.ts";

/** What a call of `send` costs while it waits, beside its record. */
const CALL_COST = 512;

/** What it is made of. */
export interface HandOverParts {
  readonly intake: RecordIntake;
  readonly memory: BufferMemory;
  readonly clock: Clock;
  readonly maxBlockMs: number;
  /** Makes the error of a call that may not even wait. */
  readonly exhausted: () => Error;
  /** There is something to send, which makes room. */
  readonly wake: () => void;
}

/** Hands over the records of calls in their order. */
export class HandOver {
  readonly #parts: HandOverParts;

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  one(record: ProducerRecord, signal: AbortSignal | undefined): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => {
      const { intake, memory } = this.#parts;
      const delivery = new OneDelivery(resolve, reject);
      if (!memory.isFull) {
        intake.take(record, delivery, 0, signal);
        return;
      }
      checkRecord(record);
      const { exhausted } = this.#parts;
      if (!memory.hasRoomToWait) throw exhausted();
      const proceed = (): boolean => {
        try {
          intake.take(record, delivery, 0, signal);
        } catch (error) {
          reject(error);
        }
        return true;
      };
      const held = CALL_COST + sizeOf(record.key) + sizeOf(record.value);
      this.#wait({ deadlineMs: this.#deadlineMs(), heldBytes: held, proceed, giveUp: reject }, signal);
    });
  }

  many(records: readonly ProducerRecord[], signal: AbortSignal | undefined): Promise<RecordMetadata[]> {
    for (const record of records) checkRecord(record);
    if (records.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const { intake, memory } = this.#parts;
      const deliveries = new ManyDeliveries(records.length, resolve, reject);
      let left = records;
      let next = 0;
      const proceed = (): boolean => {
        for (; next < left.length; next++) {
          if (memory.isFull) return false;
          try {
            intake.take(left[next] as ProducerRecord, deliveries, next, signal);
          } catch (error) {
            deliveries.failed(next, error);
          }
        }
        return true;
      };
      if (proceed()) return;
      // The caller may change its list while it waits.
      left = [...records];
      const waiter: RoomWaiter = {
        deadlineMs: this.#deadlineMs(),
        // The list is the caller's own, and one for all that is in it.
        heldBytes: CALL_COST,
        proceed: () => {
          // Each record may take as long as one that is sent by itself.
          waiter.deadlineMs = this.#deadlineMs();
          return proceed();
        },
        giveUp: (error) => {
          for (; next < left.length; next++) deliveries.failed(next, error);
        },
      };
      this.#wait(waiter, signal);
    });
  }

  /** Resolves once all calls are served that wait now, or have given up. */
  whenServed(): Promise<void> {
    const { memory } = this.#parts;
    if (!memory.hasWaiters) return Promise.resolve();
    return new Promise((resolve) => {
      const served = (): true => {
        resolve();
        return true;
      };
      memory.wait({ deadlineMs: Number.POSITIVE_INFINITY, heldBytes: 0, proceed: served, giveUp: served });
    });
  }

  #wait(waiter: RoomWaiter, signal: AbortSignal | undefined): void {
    const { memory, wake } = this.#parts;
    wake();
    if (signal === undefined) {
      memory.wait(waiter);
      return;
    }
    const aborted = (): void => {
      memory.leave(waiter);
      waiter.giveUp(abortReason(signal) as Error);
    };
    const { proceed, giveUp } = waiter;
    const settled = (): void => signal.removeEventListener("abort", aborted);
    memory.wait(
      Object.assign(waiter, {
        proceed: () => {
          const isDone = proceed();
          if (isDone) settled();
          return isDone;
        },
        giveUp: (error: Error) => {
          settled();
          giveUp(error);
        },
      }),
    );
    signal.addEventListener("abort", aborted);
  }

  #deadlineMs(): number {
    return this.#parts.clock.monotonicMs() + this.#parts.maxBlockMs;
  }
}

function sizeOf(data: RecordData | undefined): number {
  if (data === null || data === undefined) return 0;
  return typeof data === "string" ? data.length : data.byteLength;
}
