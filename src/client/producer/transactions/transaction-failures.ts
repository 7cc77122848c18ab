/** The errors that transactions make of what has gone wrong. */

import { KafkaError } from "../../../protocol/errors.ts";
import { BrokerError, ClosedError, messageOf } from "../../errors.ts";

/** Why nothing can be sent where no transaction was begun. */
export const NO_TRANSACTION =
  "no transaction is running. Call beginTransaction() first, or do so within transaction(...)";

/** The call does not fit in with what the producer is doing. Nothing was changed. */
export function illegal(transactionalId: string, what: string, why: string): KafkaError {
  const message = `The producer with transactional id "${transactionalId}" cannot ${what}: ${why}`;
  return new KafkaError("ILLEGAL_TRANSACTION_STATE", message);
}

/** The transaction is lost, and the producer is not. */
export function mustAbort(transactionalId: string, cause: Error): KafkaError {
  return new KafkaError(
    "TRANSACTION_ABORTABLE",
    `The transaction of "${transactionalId}" has failed and can only be aborted: ${cause.message}`,
    { cause },
  );
}

/** The producer is lost. */
export function isOver(transactionalId: string, cause: Error): KafkaError {
  if (cause instanceof ClosedError) return cause;
  const name = cause instanceof KafkaError ? cause.code : "UNKNOWN_SERVER_ERROR";
  // What coordinators of Kafka before 2.7 say.
  const code = name === "INVALID_PRODUCER_EPOCH" ? "PRODUCER_FENCED" : name;
  const message = `The producer with transactional id "${transactionalId}" can do no more work: ${cause.message}. Close it`;
  return new KafkaError(code, message, { cause, fatal: true });
}

/** What records fail with that were not sent when their transaction was aborted. */
export function wasAborted(transactionalId: string): KafkaError {
  return new KafkaError(
    "TRANSACTION_ABORTED",
    `The record was not sent, because its transaction of "${transactionalId}" was aborted`,
  );
}

/** Whether that is what records fail with because of another failure, or of an abort. */
export function isOwnFailure(error: unknown): boolean {
  return (
    error instanceof KafkaError &&
    !(error instanceof BrokerError) &&
    (error.code === "TRANSACTION_ABORTED" || error.code === "TRANSACTION_ABORTABLE")
  );
}

/** Whatever was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new KafkaError("ABORTED", messageOf(thrown));
}
