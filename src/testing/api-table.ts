/** Every API that the embedded broker serves. A new one is a file in `apis/` and a line here. */

import type { ServedApi } from "./api.ts";
import { AddOffsetsToTxn } from "./apis/add-offsets-to-txn.ts";
import { AddPartitionsToTxn } from "./apis/add-partitions-to-txn.ts";
import { AlterClientQuotas } from "./apis/alter-client-quotas.ts";
import { AlterConfigs } from "./apis/alter-configs.ts";
import { AlterPartitionReassignments } from "./apis/alter-partition-reassignments.ts";
import { AlterReplicaLogDirs } from "./apis/alter-replica-log-dirs.ts";
import { AlterUserScramCredentials } from "./apis/alter-user-scram-credentials.ts";
import { ApiVersions } from "./apis/api-versions.ts";
import { ConsumerGroupDescribe } from "./apis/consumer-group-describe.ts";
import { ConsumerGroupHeartbeat } from "./apis/consumer-group-heartbeat.ts";
import { CreateAcls } from "./apis/create-acls.ts";
import { CreateDelegationToken } from "./apis/create-delegation-token.ts";
import { CreatePartitions } from "./apis/create-partitions.ts";
import { CreateTopics } from "./apis/create-topics.ts";
import { DeleteAcls } from "./apis/delete-acls.ts";
import { DeleteGroups } from "./apis/delete-groups.ts";
import { DeleteRecords } from "./apis/delete-records.ts";
import { DeleteTopics } from "./apis/delete-topics.ts";
import { DescribeAcls } from "./apis/describe-acls.ts";
import { DescribeClientQuotas } from "./apis/describe-client-quotas.ts";
import { DescribeCluster } from "./apis/describe-cluster.ts";
import { DescribeConfigs } from "./apis/describe-configs.ts";
import { DescribeDelegationToken } from "./apis/describe-delegation-token.ts";
import { DescribeGroups } from "./apis/describe-groups.ts";
import { DescribeLogDirs } from "./apis/describe-log-dirs.ts";
import { DescribeProducers } from "./apis/describe-producers.ts";
import { DescribeQuorum } from "./apis/describe-quorum.ts";
import { DescribeTopicPartitions } from "./apis/describe-topic-partitions.ts";
import { DescribeTransactions } from "./apis/describe-transactions.ts";
import { DescribeUserScramCredentials } from "./apis/describe-user-scram-credentials.ts";
import { ElectLeaders } from "./apis/elect-leaders.ts";
import { EndTxn } from "./apis/end-txn.ts";
import { ExpireDelegationToken } from "./apis/expire-delegation-token.ts";
import { Fetch } from "./apis/fetch.ts";
import { FindCoordinator } from "./apis/find-coordinator.ts";
import { GetTelemetrySubscriptions } from "./apis/get-telemetry-subscriptions.ts";
import { Heartbeat } from "./apis/heartbeat.ts";
import { IncrementalAlterConfigs } from "./apis/incremental-alter-configs.ts";
import { InitProducerId } from "./apis/init-producer-id.ts";
import { JoinGroup } from "./apis/join-group.ts";
import { LeaveGroup } from "./apis/leave-group.ts";
import { ListConfigResources } from "./apis/list-config-resources.ts";
import { ListGroups } from "./apis/list-groups.ts";
import { ListOffsets } from "./apis/list-offsets.ts";
import { ListPartitionReassignments } from "./apis/list-partition-reassignments.ts";
import { ListTransactions } from "./apis/list-transactions.ts";
import { Metadata } from "./apis/metadata.ts";
import { OffsetCommit } from "./apis/offset-commit.ts";
import { OffsetDelete } from "./apis/offset-delete.ts";
import { OffsetFetch } from "./apis/offset-fetch.ts";
import { OffsetForLeaderEpoch } from "./apis/offset-for-leader-epoch.ts";
import { Produce } from "./apis/produce.ts";
import { PushTelemetry } from "./apis/push-telemetry.ts";
import { RenewDelegationToken } from "./apis/renew-delegation-token.ts";
import { SaslAuthenticate } from "./apis/sasl-authenticate.ts";
import { SaslHandshake } from "./apis/sasl-handshake.ts";
import { SyncGroup } from "./apis/sync-group.ts";
import { TxnOffsetCommit } from "./apis/txn-offset-commit.ts";
import { UpdateFeatures } from "./apis/update-features.ts";
import { WriteTxnMarkers } from "./apis/write-txn-markers.ts";

export const servedApis: readonly ServedApi[] = [
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  AlterClientQuotas,
  AlterConfigs,
  AlterPartitionReassignments,
  AlterReplicaLogDirs,
  AlterUserScramCredentials,
  ApiVersions,
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  CreateAcls,
  CreateDelegationToken,
  CreatePartitions,
  CreateTopics,
  DeleteAcls,
  DeleteGroups,
  DeleteRecords,
  DeleteTopics,
  DescribeAcls,
  DescribeClientQuotas,
  DescribeCluster,
  DescribeConfigs,
  DescribeDelegationToken,
  DescribeGroups,
  DescribeLogDirs,
  DescribeProducers,
  DescribeQuorum,
  DescribeTopicPartitions,
  DescribeTransactions,
  DescribeUserScramCredentials,
  ElectLeaders,
  EndTxn,
  ExpireDelegationToken,
  Fetch,
  FindCoordinator,
  GetTelemetrySubscriptions,
  Heartbeat,
  IncrementalAlterConfigs,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  ListConfigResources,
  ListGroups,
  ListOffsets,
  ListPartitionReassignments,
  ListTransactions,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  OffsetForLeaderEpoch,
  Produce,
  PushTelemetry,
  RenewDelegationToken,
  SaslAuthenticate,
  SaslHandshake,
  SyncGroup,
  TxnOffsetCommit,
  UpdateFeatures,
  WriteTxnMarkers,
];
