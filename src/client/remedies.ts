/** What can be done about the errors of brokers, in words that go on after a colon. */

import { errorCodes } from "../protocol/error-codes.ts";

const RETRY = "retry";
const PAUSE = "retry after a pause";
const REFRESH = "refresh the metadata and retry";
const FIND = "find the coordinator again and retry";
const REJOIN = "rejoin the group";
const GRANT = "grant it by an ACL, or use other credentials";

/** By Kafka's name. Errors that only brokers, controllers and their operators meet have none. */
const REMEDIES: { readonly [name: string]: string } = {
  UNKNOWN_SERVER_ERROR: "see the broker's log",
  OFFSET_OUT_OF_RANGE: "go on at another offset, such as the earliest or latest",
  CORRUPT_MESSAGE: "retry; if it stays, check network and disks",
  UNKNOWN_TOPIC_OR_PARTITION:
    "refresh the metadata and retry; if it stays, check the name or create the topic",
  LEADER_NOT_AVAILABLE: REFRESH,
  NOT_LEADER_OR_FOLLOWER: REFRESH,
  REQUEST_TIMED_OUT: RETRY,
  MESSAGE_TOO_LARGE: "send smaller records or batches, or raise max.message.bytes",
  NETWORK_EXCEPTION: RETRY,
  COORDINATOR_LOAD_IN_PROGRESS: PAUSE,
  COORDINATOR_NOT_AVAILABLE: FIND,
  NOT_COORDINATOR: FIND,
  INVALID_TOPIC_EXCEPTION: "use another topic; names have up to 249 letters, digits, '.', '_' or '-'",
  RECORD_LIST_TOO_LARGE: "send smaller batches, or raise segment.bytes",
  NOT_ENOUGH_REPLICAS: "retry; see why brokers are down",
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: "retry, with an idempotent producer lest it be there twice",
  INVALID_REQUIRED_ACKS: "use 0, 1 or -1 (all)",
  ILLEGAL_GENERATION: REJOIN,
  INCONSISTENT_GROUP_PROTOCOL: "configure an assignor that all members have",
  INVALID_GROUP_ID: "set a group id that is not empty",
  UNKNOWN_MEMBER_ID: "rejoin the group as a new member",
  INVALID_SESSION_TIMEOUT: "keep it between group.min.session.timeout.ms and group.max.session.timeout.ms",
  REBALANCE_IN_PROGRESS: REJOIN,
  INVALID_COMMIT_OFFSET_SIZE: "commit fewer partitions at once, or shorter metadata",
  TOPIC_AUTHORIZATION_FAILED: GRANT,
  GROUP_AUTHORIZATION_FAILED: GRANT,
  CLUSTER_AUTHORIZATION_FAILED: GRANT,
  INVALID_TIMESTAMP: "set another, or change the topic's message.timestamp settings",
  UNSUPPORTED_SASL_MECHANISM: "use one of sasl.enabled.mechanisms",
  ILLEGAL_SASL_STATE: "check the security protocol of client and listener",
  UNSUPPORTED_VERSION: "use a version that it has, or upgrade it",
  TOPIC_ALREADY_EXISTS: "use that topic, or another name",
  INVALID_PARTITIONS: "ask for at least 1, and for more than the topic has",
  INVALID_REPLICATION_FACTOR: "lower it, or start more brokers",
  INVALID_REPLICA_ASSIGNMENT: "give each partition distinct brokers that exist",
  NOT_CONTROLLER: "find the controller again, and retry",
  INVALID_REQUEST: "check the arguments; the broker's log may say more",
  POLICY_VIOLATION: "change the request as the policy wants",
  OUT_OF_ORDER_SEQUENCE_NUMBER: "retry after that batch; if there is none, renew the producer id",
  DUPLICATE_SEQUENCE_NUMBER: "take it as written",
  INVALID_PRODUCER_EPOCH: "abort the transaction; if that fails, use a new producer",
  INVALID_TXN_STATE: "abort the transaction",
  INVALID_PRODUCER_ID_MAPPING: "use a new producer",
  INVALID_TRANSACTION_TIMEOUT: "keep it within transaction.max.timeout.ms",
  CONCURRENT_TRANSACTIONS: PAUSE,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: GRANT,
  OPERATION_NOT_ATTEMPTED: "settle that one, then retry",
  KAFKA_STORAGE_ERROR: "refresh the metadata and retry; check the broker's disks",
  SASL_AUTHENTICATION_FAILED: "check user and password, token or ticket",
  UNKNOWN_PRODUCER_ID: "begin anew, with sequence 0 and a new epoch",
  REASSIGNMENT_IN_PROGRESS: "wait for the end of that, or cancel it",
  NON_EMPTY_GROUP: "stop them first",
  GROUP_ID_NOT_FOUND: "check the group id",
  LISTENER_NOT_FOUND: "retry; if it stays, give all brokers the same listeners",
  FENCED_LEADER_EPOCH: REFRESH,
  UNKNOWN_LEADER_EPOCH: PAUSE,
  UNSUPPORTED_COMPRESSION_TYPE: "use another, or upgrade who does not know it",
  OFFSET_NOT_AVAILABLE: PAUSE,
  GROUP_MAX_SIZE_REACHED: "run fewer members, or raise the brokers' limit",
  FENCED_INSTANCE_ID: "give each member its own",
  GROUP_SUBSCRIBED_TO_TOPIC: "stop its members, or end the subscription first",
  INVALID_RECORD: "correct it; compacted topics, for one, take none without a key",
  UNSTABLE_OFFSET_COMMIT: PAUSE,
  THROTTLING_QUOTA_EXCEEDED: "retry after the throttle time",
  PRODUCER_FENCED: "close this one; give each its own transactional id",
  UNACCEPTABLE_CREDENTIAL: "correct it; SCRAM takes from 4096 to 16384 iterations",
  UNKNOWN_TOPIC_ID: "refresh the metadata and retry; the topic may be a new one of the old name",
  INCONSISTENT_TOPIC_ID: REFRESH,
  TRANSACTIONAL_ID_NOT_FOUND: "check the id; unused ones expire",
  FENCED_MEMBER_EPOCH: "give up its partitions, and rejoin",
  UNRELEASED_INSTANCE_ID: "wait until it has left",
  UNSUPPORTED_ASSIGNOR: "use one that it has",
  TRANSACTION_ABORTABLE: "abort it; the producer can then begin another",
  INVALID_REGULAR_EXPRESSION: "write it in RE2's syntax",
  REBOOTSTRAP_REQUIRED: "begin anew at the bootstrap servers",
};

/** What a client or its user can do about an error code; undefined where there is nothing to say. */
export function remedyFor(errorCode: number): string | undefined {
  const known = errorCodes.get(errorCode);
  if (known !== undefined) return REMEDIES[known.name];
  return "the code is one of a newer broker: upgrade the client, or see the broker's documentation";
}
