import { KafkaError } from "../../protocol/errors.ts";

/** A key or value that its serializer or deserializer could make nothing of; `cause` is what that threw. */
export class SerializationError extends KafkaError {
  override readonly name = "SerializationError";
  readonly topic: string;
  readonly part: "key" | "value";

  constructor(
    code: "SERIALIZATION_FAILED" | "DESERIALIZATION_FAILED",
    { topic, part }: { readonly topic: string; readonly part: "key" | "value" },
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(code, message, options);
    this.topic = topic;
    this.part = part;
  }
}
