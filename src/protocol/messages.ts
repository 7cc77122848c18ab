import { AbortedTxn, QuorumStateData } from "./broker-files.ts";
import { ConsumerProtocolAssignment, ConsumerProtocolSubscription } from "./consumer-protocol.ts";
import {
  ControlRecordTypeSchema,
  EndTxnMarker,
  KRaftVersionRecord,
  LeaderChangeMessage,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from "./control-records.ts";
import {
  GroupMetadataKey,
  GroupMetadataValue,
  LegacyOffsetCommitKey,
  LegacyOffsetCommitValue,
  OffsetCommitKey,
  OffsetCommitValue,
} from "./coordinator-records/classic-group.ts";
import {
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue,
  ConsumerGroupMetadataKey,
  ConsumerGroupMetadataValue,
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupPartitionMetadataValue,
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue,
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue,
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue,
} from "./coordinator-records/consumer-group.ts";
import {
  ShareGroupCurrentMemberAssignmentKey,
  ShareGroupCurrentMemberAssignmentValue,
  ShareGroupMemberMetadataKey,
  ShareGroupMemberMetadataValue,
  ShareGroupMetadataKey,
  ShareGroupMetadataValue,
  ShareGroupStatePartitionMetadataKey,
  ShareGroupStatePartitionMetadataValue,
  ShareGroupTargetAssignmentMemberKey,
  ShareGroupTargetAssignmentMemberValue,
  ShareGroupTargetAssignmentMetadataKey,
  ShareGroupTargetAssignmentMetadataValue,
} from "./coordinator-records/share-group.ts";
import {
  ShareSnapshotKey,
  ShareSnapshotValue,
  ShareUpdateKey,
  ShareUpdateValue,
} from "./coordinator-records/share-state.ts";
import {
  StreamsGroupCurrentMemberAssignmentKey,
  StreamsGroupCurrentMemberAssignmentValue,
  StreamsGroupMemberMetadataKey,
  StreamsGroupMemberMetadataValue,
  StreamsGroupMetadataKey,
  StreamsGroupMetadataValue,
  StreamsGroupTargetAssignmentMemberKey,
  StreamsGroupTargetAssignmentMemberValue,
  StreamsGroupTargetAssignmentMetadataKey,
  StreamsGroupTargetAssignmentMetadataValue,
  StreamsGroupTopologyKey,
  StreamsGroupTopologyValue,
} from "./coordinator-records/streams-group.ts";
import { TransactionLogKey, TransactionLogValue } from "./coordinator-records/transaction-log.ts";
import { RequestHeader, ResponseHeader } from "./header.ts";
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "./messages/add-offsets-to-txn.ts";
import { AddPartitionsToTxnRequest, AddPartitionsToTxnResponse } from "./messages/add-partitions-to-txn.ts";
import { AddRaftVoterRequest, AddRaftVoterResponse } from "./messages/add-raft-voter.ts";
import { AllocateProducerIdsRequest, AllocateProducerIdsResponse } from "./messages/allocate-producer-ids.ts";
import { AlterClientQuotasRequest, AlterClientQuotasResponse } from "./messages/alter-client-quotas.ts";
import { AlterConfigsRequest, AlterConfigsResponse } from "./messages/alter-configs.ts";
import { AlterPartitionRequest, AlterPartitionResponse } from "./messages/alter-partition.ts";
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from "./messages/alter-partition-reassignments.ts";
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from "./messages/alter-replica-log-dirs.ts";
import {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from "./messages/alter-share-group-offsets.ts";
import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "./messages/alter-user-scram-credentials.ts";
import { ApiVersionsRequest, ApiVersionsResponse } from "./messages/api-versions.ts";
import {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from "./messages/assign-replicas-to-dirs.ts";
import { BeginQuorumEpochRequest, BeginQuorumEpochResponse } from "./messages/begin-quorum-epoch.ts";
import { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from "./messages/broker-heartbeat.ts";
import { BrokerRegistrationRequest, BrokerRegistrationResponse } from "./messages/broker-registration.ts";
import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from "./messages/consumer-group-describe.ts";
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "./messages/consumer-group-heartbeat.ts";
import {
  ControllerRegistrationRequest,
  ControllerRegistrationResponse,
} from "./messages/controller-registration.ts";
import { CreateAclsRequest, CreateAclsResponse } from "./messages/create-acls.ts";
import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from "./messages/create-delegation-token.ts";
import { CreatePartitionsRequest, CreatePartitionsResponse } from "./messages/create-partitions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "./messages/create-topics.ts";
import { DeleteAclsRequest, DeleteAclsResponse } from "./messages/delete-acls.ts";
import { DeleteGroupsRequest, DeleteGroupsResponse } from "./messages/delete-groups.ts";
import { DeleteRecordsRequest, DeleteRecordsResponse } from "./messages/delete-records.ts";
import {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from "./messages/delete-share-group-offsets.ts";
import {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
} from "./messages/delete-share-group-state.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "./messages/delete-topics.ts";
import { DescribeAclsRequest, DescribeAclsResponse } from "./messages/describe-acls.ts";
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from "./messages/describe-client-quotas.ts";
import { DescribeClusterRequest, DescribeClusterResponse } from "./messages/describe-cluster.ts";
import { DescribeConfigsRequest, DescribeConfigsResponse } from "./messages/describe-configs.ts";
import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from "./messages/describe-delegation-token.ts";
import { DescribeGroupsRequest, DescribeGroupsResponse } from "./messages/describe-groups.ts";
import { DescribeLogDirsRequest, DescribeLogDirsResponse } from "./messages/describe-log-dirs.ts";
import { DescribeProducersRequest, DescribeProducersResponse } from "./messages/describe-producers.ts";
import { DescribeQuorumRequest, DescribeQuorumResponse } from "./messages/describe-quorum.ts";
import {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from "./messages/describe-share-group-offsets.ts";
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from "./messages/describe-topic-partitions.ts";
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from "./messages/describe-transactions.ts";
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "./messages/describe-user-scram-credentials.ts";
import { ElectLeadersRequest, ElectLeadersResponse } from "./messages/elect-leaders.ts";
import { EndQuorumEpochRequest, EndQuorumEpochResponse } from "./messages/end-quorum-epoch.ts";
import { EndTxnRequest, EndTxnResponse } from "./messages/end-txn.ts";
import { EnvelopeRequest, EnvelopeResponse } from "./messages/envelope.ts";
import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from "./messages/expire-delegation-token.ts";
import { FetchRequest, FetchResponse } from "./messages/fetch.ts";
import { FetchSnapshotRequest, FetchSnapshotResponse } from "./messages/fetch-snapshot.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "./messages/find-coordinator.ts";
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from "./messages/get-telemetry-subscriptions.ts";
import { HeartbeatRequest, HeartbeatResponse } from "./messages/heartbeat.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "./messages/incremental-alter-configs.ts";
import { InitProducerIdRequest, InitProducerIdResponse } from "./messages/init-producer-id.ts";
import {
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
} from "./messages/initialize-share-group-state.ts";
import { JoinGroupRequest, JoinGroupResponse } from "./messages/join-group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "./messages/leave-group.ts";
import { ListConfigResourcesRequest, ListConfigResourcesResponse } from "./messages/list-config-resources.ts";
import { ListGroupsRequest, ListGroupsResponse } from "./messages/list-groups.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "./messages/list-offsets.ts";
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from "./messages/list-partition-reassignments.ts";
import { ListTransactionsRequest, ListTransactionsResponse } from "./messages/list-transactions.ts";
import { MetadataRequest, MetadataResponse } from "./messages/metadata.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "./messages/offset-commit.ts";
import { OffsetDeleteRequest, OffsetDeleteResponse } from "./messages/offset-delete.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "./messages/offset-fetch.ts";
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "./messages/offset-for-leader-epoch.ts";
import { ProduceRequest, ProduceResponse } from "./messages/produce.ts";
import { PushTelemetryRequest, PushTelemetryResponse } from "./messages/push-telemetry.ts";
import {
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
} from "./messages/read-share-group-state.ts";
import {
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
} from "./messages/read-share-group-state-summary.ts";
import { RemoveRaftVoterRequest, RemoveRaftVoterResponse } from "./messages/remove-raft-voter.ts";
import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from "./messages/renew-delegation-token.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "./messages/sasl-authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "./messages/sasl-handshake.ts";
import { ShareAcknowledgeRequest, ShareAcknowledgeResponse } from "./messages/share-acknowledge.ts";
import { ShareFetchRequest, ShareFetchResponse } from "./messages/share-fetch.ts";
import { ShareGroupDescribeRequest, ShareGroupDescribeResponse } from "./messages/share-group-describe.ts";
import { ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse } from "./messages/share-group-heartbeat.ts";
import {
  StreamsGroupDescribeRequest,
  StreamsGroupDescribeResponse,
} from "./messages/streams-group-describe.ts";
import {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from "./messages/streams-group-heartbeat.ts";
import {
  StreamsGroupTopologyDescriptionUpdateRequest,
  StreamsGroupTopologyDescriptionUpdateResponse,
} from "./messages/streams-group-topology-description-update.ts";
import { SyncGroupRequest, SyncGroupResponse } from "./messages/sync-group.ts";
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "./messages/txn-offset-commit.ts";
import { UnregisterBrokerRequest, UnregisterBrokerResponse } from "./messages/unregister-broker.ts";
import {
  UnregisterControllerRequest,
  UnregisterControllerResponse,
} from "./messages/unregister-controller.ts";
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from "./messages/update-features.ts";
import { UpdateRaftVoterRequest, UpdateRaftVoterResponse } from "./messages/update-raft-voter.ts";
import { VoteRequest, VoteResponse } from "./messages/vote.ts";
import {
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from "./messages/write-share-group-state.ts";
import { WriteTxnMarkersRequest, WriteTxnMarkersResponse } from "./messages/write-txn-markers.ts";
import { DefaultPrincipalData } from "./principal-data.ts";
import type { MessageSchema } from "./schema.ts";

/** Every message that is described here, by Kafka's name of it. */
export const messages: ReadonlyMap<string, MessageSchema> = new Map(
  [
    RequestHeader,
    ResponseHeader,
    AddOffsetsToTxnRequest,
    AddOffsetsToTxnResponse,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddRaftVoterRequest,
    AddRaftVoterResponse,
    AllocateProducerIdsRequest,
    AllocateProducerIdsResponse,
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    AlterConfigsRequest,
    AlterConfigsResponse,
    AlterPartitionRequest,
    AlterPartitionResponse,
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterShareGroupOffsetsRequest,
    AlterShareGroupOffsetsResponse,
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    ApiVersionsRequest,
    ApiVersionsResponse,
    AssignReplicasToDirsRequest,
    AssignReplicasToDirsResponse,
    BeginQuorumEpochRequest,
    BeginQuorumEpochResponse,
    BrokerHeartbeatRequest,
    BrokerHeartbeatResponse,
    BrokerRegistrationRequest,
    BrokerRegistrationResponse,
    ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse,
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
    ControllerRegistrationRequest,
    ControllerRegistrationResponse,
    CreateAclsRequest,
    CreateAclsResponse,
    CreateDelegationTokenRequest,
    CreateDelegationTokenResponse,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeleteAclsRequest,
    DeleteAclsResponse,
    DeleteGroupsRequest,
    DeleteGroupsResponse,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteShareGroupOffsetsRequest,
    DeleteShareGroupOffsetsResponse,
    DeleteShareGroupStateRequest,
    DeleteShareGroupStateResponse,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DescribeAclsRequest,
    DescribeAclsResponse,
    DescribeClientQuotasRequest,
    DescribeClientQuotasResponse,
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeProducersRequest,
    DescribeProducersResponse,
    DescribeQuorumRequest,
    DescribeQuorumResponse,
    DescribeShareGroupOffsetsRequest,
    DescribeShareGroupOffsetsResponse,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    ElectLeadersRequest,
    ElectLeadersResponse,
    EndQuorumEpochRequest,
    EndQuorumEpochResponse,
    EndTxnRequest,
    EndTxnResponse,
    EnvelopeRequest,
    EnvelopeResponse,
    ExpireDelegationTokenRequest,
    ExpireDelegationTokenResponse,
    FetchRequest,
    FetchResponse,
    FetchSnapshotRequest,
    FetchSnapshotResponse,
    FindCoordinatorRequest,
    FindCoordinatorResponse,
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    InitProducerIdRequest,
    InitProducerIdResponse,
    InitializeShareGroupStateRequest,
    InitializeShareGroupStateResponse,
    JoinGroupRequest,
    JoinGroupResponse,
    LeaveGroupRequest,
    LeaveGroupResponse,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse,
    ListGroupsRequest,
    ListGroupsResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
    ListTransactionsRequest,
    ListTransactionsResponse,
    MetadataRequest,
    MetadataResponse,
    OffsetCommitRequest,
    OffsetCommitResponse,
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetFetchRequest,
    OffsetFetchResponse,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    ProduceRequest,
    ProduceResponse,
    PushTelemetryRequest,
    PushTelemetryResponse,
    ReadShareGroupStateRequest,
    ReadShareGroupStateResponse,
    ReadShareGroupStateSummaryRequest,
    ReadShareGroupStateSummaryResponse,
    RemoveRaftVoterRequest,
    RemoveRaftVoterResponse,
    RenewDelegationTokenRequest,
    RenewDelegationTokenResponse,
    SaslAuthenticateRequest,
    SaslAuthenticateResponse,
    SaslHandshakeRequest,
    SaslHandshakeResponse,
    ShareAcknowledgeRequest,
    ShareAcknowledgeResponse,
    ShareFetchRequest,
    ShareFetchResponse,
    ShareGroupDescribeRequest,
    ShareGroupDescribeResponse,
    ShareGroupHeartbeatRequest,
    ShareGroupHeartbeatResponse,
    StreamsGroupDescribeRequest,
    StreamsGroupDescribeResponse,
    StreamsGroupHeartbeatRequest,
    StreamsGroupHeartbeatResponse,
    StreamsGroupTopologyDescriptionUpdateRequest,
    StreamsGroupTopologyDescriptionUpdateResponse,
    SyncGroupRequest,
    SyncGroupResponse,
    TxnOffsetCommitRequest,
    TxnOffsetCommitResponse,
    UnregisterBrokerRequest,
    UnregisterBrokerResponse,
    UnregisterControllerRequest,
    UnregisterControllerResponse,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
    UpdateRaftVoterRequest,
    UpdateRaftVoterResponse,
    VoteRequest,
    VoteResponse,
    WriteShareGroupStateRequest,
    WriteShareGroupStateResponse,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
    AbortedTxn,
    ConsumerGroupCurrentMemberAssignmentKey,
    ConsumerGroupCurrentMemberAssignmentValue,
    ConsumerGroupMemberMetadataKey,
    ConsumerGroupMemberMetadataValue,
    ConsumerGroupMetadataKey,
    ConsumerGroupMetadataValue,
    ConsumerGroupPartitionMetadataKey,
    ConsumerGroupPartitionMetadataValue,
    ConsumerGroupRegularExpressionKey,
    ConsumerGroupRegularExpressionValue,
    ConsumerGroupTargetAssignmentMemberKey,
    ConsumerGroupTargetAssignmentMemberValue,
    ConsumerGroupTargetAssignmentMetadataKey,
    ConsumerGroupTargetAssignmentMetadataValue,
    ConsumerProtocolAssignment,
    ConsumerProtocolSubscription,
    ControlRecordTypeSchema,
    DefaultPrincipalData,
    EndTxnMarker,
    GroupMetadataKey,
    GroupMetadataValue,
    KRaftVersionRecord,
    LeaderChangeMessage,
    LegacyOffsetCommitKey,
    LegacyOffsetCommitValue,
    OffsetCommitKey,
    OffsetCommitValue,
    QuorumStateData,
    ShareGroupCurrentMemberAssignmentKey,
    ShareGroupCurrentMemberAssignmentValue,
    ShareGroupMemberMetadataKey,
    ShareGroupMemberMetadataValue,
    ShareGroupMetadataKey,
    ShareGroupMetadataValue,
    ShareGroupStatePartitionMetadataKey,
    ShareGroupStatePartitionMetadataValue,
    ShareGroupTargetAssignmentMemberKey,
    ShareGroupTargetAssignmentMemberValue,
    ShareGroupTargetAssignmentMetadataKey,
    ShareGroupTargetAssignmentMetadataValue,
    ShareSnapshotKey,
    ShareSnapshotValue,
    ShareUpdateKey,
    ShareUpdateValue,
    SnapshotFooterRecord,
    SnapshotHeaderRecord,
    StreamsGroupCurrentMemberAssignmentKey,
    StreamsGroupCurrentMemberAssignmentValue,
    StreamsGroupMemberMetadataKey,
    StreamsGroupMemberMetadataValue,
    StreamsGroupMetadataKey,
    StreamsGroupMetadataValue,
    StreamsGroupTargetAssignmentMemberKey,
    StreamsGroupTargetAssignmentMemberValue,
    StreamsGroupTargetAssignmentMetadataKey,
    StreamsGroupTargetAssignmentMetadataValue,
    StreamsGroupTopologyKey,
    StreamsGroupTopologyValue,
    TransactionLogKey,
    TransactionLogValue,
    VotersRecord,
  ].map((schema: MessageSchema) => [schema.name, schema]),
);
