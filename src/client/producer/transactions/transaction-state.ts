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
import { isOver, mustAbort } from "./transaction-failures.ts";

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
