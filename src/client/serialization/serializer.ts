import type { HeadersToSend } from "../producer/headers.ts";
import type { RecordData } from "../producer/record-data.ts";

/** What a serializer is told beside the data. */
export interface SerializationContext {
  readonly topic: string;
  /** Whether it is a record's key or its value. */
  readonly part: "key" | "value";
  /** The record's headers, as they were given to `send`. */
  readonly headers: HeadersToSend | undefined;
}

/**
 * Makes what is sent of a record's key or value. Text that it returns is sent as UTF-8, null as null.
 *
 * A key or value that is null or undefined is sent as null, and the serializer is not asked. What it throws fails the
 * record with a `SerializationError`. It answers at once: a promise is an error, since records would overtake each
 * other while it settles. What has to be looked up, such as the id of a schema, is looked up before `send`.
 *
 * @example
 * ```ts
 * import { Kafka, type Serializer } from "kafkawire";
 *
 * const date: Serializer<Date> = { serialize: (data) => data.toISOString() };
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * const producer = kafka.producer({ valueSerializer: date });
 * await producer.send({ topic: "visits", key: "home", value: new Date() });
 * ```
 */
export interface Serializer<in T> {
  serialize(data: T, context: SerializationContext): RecordData;
}
