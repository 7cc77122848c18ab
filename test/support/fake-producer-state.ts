/**
 * What a broker knows of the producers that wrote to a partition, and what it makes of their next batches, written
 * after `ProducerAppendInfo` and `ProducerStateEntry` of Kafka's broker and after nothing of the client.
 */

/** What a batch says of its producer. */
export interface BatchOfProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** What is to be done with a batch. */
export type Judgement =
  | { readonly verdict: "append" }
  /** The answer is that of the first time, without an error. */
  | { readonly verdict: "duplicate"; readonly baseOffset: bigint }
  | { readonly verdict: "refuse"; readonly error: RefusalOfBatch };

export type RefusalOfBatch =
  | "OUT_OF_ORDER_SEQUENCE_NUMBER"
  | "UNKNOWN_PRODUCER_ID"
  | "INVALID_PRODUCER_EPOCH";

interface KnownBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: bigint;
}

interface KnownProducer {
  readonly epoch: number;
  /** Oldest first, at most five. */
  readonly batches: readonly KnownBatch[];
}

const KNOWN_BATCHES = 5;
const LAST_SEQUENCE = 0x7fff_ffff;

export class FakeProducerState {
  /** As brokers before Kafka 2.5 did: who is not known has to begin with 0 (KIP-360). */
  refusesTheUnknown = false;
  #producers = new Map<bigint, KnownProducer>();

  judge(batch: BatchOfProducer): Judgement {
    const { producerId, producerEpoch, baseSequence } = batch;
    const known = this.#producers.get(producerId);
    if (known === undefined) {
      const isRefused = this.refusesTheUnknown && baseSequence !== 0;
      return isRefused ? { verdict: "refuse", error: "UNKNOWN_PRODUCER_ID" } : { verdict: "append" };
    }
    const last = lastSequenceOf(batch);
    const seen = known.batches.find(
      ({ firstSequence, lastSequence }) => firstSequence === baseSequence && lastSequence === last,
    );
    if (producerEpoch === known.epoch && seen !== undefined) {
      return { verdict: "duplicate", baseOffset: seen.baseOffset };
    }
    if (producerEpoch < known.epoch) return { verdict: "refuse", error: "INVALID_PRODUCER_EPOCH" };
    const lastKnown = producerEpoch === known.epoch ? known.batches.at(-1)?.lastSequence : undefined;
    const expected = lastKnown === undefined || lastKnown === LAST_SEQUENCE ? 0 : lastKnown + 1;
    return baseSequence === expected
      ? { verdict: "append" }
      : { verdict: "refuse", error: "OUT_OF_ORDER_SEQUENCE_NUMBER" };
  }

  appended(batch: BatchOfProducer, baseOffset: bigint): void {
    const { producerId, producerEpoch: epoch, baseSequence: firstSequence } = batch;
    const known = this.#producers.get(producerId);
    const before = known?.epoch === epoch ? known.batches : [];
    const added = { firstSequence, lastSequence: lastSequenceOf(batch), baseOffset };
    this.#producers.set(producerId, { epoch, batches: [...before, added].slice(-KNOWN_BATCHES) });
  }

  /** As after `producer.id.expiration.ms`, or before Kafka 2.5 after the producer's last record was deleted. */
  forget(): void {
    this.#producers.clear();
  }
}

function lastSequenceOf({ baseSequence, recordCount }: BatchOfProducer): number {
  const beyond = baseSequence + recordCount - 1 - LAST_SEQUENCE;
  return beyond > 0 ? beyond - 1 : baseSequence + recordCount - 1;
}
