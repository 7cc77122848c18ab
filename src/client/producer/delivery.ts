/** Who is told what became of a record. */

import type { KafkaError } from "../../protocol/errors.ts";
import type { RecordMetadata } from "./record.ts";

/**
 * Is called once for a record that `enqueue` took: with null and where the record went, or with why it failed.
 * What it throws goes to the logger.
 */
export type DeliveryCallback = (error: KafkaError | null, metadata?: RecordMetadata) => void;

/** Waits for several records, each under a number of its own. */
export interface Deliveries {
  delivered(number: number, metadata: RecordMetadata): void;
  failed(number: number, error: unknown): void;
}

/** Null where nobody wants to know. */
export type Recipient = DeliveryCallback | Deliveries | null;

/** The one record of `send(record)`. */
export class OneDelivery implements Deliveries {
  readonly delivered: (number: number, metadata: RecordMetadata) => void;
  readonly failed: (number: number, error: unknown) => void;

  constructor(resolve: (metadata: RecordMetadata) => void, reject: (error: unknown) => void) {
    this.delivered = (_, metadata) => resolve(metadata);
    this.failed = (_, error) => reject(error);
  }
}
