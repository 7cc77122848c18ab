/**
 * DescribeLogDirs, v1-5: the one log directory of the broker that is asked, and how large the logs in it are.
 *
 * - v3: an error for the whole; before, there are no directories in the answer.
 *
 * Differs from Kafka: sizes of volumes are not told (-1). Without a data directory the path is one that does not exist.
 */

import {
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
} from "../../protocol/messages/describe-log-dirs.ts";
import { serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

export const DescribeLogDirs = serve({
  request: DescribeLogDirsRequest,
  response: DescribeLogDirsResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: (request, context) => {
    if (!context.allows("DESCRIBE", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    const { cluster, broker } = context;
    const wanted =
      request.topics === null
        ? null
        : new Set(request.topics.flatMap(({ topic, partitions }) => partitions.map((i) => `${topic}-${i}`)));
    const topics = Array.from(cluster.topics.all, ({ name, partitions }) => ({
      name,
      partitions: partitions
        .filter(
          ({ index, replicas }) => replicas.includes(broker.id) && wanted?.has(`${name}-${index}`) !== false,
        )
        .map((partition) => {
          const { index, log, highWatermark } = partition;
          const lag = highWatermark - partition.endOffsetOf(broker.id);
          return {
            partitionIndex: index,
            partitionSize: BigInt(log.sizeInBytes),
            offsetLag: lag > 0n ? lag : 0n,
            isFutureKey: false,
          };
        }),
    }));
    const present = topics.filter(({ partitions }) => partitions.length > 0);
    return { errorCode: NONE, results: [{ errorCode: NONE, logDir: broker.logDirectory, topics: present }] };
  },
});
