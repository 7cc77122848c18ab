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
export type { PartitionAssignment, StartPosition, TopicPartition } from "./client/consumer/assignment.ts";
export type { Consumer, PartitionInfo, WaitOptions } from "./client/consumer/consumer.ts";
export type { ConsumerRecord } from "./client/consumer/consumer-record.ts";
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
  ConnectionPlace,
  PartitionPlace,
  RequestPlace,
} from "./client/observe/events.ts";
export type { LatencySnapshot } from "./client/observe/latency-histogram.ts";
export type {
  ApiMetrics,
  BrokerCountersSnapshot,
  BrokerMetrics,
  ConsumerMetrics,
  Metrics,
  PartitionLag,
  ProducerMetrics,
} from "./client/observe/metrics.ts";
export type { WaitSnapshot } from "./client/observe/waits.ts";
export { partitionForKey } from "./client/producer/partitioner.ts";
export type { FlushOptions, Producer, SendOptions } from "./client/producer/producer.ts";
export type {
  HeadersToSend,
  HeaderToSend,
  ProducerRecord,
  RecordData,
  RecordMetadata,
} from "./client/producer/record.ts";
export type {
  OAuthBearerToken,
  SaslCredentials,
  SaslMechanism,
  SecurityProtocol,
} from "./client/sasl/credentials.ts";
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
