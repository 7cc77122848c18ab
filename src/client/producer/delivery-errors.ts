/** The errors of records that were taken and not delivered. */

import { KafkaError, type KafkaErrorOptions } from "../../protocol/errors.ts";
import { messageOf } from "../errors.ts";
import type { ProducerBatch } from "./batch.ts";

/**
 * A record was taken and not delivered. `code` is that of the cause: Kafka's name of what the broker answered,
 * `DELIVERY_TIMED_OUT`, or another of the client's own.
 *
 * @example
 * ```ts
 * import { DeliveryError, Kafka } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * try {
 *   await kafka.producer().send({ topic: "orders", value: "paid" });
 * } catch (error) {
 *   if (error instanceof DeliveryError && error.mayBeWritten) console.log("look before sending it again");
 *   else throw error;
 * }
 * ```
 */
export class DeliveryError extends KafkaError {
  override readonly name = "DeliveryError";
  readonly topic: string;
  readonly partition: number;
  /** Whether the record may stand in the log all the same. False: it certainly does not. */
  readonly mayBeWritten: boolean;

  constructor(
    code: string,
    { topic, partition }: { readonly topic: string; readonly partition: number },
    message: string,
    { mayBeWritten, ...options }: KafkaErrorOptions & { readonly mayBeWritten: boolean },
  ) {
    super(code, message, options);
    this.topic = topic;
    this.partition = partition;
    this.mayBeWritten = mayBeWritten;
  }
}

/** What an error takes over from its cause. */
function ofCause(
  cause: unknown,
  mayBeWritten: boolean,
): KafkaErrorOptions & { readonly mayBeWritten: boolean } {
  if (!(cause instanceof KafkaError)) return { cause, mayBeWritten };
  const { retriable, fatal } = cause;
  return { cause, retriable, fatal, mayBeWritten };
}

/** What everyone is told who waits for a batch that failed because of `cause`. */
export function deliveryFailed(batch: ProducerBatch, cause: unknown, mayBeWritten: boolean): DeliveryError {
  const fate = mayBeWritten ? ". The records may have been written all the same" : "";
  const code = cause instanceof KafkaError ? cause.code : "UNEXPECTED_ERROR";
  const { topic, partition } = batch;
  const place = `Records for topic "${topic}", partition ${partition} were not delivered: `;
  return new DeliveryError(code, batch, `${place}${messageOf(cause)}${fate}`, ofCause(cause, mayBeWritten));
}

/** What everyone is told whose batch was not acknowledged in time. */
export function deliveryTimedOut(
  batch: ProducerBatch,
  deliveryTimeoutMs: number,
  mayBeWritten: boolean,
  why: string,
): DeliveryError {
  const { topic, partition, attempts, lastFailure } = batch;
  const fate = mayBeWritten ? "they may have been written all the same" : "they were not written";
  const message =
    `Records for topic "${topic}", partition ${partition} were not acknowledged within ` +
    `${deliveryTimeoutMs} ms (deliveryTimeoutMs) after ${attempts} failed attempts; ` +
    `${fate}${why === "" ? "" : `. Last problem: ${why}`}`;
  const cause = lastFailure ?? undefined;
  return new DeliveryError("DELIVERY_TIMED_OUT", batch, message, { mayBeWritten, retriable: true, cause });
}

/** Which records of a batch the broker refused, and why (KIP-467). */
export interface RefusedRecord {
  readonly batchIndex: number;
  readonly batchIndexErrorMessage: string | null;
}

/** What each is told whose batch was refused because of some of its records. */
export function recordsRefused(
  batch: ProducerBatch,
  refused: readonly RefusedRecord[],
  cause: KafkaError,
): (index: number) => DeliveryError {
  const { topic, partition } = batch;
  const place = `for topic "${topic}", partition ${partition}`;
  const others = new DeliveryError(
    cause.code,
    batch,
    `A record ${place} was not written, since the broker refused ${refused.length} other records of its batch: ` +
      `send it again. ${messageOf(cause)}`,
    ofCause(cause, false),
  );
  const byIndex = new Map(refused.map((each) => [each.batchIndex, each.batchIndexErrorMessage]));
  return (index) => {
    const said = byIndex.get(index);
    if (said === undefined) return others;
    const words = said === null ? "" : ` (${said})`;
    const message = `The broker refused a record ${place}${words}. ${messageOf(cause)}`;
    return new DeliveryError(cause.code, batch, message, ofCause(cause, false));
  };
}
