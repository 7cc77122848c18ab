import { DecodeError, KafkaError } from "../protocol/errors.ts";
import type { CompressionType } from "../protocol/records/compression-type.ts";

/** What is thrown when decompression would give more than is allowed. */
export function sizeExceeded(
  type: CompressionType,
  bytes: Uint8Array,
  maxSize: number,
  cause?: unknown,
): KafkaError {
  return new KafkaError(
    "DECOMPRESSED_SIZE_EXCEEDED",
    `${bytes.byteLength} bytes of ${type} would be more than ${maxSize} bytes when decompressed, which is the ` +
      "limit: raise it if you trust who produced them",
    { cause },
  );
}

/**
 * What is thrown when compressed data is not what its format says.
 *
 * @param at the byte of the compressed data, where it is known
 */
export function damaged(
  type: CompressionType,
  problem: string,
  at: number = 0,
  cause?: unknown,
): DecodeError {
  const error = new DecodeError(`the ${type} data is damaged (${problem})`, at);
  if (cause !== undefined) error.cause = cause;
  return error;
}

/** The same for an error of a runtime, in which a RangeError means that the limit was passed. */
export function explained(
  type: CompressionType,
  error: unknown,
  bytes: Uint8Array,
  maxSize: number,
): KafkaError {
  if (error instanceof KafkaError) return error;
  if (error instanceof RangeError) return sizeExceeded(type, bytes, maxSize, error);
  return damaged(type, messageOf(error), 0, error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
