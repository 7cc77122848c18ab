/** Every API that the embedded broker serves. A new one is a file in `apis/` and a line here. */

import type { ServedApi } from "./api.ts";
import { AlterConfigs } from "./apis/alter-configs.ts";
import { ApiVersions } from "./apis/api-versions.ts";
import { CreatePartitions } from "./apis/create-partitions.ts";
import { CreateTopics } from "./apis/create-topics.ts";
import { DeleteRecords } from "./apis/delete-records.ts";
import { DeleteTopics } from "./apis/delete-topics.ts";
import { DescribeCluster } from "./apis/describe-cluster.ts";
import { DescribeConfigs } from "./apis/describe-configs.ts";
import { Fetch } from "./apis/fetch.ts";
import { FindCoordinator } from "./apis/find-coordinator.ts";
import { IncrementalAlterConfigs } from "./apis/incremental-alter-configs.ts";
import { InitProducerId } from "./apis/init-producer-id.ts";
import { ListOffsets } from "./apis/list-offsets.ts";
import { Metadata } from "./apis/metadata.ts";
import { OffsetCommit } from "./apis/offset-commit.ts";
import { OffsetDelete } from "./apis/offset-delete.ts";
import { OffsetFetch } from "./apis/offset-fetch.ts";
import { OffsetForLeaderEpoch } from "./apis/offset-for-leader-epoch.ts";
import { Produce } from "./apis/produce.ts";

export const servedApis: readonly ServedApi[] = [
  AlterConfigs,
  ApiVersions,
  CreatePartitions,
  CreateTopics,
  DeleteRecords,
  DeleteTopics,
  DescribeCluster,
  DescribeConfigs,
  Fetch,
  FindCoordinator,
  IncrementalAlterConfigs,
  InitProducerId,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetDelete,
  OffsetFetch,
  OffsetForLeaderEpoch,
  Produce,
];
