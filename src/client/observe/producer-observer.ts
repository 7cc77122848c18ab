import { messageOf } from "../errors.ts";
import type { Accumulator } from "../producer/accumulator.ts";
import type { Acknowledgement, ProducerBatch } from "../producer/batch.ts";
import type { ProducerCounters } from "./counters.ts";
import type { EventSource } from "./event-hub.ts";
import type { BatchPlace } from "./events.ts";
import type { Observability } from "./observability.ts";
import { Wait, type Waits } from "./waits.ts";

/** What is asked of a producer when somebody looks. */
export interface ObservedProducer {
  readonly accumulator: Accumulator;
  readonly deliveryTimeoutMs: number;
  readonly lingerMs: number;
  /** Records that wait for their topic to be known. */
  readonly recordsWithoutTopic: () => number;
  readonly nowMs: () => number;
}

/** What is noticed of one producer: per batch at most, never per record. */
export class ProducerObserver {
  readonly #producer: ObservedProducer;
  readonly #waits: Waits;
  readonly #counters: ProducerCounters;
  readonly #sent: EventSource<"batch:sent">;
  readonly #failed: EventSource<"batch:failed">;
  readonly #delivered: EventSource<"records:delivered">;
  /** The watchdog wants the same object for the same wait each time. */
  readonly #deliveries = new WeakMap<ProducerBatch, Wait>();
  readonly #forget: readonly (() => void)[];

  constructor(observability: Observability, producer: ObservedProducer) {
    this.#producer = producer;
    this.#waits = observability.waits;
    this.#counters = observability.producer;
    this.#sent = observability.events.source("batch:sent");
    this.#failed = observability.events.source("batch:failed");
    this.#delivered = observability.events.source("records:delivered");
    this.#forget = [
      observability.addProducer({ queued: () => this.#queued() }),
      observability.waits.addSource(() => this.#listDeliveries()),
    ];
  }

  /** The batch is handed to a connection to its leader. */
  sent(batch: ProducerBatch, nodeId: number): void {
    const counters = this.#counters;
    batch.sentTo = nodeId;
    counters.batchesSent++;
    counters.recordsSent += batch.recordCount;
    counters.bytesSent += batch.encodedSize;
    if (batch.attempts === 0) {
      counters.compressedBytes += batch.encodedSize;
      counters.uncompressedBytes += batch.plainSize;
    } else {
      counters.batchesRetried++;
      counters.recordsRetried += batch.recordCount;
    }
    if (this.#sent.isWanted) this.#sent.emit(placeOf(batch, batch.attempts + 1));
  }

  /** It was acknowledged. Call this while it still knows its records. */
  delivered(batch: ProducerBatch, { baseOffset }: Acknowledgement): void {
    if (batch.isSettled) return;
    this.#counters.batchesDelivered++;
    this.#counters.recordsDelivered += batch.recordCount;
    if (!this.#delivered.isWanted) return;
    const deliveryMs = this.#producer.nowMs() - batch.createdAtMs;
    this.#delivered.emit({ ...placeOf(batch, batch.attempts + 1), baseOffset, deliveryMs });
  }

  /** It was not taken. */
  failed(batch: ProducerBatch, error: unknown, willRetry: boolean): void {
    if (batch.isSettled) return;
    if (!willRetry) {
      this.#counters.batchesFailed++;
      this.#counters.recordsFailed += batch.recordCount;
    }
    if (this.#failed.isWanted) {
      this.#failed.emit({ ...placeOf(batch, batch.attempts), error, willRetry });
    }
  }

  /** The producer is closed. */
  close(): void {
    for (const forget of this.#forget) forget();
  }

  #queued(): { readonly records: number; readonly bytes: number } {
    let records = this.#producer.recordsWithoutTopic();
    let bytes = 0;
    for (const batch of this.#producer.accumulator.batches()) {
      if (batch.isSettled) continue;
      records += batch.recordCount;
      bytes += batch.size;
    }
    return { records, bytes };
  }

  /** The oldest batch of each partition: those behind it wait for the same. */
  *#listDeliveries(): Generator<Wait> {
    for (const { batches } of this.#producer.accumulator.queues()) {
      const oldest = batches.find((batch) => !batch.isSettled);
      if (oldest === undefined) continue;
      const { deliveryTimeoutMs, lingerMs } = this.#producer;
      let wait = this.#deliveries.get(oldest);
      if (wait === undefined) {
        wait = new DeliveryWait(this.#waits, oldest, deliveryTimeoutMs, lingerMs);
        this.#deliveries.set(oldest, wait);
      }
      yield wait;
    }
  }
}

/** The wait of all who sent a record of a batch. */
class DeliveryWait extends Wait {
  readonly #batch: ProducerBatch;
  readonly broker = null;
  readonly api = null;

  constructor(waits: Waits, batch: ProducerBatch, timeoutMs: number, lingerMs: number) {
    super(waits, batch.createdAtMs, timeoutMs, lingerMs);
    this.#batch = batch;
  }

  get what(): string {
    const { topic, partition, recordCount } = this.#batch;
    return `${recordCount} records for topic "${topic}", partition ${partition} to be acknowledged`;
  }

  get nodeId(): number | null {
    return this.#batch.sentTo;
  }

  inTheWay(): string | null {
    const { lastFailure } = this.#batch;
    return lastFailure === null ? null : messageOf(lastFailure);
  }
}

function placeOf(batch: ProducerBatch, attempt: number): BatchPlace {
  return {
    topic: batch.topic,
    partition: batch.partition,
    nodeId: batch.sentTo,
    records: batch.recordCount,
    bytes: batch.encodedSize === 0 ? batch.size : batch.encodedSize,
    attempt,
  };
}
