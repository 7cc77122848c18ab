/**
 * Kafka's error codes: what has happened. The file of each API says which of them it gives and what a client does
 * then.
 */

/** One of Kafka's error codes. */
export interface ErrorCode {
  readonly code: number;
  /** Kafka's name of it. */
  readonly name: string;
  /** Whether Kafka's own client takes it as one that can go away by itself. */
  readonly retriable: boolean;
}

const TABLE: readonly (readonly [code: number, name: string, retriable: boolean])[] = [
  // The broker failed in a way that it has no code for.
  [-1, "UNKNOWN_SERVER_ERROR", false],
  // No error.
  [0, "NONE", false],
  // The log holds nothing at that offset.
  [1, "OFFSET_OUT_OF_RANGE", false],
  // A record batch does not match its checksum, or is malformed.
  [2, "CORRUPT_MESSAGE", true],
  // The broker knows no such topic or partition.
  [3, "UNKNOWN_TOPIC_OR_PARTITION", true],
  // That many bytes cannot be fetched. Set a valid fetch size.
  [4, "INVALID_FETCH_SIZE", false],
  // The partition has no leader at the moment.
  [5, "LEADER_NOT_AVAILABLE", true],
  // The broker is not the partition's leader, or has no replica of it.
  [6, "NOT_LEADER_OR_FOLLOWER", true],
  // The broker did not finish in time; what was asked may still happen.
  [7, "REQUEST_TIMED_OUT", true],
  // The broker is not there, or shuts down. Ask another broker.
  [8, "BROKER_NOT_AVAILABLE", false],
  // A replica of the partition is not available. Refresh the metadata and retry.
  [9, "REPLICA_NOT_AVAILABLE", true],
  // A record batch is larger than the topic allows.
  [10, "MESSAGE_TOO_LARGE", false],
  // The request came from a controller that has been replaced.
  [11, "STALE_CONTROLLER_EPOCH", false],
  // The metadata of a committed offset is too long. Shorten it, or raise offset.metadata.max.bytes.
  [12, "OFFSET_METADATA_TOO_LARGE", false],
  // The connection broke before the response was there.
  [13, "NETWORK_EXCEPTION", true],
  // The coordinator is still loading its state.
  [14, "COORDINATOR_LOAD_IN_PROGRESS", true],
  // There is no coordinator at the moment.
  [15, "COORDINATOR_NOT_AVAILABLE", true],
  // Another broker is the coordinator.
  [16, "NOT_COORDINATOR", true],
  // The topic's name is invalid, or the topic is not for this use.
  [17, "INVALID_TOPIC_EXCEPTION", false],
  // A record batch is larger than a segment of the log.
  [18, "RECORD_LIST_TOO_LARGE", false],
  // Not written: fewer replicas are in sync than min.insync.replicas.
  [19, "NOT_ENOUGH_REPLICAS", true],
  // Written, but not to as many replicas in sync as min.insync.replicas.
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", true],
  // The value of acks is invalid.
  [21, "INVALID_REQUIRED_ACKS", false],
  // The group has gone on to another generation.
  [22, "ILLEGAL_GENERATION", false],
  // The member has no protocol in common with the group.
  [23, "INCONSISTENT_GROUP_PROTOCOL", false],
  // The group id is invalid.
  [24, "INVALID_GROUP_ID", false],
  // The group has no such member, or has removed it.
  [25, "UNKNOWN_MEMBER_ID", false],
  // The session timeout is out of bounds.
  [26, "INVALID_SESSION_TIMEOUT", false],
  // The group rebalances.
  [27, "REBALANCE_IN_PROGRESS", false],
  // The commit is too large to be stored.
  [28, "INVALID_COMMIT_OFFSET_SIZE", false],
  // The principal lacks a right on the topic.
  [29, "TOPIC_AUTHORIZATION_FAILED", false],
  // The principal lacks a right on the group.
  [30, "GROUP_AUTHORIZATION_FAILED", false],
  // The principal lacks a right on the cluster.
  [31, "CLUSTER_AUTHORIZATION_FAILED", false],
  // A record's timestamp is not one that the topic accepts.
  [32, "INVALID_TIMESTAMP", false],
  // The listener does not offer that SASL mechanism.
  [33, "UNSUPPORTED_SASL_MECHANISM", false],
  // The request is out of place at this point of authentication.
  [34, "ILLEGAL_SASL_STATE", false],
  // The cluster does not support that version of the API, or a feature that the request needs.
  [35, "UNSUPPORTED_VERSION", false],
  // There is a topic of that name.
  [36, "TOPIC_ALREADY_EXISTS", false],
  // The number of partitions is invalid.
  [37, "INVALID_PARTITIONS", false],
  // The replication factor is invalid, or there are too few brokers for it.
  [38, "INVALID_REPLICATION_FACTOR", false],
  // The assignment of replicas is invalid.
  [39, "INVALID_REPLICA_ASSIGNMENT", false],
  // A configuration is invalid. Correct the name or the value.
  [40, "INVALID_CONFIG", false],
  // The broker is not the active controller.
  [41, "NOT_CONTROLLER", true],
  // The request is malformed or contradicts itself.
  [42, "INVALID_REQUEST", false],
  // The message format of the log is too old for this. Upgrade the topic's message format.
  [43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", false],
  // A policy of the cluster forbids it.
  [44, "POLICY_VIOLATION", false],
  // An earlier batch of the producer is missing.
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER", false],
  // The batch was written before.
  [46, "DUPLICATE_SEQUENCE_NUMBER", false],
  // The producer's epoch is over: another took its place, or its transaction timed out.
  [47, "INVALID_PRODUCER_EPOCH", false],
  // The transaction is in no state for this.
  [48, "INVALID_TXN_STATE", false],
  // The producer id is not, or no longer, that of the transactional id.
  [49, "INVALID_PRODUCER_ID_MAPPING", false],
  // The transaction timeout is out of bounds.
  [50, "INVALID_TRANSACTION_TIMEOUT", false],
  // An earlier step of the transactional id is not complete yet.
  [51, "CONCURRENT_TRANSACTIONS", true],
  // The transaction's coordinator has been replaced.
  [52, "TRANSACTION_COORDINATOR_FENCED", false],
  // The principal lacks a right on the transactional id.
  [53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", false],
  // The cluster has no authorizer. Set authorizer.class.name on its nodes.
  [54, "SECURITY_DISABLED", false],
  // Not tried, because another part of the request failed.
  [55, "OPERATION_NOT_ATTEMPTED", false],
  // The broker cannot use the disk of that log.
  [56, "KAFKA_STORAGE_ERROR", true],
  // The broker has no such log directory. Use one of its log.dirs.
  [57, "LOG_DIR_NOT_FOUND", false],
  // The credentials were refused.
  [58, "SASL_AUTHENTICATION_FAILED", false],
  // The broker remembers nothing of that producer id.
  [59, "UNKNOWN_PRODUCER_ID", false],
  // The partition is being reassigned.
  [60, "REASSIGNMENT_IN_PROGRESS", false],
  // The cluster has no delegation tokens. Set delegation.token.secret.key on its nodes.
  [61, "DELEGATION_TOKEN_AUTH_DISABLED", false],
  // There is no such delegation token. Create a new one.
  [62, "DELEGATION_TOKEN_NOT_FOUND", false],
  // The principal neither owns the delegation token nor may renew it. Use the credentials of one who does.
  [63, "DELEGATION_TOKEN_OWNER_MISMATCH", false],
  // Delegation tokens are not managed over such a connection. Authenticate by SASL or certificate, not by a
  // token.
  [64, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", false],
  // The principal lacks a right on the delegation token. Grant it by an ACL, or use other credentials.
  [65, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", false],
  // The delegation token has expired. Create a new one.
  [66, "DELEGATION_TOKEN_EXPIRED", false],
  // That type of principal is not supported. Use the type User.
  [67, "INVALID_PRINCIPAL_TYPE", false],
  // The group has members.
  [68, "NON_EMPTY_GROUP", false],
  // There is no such group, or it is of another kind.
  [69, "GROUP_ID_NOT_FOUND", false],
  // The broker has dropped that fetch session. Begin a new fetch session.
  [70, "FETCH_SESSION_ID_NOT_FOUND", true],
  // The requests of the fetch session are out of step. Begin a new fetch session.
  [71, "INVALID_FETCH_SESSION_EPOCH", true],
  // The leader has no address on the listener that was asked.
  [72, "LISTENER_NOT_FOUND", true],
  // The cluster does not delete topics. Set delete.topic.enable.
  [73, "TOPIC_DELETION_DISABLED", false],
  // The leader epoch of the request is older than the broker's.
  [74, "FENCED_LEADER_EPOCH", true],
  // The leader epoch of the request is newer than the broker's.
  [75, "UNKNOWN_LEADER_EPOCH", true],
  // The compression is not supported in this place.
  [76, "UNSUPPORTED_COMPRESSION_TYPE", false],
  // The broker is not registered, or was registered again since.
  [77, "STALE_BROKER_EPOCH", false],
  // A new leader does not know yet how much is committed.
  [78, "OFFSET_NOT_AVAILABLE", true],
  // The member was given the id with which it has to join. Join the group with that id.
  [79, "MEMBER_ID_REQUIRED", false],
  // The preferred leader is down or not in sync. Retry when it is back.
  [80, "PREFERRED_LEADER_NOT_AVAILABLE", true],
  // The group is full.
  [81, "GROUP_MAX_SIZE_REACHED", false],
  // Another member took over the group.instance.id.
  [82, "FENCED_INSTANCE_ID", false],
  // No replica that may lead is alive. Bring one back.
  [83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", true],
  // The partition has such a leader already. Take it as done.
  [84, "ELECTION_NOT_NEEDED", true],
  // No reassignment is going on. Take it as done.
  [85, "NO_REASSIGNMENT_IN_PROGRESS", false],
  // The group is subscribed to that topic.
  [86, "GROUP_SUBSCRIBED_TO_TOPIC", false],
  // The broker refuses a record.
  [87, "INVALID_RECORD", false],
  // An open transaction has yet to decide about the offsets.
  [88, "UNSTABLE_OFFSET_COMMIT", true],
  // A quota is used up.
  [89, "THROTTLING_QUOTA_EXCEEDED", true],
  // Another producer took over the transactional id.
  [90, "PRODUCER_FENCED", false],
  // Something that the request refers to does not exist. Check its name.
  [91, "RESOURCE_NOT_FOUND", false],
  // Something was named twice. Name it once.
  [92, "DUPLICATE_RESOURCE", false],
  // The credential is not acceptable.
  [93, "UNACCEPTABLE_CREDENTIAL", false],
  // The sender or the receiver is no voter of the quorum. Check controller.quorum.voters.
  [94, "INCONSISTENT_VOTER_SET", false],
  // The version to be set is invalid, or no longer the one to build on. Check which levels all nodes support.
  [95, "INVALID_UPDATE_VERSION", false],
  // The features could not be updated. Check what they are now, then retry.
  [96, "FEATURE_UPDATE_FAILED", false],
  // The controller cannot read the principal that a broker forwarded. Set the same principal.builder.class on
  // all nodes.
  [97, "PRINCIPAL_DESERIALIZATION_FAILURE", false],
  // The snapshot is not there, or not any more. Begin again with a fetch.
  [98, "SNAPSHOT_NOT_FOUND", false],
  // The snapshot has nothing at that position. Begin again with a fetch.
  [99, "POSITION_OUT_OF_RANGE", false],
  // The broker knows no topic of that id.
  [100, "UNKNOWN_TOPIC_ID", true],
  // Another broker that is alive has that id. Give each broker its own node.id.
  [101, "DUPLICATE_BROKER_REGISTRATION", false],
  // No broker of that id is registered. Check the id.
  [102, "BROKER_ID_NOT_REGISTERED", false],
  // The log on the broker is that of another topic id.
  [103, "INCONSISTENT_TOPIC_ID", true],
  // The request is for another cluster. Check addresses and cluster id.
  [104, "INCONSISTENT_CLUSTER_ID", false],
  // The coordinator knows no such transactional id.
  [105, "TRANSACTIONAL_ID_NOT_FOUND", false],
  // The fetch session cannot change between names and ids of topics. Refresh the metadata, and begin a new
  // session.
  [106, "FETCH_SESSION_TOPIC_ID_ERROR", true],
  // A replica cannot join those in sync: it is fenced, shuts down or has restarted.
  [107, "INELIGIBLE_REPLICA", false],
  // It was done, and another broker leads the partition now. Refresh the metadata.
  [108, "NEW_LEADER_ELECTED", false],
  // The offset is in tiered storage alone.
  [109, "OFFSET_MOVED_TO_TIERED_STORAGE", false],
  // The member's epoch is not the coordinator's: it was fenced.
  [110, "FENCED_MEMBER_EPOCH", false],
  // Another member still has that group.instance.id.
  [111, "UNRELEASED_INSTANCE_ID", false],
  // The coordinator does not have that assignor.
  [112, "UNSUPPORTED_ASSIGNOR", false],
  // The member's epoch is out of date. Retry with the epoch of the next heartbeat.
  [113, "STALE_MEMBER_EPOCH", false],
  // A broker was taken for a controller, or the reverse. Connect to the other kind.
  [114, "MISMATCHED_ENDPOINT_TYPE", false],
  // There is no such kind of endpoint. Ask for brokers or controllers.
  [115, "UNSUPPORTED_ENDPOINT_TYPE", false],
  // There is no such controller. Check the id.
  [116, "UNKNOWN_CONTROLLER_ID", false],
  // The telemetry subscription has changed. Get it anew.
  [117, "UNKNOWN_SUBSCRIPTION_ID", false],
  // The metrics are larger than the broker takes. Push fewer.
  [118, "TELEMETRY_TOO_LARGE", false],
  // The controller refuses the broker's registration. Check its log directories.
  [119, "INVALID_REGISTRATION", false],
  // The transaction cannot be committed.
  [120, "TRANSACTION_ABORTABLE", false],
  // The record is not the member's to acknowledge, or not any more. Expect it to be delivered again.
  [121, "INVALID_RECORD_STATE", false],
  // The broker has dropped that share session. Begin a new share session.
  [122, "SHARE_SESSION_NOT_FOUND", true],
  // The requests of the share session are out of step. Begin a new share session.
  [123, "INVALID_SHARE_SESSION_EPOCH", true],
  // The state epoch of the request is not the coordinator's.
  [124, "FENCED_STATE_EPOCH", false],
  // The request is meant for another voter.
  [125, "INVALID_VOTER_KEY", false],
  // There is a voter of that id. Remove that one first.
  [126, "DUPLICATE_VOTER", false],
  // No voter has that id and directory. Check both in the quorum's description.
  [127, "VOTER_NOT_FOUND", false],
  // The pattern of topics is invalid.
  [128, "INVALID_REGULAR_EXPRESSION", false],
  // The client's metadata is too old to go on with.
  [129, "REBOOTSTRAP_REQUIRED", false],
  // The streams topology is invalid. Correct the topology.
  [130, "STREAMS_INVALID_TOPOLOGY", false],
  // The epoch of the streams topology is invalid. Correct the epoch.
  [131, "STREAMS_INVALID_TOPOLOGY_EPOCH", false],
  // The group goes by a newer streams topology. Upgrade the member.
  [132, "STREAMS_TOPOLOGY_FENCED", false],
  // The broker has no room for another share session. Retry after a pause.
  [133, "SHARE_SESSION_LIMIT_REACHED", true],
  // The group was not, or not wholly, deleted. See the broker's message.
  [134, "GROUP_DELETION_FAILED", false],
  // The broker could not take the topology's description. See the broker's message.
  [135, "STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED", false],
  // No controller of that id is registered. Check the id.
  [136, "CONTROLLER_ID_NOT_REGISTERED", false],
];

/** Every error code of Kafka 4.4 by number. */
export const errorCodes: ReadonlyMap<number, ErrorCode> = new Map(
  TABLE.map(([code, name, retriable]) => [code, { code, name, retriable }]),
);

/** The error with number `code`; one that a newer broker made up counts as `UNKNOWN_SERVER_ERROR`. */
export function errorCodeOf(code: number): ErrorCode {
  return errorCodes.get(code) ?? { code, name: "UNKNOWN_SERVER_ERROR", retriable: false };
}
