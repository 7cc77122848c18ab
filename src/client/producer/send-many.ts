import { KafkaError } from "../../protocol/errors.ts";
import { messageOf } from "../errors.ts";
import type { Deliveries } from "./delivery.ts";
import type { RecordMetadata } from "./record.ts";

/**
 * Not all records of `send(records)` were delivered. `results` says of each, in the order of the records, where it
 * went or why it did not. `code`, `retriable` and `fatal` are those of the first that failed, which is the `cause`.
 */
export class SendError extends KafkaError {
  override readonly name = "SendError";
  readonly results: readonly (RecordMetadata | Error)[];

  constructor(results: readonly (RecordMetadata | Error)[]) {
    const failed = results.filter((result) => result instanceof Error);
    const [first] = failed;
    const { code, retriable, fatal } =
      first instanceof KafkaError ? first : { code: "UNEXPECTED_ERROR", retriable: false, fatal: false };
    const message = `${failed.length} of ${results.length} records were not delivered; the first: ${messageOf(first)}`;
    super(code, message, { cause: first, retriable, fatal });
    this.results = results;
  }
}

/** Waits for all records of one call. */
export class ManyDeliveries implements Deliveries {
  readonly #results: (RecordMetadata | Error)[];
  readonly #resolve: (metadata: RecordMetadata[]) => void;
  readonly #reject: (error: unknown) => void;
  #left: number;
  #hasFailed = false;

  constructor(
    count: number,
    resolve: (metadata: RecordMetadata[]) => void,
    reject: (error: unknown) => void,
  ) {
    this.#left = count;
    this.#results = new Array(count);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  delivered(number: number, metadata: RecordMetadata): void {
    this.#settle(number, metadata);
  }

  failed(number: number, error: unknown): void {
    this.#hasFailed = true;
    this.#settle(number, error instanceof Error ? error : new Error(messageOf(error), { cause: error }));
  }

  /** Once all are settled, so that the outcome of each is known. */
  #settle(number: number, result: RecordMetadata | Error): void {
    this.#results[number] = result;
    this.#left--;
    if (this.#left > 0) return;
    if (this.#hasFailed) this.#reject(new SendError(this.#results));
    else this.#resolve(this.#results as RecordMetadata[]);
  }
}
