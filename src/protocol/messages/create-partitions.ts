/**
 * CreatePartitions (key 37, KIP-195): gives topics more partitions; there is no way to take one away. Records
 * stay where they are, but a key may belong to another partition from then on. Admin clients send it to the
 * controller, or with KRaft to any broker, which forwards it. Each topic succeeds or fails on its own.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible; 3 may be refused for a quota on
 * topic changes (KIP-599).
 *
 * Errors of a topic:
 *
 * - INVALID_PARTITIONS: the count is not above what the topic has. After a retry that may be one's own first
 *   attempt.
 * - INVALID_REPLICA_ASSIGNMENT: the assignments are not as many as the new partitions, name a broker twice or
 *   one that there is not, or have another number of replicas than the topic.
 * - INVALID_REPLICATION_FACTOR: too few brokers are alive just now. Try again later.
 * - UNKNOWN_TOPIC_OR_PARTITION: no such topic. INVALID_REQUEST: a topic came twice. POLICY_VIOLATION: more
 *   new partitions at once than a controller takes. Nothing to retry as it is.
 * - THROTTLING_QUOTA_EXCEEDED: wait for `throttleTimeMs` and send those topics again.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - REQUEST_TIMED_OUT: the controller took too long; the partitions may still come into being.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not alter the topic. Nothing to retry.
 */

import { bool, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Topics to enlarge; each may come only once. */
export const CreatePartitionsRequest = request({
  apiKey: 37,
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("CreatePartitionsTopic", {
          name: field("0+", string),
          /** How many the topic is to have altogether, those that are there included. */
          count: field("0+", int32),
          /** One element for each new partition, in ascending order; null to let the controller choose. */
          assignments: field(
            "0+",
            array(
              struct("CreatePartitionsAssignment", {
                /**
                 * The first one becomes the preferred leader. There have to be as many as the topic has
                 * replicas.
                 */
                brokerIds: field("0+", array(int32)),
              }),
            ),
            { nullable: "0+" },
          ),
        }),
      ),
    ),
    /** How long the controller may take. */
    timeoutMs: field("0+", int32),
    /** Checks everything and creates nothing. */
    validateOnly: field("0+", bool),
  },
});
export type CreatePartitionsRequest = Infer<typeof CreatePartitionsRequest>;

/** What became of each topic. */
export const CreatePartitionsResponse = response({
  apiKey: 37,
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("CreatePartitionsTopicResult", {
          name: field("0+", string),
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
        }),
      ),
    ),
  },
});
export type CreatePartitionsResponse = Infer<typeof CreatePartitionsResponse>;
