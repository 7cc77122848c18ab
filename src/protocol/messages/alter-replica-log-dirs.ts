/**
 * AlterReplicaLogDirs (key 34, KIP-113): moves a broker's replicas to other log directories of the same
 * broker. Admin clients send it to that broker. A success says that the move has begun: a second log is
 * filled in the new directory and in the end takes the place of the first. DescribeLogDirs shows how far it
 * is.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible. Kafka 4.0 dropped 0.
 *
 * Errors of a partition:
 *
 * - REPLICA_NOT_AVAILABLE: the broker has no such replica; if it gets one, it will be put into that
 *   directory.
 * - LOG_DIR_NOT_FOUND: the broker has no such directory. INVALID_REPLICA_ASSIGNMENT: the directory is
 *   cordoned. INVALID_TOPIC_EXCEPTION: the topic's name is too long to be moved. Nothing to retry.
 * - KAFKA_STORAGE_ERROR: the directory or the replica is offline.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not alter the cluster. Nothing to retry.
 */

import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Where this broker's replicas are to be. */
export const AlterReplicaLogDirsRequest = request({
  apiKey: 34,
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    dirs: field(
      "0+",
      array(
        struct("AlterReplicaLogDir", {
          /** Absolute path, as in the broker's `log.dirs`. */
          path: field("0+", string),
          /** What is to move there. */
          topics: field(
            "0+",
            array(
              struct("AlterReplicaLogDirTopic", {
                name: field("0+", string),
                partitions: field("0+", array(int32)),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterReplicaLogDirsRequest = Infer<typeof AlterReplicaLogDirsRequest>;

/** Which moves have begun. */
export const AlterReplicaLogDirsResponse = response({
  apiKey: 34,
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("AlterReplicaLogDirTopicResult", {
          topicName: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("AlterReplicaLogDirPartitionResult", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterReplicaLogDirsResponse = Infer<typeof AlterReplicaLogDirsResponse>;
