/** The way of a record from `send` to its batch: it runs for each one, so that nothing is made here that need not be. */

import { RECORD_BATCH_OVERHEAD } from "../../protocol/records/layout.ts";
import { recordFitsWithin } from "../../protocol/records/record-batch-builder.ts";
import type { RecordField, RecordHeaderInput } from "../../protocol/records/record-encoding.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedProducerConfig } from "../config/producer-config.ts";
import { ConfigError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { TopicMetadata } from "../metadata.ts";
import type { Accumulator, TopicState } from "./accumulator.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import type { Recipient } from "./delivery.ts";
import { prepareHeaders } from "./headers.ts";
import type { PartitionedTopic } from "./partitioners/partitioned-topic.ts";
import { Partitioners } from "./partitioners/partitioners.ts";
import { WaitingBatches } from "./partitioners/waiting-batches.ts";
import { checkPlace, type ProducerRecord } from "./record.ts";
import { prepareData } from "./record-data.ts";
import type { Sender } from "./sender.ts";
import type { TopicQueues, WaitingRecord } from "./topic-queues.ts";

/** What a record costs while its topic is not known, beside its bytes. */
const WAITING_COST = 256;

/** What an array of bytes of its own costs, beside its bytes. */
const COPY_COST = 768;

/** So many records of one run of code share a look at the clock, which takes a tenth of all that a record takes. */
const RECORDS_A_LOOK = 32;

/** What an intake is made of. */
export interface IntakeParts {
  readonly cluster: Cluster;
  readonly config: ResolvedProducerConfig;
  readonly accumulator: Accumulator;
  readonly memory: BufferMemory;
  readonly sender: Sender;
  readonly waiting: TopicQueues;
  readonly logger: Logger;
}

/** A record whose topic is not known yet. It carries no functions of its own, since there may be very many. */
class Waiting implements WaitingRecord {
  readonly intake: RecordIntake;
  readonly topic: string;
  readonly partition: number | undefined;
  readonly timestamp: number;
  readonly key: RecordField;
  readonly value: RecordField;
  readonly headers: readonly RecordHeaderInput[] | undefined;
  readonly recipient: Recipient;
  readonly number: number;
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number;
  /** Bytes that the buffer memory was charged for it. */
  readonly cost: number;

  constructor(
    intake: RecordIntake,
    topic: string,
    partition: number | undefined,
    timestamp: number,
    key: RecordField,
    value: RecordField,
    headers: readonly RecordHeaderInput[] | undefined,
    recipient: Recipient,
    number: number,
    signal: AbortSignal | undefined,
    deadlineMs: number,
    cost: number,
  ) {
    this.intake = intake;
    this.topic = topic;
    this.partition = partition;
    this.timestamp = timestamp;
    // The caller may use its memory again, as it may once a record is in a batch.
    this.key = copyOf(key);
    this.value = copyOf(value);
    this.headers = headers?.map((header) => ({ key: header.key, value: copyOf(header.value) }));
    this.recipient = recipient;
    this.number = number;
    this.signal = signal;
    this.deadlineMs = deadlineMs;
    this.cost = cost;
  }

  proceed(): void {
    this.intake.proceed(this);
  }

  reject(error: unknown): void {
    this.intake.reject(this, error);
  }
}

/** Takes records into batches. */
export class RecordIntake {
  readonly #parts: IntakeParts;
  readonly #largest: number;
  readonly #partitioners: Partitioners;
  /** Most records are for the topic of the one before. */
  #last: TopicState | null = null;
  #lookedAtMs = 0;
  /** Records that may still have the time of that look. */
  #sharing = 0;
  readonly #lookAnew = (): void => {
    this.#sharing = 0;
  };

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    const { maxRequestSize, bufferMemory } = parts.config;
    this.#partitioners = new Partitioners({ config: parts.config, clock: parts.cluster.clock });
    this.#largest = Math.min(maxRequestSize, bufferMemory) - RECORD_BATCH_OVERHEAD;
  }

  /**
   * Takes a record: into a batch, or to those that wait for their topic to be known.
   *
   * @throws ConfigError when it cannot be right, and then it is not taken.
   */
  take(record: ProducerRecord, recipient: Recipient, number: number, signal: AbortSignal | undefined): void {
    checkPlace(record);
    const { topic: name } = record;
    const key = prepareData(record.key, name, "key");
    const value = prepareData(record.value, name, "value");
    const headers = record.headers === undefined ? undefined : prepareHeaders(record.headers, name);
    const { partition, timestamp = this.#nowMs() } = record;
    this.#checkSize(name, key, value, headers);
    const topic = this.#topic(name);
    const { waiting } = this.#parts;
    // A partition that is not there may have been added since the topic was looked up.
    const isBeyond = partition !== undefined && partition >= (topic.known?.partitions.length ?? 0);
    if (topic.known === undefined || isBeyond || (waiting.size > 0 && waiting.has(name))) {
      const cost = WAITING_COST + keptSize(key) + keptSize(value);
      const { cluster, config, memory } = this.#parts;
      memory.take(cost);
      const deadlineMs = cluster.clock.monotonicMs() + config.maxBlockMs;
      waiting.add(
        name,
        new Waiting(
          this,
          name,
          partition,
          timestamp,
          key,
          value,
          headers,
          recipient,
          number,
          signal,
          deadlineMs,
          cost,
        ),
        isBeyond,
      );
      return;
    }
    this.#place(topic, partition, timestamp, key, value, headers, recipient, number);
  }

  /** The topic of a record that waited for it is known now. */
  proceed(record: Waiting): void {
    const { topic, partition, timestamp, key, value, headers, recipient, number } = record;
    this.#parts.memory.give(record.cost);
    try {
      this.#place(this.#topic(topic), partition, timestamp, key, value, headers, recipient, number);
    } catch (error) {
      this.#tell(topic, recipient, number, error);
    }
  }

  /** It never will be, or nobody wants the record to go any more. */
  reject({ topic, recipient, number, cost }: Waiting, error: unknown): void {
    this.#parts.memory.give(cost);
    this.#tell(topic, recipient, number, error);
  }

  #nowMs(): number {
    if (this.#sharing > 0) {
      this.#sharing--;
      return this.#lookedAtMs;
    }
    // Whatever runs later, be it after an `await`, sees the clock again.
    queueMicrotask(this.#lookAnew);
    this.#lookedAtMs = this.#parts.cluster.clock.wallMs();
    this.#sharing = RECORDS_A_LOOK - 1;
    return this.#lookedAtMs;
  }

  #topic(name: string): TopicState {
    let topic = this.#last;
    if (topic === null || topic.name !== name) {
      topic = this.#parts.accumulator.topic(name);
      this.#last = topic;
    }
    const { cluster } = this.#parts;
    if (topic.seen !== cluster.metadata) {
      topic.known = cluster.cachedTopic(name);
      topic.seen = cluster.metadata;
    }
    return topic;
  }

  #tell(topic: string, recipient: Recipient, number: number, error: unknown): void {
    const { logger } = this.#parts;
    if (recipient === null) {
      logger.error(`A record for topic "${topic}" that nobody waits for was not sent: ${messageOf(error)}`);
      return;
    }
    try {
      if (typeof recipient === "function") (recipient as (error: unknown) => void)(error);
      else recipient.failed(number, error);
    } catch (thrown) {
      logger.error(`A delivery callback threw, which changes nothing: ${messageOf(thrown)}`);
    }
  }

  #place(
    topic: TopicState,
    wanted: number | undefined,
    timestamp: number,
    key: RecordField,
    value: RecordField,
    headers: readonly RecordHeaderInput[] | undefined,
    recipient: Recipient,
    number: number,
  ): void {
    const { accumulator, sender, memory, config } = this.#parts;
    // It is known: only then is a record placed.
    const metadata = topic.known as TopicMetadata;
    topic.partitioned ??= this.#newPartitioned(topic);
    const partition = topic.partitioned.partitionOf(metadata, wanted, key, value, headers, timestamp);
    const queue = accumulator.queue(topic, partition);
    const appended = accumulator.append(queue, timestamp, key, value, headers, recipient, number);
    if (appended === "to a batch") {
      if (memory.isShort) sender.wake();
      return;
    }
    if (appended === "batch full" || config.lingerMs === 0 || memory.isShort) sender.wake();
    else sender.wakeAfterLinger();
  }

  #newPartitioned(topic: TopicState): PartitionedTopic {
    const { sender } = this.#parts;
    const isHeldUp = (name: string, partition: number): boolean => sender.isHeldUp(name, partition);
    return this.#partitioners.newTopic(new WaitingBatches(topic, isHeldUp));
  }

  #checkSize(
    topic: string,
    key: RecordField,
    value: RecordField,
    headers: readonly RecordHeaderInput[] | undefined,
  ): void {
    // A unit of text takes at most three bytes, and the rest of a record without headers far less than this.
    if (headers === undefined && 3 * (sizeOf(key) + sizeOf(value)) + 64 <= this.#largest) return;
    if (recordFitsWithin(this.#largest, key, value, headers)) return;
    const { maxRequestSize, bufferMemory } = this.#parts.config;
    const limit =
      maxRequestSize <= bufferMemory
        ? `maxRequestSize is ${maxRequestSize}: raise maxRequestSize (and the topic's max.message.bytes)`
        : `bufferMemory is ${bufferMemory}: raise bufferMemory`;
    throw new ConfigError(
      `A record for topic "${topic}" is too large, and ${limit}, or send less in one record`,
      {
        code: "MESSAGE_TOO_LARGE",
      },
    );
  }
}

function copyOf(field: RecordField): RecordField {
  return field instanceof Uint8Array ? new Uint8Array(field) : field;
}

/** What a copy takes in memory: small arrays are mostly what a runtime keeps of them. */
function keptSize(field: RecordField): number {
  return field instanceof Uint8Array ? COPY_COST + field.byteLength : sizeOf(field);
}

/** Bytes, or for text units. */
function sizeOf(field: RecordField): number {
  return field === null ? 0 : field.length;
}
