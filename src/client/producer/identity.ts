/** Under which name a producer writes (KIP-98). */

/** An id that the cluster gave, and the epoch that tells its life times apart. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Brokers take no epoch above it. */
export const LAST_EPOCH = 0x7fff;

/** Who a producer is to the brokers, and whether its batches may go. Nobody is asked per record, only per batch. */
export interface IdentitySource {
  readonly isTransactional: boolean;
  /** Highest version of Produce in which batches may be sent now. */
  readonly lastProduceVersion: number;
  /**
   * Under whom new batches are written. Null while that is not known: asking starts the look-up, and `onChange`
   * is called when it has ended.
   */
  current(): ProducerIdentity | null;
  /** The last identity can serve no longer, since its epochs are used up or brokers refuse it. */
  renew(refused: ProducerIdentity): void;
  /** Why nothing can be sent any more, or in this transaction; null where it can. Batches not yet sent fail with it. */
  failure(): Error | null;
  /** What stands in the way of an identity; null where nothing is known to. */
  trouble(): unknown;
  /**
   * Whether records for the partition may be sent: in a transaction of version 1 it has to be added first. If not,
   * that is done, and `onChange` is called then.
   */
  admits(topic: string, partition: number): boolean;
  /** A batch failed for good; `mayBeWritten` says that nobody knows whether it is in the log. */
  batchFailed(topic: string, partition: number, error: unknown, mayBeWritten: boolean): void;
  /** Is set by whoever sends. */
  onChange: () => void;
  /** Nothing is asked for any more. */
  close(): void;
}
