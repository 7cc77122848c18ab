import type { RecordHeader } from "../../protocol/records/header-reader.ts";

/** What a deserializer is told beside the bytes. */
export interface DeserializationContext {
  readonly topic: string;
  /** Whether it is a record's key or its value. */
  readonly part: "key" | "value";
  /** The record's headers. */
  readonly headers: readonly RecordHeader[];
}

/**
 * Makes a record's key or value of its bytes. Null stays null, and the deserializer is not asked.
 *
 * The bytes are a view on the memory of the answer that they came in: what keeps them copies them.
 */
export interface Deserializer<out T> {
  deserialize(data: Uint8Array, context: DeserializationContext): T;
}
