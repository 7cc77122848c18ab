/** ListPartitionReassignments, v0: the partitions that are being moved; of those that were asked for, if any were. */

import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from "../../protocol/messages/list-partition-reassignments.ts";
import { serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { refuseUnlessController } from "../topics/controller.ts";
import { isMoving } from "../topics/reassignments.ts";

export const ListPartitionReassignments = serve({
  request: ListPartitionReassignmentsRequest,
  response: ListPartitionReassignmentsResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  handle: (request, context) => {
    refuseUnlessController(context);
    if (!context.allows("DESCRIBE", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    const { topics } = context.cluster;
    const asked =
      request.topics ??
      Array.from(topics.all, ({ name, partitions }) => ({
        name,
        partitionIndexes: partitions.map(({ index }) => index),
      }));
    const moving = asked.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.flatMap((index) => {
        const partition = topics.partition(name, index);
        if (partition === undefined || !isMoving(partition)) return [];
        const { replicas, adding, removing } = partition;
        return [
          {
            partitionIndex: index,
            replicas: [...replicas],
            addingReplicas: [...adding],
            removingReplicas: [...removing],
          },
        ];
      }),
    }));
    return {
      errorCode: NONE,
      errorMessage: null,
      topics: moving.filter(({ partitions }) => partitions.length > 0),
    };
  },
});
