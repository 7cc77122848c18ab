import type { PartitionQueue } from "./accumulator.ts";
import type { BatchStamp, ProducerBatch } from "./batch.ts";
import { type IdentitySource, LAST_EPOCH, type ProducerIdentity } from "./identity.ts";
import {
  afterSequenceEvent,
  canBeRenumbered,
  freshSequences,
  isSameIdentity,
  type SequenceEvent,
  takesAgain,
  takesNewBatch,
} from "./sequences.ts";

/** Numbers the batches of an idempotent producer, and says which may go. */
export class Sequencer {
  readonly #identity: IdentitySource;

  constructor(identity: IdentitySource) {
    this.#identity = identity;
  }

  /** Whether the batch may be sent now, as far as its number is concerned. */
  mayGo(queue: PartitionQueue, batch: ProducerBatch): boolean {
    const identity = this.#identity;
    const current = identity.current();
    if (current === null) return false;
    if (!identity.admits(queue.topic, queue.partition)) return false;
    queue.sequences ??= freshSequences(current);
    this.#renew(queue, current);
    const { sequences } = queue;
    if (batch.isSequenced) return takesAgain(sequences, batch);
    return takesNewBatch(sequences, identity.isTransactional ? current : sequences.identity);
  }

  /** What goes into the header of a batch that may go now; null where that stands there already. */
  number(queue: PartitionQueue, batch: ProducerBatch): BatchStamp | null {
    const { recordCount } = batch;
    const event = batch.isSequenced
      ? ({ type: "resent", batch } as const)
      : ({ type: "assigned", batch, recordCount } as const);
    this.note(queue, event);
    batch.isSequenced = true;
    const { sequences } = queue;
    const own = sequences?.batches.find((each) => each.batch === batch);
    if (batch.isStamped || sequences === null || own === undefined) return null;
    const { isTransactional } = this.#identity;
    return { ...sequences.identity, baseSequence: own.baseSequence, isTransactional };
  }

  /** Something has happened to a batch of the queue. */
  note(queue: PartitionQueue, event: SequenceEvent<ProducerBatch>): void {
    if (queue.sequences !== null) queue.sequences = afterSequenceEvent(queue.sequences, event);
  }

  /** Brokers take nothing under the identity that the queue's batches have. */
  refuse({ sequences }: PartitionQueue): void {
    if (sequences !== null) this.#identity.renew(sequences.identity);
  }

  /** Numbers what is left of the queue's batches anew, if they have to be and can be. */
  #renew(queue: PartitionQueue, current: ProducerIdentity): void {
    const { sequences } = queue;
    if (sequences === null) return;
    const { isTransactional } = this.#identity;
    const own = sequences.identity;
    const isOther = isTransactional ? !isSameIdentity(own, current) : own.producerId !== current.producerId;
    if (isOther) this.note(queue, { type: "adopted", identity: current });
    // Within a transaction the whole of it fails, and the next one has a new epoch.
    if (isTransactional || !canBeRenumbered(queue.sequences ?? sequences)) return;
    if (!isOther && own.producerEpoch === LAST_EPOCH) {
      this.#identity.renew(own);
      return;
    }
    // Where there are no transactions, brokers keep epochs by partition: this one is no other's affair (KIP-360).
    const identity = isOther ? current : { ...own, producerEpoch: own.producerEpoch + 1 };
    this.note(queue, { type: "renumbered", identity });
    for (const { batch } of queue.sequences?.batches ?? []) {
      batch.isStamped = false;
      batch.mayBeWritten = false;
    }
  }
}
