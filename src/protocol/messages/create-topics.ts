/**
 * CreateTopics (key 19, KIP-4): creates topics, or only checks whether they could be. Admin clients send it
 * to the controller, or with KRaft to any broker, which forwards it. Each topic succeeds or fails on its own.
 *
 * Versions: 1 adds the dry run and error messages; 2 the throttle time (KIP-124); 3 is answered before the
 * throttling (KIP-219); 4 lets the cluster choose the number of partitions and replicas (KIP-464); 5 is
 * flexible and answers with the topic's configuration (KIP-525); 6 may be refused for a quota on topic
 * changes (KIP-599); 7 answers with the topic's id (KIP-516). Kafka 4.0 dropped 0 and 1.
 *
 * Errors of a topic:
 *
 * - TOPIC_ALREADY_EXISTS: there is one of that name. After a retry that may be one's own first attempt.
 * - INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR, INVALID_REPLICA_ASSIGNMENT,
 *   INVALID_CONFIG, POLICY_VIOLATION: the wish itself is wrong; `errorMessage` says how.
 *   INVALID_REPLICATION_FACTOR also means that too few brokers are alive just now.
 * - INVALID_REQUEST: a name came twice, or both assignments and numbers were given.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - REQUEST_TIMED_OUT: the topic was not yet everywhere within the timeout; it may still come into being.
 * - THROTTLING_QUOTA_EXCEEDED: wait for `throttleTimeMs` and send those topics again.
 * - CLUSTER_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED: the principal may not create it. Nothing to
 *   retry.
 */

import { bool, int8, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Topics to create, and how long to wait for them. */
export const CreateTopicsRequest = request({
  apiKey: 19,
  validVersions: "2-7",
  flexibleVersions: "5+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("CreatableTopic", {
          name: field("0+", string),
          /** -1 with assignments, and from version 4 on for the cluster's `num.partitions`. */
          numPartitions: field("0+", int32),
          /** -1 with assignments, and from version 4 on for the cluster's `default.replication.factor`. */
          replicationFactor: field("0+", int16),
          /** Which brokers hold which partition; none to let the controller choose. */
          assignments: field(
            "0+",
            array(
              struct("CreatableReplicaAssignment", {
                /** Partitions count from 0 without a gap. */
                partitionIndex: field("0+", int32),
                /** The first one becomes the preferred leader. */
                brokerIds: field("0+", array(int32)),
              }),
            ),
          ),
          /** What differs from the cluster's defaults. */
          configs: field(
            "0+",
            array(
              struct("CreatableTopicConfig", {
                name: field("0+", string),
                /** As text, whatever the type; null for the default. */
                value: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
    /** How long the controller may take until the topics are there. */
    timeoutMs: field("0+", int32, { default: 60000 }),
    /** Checks everything and creates nothing. */
    validateOnly: field("1+", bool),
  },
});
export type CreateTopicsRequest = Infer<typeof CreateTopicsRequest>;

/** What became of each topic. */
export const CreateTopicsResponse = response({
  apiKey: 19,
  validVersions: "2-7",
  flexibleVersions: "5+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("2+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("CreatableTopicResult", {
          name: field("0+", string),
          /** Zero when it was not created. */
          topicId: field("7+", uuid, { ignorable: true }),
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty when nothing is. */
          errorMessage: field("1+", string, { nullable: "0+", ignorable: true }),
          /**
           * TOPIC_AUTHORIZATION_FAILED when the principal may create the topic and not read its
           * configuration: the four fields that follow are then empty.
           */
          topicConfigErrorCode: field("5+", int16, { tag: 0, ignorable: true }),
          /** As created; -1 when not told. */
          numPartitions: field("5+", int32, { default: -1, ignorable: true }),
          /** As created; -1 when not told. */
          replicationFactor: field("5+", int16, { default: -1, ignorable: true }),
          /** The whole configuration in force; null when not told. */
          configs: field(
            "5+",
            array(
              struct("CreatableTopicConfigs", {
                name: field("5+", string),
                /** Null when sensitive. */
                value: field("5+", string, { nullable: "5+" }),
                /** Whether it cannot be altered while brokers run. */
                readOnly: field("5+", bool),
                /**
                 * Where the value comes from: 1 the topic's own, 2 one broker's, 3 all brokers' dynamic, 4 a
                 * broker's file, 5 Kafka's default; -1 when not told.
                 */
                configSource: field("5+", int8, { default: -1, ignorable: true }),
                /** Whether the value is kept secret. */
                isSensitive: field("5+", bool),
              }),
            ),
            { nullable: "5+", ignorable: true },
          ),
        }),
      ),
    ),
  },
});
export type CreateTopicsResponse = Infer<typeof CreateTopicsResponse>;
