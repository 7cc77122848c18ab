/**
 * A client for Apache Kafka, written in TypeScript down to the last byte of the wire protocol.
 *
 * @module
 */

/** The platform of the runtime that this is loaded in, for platforms that build on it. */
export { platform as runtimePlatform } from "#platform";
export type { Admin, AdminOptions, CreatedTopic, NewTopic } from "./client/admin/admin.ts";
export type { CloseOptions } from "./client/close-options.ts";
export type { ConsumerConfig } from "./client/config/consumer-config.ts";
export type { KafkaProperties } from "./client/config/from-properties.ts";
export type { KafkaConfig } from "./client/config/kafka-config.ts";
export type { ProducerConfig } from "./client/config/producer-config.ts";
export type {
  LookedUpPosition,
  OffsetAndEpoch,
  PartitionAssignment,
  StartPosition,
  TopicPartition,
} from "./client/consumer/assignment.ts";
export type { AssignmentStrategy } from "./client/consumer/assignment-strategy.ts";
export type { Consumer, PollOptions, WaitOptions } from "./client/consumer/consumer.ts";
export type { ConsumerBatch } from "./client/consumer/consumer-batch.ts";
export type { ConsumerCloseOptions } from "./client/consumer/consumer-close-options.ts";
export type { ConsumerRecord } from "./client/consumer/consumer-record.ts";
export type { OffsetForTime, PartitionOffset } from "./client/consumer/offset-lookup.ts";
export type { AutoOffsetReset } from "./client/consumer/offset-reset.ts";
export { CommitError, type FailedCommit } from "./client/consumer/offsets/commit-error.ts";
export type { CommittedOffset } from "./client/consumer/offsets/committed-offsets.ts";
export type { PartitionInfo, PartitionLagAt, TimestampQuery } from "./client/consumer/partition-info.ts";
export type { RebalanceListener } from "./client/consumer/rebalance-listener.ts";
export type { RecordLoop } from "./client/consumer/record-loop.ts";
export type { RunOptions } from "./client/consumer/run-loop.ts";
export type { TopicsToRead } from "./client/consumer/topics-to-read.ts";
export { LogTruncationError } from "./client/consumer/truncation.ts";
export { UnreadableBatchError } from "./client/consumer/unreadable-batch-error.ts";
export type { Committable } from "./client/consumer/what-to-commit.ts";
export type { ConsumerGroupMetadata } from "./client/consumer-group-metadata.ts";
export {
  AuthenticationError,
  type AuthenticationErrorCode,
  BrokerError,
  ClosedError,
  ConfigError,
  ConnectionError,
  TimeoutError,
} from "./client/errors.ts";
export { Kafka } from "./client/kafka.ts";
export type { Logger } from "./client/logger.ts";
export type {
  BatchPlace,
  ClientEvent,
  ClientEventListener,
  ClientEventName,
  ClientEvents,
  CommittedPartition,
  ConnectionPlace,
  GroupPlace,
  PartitionPlace,
  RequestPlace,
} from "./client/observe/events.ts";
export type { LatencySnapshot } from "./client/observe/latency-histogram.ts";
export type {
  ApiMetrics,
  BrokerCountersSnapshot,
  BrokerMetrics,
  ConsumerMetrics,
  GroupMetrics,
  Metrics,
  PartitionLag,
  ProducerMetrics,
} from "./client/observe/metrics.ts";
export type { WaitSnapshot } from "./client/observe/waits.ts";
export type { OffsetToCommit, OffsetToCommit as OffsetToSend } from "./client/offset-to-commit.ts";
export type { DeliveryCallback } from "./client/producer/delivery.ts";
export { DeliveryError } from "./client/producer/delivery-errors.ts";
export type { HeadersToSend, HeaderToSend } from "./client/producer/headers.ts";
export { partitionForKey } from "./client/producer/partitioners/partition-for-key.ts";
export type {
  BuiltInPartitioner,
  Partitioner,
  PartitionerRecord,
  PartitionerTopic,
} from "./client/producer/partitioners/partitioner.ts";
export type { FlushOptions, Producer, ReadyOptions, SendOptions } from "./client/producer/producer.ts";
export type { ProducerRecord, RecordMetadata } from "./client/producer/record.ts";
export type { RecordData } from "./client/producer/record-data.ts";
export { SendError } from "./client/producer/send-many.ts";
export type { RecordSender, Transaction } from "./client/producer/transactions/transaction.ts";
export type { TransactionCallOptions } from "./client/producer/transactions/transaction-manager.ts";
export type {
  OAuthBearerToken,
  SaslCredentials,
  SaslMechanism,
  SecurityProtocol,
} from "./client/sasl/credentials.ts";
export { boolean } from "./client/serialization/boolean.ts";
export { bytes } from "./client/serialization/bytes.ts";
export type { DeserializationContext, Deserializer } from "./client/serialization/deserializer.ts";
export { float32 } from "./client/serialization/float32.ts";
export { float64 } from "./client/serialization/float64.ts";
export { int16 } from "./client/serialization/int16.ts";
export { int32 } from "./client/serialization/int32.ts";
export { int64 } from "./client/serialization/int64.ts";
export { json } from "./client/serialization/json.ts";
export { nothing } from "./client/serialization/nothing.ts";
export type { Serde } from "./client/serialization/serde.ts";
export { SerializationError } from "./client/serialization/serialization-error.ts";
export type { SerializationContext, Serializer } from "./client/serialization/serializer.ts";
export { string } from "./client/serialization/string.ts";
export { uuid } from "./client/serialization/uuid.ts";
export type {
  Assignor,
  AssignorFactory,
  GroupMember,
  MemberAssignment,
  RebalanceProtocol,
  TopicLayout,
} from "./group/assignor.ts";
export type {
  ByteStream,
  ByteStreamHandler,
  Clock,
  ConnectOptions,
  DiagnosticsChannel,
  Platform,
  ResolvedAddress,
  SecureOptions,
  Timer,
  TlsOptions,
  Zlib,
} from "./platform/platform.ts";
export { DecodeError, EncodeError, KafkaError, type KafkaErrorOptions } from "./protocol/errors.ts";
export type { CompressionType } from "./protocol/records/compression-type.ts";
export { CorruptRecordBatchError } from "./protocol/records/errors.ts";
export type { RecordHeader } from "./protocol/records/header-reader.ts";
export type { TimestampType } from "./protocol/records/record-batch-header.ts";
