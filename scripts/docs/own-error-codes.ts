/** The codes of errors that the client itself throws. It stands here and not in `src`, where it would cost bytes. */

/** What is to be said of a code. */
export interface OwnErrorCode {
  readonly errorClass: string;
  /** "sometimes" where it depends on the case: ask the error. */
  readonly retriable: "yes" | "no" | "sometimes";
  readonly fatal: "yes" | "no" | "sometimes";
  readonly meaning: string;
  readonly remedy: string;
}

const row = (
  errorClass: string,
  retriable: OwnErrorCode["retriable"],
  fatal: OwnErrorCode["fatal"],
  meaning: string,
  remedy: string,
): OwnErrorCode => ({ errorClass, retriable, fatal, meaning, remedy });

const CONNECT =
  "The client goes on by itself; if it stays, check that the broker runs and that its listener can be reached";
const REPORT = "Report it, with the message and the broker's version";

export const OWN_ERROR_CODES: { readonly [code: string]: OwnErrorCode } = {
  ABORTED: row(
    "KafkaError",
    "no",
    "no",
    "The call's signal was aborted without a reason. With one, the call rejects with that reason itself",
    "Nothing: it was asked for",
  ),
  ASSIGNMENT_CHANGED: row(
    "KafkaError",
    "no",
    "no",
    "`assign` was called while this was under way for the partitions from before. Nobody gets to see it but as a cause",
    "Nothing",
  ),
  ASSIGNOR_FAILED: row(
    "KafkaError",
    "no",
    "yes",
    "The group's leader is this consumer, and its assignor threw, or assigned what no assignment can be: the message says what. The consumer has left its group",
    "Mend the assignor, or use another in `partitionAssignmentStrategy`",
  ),
  BROKER_NOT_AVAILABLE: row(
    "KafkaError",
    "yes",
    "no",
    "The broker that is wanted is not part of the cluster at the moment, or no broker could be asked",
    CONNECT,
  ),
  BUFFER_EXHAUSTED: row(
    "TimeoutError",
    "yes",
    "no",
    "The producer's buffer had no room for a record within `maxBlockMs`, or for `enqueue` and for too many waiting calls none at once. The record was not taken",
    "Wait for `ready()` or for `send`, send less, or raise `bufferMemory`; see what the message says of the brokers",
  ),
  CLOSED: row(
    "ClosedError",
    "no",
    "yes",
    "The object was closed before, or while the call waited",
    "Make a new one",
  ),
  CONNECTION_CLOSED: row(
    "ConnectionError",
    "sometimes",
    "no",
    "The connection ended before the answer was there. What was asked may have happened",
    CONNECT,
  ),
  CONNECTION_FAILED: row(
    "ConnectionError",
    "sometimes",
    "no",
    "No connection to the broker could be opened",
    CONNECT,
  ),
  CONNECTION_TIMED_OUT: row(
    "ConnectionError",
    "yes",
    "no",
    "Connecting took longer than `socketConnectionSetupTimeoutMs`",
    "Check firewalls and routes to the broker's listener, or raise the setting",
  ),
  CORRUPT_MESSAGE: row(
    "CorruptRecordBatchError",
    "yes",
    "no",
    "A fetched record batch does not match its checksum",
    "Fetch it again; if it stays so, the log is damaged, and seeking to `nextOffset` gets past it",
  ),
  DECODE_ERROR: row(
    "DecodeError",
    "no",
    "no",
    "Bytes are not what their schema says. `path` and `offset` say where",
    "Check who wrote them; if that was a broker, report it",
  ),
  DECOMPRESSED_SIZE_EXCEEDED: row(
    "KafkaError",
    "no",
    "no",
    "A batch would be larger than the limit once decompressed, so it was not",
    "If its producer is to be trusted, let it write smaller batches; else seek to `nextOffset`",
  ),
  DELIVERY_TIMED_OUT: row(
    "DeliveryError",
    "yes",
    "no",
    "A record was not acknowledged within `deliveryTimeoutMs`. `mayBeWritten` says whether it may stand in the log",
    "See the last problem in the message; raise `deliveryTimeoutMs` where the cluster is slow",
  ),
  DESERIALIZATION_FAILED: row(
    "SerializationError",
    "no",
    "no",
    "A deserializer could make nothing of a key or value that was read. The message says where the record stands",
    "Read with the deserializer that the records were written for; the other parts of the record can be read",
  ),
  ENCODE_ERROR: row(
    "EncodeError",
    "no",
    "no",
    "A value cannot be written as its schema says, or not in that version. `path` says which",
    "Correct the value, or use a version that has the field",
  ),
  FRAME_TOO_LARGE: row(
    "FrameError",
    "no",
    "no",
    "A frame announced more bytes than are allowed. From the client it comes as the cause of another error",
    "Check that a broker is at the other end",
  ),
  ILLEGAL_SASL_STATE: row(
    "AuthenticationError",
    "no",
    "yes",
    "The broker did not expect SASL here, or not at this point",
    "Check that `securityProtocol` is the listener's",
  ),
  ILLEGAL_TRANSACTION_STATE: row(
    "KafkaError",
    "no",
    "no",
    "A call does not fit in with what the producer is doing: a record outside of a transaction, a second transaction, an abort after a commit whose outcome is not known, or no `transactionalId`. Nothing was changed",
    "Do what the message says",
  ),
  INVALID_CONFIG: row(
    "ConfigError",
    "no",
    "no",
    "A setting or an argument cannot be right. Nothing was sent",
    "Correct what the message names",
  ),
  LOG_TRUNCATION: row(
    "LogTruncationError",
    "no",
    "no",
    "Records that were read are gone from the log, and `autoOffsetReset` is `none`. `divergentOffset` says up to where it is what was read",
    "Seek to where to go on, such as `divergentOffset`",
  ),
  MESSAGE_TOO_LARGE: row(
    "ConfigError",
    "no",
    "no",
    "A record is larger than `maxRequestSize`. Nothing was sent. As a BrokerError it says that the topic's limit is lower",
    "Raise `maxRequestSize` and the topic's `max.message.bytes`, or send less in one record",
  ),
  NAME_NOT_RESOLVED: row(
    "ConnectionError",
    "yes",
    "no",
    "The broker's host name has no address",
    "Check `bootstrapServers`, and the brokers' `advertised.listeners`",
  ),
  NEGATIVE_FRAME_SIZE: row(
    "FrameError",
    "no",
    "no",
    "A frame announced less than no bytes. From the client it comes as the cause of another error",
    "Check that a broker is at the other end",
  ),
  NOT_ASSIGNED: row(
    "KafkaError",
    "no",
    "no",
    "An offset was not committed, since the group has given the partition to another member meanwhile, or the consumer is no member now. Nobody gets to see it but in a `CommitError`",
    "Nothing: whoever reads the partition now goes on from what was committed before, and so reads some records again",
  ),
  NOT_A_KAFKA_BROKER: row(
    "ConnectionError",
    "no",
    "no",
    "What answered does not speak Kafka's protocol: HTTP, TLS where none is expected, or something else",
    "Give the address of a Kafka listener, and its `securityProtocol`",
  ),
  PARTIAL_RECORD_BATCH: row(
    "PartialRecordBatchError",
    "yes",
    "no",
    "Fetched bytes end inside their first record batch. Only brokers before 0.10.1 answer like that",
    "Fetch more bytes at once",
  ),
  PROTOCOL_ERROR: row(
    "ConnectionError",
    "sometimes",
    "no",
    "The broker's response cannot be read, or answers nothing that was asked. Its connection was closed",
    REPORT,
  ),
  REQUEST_TIMED_OUT: row(
    "TimeoutError",
    "yes",
    "no",
    "The broker did not answer a request within `requestTimeoutMs`. What was asked may have happened",
    "The client asks again where it can; if it stays, see how busy the broker is",
  ),
  SASL_AUTHENTICATION_FAILED: row(
    "AuthenticationError",
    "no",
    "yes",
    "The broker did not take the credentials, or could not prove who it is",
    "Check user and password or token, and that the user exists for this mechanism",
  ),
  SASL_CREDENTIALS_UNAVAILABLE: row(
    "AuthenticationError",
    "sometimes",
    "sometimes",
    "`saslCredentials`, `saslOauthbearerToken` or the token endpoint gave nothing that can be sent",
    "See the cause",
  ),
  SERIALIZATION_FAILED: row(
    "SerializationError",
    "no",
    "no",
    "A serializer threw, or returned what cannot be sent. Nothing was sent of the record",
    "Correct what the message names",
  ),
  TIMEOUT: row(
    "TimeoutError",
    "yes",
    "no",
    "A call did not end within its time. The message says what it waited for, and what stood in the way",
    "Remove that, or give it more time (`timeoutMs`, `defaultApiTimeoutMs`, `maxBlockMs`)",
  ),
  TLS_FAILED: row(
    "ConnectionError",
    "no",
    "yes",
    "TLS could not be agreed on: the certificate is not trusted, expired or for another name, or there is no TLS",
    "See the message; `sslTruststoreCertificates` says whom to trust",
  ),
  TRANSACTION_ABORTABLE: row(
    "KafkaError",
    "no",
    "no",
    "Something in the transaction failed, as the cause says, and it cannot be committed any more",
    "Abort it; the producer can then begin another. `transaction()` does so by itself",
  ),
  TRANSACTION_ABORTED: row(
    "KafkaError",
    "no",
    "no",
    "A record was not sent, because its transaction was aborted before",
    "Nothing: it was asked for",
  ),
  UNEXPECTED_ERROR: row(
    "DeliveryError",
    "no",
    "no",
    "Records were not delivered because of something that is no error of kafkawire's own, such as a failed compression; it is the `cause`",
    REPORT,
  ),
  UNKNOWN_TOPIC_ID: row(
    "KafkaError",
    "no",
    "no",
    "A topic was deleted and made anew before an offset of the former one could be committed. Nobody gets to see it but in a `CommitError`",
    "Nothing: the offset means nothing in the new topic",
  ),
  UNSUPPORTED_COMPRESSION_TYPE: row(
    "KafkaError",
    "no",
    "no",
    "This runtime cannot write that compression",
    "Choose another `compressionType`, or a runtime that has it",
  ),
  UNSUPPORTED_RUNTIME: row(
    "KafkaError",
    "no",
    "yes",
    "kafkawire knows no sockets of this runtime",
    "Pass a `platform` to `new Kafka`",
  ),
  UNSUPPORTED_SASL_MECHANISM: row(
    "AuthenticationError",
    "no",
    "yes",
    "The broker does not have that mechanism on this listener",
    "Choose one of those that the message lists",
  ),
  UNSUPPORTED_VERSION: row(
    "KafkaError",
    "no",
    "no",
    "The broker does not serve an API in a version that this client knows",
    "Use a broker of Kafka 2.1 or later",
  ),
};
