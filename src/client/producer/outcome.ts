/**
 * What an attempt to send a batch came to, and what follows from it. Pure. The judgement is that of Kafka's own
 * producer: what can pass by itself is tried again, the rest fails.
 */

import { KafkaError } from "../../protocol/errors.ts";
import { BrokerError } from "../errors.ts";

/** What is done with a batch after an attempt that brought no acknowledgement. */
export type NextStep =
  /** Send it again after a pause. */
  | "retry"
  /** It is larger than the broker takes: send its records in smaller batches (KIP-126). */
  | "split"
  /** The broker waits for a batch before it, or has lost what came before: see its sequences. */
  | "out of order"
  /** The broker takes nothing under the producer's id any more: another one is needed. */
  | "renew"
  /** It is there already. */
  | "acknowledge"
  | "fail";

/** An outcome. */
export interface Outcome {
  readonly step: NextStep;
  /** Whether the batch may stand in the log because of this attempt. */
  readonly mayBeWritten: boolean;
  /** Whether the leader has to be looked up again: it moved, or we took another broker for it. */
  readonly isLeaderStale: boolean;
}

/** What the judgement hangs on beside the error. */
export interface Attempted {
  readonly recordCount: number;
  /** Whether the request went to a connection: else the broker has got nothing of it. */
  readonly isWritten: boolean;
  /** Where the answer says that the batch stands; -1 for nowhere, null without an answer. */
  readonly baseOffset: bigint | null;
  /** Whether batches have sequences, so that a copy of one is recognised. */
  readonly isIdempotent: boolean;
  readonly isTransactional: boolean;
}

const STALE_LEADER: ReadonlySet<string> = new Set([
  "NOT_LEADER_OR_FOLLOWER",
  "LEADER_NOT_AVAILABLE",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "UNKNOWN_TOPIC_ID",
  "INCONSISTENT_TOPIC_ID",
  "KAFKA_STORAGE_ERROR",
  "REPLICA_NOT_AVAILABLE",
]);

/**
 * Answers that a broker gives before it appends anything. Any other may be to a batch that is in its log: a leader that
 * waits for replicas and loses its place meanwhile answers NOT_LEADER_OR_FOLLOWER, though the next one may have it. It
 * then says at which offset.
 */
const NOT_APPENDED: ReadonlySet<string> = new Set([
  "CLUSTER_AUTHORIZATION_FAILED",
  "CORRUPT_MESSAGE",
  "INVALID_PRODUCER_EPOCH",
  "INVALID_PRODUCER_ID_MAPPING",
  "INVALID_RECORD",
  "INVALID_REQUIRED_ACKS",
  "INVALID_TIMESTAMP",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_TXN_STATE",
  "MESSAGE_TOO_LARGE",
  "NOT_ENOUGH_REPLICAS",
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "POLICY_VIOLATION",
  "PRODUCER_FENCED",
  "RECORD_LIST_TOO_LARGE",
  "TOPIC_AUTHORIZATION_FAILED",
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
  "UNKNOWN_PRODUCER_ID",
  "UNSUPPORTED_COMPRESSION_TYPE",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
]);

const TOO_LARGE: ReadonlySet<string> = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);

/** What follows from an error. */
export function outcomeOf(error: unknown, attempted: Attempted): Outcome {
  const { isWritten } = attempted;
  if (!(error instanceof KafkaError)) return { step: "fail", mayBeWritten: isWritten, isLeaderStale: false };
  const { code, retriable } = error;
  if (!(error instanceof BrokerError)) {
    // Without a connection the broker may be gone, and its partitions elsewhere.
    const step = retriable ? "retry" : "fail";
    return { step, mayBeWritten: isWritten, isLeaderStale: true };
  }
  return {
    step: stepAfter(code, retriable, attempted),
    mayBeWritten:
      !NOT_APPENDED.has(code) && !(code === "NOT_LEADER_OR_FOLLOWER" && attempted.baseOffset === -1n),
    isLeaderStale: STALE_LEADER.has(code),
  };
}

function stepAfter(code: string, retriable: boolean, attempted: Attempted): NextStep {
  const { recordCount, isIdempotent, isTransactional } = attempted;
  if (TOO_LARGE.has(code) && recordCount > 1) return "split";
  if (isIdempotent) {
    if (code === "DUPLICATE_SEQUENCE_NUMBER") return "acknowledge";
    if (code === "OUT_OF_ORDER_SEQUENCE_NUMBER" || code === "UNKNOWN_PRODUCER_ID") return "out of order";
    // Nobody else has our id: it is a copy of an earlier epoch's batch, or the broker mistakes us.
    if (code === "INVALID_PRODUCER_EPOCH" && !isTransactional) return "renew";
  }
  return retriable ? "retry" : "fail";
}
