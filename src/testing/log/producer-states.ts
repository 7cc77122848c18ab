/**
 * What a partition knows of the producers that write to it: by this a batch that comes twice is written once, and one
 * out of order is refused (KIP-98), and by this it is known from which offset on a transaction is open.
 */

import type { RecordBatchHeader } from "../../protocol/records/record-batch-header.ts";
import { Refusal } from "../error-code.ts";

/** Who appends, which decides what is checked. */
export type AppendOrigin = "client" | "coordinator";

/** One of the last batches of a producer. */
export interface KnownBatch {
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly timestamp: number;
}

export interface ProducerState {
  readonly producerId: bigint;
  producerEpoch: number;
  /** Of the last marker; -1 for none. */
  coordinatorEpoch: number;
  lastTimestamp: number;
  /** Of the open transaction; null for none. */
  transactionStart: bigint | null;
  /** Up to five, the newest last. */
  batches: KnownBatch[];
}

/** So many batches may be on their way with idempotence, and so many are known again. */
const KNOWN_BATCHES = 5;
const LARGEST_SEQUENCE = 0x7fff_ffff;

/** A batch that is looked into before a transaction begins with it (KIP-890). */
interface Verification {
  producerEpoch: number;
  /** Of the batches that were looked into: what lies behind it has to wait for that one. */
  lowestSequence: number;
  /** Whether epochs grow with each transaction, so that a new one begins with sequence 0. */
  readonly hasNewEpochs: boolean;
}

export class ProducerStates {
  readonly #producers = new Map<bigint, ProducerState>();
  readonly #verifications = new Map<bigint, Verification>();

  get all(): Iterable<ProducerState> {
    return this.#producers.values();
  }

  get(producerId: bigint): ProducerState | undefined {
    return this.#producers.get(producerId);
  }

  /** Where the first open transaction begins; null where none is open. */
  get firstUnstableOffset(): bigint | null {
    let first: bigint | null = null;
    for (const { transactionStart } of this.#producers.values()) {
      if (transactionStart !== null && (first === null || transactionStart < first)) first = transactionStart;
    }
    return first;
  }

  /** The batch that this one repeats; null where it is none of those that are known. */
  duplicateOf(batch: RecordBatchHeader): KnownBatch | null {
    const state = this.#producers.get(batch.producerId);
    if (state === undefined || state.producerEpoch !== batch.producerEpoch) return null;
    const { baseSequence } = batch;
    const lastSequence = lastSequenceOf(batch);
    return (
      state.batches.find(
        (known) => known.baseSequence === baseSequence && known.lastSequence === lastSequence,
      ) ?? null
    );
  }

  /**
   * Holds a batch with a producer against what is known of that.
   *
   * @param place of the batch, for the message
   * @throws Refusal as Kafka refuses it.
   */
  check(batch: RecordBatchHeader, origin: AppendOrigin, place: string): void {
    const state = this.#producers.get(batch.producerId);
    const { producerId, producerEpoch, baseSequence } = batch;
    if (state === undefined || producerEpoch >= state.producerEpoch) {
      if (origin === "client") this.#checkVerification(state, producerId, baseSequence, place);
      if (state === undefined) return;
    } else {
      throw new Refusal(
        "INVALID_PRODUCER_EPOCH",
        `Epoch of producer ${producerId} at ${place} is ${producerEpoch}, which is smaller than the last seen epoch ` +
          `${state.producerEpoch}`,
      );
    }
    if (origin === "client") checkSequence(state, producerEpoch, baseSequence, place);
    if (state.transactionStart !== null && !batch.isTransactional && !batch.isControl) {
      throw new Refusal(
        "INVALID_TXN_STATE",
        `Expected transactional write from producer ${producerId} at ${place}`,
      );
    }
  }

  /** A batch is looked into before a transaction begins with it. */
  verifying(
    { producerId, producerEpoch }: { readonly producerId: bigint; readonly producerEpoch: number },
    baseSequence: number,
    hasNewEpochs: boolean,
  ): void {
    const known = this.#verifications.get(producerId);
    if (known === undefined) {
      this.#verifications.set(producerId, { producerEpoch, lowestSequence: baseSequence, hasNewEpochs });
    } else if (producerEpoch > known.producerEpoch) {
      known.producerEpoch = producerEpoch;
      known.lowestSequence = baseSequence;
    } else if (producerEpoch === known.producerEpoch && baseSequence < known.lowestSequence) {
      known.lowestSequence = baseSequence;
    }
  }

  /** Takes note of a data batch that was appended. */
  appended(batch: RecordBatchHeader, baseOffset: bigint, lastOffset: bigint): void {
    const state = this.#stateOf(batch.producerId);
    this.#verifications.delete(batch.producerId);
    if (state.producerEpoch !== batch.producerEpoch) state.batches = [];
    state.producerEpoch = batch.producerEpoch;
    state.lastTimestamp = batch.maxTimestamp;
    if (batch.baseSequence >= 0) {
      state.batches.push({
        baseSequence: batch.baseSequence,
        lastSequence: lastSequenceOf(batch),
        baseOffset,
        lastOffset,
        timestamp: batch.maxTimestamp,
      });
      if (state.batches.length > KNOWN_BATCHES) state.batches.shift();
    }
    if (batch.isTransactional) state.transactionStart ??= baseOffset;
  }

  /**
   * Takes note of a marker that ends a transaction.
   *
   * @returns where the transaction began; null where it had written nothing here.
   */
  ended(batch: RecordBatchHeader, coordinatorEpoch: number): bigint | null {
    const state = this.#stateOf(batch.producerId);
    this.#verifications.delete(batch.producerId);
    if (state.producerEpoch !== batch.producerEpoch) state.batches = [];
    state.producerEpoch = batch.producerEpoch;
    state.coordinatorEpoch = coordinatorEpoch;
    state.lastTimestamp = batch.maxTimestamp;
    const start = state.transactionStart;
    state.transactionStart = null;
    return start;
  }

  /** Forgets everyone, before the log is read again from its start. */
  clear(): void {
    this.#producers.clear();
    this.#verifications.clear();
  }

  /** Forgets those that have written nothing since then, by the times of their records, and have no transaction open. */
  forgetSince(timestampMs: number): void {
    for (const [producerId, { lastTimestamp, transactionStart }] of this.#producers) {
      if (transactionStart === null && lastTimestamp <= timestampMs) this.#producers.delete(producerId);
    }
  }

  #checkVerification(
    state: ProducerState | undefined,
    producerId: bigint,
    sequence: number,
    place: string,
  ): void {
    const verification = this.#verifications.get(producerId);
    if (verification === undefined) return;
    const { hasNewEpochs, lowestSequence } = verification;
    const isFirst = state === undefined || state.batches.length === 0;
    if (hasNewEpochs && isFirst && sequence !== 0) {
      throw new Refusal(
        "OUT_OF_ORDER_SEQUENCE_NUMBER",
        `Invalid sequence number for producer ${producerId} at ${place}: ${sequence} (incoming seq. number). Expected ` +
          "sequence 0 for transactions v2 idempotent producer with no existing state.",
      );
    }
    if (sequence > lowestSequence) {
      throw new Refusal(
        "OUT_OF_ORDER_SEQUENCE_NUMBER",
        `Out of order sequence number for producer ${producerId} at ${place}: ${sequence} (incoming seq. number), ` +
          `${lowestSequence} (earliest seen sequence)`,
      );
    }
  }

  #stateOf(producerId: bigint): ProducerState {
    let state = this.#producers.get(producerId);
    if (state === undefined) {
      state = {
        producerId,
        producerEpoch: -1,
        coordinatorEpoch: -1,
        lastTimestamp: -1,
        transactionStart: null,
        batches: [],
      };
      this.#producers.set(producerId, state);
    }
    return state;
  }
}

function checkSequence(state: ProducerState, producerEpoch: number, sequence: number, place: string): void {
  const { producerId } = state;
  if (producerEpoch !== state.producerEpoch) {
    if (sequence === 0 || state.producerEpoch < 0) return;
    throw new Refusal(
      "OUT_OF_ORDER_SEQUENCE_NUMBER",
      `Invalid sequence number for new epoch of producer ${producerId} at ${place}: ${producerEpoch} (request epoch), ` +
        `${sequence} (seq. number), ${state.producerEpoch} (current producer epoch)`,
    );
  }
  const last = state.batches.at(-1)?.lastSequence ?? -1;
  if (sequence === last + 1 || (sequence === 0 && last === LARGEST_SEQUENCE)) return;
  throw new Refusal(
    "OUT_OF_ORDER_SEQUENCE_NUMBER",
    `Out of order sequence number for producer ${producerId} at ${place}: ${sequence} (incoming seq. number), ` +
      `${last} (current end sequence number)`,
  );
}

/** Sequences wrap to 0 behind the largest int32. */
function lastSequenceOf(batch: RecordBatchHeader): number {
  if (batch.baseSequence < 0) return -1;
  const last = batch.baseSequence + Number(batch.lastOffset - batch.baseOffset);
  return last > LARGEST_SEQUENCE ? last - LARGEST_SEQUENCE - 1 : last;
}
