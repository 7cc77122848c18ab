/** Every API that the embedded broker serves. A new one is a file in `apis/` and a line here. */

import type { ServedApi } from "./api.ts";
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
import { Fetch } from "./apis/fetch.ts";
import { FindCoordinator } from "./apis/find-coordinator.ts";
import { Heartbeat } from "./apis/heartbeat.ts";
import { IncrementalAlterConfigs } from "./apis/incremental-alter-configs.ts";
import { InitProducerId } from "./apis/init-producer-id.ts";
import { JoinGroup } from "./apis/join-group.ts";
import { LeaveGroup } from "./apis/leave-group.ts";
import { ListGroups } from "./apis/list-groups.ts";
import { ListOffsets } from "./apis/list-offsets.ts";
import { Metadata } from "./apis/metadata.ts";
import { OffsetCommit } from "./apis/offset-commit.ts";
import { OffsetDelete } from "./apis/offset-delete.ts";
import { OffsetFetch } from "./apis/offset-fetch.ts";
import { OffsetForLeaderEpoch } from "./apis/offset-for-leader-epoch.ts";
import { Produce } from "./apis/produce.ts";
import { SyncGroup } from "./apis/sync-group.ts";

export const servedApis: readonly ServedApi[] = [
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
  Fetch,
  FindCoordinator,
  Heartbeat,
  IncrementalAlterConfigs,
  InitProducerId,
  JoinGroup,
  LeaveGroup,
  ListGroups,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  OffsetForLeaderEpoch,
  Produce,
  SyncGroup,
];
