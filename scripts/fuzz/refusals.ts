import { DecodeError, KafkaError } from "../../src/protocol/errors.ts";
import { FrameError } from "../../src/protocol/frame.ts";
import { CorruptRecordBatchError, PartialRecordBatchError } from "../../src/protocol/records/errors.ts";

/** Whether `error` is one that decoders document for bytes that are not what they should be. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof DecodeError ||
    error instanceof FrameError ||
    error instanceof CorruptRecordBatchError ||
    error instanceof PartialRecordBatchError ||
    (error instanceof KafkaError && error.code === "DECOMPRESSED_SIZE_EXCEEDED")
  );
}

/** Runs a decoder; false when it refused the bytes in a way that it documents. */
export function accepts(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
