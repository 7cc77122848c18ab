/**
 * Kafka's wire protocol: bytes to values and back, without I/O.
 *
 * @module
 */

export { apiName, apiNames } from "./api-keys.ts";
export type { Codec } from "./codec.ts";
export { codecFor, decode, encode } from "./compile.ts";
export { type ErrorCode, errorCodeOf, errorCodes } from "./error-codes.ts";
export { DecodeError, EncodeError, KafkaError, type KafkaErrorOptions } from "./errors.ts";
export { DEFAULT_MAX_FRAME_SIZE, FRAME_HEADER_SIZE, FrameError, FrameReader } from "./frame.ts";
export { RequestHeader, ResponseHeader, requestHeaderVersion, responseHeaderVersion } from "./header.ts";
export * from "./messages/api-versions.ts";
export * from "./messages/create-topics.ts";
export * from "./messages/delete-topics.ts";
export * from "./messages/fetch.ts";
export * from "./messages/list-offsets.ts";
export * from "./messages/metadata.ts";
export * from "./messages/produce.ts";
export { messages } from "./messages.ts";
export { Reader } from "./reader.ts";
export type {
  AnyType,
  ArrayType,
  Field,
  Fields,
  Infer,
  InferInput,
  MessageSchema,
  MessageType,
  StructType,
  UnknownTaggedField,
} from "./schema.ts";
export { type Uuid, ZERO_UUID } from "./uuid.ts";
export { parseVersions, type VersionRange } from "./versions.ts";
export { Writer } from "./writer.ts";
