/** What follows from what happens to a transactional producer: the table of its transitions. Pure. */

import type { ErrorClass } from "./transaction-errors.ts";
import { illegal, NO_TRANSACTION } from "./transaction-failures.ts";
import {
  type Ending,
  failureOf,
  type Phase,
  partitionKey,
  type TransactionCall,
  type TransactionEffect,
  type TransactionEvent,
  type TransactionState,
  type TransactionStep,
} from "./transaction-state.ts";

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
      return NO_TRANSACTION;
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

/** By these a leader says that it takes nothing more under the numbers that batches have. */
const OUT_OF_ORDER = ["OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID"];

/** Without a higher epoch the producer can only go on if its sequences are sure. */
function ofBatch({ canRaiseEpoch }: TransactionState, event: EventOf<"batch failed">): ErrorClass {
  const { error, errorClass, mayBeWritten } = event;
  const isInOrder = !("code" in error && OUT_OF_ORDER.includes(error.code as string));
  const isSure =
    isInOrder && !canRaiseEpoch && !mayBeWritten && errorClass === "abortable with a higher epoch";
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
