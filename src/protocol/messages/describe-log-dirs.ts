/**
 * DescribeLogDirs (key 35, KIP-113): what lies in a broker's log directories, and how large it is. Admin
 * clients send it to each broker that they want to know of.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible; 3 adds an error for the whole
 * (KIP-784), which looks like a broker without directories before; 4 adds the size of the volumes (KIP-827);
 * 5 says which directories are cordoned (KIP-1066). Kafka 4.0 dropped 0.
 *
 * Error of the whole: CLUSTER_AUTHORIZATION_FAILED, when the principal may not describe the cluster. Nothing
 * to retry.
 *
 * Error of a directory: KAFKA_STORAGE_ERROR, when it is offline.
 */

import { bool, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions to look for. */
export const DescribeLogDirsRequest = request({
  apiKey: 35,
  validVersions: "1-5",
  flexibleVersions: "2+",
  fields: {
    /** Null for all. What the broker does not have is passed over. */
    topics: field(
      "0+",
      array(
        struct("DescribableLogDirTopic", {
          topic: field("0+", string),
          partitions: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+" },
    ),
  },
});
export type DescribeLogDirsRequest = Infer<typeof DescribeLogDirsRequest>;

/** One result for each log directory. */
export const DescribeLogDirsResponse = response({
  apiKey: 35,
  validVersions: "1-5",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** 0, or what is wrong with the whole. */
    errorCode: field("3+", int16, { ignorable: true }),
    results: field(
      "0+",
      array(
        struct("DescribeLogDirsResult", {
          /** 0, or why the directory cannot be read. */
          errorCode: field("0+", int16),
          /** Absolute path. */
          logDir: field("0+", string),
          /** Only topics with some of the partitions asked for. */
          topics: field(
            "0+",
            array(
              struct("DescribeLogDirsTopic", {
                name: field("0+", string),
                partitions: field(
                  "0+",
                  array(
                    struct("DescribeLogDirsPartition", {
                      partitionIndex: field("0+", int32),
                      /** Bytes of the log on this broker, without what is in remote storage. */
                      partitionSize: field("0+", int64),
                      /**
                       * How many offsets the end of this log is behind the high watermark, or behind the
                       * replica's current log where `isFutureKey` is true; -1 when not known.
                       */
                      offsetLag: field("0+", int64),
                      /**
                       * Whether this is the second log that AlterReplicaLogDirs has begun, which will take
                       * the place of the current one.
                       */
                      isFutureKey: field("0+", bool),
                    }),
                  ),
                ),
              }),
            ),
          ),
          /** Size of the volume that the directory is on; -1 when not told. */
          totalBytes: field("4+", int64, { default: -1n, ignorable: true }),
          /** Free space on that volume; -1 when not told. */
          usableBytes: field("4+", int64, { default: -1n, ignorable: true }),
          /** Whether no new replicas are put here. */
          isCordoned: field("5+", bool, { ignorable: true }),
        }),
      ),
    ),
  },
});
export type DescribeLogDirsResponse = Infer<typeof DescribeLogDirsResponse>;
