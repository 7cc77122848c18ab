import { messageOf } from "../errors.ts";
import { typeName } from "./mismatch.ts";
import { SerializationError } from "./serialization-error.ts";
import type { SerializationContext, Serializer } from "./serializer.ts";

/**
 * What is sent of a key or value; null and undefined are null.
 *
 * @throws SerializationError when the serializer throws, or returns what cannot be sent.
 */
export function serialize<T>(
  serializer: Serializer<T>,
  data: T | null | undefined,
  context: SerializationContext,
): string | Uint8Array | null {
  if (data === null || data === undefined) return null;
  let written: unknown;
  try {
    written = serializer.serialize(data, context);
  } catch (cause) {
    throw failure(context, `failed: ${messageOf(cause)}`, cause);
  }
  if (typeof written === "string" || written instanceof Uint8Array || written === null) return written;
  if (written instanceof ArrayBuffer) return new Uint8Array(written);
  if (isPromise(written)) {
    // Nobody waits for it, and a rejection that nobody sees would end the process.
    written.then(undefined, () => {});
    throw failure(
      context,
      "returned a promise, and serializers answer at once: await what it needs before send()",
    );
  }
  const returned = `returned ${typeName(written)}`;
  throw failure(context, `${returned}: it must be a string, Uint8Array, ArrayBuffer or null`);
}

function failure(context: SerializationContext, what: string, cause?: unknown): SerializationError {
  const { topic, part } = context;
  const message = `Record for topic "${topic}": the serializer of its ${part} ${what}`;
  return new SerializationError("SERIALIZATION_FAILED", context, message, { cause });
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
