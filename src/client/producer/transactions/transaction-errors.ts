/** What the errors of transactions mean to a producer, by the request that met them, in the classes of KIP-1050. */

import { errorCodeOf } from "../../../protocol/error-codes.ts";
import { AuthenticationError, BrokerError, ClosedError, isRetriable } from "../../errors.ts";

/**
 * What to do about an error:
 *
 * - `retriable`: the same once more, after a pause.
 * - `refresh retriable`: find the coordinator again, and then the same once more.
 * - `abortable`: abort the transaction; the producer can then begin another.
 * - `abortable with a higher epoch`: the same, but only under a higher epoch can the producer go on. Where it cannot
 *   get one, the error is one of the next class.
 * - `application recoverable`: the producer is of no more use; a new one is.
 * - `invalid configuration`: the producer is of no more use, and a new one is not before something is changed.
 */
export type ErrorClass =
  | "retriable"
  | "refresh retriable"
  | "abortable"
  | "abortable with a higher epoch"
  | "application recoverable"
  | "invalid configuration";

/** A request that belongs to transactions. */
export type TransactionalApi =
  | "InitProducerId"
  | "AddPartitionsToTxn"
  | "AddOffsetsToTxn"
  | "TxnOffsetCommit"
  | "EndTxn"
  | "Produce";

type Classes = { readonly [code: string]: ErrorClass };

/** Whatever was asked. */
const EVERYWHERE: Classes = {
  NOT_COORDINATOR: "refresh retriable",
  COORDINATOR_NOT_AVAILABLE: "refresh retriable",
  // Coordinators of Kafka before 2.7 say INVALID_PRODUCER_EPOCH where later ones say PRODUCER_FENCED (KIP-588).
  PRODUCER_FENCED: "application recoverable",
  INVALID_PRODUCER_EPOCH: "application recoverable",
  INVALID_PRODUCER_ID_MAPPING: "application recoverable",
  INVALID_TXN_STATE: "application recoverable",
  UNKNOWN_PRODUCER_ID: "abortable with a higher epoch",
  TRANSACTION_ABORTABLE: "abortable",
  TOPIC_AUTHORIZATION_FAILED: "abortable",
  GROUP_AUTHORIZATION_FAILED: "abortable",
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "invalid configuration",
  CLUSTER_AUTHORIZATION_FAILED: "invalid configuration",
  INVALID_TRANSACTION_TIMEOUT: "invalid configuration",
  UNSUPPORTED_VERSION: "invalid configuration",
  UNSUPPORTED_FOR_MESSAGE_FORMAT: "invalid configuration",
};

/** Where a request means something else by an error. */
const IN_PARTICULAR: { readonly [Api in TransactionalApi]?: Classes } = {
  TxnOffsetCommit: {
    REQUEST_TIMED_OUT: "refresh retriable",
    INVALID_TXN_STATE: "abortable",
    // They concern the consumer whose offsets these are, or the offsets; the producer may go on.
    FENCED_INSTANCE_ID: "abortable",
    UNKNOWN_MEMBER_ID: "abortable",
    ILLEGAL_GENERATION: "abortable",
    STALE_MEMBER_EPOCH: "abortable",
    GROUP_ID_NOT_FOUND: "abortable",
    INVALID_GROUP_ID: "abortable",
    OFFSET_METADATA_TOO_LARGE: "abortable",
    INVALID_COMMIT_OFFSET_SIZE: "abortable",
    UNSUPPORTED_VERSION: "abortable",
  },
  Produce: {
    // A leader does not tell who is fenced from whose transaction has timed out: the coordinator tells, when asked to
    // abort (KIP-588).
    INVALID_PRODUCER_EPOCH: "abortable with a higher epoch",
    INVALID_TXN_STATE: "abortable with a higher epoch",
    TRANSACTION_ABORTABLE: "abortable with a higher epoch",
    TOPIC_AUTHORIZATION_FAILED: "abortable with a higher epoch",
  },
};

/** Errors that are in no list and do not go away: they say nothing against the producer, or everything. */
const OTHERWISE: { readonly [Api in TransactionalApi]: ErrorClass } = {
  InitProducerId: "application recoverable",
  AddPartitionsToTxn: "abortable",
  AddOffsetsToTxn: "application recoverable",
  TxnOffsetCommit: "application recoverable",
  EndTxn: "application recoverable",
  Produce: "abortable with a higher epoch",
};

/** The class of what a request came to. */
export function errorClassOf(api: TransactionalApi, error: unknown): ErrorClass {
  if (error instanceof BrokerError) return classOfCode(api, error.errorCode);
  if (error instanceof ClosedError) return "application recoverable";
  if (error instanceof AuthenticationError && !error.retriable) return "invalid configuration";
  const code = codeOf(error);
  const listed = IN_PARTICULAR[api]?.[code] ?? EVERYWHERE[code];
  if (listed !== undefined) return listed;
  // No connection, or no answer: the coordinator may be another one by now.
  if (isRetriable(error)) return api === "Produce" ? OTHERWISE.Produce : "refresh retriable";
  return OTHERWISE[api];
}

function classOfCode(api: TransactionalApi, errorCode: number): ErrorClass {
  const { name, retriable } = errorCodeOf(errorCode);
  const listed = IN_PARTICULAR[api]?.[name] ?? EVERYWHERE[name];
  // A batch that failed for good with something that might have gone away has had all its attempts.
  if (api === "Produce" && (listed?.endsWith("retriable") ?? retriable)) return OTHERWISE.Produce;
  if (listed !== undefined) return listed;
  return retriable ? "retriable" : OTHERWISE[api];
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Whether the same request can do better later. */
export function mayPass(errorClass: ErrorClass): boolean {
  return errorClass === "retriable" || errorClass === "refresh retriable";
}
