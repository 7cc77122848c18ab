import { KafkaError } from "../../protocol/errors.ts";

/** The part of a record that an error is about. */
interface SerializationPlace {
  readonly topic: string;
  readonly part: "key" | "value";
  readonly partition?: number | null;
  readonly offset?: bigint | null;
  readonly bytes?: Uint8Array | null;
}

/** A key or value that its serializer or deserializer could make nothing of; `cause` is what that threw. */
export class SerializationError extends KafkaError {
  override readonly name = "SerializationError";
  readonly topic: string;
  readonly part: "key" | "value";
  /** Where the record was read; null for one that was to be sent. */
  readonly partition: number | null;
  readonly offset: bigint | null;
  /** What was read; null for a record that was to be sent. */
  readonly bytes: Uint8Array | null;

  constructor(
    code: "SERIALIZATION_FAILED" | "DESERIALIZATION_FAILED",
    { topic, part, partition = null, offset = null, bytes = null }: SerializationPlace,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(code, message, options);
    this.topic = topic;
    this.part = part;
    this.partition = partition;
    this.offset = offset;
    this.bytes = bytes;
  }
}
