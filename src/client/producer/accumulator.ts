import type { RecordField, RecordHeaderInput } from "../../protocol/records/record-encoding.ts";
import type { ClusterMetadata, TopicMetadata } from "../metadata.ts";
import { ProducerBatch } from "./batch.ts";
import { BatchBuffers } from "./batch-buffers.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import type { Recipient } from "./delivery.ts";
import type { PartitionedTopic } from "./partitioners/partitioned-topic.ts";
import type { PartitionSequences } from "./sequences.ts";

/** Batches of one partition. */
export interface PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** Oldest first; those that are on their way stand in front, and stay until they are answered. */
  readonly batches: ProducerBatch[];
  /** Takes the next record; it is the last of `batches`. */
  open: ProducerBatch | null;
  /** Not to be sent before this time on the monotonic clock: it waits out a backoff. */
  notBeforeMs: number;
  /** Null until the first batch under an identity. */
  sequences: PartitionSequences<ProducerBatch> | null;
  /** Bytes of the largest batch of late, as far as it is not long ago, so that the next one has the right size at once. */
  lastSize: number;
}

/** What a producer keeps of a topic. */
export interface TopicState {
  readonly name: string;
  /** The topic as it is known; undefined while it is not. */
  known: TopicMetadata | undefined;
  /** The metadata that it was taken from. */
  seen: ClusterMetadata | null;
  /** Null before the first record. */
  partitioned: PartitionedTopic | null;
  /** By partition; holes where nothing was sent yet. */
  readonly queues: (PartitionQueue | undefined)[];
}

/** What a record has brought about: a batch that may linger from now on, or one that need not linger any more. */
export type Appended = "to a batch" | "to a new batch" | "batch full";

const LEAST_CAPACITY = 1024;

/** What decides how records become batches. */
export interface AccumulatorOptions {
  /** Size in bytes at which a batch takes no more records; one larger record is a batch of its own. */
  readonly batchSize: number;
  readonly memory: BufferMemory;
  readonly nowMs: () => number;
  /** Makes the memory of batches, where the runtime has a way of its own. */
  readonly allocate?: ((size: number) => Uint8Array) | undefined;
}

/** Records that wait to be sent, in batches by partition. */
export class Accumulator {
  readonly #options: AccumulatorOptions;
  readonly #allocate: (size: number) => Uint8Array;
  readonly #outgrown = (buffer: Uint8Array): void => this.#buffers.giveBack(buffer);
  readonly #buffers: BatchBuffers;
  readonly #topics = new Map<string, TopicState>();
  readonly #active = new Set<PartitionQueue>();

  constructor(options: AccumulatorOptions) {
    this.#options = options;
    // Whoever allowed so much gets no less: fresh memory is dear, to the system and to the garbage collector.
    this.#buffers = new BatchBuffers(options.batchSize, options.memory.limit, options.allocate);
    this.#allocate = (size) => this.#buffers.take(size);
  }

  /** What is kept of a topic. */
  topic(name: string): TopicState {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { name, known: undefined, seen: null, partitioned: null, queues: [] };
      this.#topics.set(name, topic);
    }
    return topic;
  }

  /** The queue of a partition. */
  queue(topic: TopicState, partition: number): PartitionQueue {
    const found = topic.queues[partition];
    if (found !== undefined) return found;
    const queue: PartitionQueue = {
      topic: topic.name,
      partition,
      batches: [],
      open: null,
      notBeforeMs: 0,
      sequences: null,
      lastSize: 0,
    };
    topic.queues[partition] = queue;
    return queue;
  }

  /**
   * Adds a record to the open batch of its partition, or to a new one.
   *
   * @returns what the sender has to know.
   */
  append(
    queue: PartitionQueue,
    timestamp: number,
    key: RecordField,
    value: RecordField,
    headers: readonly RecordHeaderInput[] | undefined,
    recipient: Recipient,
    number: number,
  ): Appended {
    let batch = queue.open;
    let appended: Appended = "to a batch";
    if (batch === null || !batch.append(timestamp, key, value, headers, recipient, number)) {
      if (batch !== null) {
        batch.isClosed = true;
        queue.open = null;
        appended = "batch full";
      }
      batch = this.newBatch(queue, this.#capacityFor(queue), this.#options.nowMs());
      // Throws where the format has no room for the record; then nothing has happened.
      batch.append(timestamp, key, value, headers, recipient, number);
      queue.batches.push(batch);
      queue.open = batch;
      this.#active.add(queue);
      if (appended === "to a batch") appended = "to a new batch";
    }
    this.charge(batch);
    if (!batch.isClosed) return appended;
    queue.open = null;
    return "batch full";
  }

  /** A batch that is in no queue yet. */
  newBatch({ topic, partition }: PartitionQueue, capacity: number, createdAtMs: number): ProducerBatch {
    const { batchSize: limit } = this.#options;
    return new ProducerBatch({
      topic,
      partition,
      createdAtMs,
      limit,
      capacity,
      allocate: this.#allocate,
      outgrown: this.#outgrown,
    });
  }

  /** Brings what the memory is charged for a batch up to what it takes. */
  charge(batch: ProducerBatch): void {
    const { cost } = batch;
    this.#options.memory.take(cost - batch.charged);
    batch.charged = cost;
  }

  /** Puts batches that were made of one into its place. */
  split(queue: PartitionQueue, batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    this.#replace(queue, batch, parts);
    for (const part of parts) this.charge(part);
    this.#free(batch, false);
  }

  #replace(queue: PartitionQueue, batch: ProducerBatch, parts: readonly ProducerBatch[]): void {
    const at = queue.batches.indexOf(batch);
    if (at < 0) return;
    if (parts.length === 0 && at === 0) queue.batches.shift();
    else queue.batches.splice(at, 1, ...parts);
    if (queue.open === batch) queue.open = null;
    // The last one may stay, though it is empty: a set that is emptied gives up its memory, and takes it again.
    if (queue.batches.length === 0 && this.#active.size > 1) this.#active.delete(queue);
  }

  /**
   * Takes a batch out whose story is over, and frees its memory.
   *
   * @param isUnread whether its bytes are certainly read by nobody any more, so that they can be written to again.
   */
  remove(queue: PartitionQueue, batch: ProducerBatch, isUnread: boolean): void {
    this.#replace(queue, batch, []);
    // A small one now and then, as before a flush, says little of the next.
    queue.lastSize = Math.max(batch.plainSize, queue.lastSize / 2);
    this.#free(batch, isUnread);
  }

  #free(batch: ProducerBatch, isUnread: boolean): void {
    const { charged } = batch;
    batch.charged = 0;
    const buffer = batch.releaseBuffer();
    if (isUnread && buffer !== null) this.#buffers.giveBack(buffer);
    this.#options.memory.give(charged);
  }

  /** Every queue that holds a batch, and perhaps one that does not. */
  queues(): Iterable<PartitionQueue> {
    return this.#active;
  }

  /** Takes its turn after all others. */
  moveToEnd(queue: PartitionQueue): void {
    if (this.#active.size > 1 && this.#active.delete(queue)) this.#active.add(queue);
  }

  /** Every batch that is not settled. */
  batches(): ProducerBatch[] {
    const all: ProducerBatch[] = [];
    for (const { batches } of this.#active)
      for (const batch of batches) if (!batch.isSettled) all.push(batch);
    return all;
  }

  #capacityFor({ lastSize, batches }: PartitionQueue): number {
    const { batchSize } = this.#options;
    // With others before it, it will most likely be filled.
    return batches.length > 0 ? batchSize : Math.min(batchSize, Math.max(LEAST_CAPACITY, lastSize));
  }
}
