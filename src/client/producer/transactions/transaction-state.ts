/**
 * Where a transactional producer stands (KIP-98, KIP-360, KIP-890). Pure: a state and an event give the next state,
 * and what is to be done then.
 *
 * | phase | what can come, and where it leads |
 * |---|---|
 * | uninitialized | initialize -> initializing |
 * | initializing | initialized -> ready; not initialized, the first time -> uninitialized; a higher epoch refused -> fatal error |
 * | ready | begin -> in transaction |
 * | in transaction | commit -> committing; abort -> aborting; failed -> abortable error or fatal error |
 * | committing | ended -> ready, or initializing for a higher epoch; failed -> abortable error or fatal error |
 * | aborting | ended -> ready, or initializing for a higher epoch; failed -> fatal error |
 * | abortable error | abort -> aborting |
 * | fatal error | nothing leads out |
 *
 * A producer speaks version 1 of the transaction protocol, in which it adds each partition and group to the
 * transaction itself, or version 2, in which brokers do so when records or offsets come, and each transaction has an
 * epoch of its own. Which one is settled when the one before has ended, as in Kafka's own client: never in the midst
 * of one.
 *
 * What an answer belongs to is told by the transaction's number, so that one which comes late, or twice, changes
 * nothing in the transaction after.
 */

import type { ProducerIdentity } from "../identity.ts";
import type { ErrorClass } from "./transaction-errors.ts";
import { illegal, isOver, mustAbort } from "./transaction-failures.ts";

/** The names are those of Kafka's own client. */
export type Phase =
  | "uninitialized"
  | "initializing"
  | "ready"
  | "in transaction"
  | "committing"
  | "aborting"
  | "abortable error"
  | "fatal error";

/** Version of the transaction protocol. */
export type TransactionVersion = 1 | 2;

/** How a transaction is to end. */
export type Ending = "commit" | "abort";

/** A partition that the transaction writes to. */
export interface PartitionOfTransaction {
  readonly topic: string;
  readonly partition: number;
  /** Records may be sent to it. Before that, in version 1, it has to be added. */
  readonly isAdded: boolean;
}

export interface TransactionState {
  readonly transactionalId: string;
  readonly phase: Phase;
  /** Null until the first time it is given. */
  readonly identity: ProducerIdentity | null;
  readonly version: TransactionVersion;
  /** Whether the coordinator gives a higher epoch to who asks (InitProducerId from version 3 on, KIP-360). */
  readonly canRaiseEpoch: boolean;
  /** Whether the next transaction has to have a higher epoch, for which the producer asks. */
  readonly needsHigherEpoch: boolean;
  /** Counts the transactions. */
  readonly number: number;
  /** By `topic-partition`. */
  readonly partitions: ReadonlyMap<string, PartitionOfTransaction>;
  /** Whether the coordinator knows of the transaction, so that there is something to end. */
  readonly isBegun: "no" | "maybe" | "yes";
  /** What went wrong, in the phases of errors. */
  readonly cause: Error | null;
}

/** What the user asks for. Where it does not fit in, it is refused by an error, and changes nothing. */
export type TransactionCall =
  | { readonly type: "initialize" }
  | { readonly type: "begin" }
  | { readonly type: "send" }
  | { readonly type: "send offsets" }
  | { readonly type: "commit" }
  | { readonly type: "abort" };

/** What has happened. Where it does not fit in, it comes too late and is passed over. */
export type TransactionNews =
  | {
      readonly type: "initialized";
      readonly identity: ProducerIdentity;
      readonly canRaiseEpoch: boolean;
      /** What the cluster has agreed on by now. */
      readonly version: TransactionVersion;
    }
  | { readonly type: "not initialized"; readonly error: Error; readonly errorClass: ErrorClass }
  /** Records are to be sent to the partition. */
  | { readonly type: "partition wanted"; readonly topic: string; readonly partition: number }
  | {
      readonly type: "partitions added";
      readonly number: number;
      /** Their keys in {@link TransactionState.partitions}. */
      readonly partitions: readonly string[];
    }
  /** The coordinator knows of a group whose offsets come. */
  | { readonly type: "group added"; readonly number: number }
  /** A request that would make the coordinator know of the transaction got no answer. */
  | { readonly type: "nothing heard"; readonly number: number }
  /** Partitions or offsets could not be added. */
  | {
      readonly type: "failed";
      readonly number: number;
      readonly error: Error;
      readonly errorClass: ErrorClass;
    }
  /** A batch failed for good; perhaps nobody knows whether it is in the log. */
  | {
      readonly type: "batch failed";
      readonly error: Error;
      readonly errorClass: ErrorClass;
      readonly mayBeWritten: boolean;
    }
  /** A record failed before it was part of a batch. */
  | { readonly type: "record failed"; readonly error: Error }
  /** Nothing of the transaction is on its way any more. */
  | { readonly type: "settled"; readonly number: number; readonly ending: Ending }
  | {
      readonly type: "ended";
      /** What the coordinator gave for the next transaction; null where it goes on under the same. */
      readonly identity: ProducerIdentity | null;
      readonly version: TransactionVersion;
    }
  | { readonly type: "not ended"; readonly error: Error; readonly errorClass: ErrorClass }
  | { readonly type: "closed"; readonly error: Error };

export type TransactionEvent = TransactionCall | TransactionNews;

/** What is to be done after an event. */
export type TransactionEffect =
  /** Ask for an id and an epoch; for the next epoch of this identity, where there is one. */
  | { readonly type: "init producer id"; readonly identity: ProducerIdentity | null }
  | { readonly type: "add partitions" }
  /** Wait until nothing is on its way, or give up for an abort what is not yet. */
  | { readonly type: "settle"; readonly number: number; readonly ending: Ending }
  | { readonly type: "end"; readonly ending: Ending; readonly version: TransactionVersion }
  /** Nothing has to be ended: say so, with the version that the cluster has agreed on by now. */
  | { readonly type: "skip end" }
  /** Whoever sends has to look again at who the producer is and what it may send. */
  | { readonly type: "wake" };

export interface TransactionStep {
  readonly state: TransactionState;
  readonly effects: readonly TransactionEffect[];
}

type EventOf<Type extends TransactionEvent["type"]> = Extract<TransactionEvent, { readonly type: Type }>;

type Transitions = {
  readonly [P in Phase]: {
    readonly [Type in TransactionEvent["type"]]?: (
      state: TransactionState,
      event: EventOf<Type>,
    ) => TransactionStep;
  };
};

const WAKE: TransactionEffect = { type: "wake" };

/** A producer that has not yet spoken to its coordinator. */
export function initialState(transactionalId: string): TransactionState {
  return {
    transactionalId,
    phase: "uninitialized",
    identity: null,
    version: 1,
    canRaiseEpoch: false,
    needsHigherEpoch: false,
    number: 0,
    partitions: new Map(),
    isBegun: "no",
    cause: null,
  };
}

/** The key of a partition: topics may have dashes, but a partition has none. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** Whether the phase is one that goes on to another by itself, which a call waits for. */
export function isUnderWay({ phase }: TransactionState): boolean {
  return phase === "initializing" || phase === "committing" || phase === "aborting";
}

/** Why nothing more can be done in this transaction, or at all; null where it can. */
export function failureOf({ phase, transactionalId, cause }: TransactionState): Error | null {
  if (cause === null) return null;
  if (phase === "abortable error") return mustAbort(transactionalId, cause);
  return phase === "fatal error" ? isOver(transactionalId, cause) : null;
}

/**
 * The state after an event, and what is to be done.
 *
 * @throws KafkaError when the user asks for what does not fit in.
 */
export function transition(state: TransactionState, event: TransactionEvent): TransactionStep {
  const handler = TRANSITIONS[state.phase][event.type] as
    | ((state: TransactionState, event: TransactionEvent) => TransactionStep)
    | undefined;
  if (handler !== undefined) return handler(state, event);
  if (isCall(event)) throw refusal(state, event);
  return same(state);
}

const TRANSITIONS: Transitions = {
  uninitialized: {
    initialize: (state) => ({
      state: { ...state, phase: "initializing" },
      effects: [{ type: "init producer id", identity: null }],
    }),
    closed,
  },
  initializing: {
    initialize: same,
    initialized,
    "not initialized": notInitialized,
    closed,
  },
  ready: {
    initialize: same,
    begin: (state) => ({
      state: { ...state, phase: "in transaction", number: state.number + 1 },
      effects: [],
    }),
    closed,
  },
  "in transaction": {
    initialize: same,
    send: same,
    "send offsets": same,
    commit: (state) => ending(state, "commit"),
    abort: (state) => ending(state, "abort"),
    "partition wanted": partitionWanted,
    "partitions added": partitionsAdded,
    "group added": groupAdded,
    "nothing heard": nothingHeard,
    failed: failedInThis,
    "batch failed": batchFailed,
    "record failed": recordFailed,
    closed,
  },
  committing: {
    // What was handed over before the commit is still being sent.
    commit: same,
    "partition wanted": partitionWanted,
    "partitions added": partitionsAdded,
    "group added": groupAdded,
    "nothing heard": nothingHeard,
    failed: failedInThis,
    "batch failed": batchFailed,
    "record failed": recordFailed,
    settled: (state, event) => settled(state, event, "commit"),
    ended,
    "not ended": (state, { error, errorClass }) => failed(state, error, errorClass),
    closed,
  },
  aborting: {
    abort: same,
    "partitions added": partitionsAdded,
    "group added": groupAdded,
    "nothing heard": nothingHeard,
    "batch failed": batchFailedInAbort,
    settled: (state, event) => settled(state, event, "abort"),
    ended,
    "not ended": abortRefused,
    closed,
  },
  "abortable error": {
    initialize: same,
    abort: (state) => ending(state, "abort"),
    "partitions added": partitionsAdded,
    "group added": groupAdded,
    "nothing heard": nothingHeard,
    failed: worse,
    "batch failed": batchFailed,
    closed,
  },
  "fatal error": {},
};

function isCall(event: TransactionEvent): event is TransactionCall {
  return event.type in DOINGS;
}

/** What the user wants, in the words of errors. */
export const DOINGS: { readonly [Type in TransactionCall["type"]]: string } = {
  initialize: "be initialized",
  begin: "begin a transaction",
  send: "send a record",
  "send offsets": "send offsets",
  commit: "commit",
  abort: "abort",
};

function refusal(state: TransactionState, { type }: TransactionCall): Error {
  const failure = failureOf(state);
  if (failure !== null) return failure;
  return illegal(state.transactionalId, DOINGS[type], whyNot(state.phase, type));
}

function whyNot(phase: Phase, type: TransactionCall["type"]): string {
  switch (phase) {
    case "in transaction":
      return "a transaction is running. Commit or abort it first: a producer has one at a time";
    case "committing":
      return type === "abort"
        ? "its commit was begun, and may have succeeded. Call commitTransaction() again, which goes on with the same commit"
        : "the commit of its last transaction has not ended. Call commitTransaction() again, which goes on with it";
    case "aborting":
      return "the abort of its last transaction has not ended. Call abortTransaction() again, which goes on with it";
    default:
      return "no transaction is running. Call beginTransaction() first, or do so within transaction(...)";
  }
}

function same(state: TransactionState): TransactionStep {
  return { state, effects: [] };
}

function closed(state: TransactionState, { error }: EventOf<"closed">): TransactionStep {
  return { state: { ...state, phase: "fatal error", cause: error }, effects: [WAKE] };
}

function initialized(state: TransactionState, event: EventOf<"initialized">): TransactionStep {
  const { identity, canRaiseEpoch, version } = event;
  return {
    state: { ...state, phase: "ready", identity, canRaiseEpoch, version, needsHigherEpoch: false },
    effects: [WAKE],
  };
}

/** Of the first time nothing is left, and the user may try again. Later, some of what was written may be in doubt. */
function notInitialized(state: TransactionState, event: EventOf<"not initialized">): TransactionStep {
  const { error, errorClass } = event;
  const isLost = state.identity !== null || errorClass === "application recoverable";
  return isLost ? fatal(state, error) : same({ ...state, phase: "uninitialized" });
}

function ending(state: TransactionState, how: Ending): TransactionStep {
  return {
    state: { ...state, phase: how === "commit" ? "committing" : "aborting", cause: null },
    effects: [{ type: "settle", number: state.number, ending: how }, WAKE],
  };
}

function partitionWanted(state: TransactionState, event: EventOf<"partition wanted">): TransactionStep {
  const { topic, partition } = event;
  const key = partitionKey(topic, partition);
  if (state.partitions.has(key)) return same(state);
  // In version 2 the leader adds it when the first batch comes.
  const isAdded = state.version === 2;
  const partitions = new Map(state.partitions).set(key, { topic, partition, isAdded });
  return isAdded
    ? { state: { ...state, partitions, isBegun: "yes" }, effects: [] }
    : { state: { ...state, partitions }, effects: [{ type: "add partitions" }] };
}

function partitionsAdded(state: TransactionState, event: EventOf<"partitions added">): TransactionStep {
  if (event.number !== state.number) return same(state);
  const partitions = new Map(state.partitions);
  for (const key of event.partitions) {
    const wanted = partitions.get(key);
    if (wanted !== undefined) partitions.set(key, { ...wanted, isAdded: true });
  }
  return { state: { ...state, partitions, isBegun: "yes" }, effects: [WAKE] };
}

function groupAdded(state: TransactionState, event: EventOf<"group added">): TransactionStep {
  return same(event.number === state.number ? { ...state, isBegun: "yes" } : state);
}

function nothingHeard(state: TransactionState, event: EventOf<"nothing heard">): TransactionStep {
  const isNews = event.number === state.number && state.isBegun === "no";
  return same(isNews ? { ...state, isBegun: "maybe" } : state);
}

function failedInThis(state: TransactionState, event: EventOf<"failed">): TransactionStep {
  return event.number === state.number ? failed(state, event.error, event.errorClass) : same(state);
}

/** An error is there already, and counts, unless this one is worse. */
function worse(state: TransactionState, event: EventOf<"failed">): TransactionStep {
  if (event.number !== state.number) return same(state);
  const step = failed(state, event.error, event.errorClass);
  return step.state.phase === "fatal error" ? step : keepingFirst(state, step);
}

function batchFailed(state: TransactionState, event: EventOf<"batch failed">): TransactionStep {
  const step = failed(state, event.error, ofBatch(state, event));
  return state.phase === "abortable error" && step.state.phase === "abortable error"
    ? keepingFirst(state, step)
    : step;
}

/** Batches that are on their way when an abort begins may fail as they like: nobody will read them. */
function batchFailedInAbort(state: TransactionState, event: EventOf<"batch failed">): TransactionStep {
  const { state: next } = failed(state, event.error, ofBatch(state, event));
  if (next.phase === "fatal error") return fatal(state, event.error);
  return same({ ...state, needsHigherEpoch: next.needsHigherEpoch });
}

/** Without a higher epoch the producer can only go on if its sequences are sure. */
function ofBatch({ canRaiseEpoch }: TransactionState, event: EventOf<"batch failed">): ErrorClass {
  const { errorClass, mayBeWritten } = event;
  const isSure = !canRaiseEpoch && !mayBeWritten && errorClass === "abortable with a higher epoch";
  return isSure ? "abortable" : errorClass;
}

function recordFailed(state: TransactionState, { error }: EventOf<"record failed">): TransactionStep {
  return failed(state, error, "abortable");
}

function settled(state: TransactionState, event: EventOf<"settled">, how: Ending): TransactionStep {
  if (event.number !== state.number || event.ending !== how) return same(state);
  const effect: TransactionEffect =
    state.isBegun === "no" ? { type: "skip end" } : { type: "end", ending: how, version: state.version };
  return { state, effects: [effect] };
}

function ended(state: TransactionState, event: EventOf<"ended">): TransactionStep {
  const identity = event.identity ?? state.identity;
  // A request of version 1 that is still on its way must not add a partition to a transaction of version 2, where no
  // one asks whether it was added: the higher epoch refuses it.
  const isUpgraded = state.version === 1 && event.version === 2;
  const needsHigherEpoch = (state.needsHigherEpoch && event.identity === null) || isUpgraded;
  const next: TransactionState = {
    ...state,
    identity,
    version: event.version,
    partitions: new Map(),
    isBegun: "no",
    cause: null,
  };
  return needsHigherEpoch
    ? { state: { ...next, phase: "initializing" }, effects: [{ type: "init producer id", identity }] }
    : { state: { ...next, phase: "ready", needsHigherEpoch: false }, effects: [WAKE] };
}

function abortRefused(state: TransactionState, event: EventOf<"not ended">): TransactionStep {
  const { error, errorClass } = event;
  const hasNone = "code" in error && error.code === "INVALID_TXN_STATE" && state.isBegun === "maybe";
  // What was not answered has not come about. It may still: the higher epoch refuses it.
  if (hasNone && state.canRaiseEpoch) {
    return ended(
      { ...state, needsHigherEpoch: true },
      { type: "ended", identity: null, version: state.version },
    );
  }
  if (errorClass === "abortable with a higher epoch" && canRecover(state)) {
    // The coordinator has forgotten the producer, and with it the transaction.
    return ended(
      { ...state, needsHigherEpoch: true },
      { type: "ended", identity: null, version: state.version },
    );
  }
  return fatal(state, error);
}

function canRecover({ canRaiseEpoch, version }: TransactionState): boolean {
  return canRaiseEpoch || version === 2;
}

function failed(state: TransactionState, error: Error, errorClass: ErrorClass): TransactionStep {
  if (errorClass === "application recoverable" || errorClass === "invalid configuration")
    return fatal(state, error);
  const needsEpoch = errorClass === "abortable with a higher epoch";
  if (needsEpoch && !canRecover(state)) return fatal(state, error);
  // In version 2 the end of each transaction brings a higher epoch by itself.
  const needsHigherEpoch = state.needsHigherEpoch || (needsEpoch && state.version === 1);
  return {
    state: { ...state, phase: "abortable error", cause: error, needsHigherEpoch },
    effects: [WAKE],
  };
}

function keepingFirst({ cause }: TransactionState, { state, effects }: TransactionStep): TransactionStep {
  return { state: { ...state, cause }, effects };
}

function fatal(state: TransactionState, error: Error): TransactionStep {
  return { state: { ...state, phase: "fatal error", cause: error }, effects: [WAKE] };
}
