/**
 * Kafka's wire protocol: bytes to values and back, without I/O.
 *
 * @module
 */

export { apiName, apiNames } from "./api-keys.ts";
export * from "./broker-files.ts";
export type { Codec } from "./codec.ts";
export { codecFor, decode, encode } from "./compile.ts";
export * from "./consumer-protocol.ts";
export * from "./control-records.ts";
export * from "./coordinator-records/classic-group.ts";
export * from "./coordinator-records/consumer-group.ts";
export type {
  CoordinatorRecordType,
  CoordinatorRecordTypes,
  UnknownCoordinatorRecord,
} from "./coordinator-records/coordinator-record.ts";
export {
  decodeGroupCoordinatorRecord,
  type GroupCoordinatorRecord,
  groupCoordinatorRecordTypes,
} from "./coordinator-records/group-coordinator.ts";
export {
  decodeShareCoordinatorRecord,
  type ShareCoordinatorRecord,
  shareCoordinatorRecordTypes,
} from "./coordinator-records/share-coordinator.ts";
export * from "./coordinator-records/share-group.ts";
export * from "./coordinator-records/share-state.ts";
export * from "./coordinator-records/streams-group.ts";
export {
  decodeTransactionLogRecord,
  type TransactionLogRecord,
  transactionCoordinatorRecordTypes,
} from "./coordinator-records/transaction-coordinator.ts";
export * from "./coordinator-records/transaction-log.ts";
export { type ErrorCode, errorCodeOf, errorCodes } from "./error-codes.ts";
export { DecodeError, EncodeError, KafkaError, type KafkaErrorOptions } from "./errors.ts";
export { DEFAULT_MAX_FRAME_SIZE, FRAME_HEADER_SIZE, FrameError, FrameReader } from "./frame.ts";
export { RequestHeader, ResponseHeader, requestHeaderVersion, responseHeaderVersion } from "./header.ts";
export { consumerProtocol, coordinatorRecords } from "./inspect/embedded.ts";
export { type FormatOptions, formatInspection } from "./inspect/format-inspection.ts";
export { inspect } from "./inspect/inspect.ts";
export { type FrameInspection, type InspectFrameOptions, inspectFrame } from "./inspect/inspect-frame.ts";
export type { EmbeddedHook, EmbeddedMessage, InspectOptions, OpaqueBytes } from "./inspect/options.ts";
export { settleCodecs } from "./inspect/settle-codecs.ts";
export {
  type Inspection,
  type InspectionError,
  leafSpans,
  type Span,
  type SpanKind,
} from "./inspect/span.ts";
export type { Int64Input } from "./int64.ts";
export * from "./messages/add-offsets-to-txn.ts";
export * from "./messages/add-partitions-to-txn.ts";
export * from "./messages/add-raft-voter.ts";
export * from "./messages/allocate-producer-ids.ts";
export * from "./messages/alter-client-quotas.ts";
export * from "./messages/alter-configs.ts";
export * from "./messages/alter-partition.ts";
export * from "./messages/alter-partition-reassignments.ts";
export * from "./messages/alter-replica-log-dirs.ts";
export * from "./messages/alter-share-group-offsets.ts";
export * from "./messages/alter-user-scram-credentials.ts";
export * from "./messages/api-versions.ts";
export * from "./messages/assign-replicas-to-dirs.ts";
export * from "./messages/begin-quorum-epoch.ts";
export * from "./messages/broker-heartbeat.ts";
export * from "./messages/broker-registration.ts";
export * from "./messages/consumer-group-describe.ts";
export * from "./messages/consumer-group-heartbeat.ts";
export * from "./messages/controller-registration.ts";
export * from "./messages/create-acls.ts";
export * from "./messages/create-delegation-token.ts";
export * from "./messages/create-partitions.ts";
export * from "./messages/create-topics.ts";
export * from "./messages/delete-acls.ts";
export * from "./messages/delete-groups.ts";
export * from "./messages/delete-records.ts";
export * from "./messages/delete-share-group-offsets.ts";
export * from "./messages/delete-share-group-state.ts";
export * from "./messages/delete-topics.ts";
export * from "./messages/describe-acls.ts";
export * from "./messages/describe-client-quotas.ts";
export * from "./messages/describe-cluster.ts";
export * from "./messages/describe-configs.ts";
export * from "./messages/describe-delegation-token.ts";
export * from "./messages/describe-groups.ts";
export * from "./messages/describe-log-dirs.ts";
export * from "./messages/describe-producers.ts";
export * from "./messages/describe-quorum.ts";
export * from "./messages/describe-share-group-offsets.ts";
export * from "./messages/describe-topic-partitions.ts";
export * from "./messages/describe-transactions.ts";
export * from "./messages/describe-user-scram-credentials.ts";
export * from "./messages/elect-leaders.ts";
export * from "./messages/end-quorum-epoch.ts";
export * from "./messages/end-txn.ts";
export * from "./messages/envelope.ts";
export * from "./messages/expire-delegation-token.ts";
export * from "./messages/fetch.ts";
export * from "./messages/fetch-snapshot.ts";
export * from "./messages/find-coordinator.ts";
export * from "./messages/get-telemetry-subscriptions.ts";
export * from "./messages/heartbeat.ts";
export * from "./messages/incremental-alter-configs.ts";
export * from "./messages/init-producer-id.ts";
export * from "./messages/initialize-share-group-state.ts";
export * from "./messages/join-group.ts";
export * from "./messages/leave-group.ts";
export * from "./messages/list-config-resources.ts";
export * from "./messages/list-groups.ts";
export * from "./messages/list-offsets.ts";
export * from "./messages/list-partition-reassignments.ts";
export * from "./messages/list-transactions.ts";
export * from "./messages/metadata.ts";
export * from "./messages/offset-commit.ts";
export * from "./messages/offset-delete.ts";
export * from "./messages/offset-fetch.ts";
export * from "./messages/offset-for-leader-epoch.ts";
export * from "./messages/produce.ts";
export * from "./messages/push-telemetry.ts";
export * from "./messages/read-share-group-state.ts";
export * from "./messages/read-share-group-state-summary.ts";
export * from "./messages/remove-raft-voter.ts";
export * from "./messages/renew-delegation-token.ts";
export * from "./messages/sasl-authenticate.ts";
export * from "./messages/sasl-handshake.ts";
export * from "./messages/share-acknowledge.ts";
export * from "./messages/share-fetch.ts";
export * from "./messages/share-group-describe.ts";
export * from "./messages/share-group-heartbeat.ts";
export * from "./messages/streams-group-describe.ts";
export * from "./messages/streams-group-heartbeat.ts";
export * from "./messages/streams-group-topology-description-update.ts";
export * from "./messages/sync-group.ts";
export * from "./messages/txn-offset-commit.ts";
export * from "./messages/unregister-broker.ts";
export * from "./messages/unregister-controller.ts";
export * from "./messages/update-features.ts";
export * from "./messages/update-raft-voter.ts";
export * from "./messages/vote.ts";
export * from "./messages/write-share-group-state.ts";
export * from "./messages/write-txn-markers.ts";
export { messages } from "./messages.ts";
export * from "./principal-data.ts";
export { Reader } from "./reader.ts";
export type { BuildOptions } from "./records/build-options.ts";
export {
  type CompressionCodec,
  type CompressionType,
  type Compressor,
  compressionTypes,
  type Decompressor,
} from "./records/compression-type.ts";
export { crc32c } from "./records/crc32c.ts";
export { CorruptRecordBatchError, PartialRecordBatchError } from "./records/errors.ts";
export type { RecordHeader } from "./records/header-reader.ts";
export { RECORD_BATCH_OVERHEAD } from "./records/layout.ts";
export type { Crc32 } from "./records/legacy-message.ts";
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
export type { RecordView } from "./records/record-view.ts";
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
