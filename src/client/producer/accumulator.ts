import { type Delivery, ProducerBatch } from "./batch.ts";
import type { PreparedRecord } from "./record.ts";

type Allocate = (size: number) => Uint8Array;

/** Batches of one partition, oldest first. */
export interface PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly batches: ProducerBatch[];
  /** The batch that is on its way. It is still the first of `batches`: nothing overtakes it. */
  inFlight: ProducerBatch | null;
  /** Not to be sent before this time on the monotonic clock: it waits out a backoff. */
  notBeforeMs: number;
}

/** Records that wait to be sent, in batches by partition. */
export class Accumulator {
  readonly #batchSize: number;
  readonly #allocate: Allocate | undefined;
  readonly #queues = new Map<string, PartitionQueue[]>();

  /**
   * @param batchSize Size in bytes at which a batch takes no more records; one larger record is a batch of its own.
   * @param allocate Makes the memory of batches, where the runtime has a way of its own.
   */
  constructor(batchSize: number, allocate?: Allocate) {
    this.#batchSize = batchSize;
    this.#allocate = allocate;
  }

  /**
   * Adds a record to the batch of its partition that is open, or to a new one.
   *
   * @returns whether there is now a batch that is full.
   */
  append(record: PreparedRecord, partition: number, delivery: Delivery, nowMs: number): boolean {
    const queue = this.#queue(record.topic, partition);
    let batch = queue.batches.at(-1);
    let closedOne = false;
    if (batch !== undefined && !batch.isClosed && !batch.hasRoomFor(record, this.#batchSize)) {
      batch.isClosed = true;
      closedOne = true;
    }
    if (batch === undefined || batch.isClosed) {
      batch = new ProducerBatch(record.topic, partition, nowMs, this.#allocate);
      queue.batches.push(batch);
    }
    batch.append(record, delivery);
    // Closed, it does not linger: nothing more would fit.
    if (batch.size >= this.#batchSize) batch.isClosed = true;
    return closedOne || batch.isClosed;
  }

  /** Every queue that holds a batch. */
  *queues(): Generator<PartitionQueue> {
    for (const queues of this.#queues.values()) {
      for (const queue of queues) {
        if (queue.batches.length > 0) yield queue;
      }
    }
  }

  /** Every batch that is not settled. */
  batches(): ProducerBatch[] {
    return [...this.queues()].flatMap((queue) => queue.batches);
  }

  #queue(topic: string, partition: number): PartitionQueue {
    let queues = this.#queues.get(topic);
    if (queues === undefined) {
      queues = [];
      this.#queues.set(topic, queues);
    }
    let queue = queues.find((candidate) => candidate.partition === partition);
    if (queue === undefined) {
      queue = { topic, partition, batches: [], inFlight: null, notBeforeMs: 0 };
      queues.push(queue);
    }
    return queue;
  }
}
