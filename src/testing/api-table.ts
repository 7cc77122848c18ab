/** Every API that the embedded broker serves. A new one is a file in `apis/` and a line here. */

import type { ServedApi } from "./api.ts";
import { ApiVersions } from "./apis/api-versions.ts";
import { Fetch } from "./apis/fetch.ts";
import { FindCoordinator } from "./apis/find-coordinator.ts";
import { InitProducerId } from "./apis/init-producer-id.ts";
import { ListOffsets } from "./apis/list-offsets.ts";
import { Metadata } from "./apis/metadata.ts";
import { OffsetForLeaderEpoch } from "./apis/offset-for-leader-epoch.ts";
import { Produce } from "./apis/produce.ts";

export const servedApis: readonly ServedApi[] = [
  ApiVersions,
  Fetch,
  FindCoordinator,
  InitProducerId,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
  Produce,
];
