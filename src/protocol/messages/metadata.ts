/**
 * Metadata (key 3): which brokers there are, and which of them leads each partition. Clients send it to any
 * broker when they start, whenever an error says that what they know is out of date, and every few minutes.
 *
 * Versions: 1 adds racks, the controller and the mark of internal topics, and lets "no topics" and "all
 * topics" be told apart; 2 the cluster id (KIP-78); 3 the throttle time (KIP-124); 4 the choice not to create
 * topics; 5 offline replicas (KIP-112); 6 is answered before the throttling (KIP-219); 7 adds leader epochs
 * (KIP-320); 8 authorized operations (KIP-430); 9 is flexible; 10 adds topic ids (KIP-516), which brokers
 * take in requests from 12 on; 11 leaves the cluster's operations to DescribeCluster (KIP-700); 13 adds an
 * error for the whole response (KIP-1102).
 *
 * Errors of a topic or partition:
 *
 * - LEADER_NOT_AVAILABLE: there is no leader just now, such as right after a topic's creation. Ask again
 *   after a pause.
 * - UNKNOWN_TOPIC_OR_PARTITION: no such topic, or this broker has not heard of it yet. Ask again for a while,
 *   then give up.
 * - UNKNOWN_TOPIC_ID: the same for an id; the topic may have been deleted, so look it up by name.
 * - INVALID_TOPIC_EXCEPTION: no topic can have that name. Nothing to retry.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not describe the topic. Nothing to retry.
 * - LISTENER_NOT_FOUND: the leader has no address on the listener that was asked. Ask again; else a broker is
 *   misconfigured.
 * - REPLICA_NOT_AVAILABLE: some replica is down. The leader is known all the same, so take it as no error.
 *
 * Error of the whole: REBOOTSTRAP_REQUIRED, after which a client forgets its brokers and starts from the
 * bootstrap servers.
 */

import { bool, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Asks for brokers, and for some, all or no topics. */
export const MetadataRequest = request({
  apiKey: 3,
  validVersions: "0-13",
  flexibleVersions: "9+",
  fields: {
    /** Null for all topics; none for no topics but the brokers alone. In version 0 none stands for all. */
    topics: field(
      "0+",
      array(
        struct("MetadataRequestTopic", {
          /** Asks by id where it is not zero, with a null name. Brokers refuse that before version 12. */
          topicId: field("10+", uuid, { ignorable: true }),
          name: field("0+", string, { nullable: "10+" }),
        }),
      ),
      { nullable: "1+" },
    ),
    /**
     * Lets the broker create topics that it lacks, if its own configuration allows it as well. Versions
     * before 4 always do.
     */
    allowAutoTopicCreation: field("4+", bool, { default: true }),
    /** Asks for what the principal may do to the cluster. */
    includeClusterAuthorizedOperations: field("8-10", bool),
    /** Asks for what the principal may do to each topic. */
    includeTopicAuthorizedOperations: field("8+", bool),
  },
});
export type MetadataRequest = Infer<typeof MetadataRequest>;

/** The cluster as one broker sees it, which may lag behind what another one said before. */
export const MetadataResponse = response({
  apiKey: 3,
  validVersions: "0-13",
  flexibleVersions: "9+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("3+", int32, { ignorable: true }),
    /** Brokers that are alive, each with its address on the listener that was asked. */
    brokers: field(
      "0+",
      array(
        struct("MetadataResponseBroker", {
          nodeId: field("0+", int32),
          host: field("0+", string),
          port: field("0+", int32),
          /** Value of `broker.rack`; null where it has none. */
          rack: field("1+", string, { nullable: "1+", default: null, ignorable: true }),
        }),
      ),
    ),
    /** Made once for each cluster; null from a broker that has none. */
    clusterId: field("2+", string, { nullable: "2+", default: null, ignorable: true }),
    /**
     * Where requests to the controller go, such as CreateTopics; -1 when not known. KRaft brokers name any
     * live broker, since each of them forwards to the controller.
     */
    controllerId: field("1+", int32, { default: -1, ignorable: true }),
    topics: field(
      "0+",
      array(
        struct(
          "MetadataResponseTopic",
          {
            /** 0, or why the topic has no partitions here. */
            errorCode: field("0+", int16),
            /** Null when it was asked for by an id that is not known. */
            name: field("0+", string, { nullable: "12+" }),
            /**
             * Zero from brokers that have no topic ids. A new id under an old name means that the topic was
             * deleted and created again.
             */
            topicId: field("10+", uuid, { ignorable: true }),
            /** Whether it is Kafka's own, such as `__consumer_offsets`. */
            isInternal: field("1+", bool, { ignorable: true }),
            /** In no order that can be relied on. */
            partitions: field(
              "0+",
              array(
                struct(
                  "MetadataResponsePartition",
                  {
                    /** 0, or why there is no leader to talk to. */
                    errorCode: field("0+", int16),
                    partitionIndex: field("0+", int32),
                    /** -1 when there is none. */
                    leaderId: field("0+", int32),
                    /**
                     * Grows with each change of leader; -1 when not known. What comes with an older epoch than
                     * one already seen is stale and ignored.
                     */
                    leaderEpoch: field("7+", int32, { default: -1, ignorable: true }),
                    /** All brokers that hold the partition, the preferred leader first. */
                    replicaNodes: field("0+", array(int32)),
                    /** Those that are in sync with the leader. */
                    isrNodes: field("0+", array(int32)),
                    /** Those whose broker or log directory is down. */
                    offlineReplicas: field("5+", array(int32), { ignorable: true }),
                  },
                  (
                    errorCode,
                    partitionIndex,
                    leaderId,
                    leaderEpoch,
                    replicaNodes,
                    isrNodes,
                    offlineReplicas,
                  ) => ({
                    errorCode,
                    partitionIndex,
                    leaderId,
                    leaderEpoch,
                    replicaNodes,
                    isrNodes,
                    offlineReplicas,
                  }),
                ),
              ),
            ),
            /**
             * One bit for each operation by its number in `AclOperation`; the lowest int32 when not asked for.
             */
            topicAuthorizedOperations: field("8+", int32, { default: -2147483648 }),
          },
          (errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations) => ({
            errorCode,
            name,
            topicId,
            isInternal,
            partitions,
            topicAuthorizedOperations,
          }),
        ),
      ),
    ),
    /** The same for the cluster. */
    clusterAuthorizedOperations: field("8-10", int32, { default: -2147483648 }),
    /** 0, or what is wrong with the whole. */
    errorCode: field("13+", int16, { ignorable: true }),
  },
});
export type MetadataResponse = Infer<typeof MetadataResponse>;
