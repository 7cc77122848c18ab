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

/** The number of the first name; the others follow without gaps. */
const FIRST_CODE = -1;

const NAMES = [
  // The broker failed in a way that it has no code for.
  "UNKNOWN_SERVER_ERROR", // -1
  // No error.
  "NONE", // 0
  // The log holds nothing at that offset.
  "OFFSET_OUT_OF_RANGE", // 1
  // A record batch does not match its checksum, or is malformed.
  "CORRUPT_MESSAGE", // 2
  // The broker knows no such topic or partition.
  "UNKNOWN_TOPIC_OR_PARTITION", // 3
  // That many bytes cannot be fetched. Set a valid fetch size.
  "INVALID_FETCH_SIZE", // 4
  // The partition has no leader at the moment.
  "LEADER_NOT_AVAILABLE", // 5
  // The broker is not the partition's leader, or has no replica of it.
  "NOT_LEADER_OR_FOLLOWER", // 6
  // The broker did not finish in time; what was asked may still happen.
  "REQUEST_TIMED_OUT", // 7
  // The broker is not there, or shuts down. Ask another broker.
  "BROKER_NOT_AVAILABLE", // 8
  // A replica of the partition is not available. Refresh the metadata and retry.
  "REPLICA_NOT_AVAILABLE", // 9
  // A record batch is larger than the topic allows.
  "MESSAGE_TOO_LARGE", // 10
  // The request came from a controller that has been replaced.
  "STALE_CONTROLLER_EPOCH", // 11
  // The metadata of a committed offset is too long. Shorten it, or raise offset.metadata.max.bytes.
  "OFFSET_METADATA_TOO_LARGE", // 12
  // The connection broke before the response was there.
  "NETWORK_EXCEPTION", // 13
  // The coordinator is still loading its state.
  "COORDINATOR_LOAD_IN_PROGRESS", // 14
  // There is no coordinator at the moment.
  "COORDINATOR_NOT_AVAILABLE", // 15
  // Another broker is the coordinator.
  "NOT_COORDINATOR", // 16
  // The topic's name is invalid, or the topic is not for this use.
  "INVALID_TOPIC_EXCEPTION", // 17
  // A record batch is larger than a segment of the log.
  "RECORD_LIST_TOO_LARGE", // 18
  // Not written: fewer replicas are in sync than min.insync.replicas.
  "NOT_ENOUGH_REPLICAS", // 19
  // Written, but not to as many replicas in sync as min.insync.replicas.
  "NOT_ENOUGH_REPLICAS_AFTER_APPEND", // 20
  // The value of acks is invalid.
  "INVALID_REQUIRED_ACKS", // 21
  // The group has gone on to another generation.
  "ILLEGAL_GENERATION", // 22
  // The member has no protocol in common with the group.
  "INCONSISTENT_GROUP_PROTOCOL", // 23
  // The group id is invalid.
  "INVALID_GROUP_ID", // 24
  // The group has no such member, or has removed it.
  "UNKNOWN_MEMBER_ID", // 25
  // The session timeout is out of bounds.
  "INVALID_SESSION_TIMEOUT", // 26
  // The group rebalances.
  "REBALANCE_IN_PROGRESS", // 27
  // The commit is too large to be stored.
  "INVALID_COMMIT_OFFSET_SIZE", // 28
  // The principal lacks a right on the topic.
  "TOPIC_AUTHORIZATION_FAILED", // 29
  // The principal lacks a right on the group.
  "GROUP_AUTHORIZATION_FAILED", // 30
  // The principal lacks a right on the cluster.
  "CLUSTER_AUTHORIZATION_FAILED", // 31
  // A record's timestamp is not one that the topic accepts.
  "INVALID_TIMESTAMP", // 32
  // The listener does not offer that SASL mechanism.
  "UNSUPPORTED_SASL_MECHANISM", // 33
  // The request is out of place at this point of authentication.
  "ILLEGAL_SASL_STATE", // 34
  // The cluster does not support that version of the API, or a feature that the request needs.
  "UNSUPPORTED_VERSION", // 35
  // There is a topic of that name.
  "TOPIC_ALREADY_EXISTS", // 36
  // The number of partitions is invalid.
  "INVALID_PARTITIONS", // 37
  // The replication factor is invalid, or there are too few brokers for it.
  "INVALID_REPLICATION_FACTOR", // 38
  // The assignment of replicas is invalid.
  "INVALID_REPLICA_ASSIGNMENT", // 39
  // A configuration is invalid. Correct the name or the value.
  "INVALID_CONFIG", // 40
  // The broker is not the active controller.
  "NOT_CONTROLLER", // 41
  // The request is malformed or contradicts itself.
  "INVALID_REQUEST", // 42
  // The message format of the log is too old for this. Upgrade the topic's message format.
  "UNSUPPORTED_FOR_MESSAGE_FORMAT", // 43
  // A policy of the cluster forbids it.
  "POLICY_VIOLATION", // 44
  // An earlier batch of the producer is missing.
  "OUT_OF_ORDER_SEQUENCE_NUMBER", // 45
  // The batch was written before.
  "DUPLICATE_SEQUENCE_NUMBER", // 46
  // The producer's epoch is over: another took its place, or its transaction timed out.
  "INVALID_PRODUCER_EPOCH", // 47
  // The transaction is in no state for this.
  "INVALID_TXN_STATE", // 48
  // The producer id is not, or no longer, that of the transactional id.
  "INVALID_PRODUCER_ID_MAPPING", // 49
  // The transaction timeout is out of bounds.
  "INVALID_TRANSACTION_TIMEOUT", // 50
  // An earlier step of the transactional id is not complete yet.
  "CONCURRENT_TRANSACTIONS", // 51
  // The transaction's coordinator has been replaced.
  "TRANSACTION_COORDINATOR_FENCED", // 52
  // The principal lacks a right on the transactional id.
  "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", // 53
  // The cluster has no authorizer. Set authorizer.class.name on its nodes.
  "SECURITY_DISABLED", // 54
  // Not tried, because another part of the request failed.
  "OPERATION_NOT_ATTEMPTED", // 55
  // The broker cannot use the disk of that log.
  "KAFKA_STORAGE_ERROR", // 56
  // The broker has no such log directory. Use one of its log.dirs.
  "LOG_DIR_NOT_FOUND", // 57
  // The credentials were refused.
  "SASL_AUTHENTICATION_FAILED", // 58
  // The broker remembers nothing of that producer id.
  "UNKNOWN_PRODUCER_ID", // 59
  // The partition is being reassigned.
  "REASSIGNMENT_IN_PROGRESS", // 60
  // The cluster has no delegation tokens. Set delegation.token.secret.key on its nodes.
  "DELEGATION_TOKEN_AUTH_DISABLED", // 61
  // There is no such delegation token. Create a new one.
  "DELEGATION_TOKEN_NOT_FOUND", // 62
  // The principal neither owns the delegation token nor may renew it. Use the credentials of one who does.
  "DELEGATION_TOKEN_OWNER_MISMATCH", // 63
  // Delegation tokens are not managed over such a connection. Authenticate by SASL or certificate, not by a
  // token.
  "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", // 64
  // The principal lacks a right on the delegation token. Grant it by an ACL, or use other credentials.
  "DELEGATION_TOKEN_AUTHORIZATION_FAILED", // 65
  // The delegation token has expired. Create a new one.
  "DELEGATION_TOKEN_EXPIRED", // 66
  // That type of principal is not supported. Use the type User.
  "INVALID_PRINCIPAL_TYPE", // 67
  // The group has members.
  "NON_EMPTY_GROUP", // 68
  // There is no such group, or it is of another kind.
  "GROUP_ID_NOT_FOUND", // 69
  // The broker has dropped that fetch session. Begin a new fetch session.
  "FETCH_SESSION_ID_NOT_FOUND", // 70
  // The requests of the fetch session are out of step. Begin a new fetch session.
  "INVALID_FETCH_SESSION_EPOCH", // 71
  // The leader has no address on the listener that was asked.
  "LISTENER_NOT_FOUND", // 72
  // The cluster does not delete topics. Set delete.topic.enable.
  "TOPIC_DELETION_DISABLED", // 73
  // The leader epoch of the request is older than the broker's.
  "FENCED_LEADER_EPOCH", // 74
  // The leader epoch of the request is newer than the broker's.
  "UNKNOWN_LEADER_EPOCH", // 75
  // The compression is not supported in this place.
  "UNSUPPORTED_COMPRESSION_TYPE", // 76
  // The broker is not registered, or was registered again since.
  "STALE_BROKER_EPOCH", // 77
  // A new leader does not know yet how much is committed.
  "OFFSET_NOT_AVAILABLE", // 78
  // The member was given the id with which it has to join. Join the group with that id.
  "MEMBER_ID_REQUIRED", // 79
  // The preferred leader is down or not in sync. Retry when it is back.
  "PREFERRED_LEADER_NOT_AVAILABLE", // 80
  // The group is full.
  "GROUP_MAX_SIZE_REACHED", // 81
  // Another member took over the group.instance.id.
  "FENCED_INSTANCE_ID", // 82
  // No replica that may lead is alive. Bring one back.
  "ELIGIBLE_LEADERS_NOT_AVAILABLE", // 83
  // The partition has such a leader already. Take it as done.
  "ELECTION_NOT_NEEDED", // 84
  // No reassignment is going on. Take it as done.
  "NO_REASSIGNMENT_IN_PROGRESS", // 85
  // The group is subscribed to that topic.
  "GROUP_SUBSCRIBED_TO_TOPIC", // 86
  // The broker refuses a record.
  "INVALID_RECORD", // 87
  // An open transaction has yet to decide about the offsets.
  "UNSTABLE_OFFSET_COMMIT", // 88
  // A quota is used up.
  "THROTTLING_QUOTA_EXCEEDED", // 89
  // Another producer took over the transactional id.
  "PRODUCER_FENCED", // 90
  // Something that the request refers to does not exist. Check its name.
  "RESOURCE_NOT_FOUND", // 91
  // Something was named twice. Name it once.
  "DUPLICATE_RESOURCE", // 92
  // The credential is not acceptable.
  "UNACCEPTABLE_CREDENTIAL", // 93
  // The sender or the receiver is no voter of the quorum. Check controller.quorum.voters.
  "INCONSISTENT_VOTER_SET", // 94
  // The version to be set is invalid, or no longer the one to build on. Check which levels all nodes support.
  "INVALID_UPDATE_VERSION", // 95
  // The features could not be updated. Check what they are now, then retry.
  "FEATURE_UPDATE_FAILED", // 96
  // The controller cannot read the principal that a broker forwarded. Set the same principal.builder.class on
  // all nodes.
  "PRINCIPAL_DESERIALIZATION_FAILURE", // 97
  // The snapshot is not there, or not any more. Begin again with a fetch.
  "SNAPSHOT_NOT_FOUND", // 98
  // The snapshot has nothing at that position. Begin again with a fetch.
  "POSITION_OUT_OF_RANGE", // 99
  // The broker knows no topic of that id.
  "UNKNOWN_TOPIC_ID", // 100
  // Another broker that is alive has that id. Give each broker its own node.id.
  "DUPLICATE_BROKER_REGISTRATION", // 101
  // No broker of that id is registered. Check the id.
  "BROKER_ID_NOT_REGISTERED", // 102
  // The log on the broker is that of another topic id.
  "INCONSISTENT_TOPIC_ID", // 103
  // The request is for another cluster. Check addresses and cluster id.
  "INCONSISTENT_CLUSTER_ID", // 104
  // The coordinator knows no such transactional id.
  "TRANSACTIONAL_ID_NOT_FOUND", // 105
  // The fetch session cannot change between names and ids of topics. Refresh the metadata, and begin a new
  // session.
  "FETCH_SESSION_TOPIC_ID_ERROR", // 106
  // A replica cannot join those in sync: it is fenced, shuts down or has restarted.
  "INELIGIBLE_REPLICA", // 107
  // It was done, and another broker leads the partition now. Refresh the metadata.
  "NEW_LEADER_ELECTED", // 108
  // The offset is in tiered storage alone.
  "OFFSET_MOVED_TO_TIERED_STORAGE", // 109
  // The member's epoch is not the coordinator's: it was fenced.
  "FENCED_MEMBER_EPOCH", // 110
  // Another member still has that group.instance.id.
  "UNRELEASED_INSTANCE_ID", // 111
  // The coordinator does not have that assignor.
  "UNSUPPORTED_ASSIGNOR", // 112
  // The member's epoch is out of date. Retry with the epoch of the next heartbeat.
  "STALE_MEMBER_EPOCH", // 113
  // A broker was taken for a controller, or the reverse. Connect to the other kind.
  "MISMATCHED_ENDPOINT_TYPE", // 114
  // There is no such kind of endpoint. Ask for brokers or controllers.
  "UNSUPPORTED_ENDPOINT_TYPE", // 115
  // There is no such controller. Check the id.
  "UNKNOWN_CONTROLLER_ID", // 116
  // The telemetry subscription has changed. Get it anew.
  "UNKNOWN_SUBSCRIPTION_ID", // 117
  // The metrics are larger than the broker takes. Push fewer.
  "TELEMETRY_TOO_LARGE", // 118
  // The controller refuses the broker's registration. Check its log directories.
  "INVALID_REGISTRATION", // 119
  // The transaction cannot be committed.
  "TRANSACTION_ABORTABLE", // 120
  // The record is not the member's to acknowledge, or not any more. Expect it to be delivered again.
  "INVALID_RECORD_STATE", // 121
  // The broker has dropped that share session. Begin a new share session.
  "SHARE_SESSION_NOT_FOUND", // 122
  // The requests of the share session are out of step. Begin a new share session.
  "INVALID_SHARE_SESSION_EPOCH", // 123
  // The state epoch of the request is not the coordinator's.
  "FENCED_STATE_EPOCH", // 124
  // The request is meant for another voter.
  "INVALID_VOTER_KEY", // 125
  // There is a voter of that id. Remove that one first.
  "DUPLICATE_VOTER", // 126
  // No voter has that id and directory. Check both in the quorum's description.
  "VOTER_NOT_FOUND", // 127
  // The pattern of topics is invalid.
  "INVALID_REGULAR_EXPRESSION", // 128
  // The client's metadata is too old to go on with.
  "REBOOTSTRAP_REQUIRED", // 129
  // The streams topology is invalid. Correct the topology.
  "STREAMS_INVALID_TOPOLOGY", // 130
  // The epoch of the streams topology is invalid. Correct the epoch.
  "STREAMS_INVALID_TOPOLOGY_EPOCH", // 131
  // The group goes by a newer streams topology. Upgrade the member.
  "STREAMS_TOPOLOGY_FENCED", // 132
  // The broker has no room for another share session. Retry after a pause.
  "SHARE_SESSION_LIMIT_REACHED", // 133
  // The group was not, or not wholly, deleted. See the broker's message.
  "GROUP_DELETION_FAILED", // 134
  // The broker could not take the topology's description. See the broker's message.
  "STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED", // 135
  // No controller of that id is registered. Check the id.
  "CONTROLLER_ID_NOT_REGISTERED", // 136
];

/** Those that can go away by themselves. */
const RETRIABLE = [
  2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100, 103,
  106, 122, 123, 133,
];

/** Every error code of Kafka 4.4 by number. */
export const errorCodes: ReadonlyMap<number, ErrorCode> = new Map(
  NAMES.map((name, index) => {
    const code = index + FIRST_CODE;
    return [code, { code, name, retriable: RETRIABLE.includes(code) }];
  }),
);

/** The error with number `code`; one that a newer broker made up counts as `UNKNOWN_SERVER_ERROR`. */
export function errorCodeOf(code: number): ErrorCode {
  return errorCodes.get(code) ?? { code, name: "UNKNOWN_SERVER_ERROR", retriable: false };
}
