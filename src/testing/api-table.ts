/** Every API that the embedded broker serves. A new one is a file in `apis/` and a line here. */

import type { ServedApi } from "./api.ts";
import { AddOffsetsToTxn } from "./apis/add-offsets-to-txn.ts";
import { AddPartitionsToTxn } from "./apis/add-partitions-to-txn.ts";
import { AlterConfigs } from "./apis/alter-configs.ts";
import { ApiVersions } from "./apis/api-versions.ts";
import { CreatePartitions } from "./apis/create-partitions.ts";
import { CreateTopics } from "./apis/create-topics.ts";
import { DeleteGroups } from "./apis/delete-groups.ts";
import { DeleteRecords } from "./apis/delete-records.ts";
import { DeleteTopics } from "./apis/delete-topics.ts";
import { DescribeCluster } from "./apis/describe-cluster.ts";
import { DescribeConfigs } from "./apis/describe-configs.ts";
import { DescribeGroups } from "./apis/describe-groups.ts";
import { DescribeProducers } from "./apis/describe-producers.ts";
import { DescribeTransactions } from "./apis/describe-transactions.ts";
import { EndTxn } from "./apis/end-txn.ts";
import { Fetch } from "./apis/fetch.ts";
import { FindCoordinator } from "./apis/find-coordinator.ts";
import { Heartbeat } from "./apis/heartbeat.ts";
import { IncrementalAlterConfigs } from "./apis/incremental-alter-configs.ts";
import { InitProducerId } from "./apis/init-producer-id.ts";
import { JoinGroup } from "./apis/join-group.ts";
import { LeaveGroup } from "./apis/leave-group.ts";
import { ListGroups } from "./apis/list-groups.ts";
import { ListOffsets } from "./apis/list-offsets.ts";
import { ListTransactions } from "./apis/list-transactions.ts";
import { Metadata } from "./apis/metadata.ts";
import { OffsetCommit } from "./apis/offset-commit.ts";
import { OffsetDelete } from "./apis/offset-delete.ts";
import { OffsetFetch } from "./apis/offset-fetch.ts";
import { OffsetForLeaderEpoch } from "./apis/offset-for-leader-epoch.ts";
import { Produce } from "./apis/produce.ts";
import { SyncGroup } from "./apis/sync-group.ts";
import { TxnOffsetCommit } from "./apis/txn-offset-commit.ts";
import { UpdateFeatures } from "./apis/update-features.ts";
import { WriteTxnMarkers } from "./apis/write-txn-markers.ts";

export const servedApis: readonly ServedApi[] = [
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  AlterConfigs,
  ApiVersions,
  CreatePartitions,
  CreateTopics,
  DeleteGroups,
  DeleteRecords,
  DeleteTopics,
  DescribeCluster,
  DescribeConfigs,
  DescribeGroups,
  DescribeProducers,
  DescribeTransactions,
  EndTxn,
  Fetch,
  FindCoordinator,
  Heartbeat,
  IncrementalAlterConfigs,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  ListOffsets,
  ListTransactions,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  OffsetForLeaderEpoch,
  Produce,
  SyncGroup,
  TxnOffsetCommit,
  UpdateFeatures,
  WriteTxnMarkers,
];
