/**
 * One transactional id: whom it belongs to, and where its transaction stands (KIP-98, KIP-360, KIP-890). Pure: what a
 * request makes of it is a new state, or the name of the error that the request gets. Records, markers and timers are
 * the coordinator's.
 *
 * In the first version of transactions a producer keeps its epoch until another one comes; in the second the epoch
 * grows with each transaction, so that what is late cannot be taken for the next one's.
 */

/** Where a transaction stands, by Kafka's names. */
export type TransactionStatus =
  | "Empty"
  | "Ongoing"
  | "PrepareCommit"
  | "PrepareAbort"
  | "CompleteCommit"
  | "CompleteAbort"
  | "Dead"
  | "PrepareEpochFence";

/** In the order of their numbers in records. */
export const TRANSACTION_STATUSES: readonly TransactionStatus[] = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
  "Dead",
  "PrepareEpochFence",
];

/** From where a status may be reached. */
const PREVIOUS: Readonly<Record<TransactionStatus, readonly TransactionStatus[]>> = {
  Empty: ["Empty", "CompleteCommit", "CompleteAbort"],
  Ongoing: ["Ongoing", "Empty", "CompleteCommit", "CompleteAbort"],
  PrepareCommit: ["Ongoing"],
  // In the second version there may be nothing to abort but what was lost on its way.
  PrepareAbort: ["Ongoing", "PrepareEpochFence", "Empty", "CompleteCommit", "CompleteAbort"],
  CompleteCommit: ["PrepareCommit"],
  CompleteAbort: ["PrepareAbort"],
  Dead: ["Empty", "CompleteCommit", "CompleteAbort"],
  PrepareEpochFence: ["Ongoing"],
};

/** A partition that takes part in a transaction. */
export interface TransactionPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Of which version the client is that did the last thing to a transaction: 2 where epochs grow. */
export type ClientVersion = 0 | 2;

export interface TransactionState {
  readonly transactionalId: string;
  readonly status: TransactionStatus;
  readonly producerId: bigint;
  /** The one before, where its epochs had run out; -1 for none. */
  readonly previousProducerId: bigint;
  /** The one of the next transaction, where the epochs run out with this one; -1 for none. */
  readonly nextProducerId: bigint;
  /** -1 before the first producer has come. */
  readonly producerEpoch: number;
  /** The one before, of the same producer; -1 where another had that, or none. */
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  readonly partitions: readonly TransactionPartition[];
  /** When the transaction began, in milliseconds since the epoch; -1 where none did. */
  readonly startMs: number;
  readonly updatedMs: number;
  readonly clientVersion: ClientVersion;
}

/** Who a producer says it is. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** The new state; or the error that the request gets, where `NONE` says that what it asks for is so already. */
export type Decision = { readonly next: TransactionState } | { readonly error: string };

/** Epochs are int16; the last one is kept to fence a producer with. */
const LARGEST_EPOCH = 0x7fff;
const NO_EPOCH = -1;
const NO_PRODUCER = -1n;
const NO_TIME = -1;

/** An id that nobody has used. */
export function newTransactionalId(
  transactionalId: string,
  producerId: bigint,
  timeoutMs: number,
  nowMs: number,
): TransactionState {
  return {
    transactionalId,
    status: "Empty",
    producerId,
    previousProducerId: NO_PRODUCER,
    nextProducerId: NO_PRODUCER,
    producerEpoch: NO_EPOCH,
    lastProducerEpoch: NO_EPOCH,
    timeoutMs,
    partitions: [],
    startMs: NO_TIME,
    updatedMs: nowMs,
    clientVersion: 0,
  };
}

/** Whether the end of the transaction is decided, and markers are still to be written. */
export function isEnding({ status }: TransactionState): boolean {
  return status === "PrepareCommit" || status === "PrepareAbort";
}

/**
 * InitProducerId: a producer comes, and those before it are locked out.
 *
 * @param expected what the producer takes itself for (KIP-360); null where it is new
 * @param newProducerId gives one that nobody has
 * @returns a state of PrepareEpochFence where a transaction has to be aborted first
 */
export function initialized(
  state: TransactionState,
  expected: ProducerIdentity | null,
  timeoutMs: number,
  nowMs: number,
  newProducerId: () => bigint,
): Decision {
  if (isEnding(state)) return { error: "CONCURRENT_TRANSACTIONS" };
  const { producerId, producerEpoch, previousProducerId, lastProducerEpoch, status } = state;
  if (expected !== null && producerEpoch !== NO_EPOCH && expected.producerId !== producerId) {
    // The answer that told of the new producer id may have been lost.
    const isRepeated = expected.producerId === previousProducerId && isExhausted(expected.producerEpoch);
    if (!isRepeated) return { error: "PRODUCER_FENCED" };
  }
  if (status === "Ongoing") return { next: fenced(state) };
  const common = { timeoutMs, partitions: [], startMs: NO_TIME, updatedMs: nowMs };
  if (isExhausted(producerEpoch) && (expected === null || expected.producerEpoch === producerEpoch)) {
    return {
      next: moved(state, "Empty", {
        ...common,
        producerId: newProducerId(),
        previousProducerId: producerId,
        producerEpoch: 0,
        lastProducerEpoch: expected === null ? NO_EPOCH : producerEpoch,
      }),
    };
  }
  if (expected === null) {
    return {
      next: moved(state, "Empty", {
        ...common,
        previousProducerId: producerId,
        producerEpoch: producerEpoch + 1,
        lastProducerEpoch: NO_EPOCH,
      }),
    };
  }
  if (producerEpoch === NO_EPOCH || expected.producerEpoch === producerEpoch) {
    return {
      next: moved(state, "Empty", {
        ...common,
        previousProducerId: producerId,
        producerEpoch: producerEpoch + 1,
        lastProducerEpoch: producerEpoch,
      }),
    };
  }
  // It has asked before, and not heard the answer.
  if (expected.producerEpoch === lastProducerEpoch) return { next: moved(state, "Empty", common) };
  return { error: "PRODUCER_FENCED" };
}

/** AddPartitionsToTxn, AddOffsetsToTxn, and the first batch in a partition: they take part from here on. */
export function withPartitions(
  state: TransactionState,
  producer: ProducerIdentity,
  added: readonly TransactionPartition[],
  clientVersion: ClientVersion,
  nowMs: number,
): Decision {
  const refusal = refusalOf(state, producer);
  if (refusal !== null) return { error: refusal };
  const partitions = [...state.partitions];
  for (const one of added) if (!includes(partitions, one)) partitions.push(one);
  const isOngoing = state.status === "Ongoing";
  if (isOngoing && partitions.length === state.partitions.length) return { error: "NONE" };
  const startMs = isOngoing ? state.startMs : nowMs;
  return { next: moved(state, "Ongoing", { partitions, startMs, updatedMs: nowMs, clientVersion }) };
}

/**
 * Whether a partition takes part in the transaction (KIP-890), for who leads it.
 *
 * @returns the name of an error, `NONE` where it does
 */
export function verified(
  state: TransactionState,
  { producerId, producerEpoch }: ProducerIdentity,
  partition: TransactionPartition,
): string {
  if (state.producerId !== producerId) return "INVALID_PRODUCER_ID_MAPPING";
  if (state.producerEpoch !== producerEpoch) return "PRODUCER_FENCED";
  if (isEnding(state)) return "CONCURRENT_TRANSACTIONS";
  return includes(state.partitions, partition) ? "NONE" : "TRANSACTION_ABORTABLE";
}

/** EndTxn of a client of the first version: it is decided how the transaction ends. */
export function ended(
  state: TransactionState,
  { producerId, producerEpoch }: ProducerIdentity,
  isCommit: boolean,
  nowMs: number,
): Decision {
  if (state.producerId !== producerId) return { error: "INVALID_PRODUCER_ID_MAPPING" };
  if (state.producerEpoch !== producerEpoch) return { error: "PRODUCER_FENCED" };
  if (isEnding(state)) return { error: "CONCURRENT_TRANSACTIONS" };
  if (state.status === "Ongoing") {
    const status = isCommit ? "PrepareCommit" : "PrepareAbort";
    return { next: moved(state, status, { updatedMs: nowMs, clientVersion: 0 }) };
  }
  const isDone = state.status === (isCommit ? "CompleteCommit" : "CompleteAbort");
  return { error: isDone ? "NONE" : "INVALID_TXN_STATE" };
}

/** EndTxn of a client of the second version, with which the epoch grows. */
export function endedWithNewEpoch(
  state: TransactionState,
  { producerId, producerEpoch }: ProducerIdentity,
  isCommit: boolean,
  nowMs: number,
  newProducerId: () => bigint,
): Decision {
  // What was answered before, and not heard: the epoch, or the id, is the next one by now.
  const isRepeatedOverflow =
    state.previousProducerId === producerId && isExhausted(producerEpoch) && state.producerEpoch === 0;
  const isRepeated = isRepeatedOverflow || state.producerEpoch === producerEpoch + 1;
  if (state.producerId !== producerId && !isRepeatedOverflow) return { error: "INVALID_PRODUCER_ID_MAPPING" };
  const isCurrent = state.producerEpoch === producerEpoch;
  const { status } = state;
  if (isEnding(state)) return { error: isRepeated ? "CONCURRENT_TRANSACTIONS" : "PRODUCER_FENCED" };
  const mayRepeat = status === "CompleteCommit" || status === "CompleteAbort";
  if (!isCurrent && !(mayRepeat && isRepeated)) return { error: "PRODUCER_FENCED" };
  if (status === "Ongoing") return { next: endingWithNewEpoch(state, isCommit, nowMs, newProducerId) };
  if (isRepeated && !isCurrent) {
    const isDone = status === (isCommit ? "CompleteCommit" : "CompleteAbort");
    return { error: isDone ? "NONE" : "INVALID_TXN_STATE" };
  }
  // Nothing is known of a transaction that is to be aborted: a partition may be about to ask for one.
  if (isCommit) return { error: "INVALID_TXN_STATE" };
  return { next: endingWithNewEpoch({ ...state, startMs: nowMs }, false, nowMs, newProducerId) };
}

/** The transaction has taken too long, or another producer has come: it is aborted, its producer locked out. */
export function fenced(state: TransactionState): TransactionState {
  return moved(state, "PrepareEpochFence", {});
}

/** What becomes of it next. */
export function abortedAfterFence(
  state: TransactionState,
  hasNewEpochs: boolean,
  nowMs: number,
): TransactionState {
  // The epoch behind the last one that producers get is kept for this.
  const producerEpoch = Math.min(state.producerEpoch + 1, LARGEST_EPOCH);
  return moved(state, "PrepareAbort", {
    producerEpoch,
    lastProducerEpoch: hasNewEpochs ? state.producerEpoch : NO_EPOCH,
    updatedMs: nowMs,
    clientVersion: hasNewEpochs ? 2 : 0,
  });
}

/** All markers are written. */
export function completed(state: TransactionState, nowMs: number): TransactionState {
  const { producerId, nextProducerId, producerEpoch, lastProducerEpoch } = state;
  const status = state.status === "PrepareCommit" ? "CompleteCommit" : "CompleteAbort";
  const common = { partitions: [], updatedMs: nowMs, nextProducerId: NO_PRODUCER };
  if (nextProducerId === NO_PRODUCER) {
    return moved(state, status, { ...common, producerEpoch, lastProducerEpoch });
  }
  return moved(state, status, {
    ...common,
    producerId: nextProducerId,
    previousProducerId: producerId,
    producerEpoch: 0,
    lastProducerEpoch: producerEpoch,
  });
}

/** Whether nobody has used the id for so long that it is forgotten. */
export function isExpired({ status, updatedMs }: TransactionState, nowMs: number, afterMs: number): boolean {
  return PREVIOUS.Dead.includes(status) && updatedMs <= nowMs - afterMs;
}

/** Whether the transaction is open for longer than its producer has said. */
export function isTimedOut({ status, startMs, timeoutMs }: TransactionState, nowMs: number): boolean {
  return status === "Ongoing" && startMs + timeoutMs < nowMs;
}

function refusalOf(state: TransactionState, { producerId, producerEpoch }: ProducerIdentity): string | null {
  // Asked first, since the end of a transaction may come with another producer id.
  if (isEnding(state)) return "CONCURRENT_TRANSACTIONS";
  if (state.producerId !== producerId) return "INVALID_PRODUCER_ID_MAPPING";
  return state.producerEpoch === producerEpoch ? null : "PRODUCER_FENCED";
}

function endingWithNewEpoch(
  state: TransactionState,
  isCommit: boolean,
  nowMs: number,
  newProducerId: () => bigint,
): TransactionState {
  const { producerEpoch } = state;
  return moved(state, isCommit ? "PrepareCommit" : "PrepareAbort", {
    nextProducerId: isExhausted(producerEpoch) ? newProducerId() : NO_PRODUCER,
    producerEpoch: producerEpoch + 1,
    lastProducerEpoch: producerEpoch,
    updatedMs: nowMs,
    clientVersion: 2,
  });
}

/** No producer gets the last epoch, so that there always is one to fence it with. */
function isExhausted(producerEpoch: number): boolean {
  return producerEpoch >= LARGEST_EPOCH - 1;
}

function includes(partitions: readonly TransactionPartition[], one: TransactionPartition): boolean {
  return partitions.some(({ topic, partition }) => topic === one.topic && partition === one.partition);
}

function moved(
  state: TransactionState,
  status: TransactionStatus,
  changes: Partial<TransactionState>,
): TransactionState {
  if (!PREVIOUS[status].includes(state.status)) {
    throw new Error(
      `There is no way from ${state.status} to ${status}, for transactional id ${state.transactionalId}`,
    );
  }
  return { ...state, ...changes, status };
}
