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
export type { BuildOptions } from "./records/build-options.ts";
export { type CompressionCodec, type CompressionType, compressionTypes } from "./records/compression-type.ts";
export { crc32c } from "./records/crc32c.ts";
export { CorruptRecordBatchError, PartialRecordBatchError } from "./records/errors.ts";
export { RECORD_BATCH_OVERHEAD } from "./records/layout.ts";
export { type ReadRecordBatchesOptions, readRecordBatches } from "./records/read-record-batches.ts";
export type { RecordBatch } from "./records/record-batch.ts";
export {
  RecordBatchBuilder,
  type RecordBatchBuilderOptions,
  recordSizeUpperBound,
} from "./records/record-batch-builder.ts";
export type { RecordBatchHeader, TimestampType } from "./records/record-batch-header.ts";
export type { RecordField, RecordHeaderInput } from "./records/record-encoding.ts";
export type { RecordIterator } from "./records/record-iterator.ts";
export type { RecordHeader, RecordView } from "./records/record-view.ts";
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
