/**
 * DeleteTopics (key 20, KIP-4): deletes topics with all their records. Admin clients send it to the
 * controller, or with KRaft to any broker, which forwards it. Each topic succeeds or fails on its own, and
 * brokers remove the files some time after the answer.
 *
 * Versions: 1 adds the throttle time (KIP-124); 2 is answered before the throttling (KIP-219); 3 tells that
 * deletion is switched off (KIP-322); 4 is flexible; 5 adds error messages and the quota on topic changes
 * (KIP-599); 6 deletes by name or by id (KIP-516). Kafka 4.0 dropped 0.
 *
 * Errors of a topic:
 *
 * - UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID: there is none. After a retry it may have been deleted by
 *   the first attempt.
 * - TOPIC_DELETION_DISABLED: the brokers have `delete.topic.enable=false`. Nothing to retry.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not delete it. Nothing to retry.
 * - INVALID_REQUEST: a topic came twice, or with both name and id.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - REQUEST_TIMED_OUT: not done within the timeout; it may still be.
 * - THROTTLING_QUOTA_EXCEEDED: wait for `throttleTimeMs` and send those topics again.
 * - UNSUPPORTED_VERSION: the cluster has no topic ids yet. Delete by name.
 */

import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Topics to delete: in `topicNames` before version 6, in `topics` from then on. */
export const DeleteTopicsRequest = request({
  apiKey: 20,
  validVersions: "1-6",
  flexibleVersions: "4+",
  fields: {
    topics: field(
      "6+",
      array(
        struct("DeleteTopicState", {
          /** Null when the id says which. */
          name: field("6+", string, { nullable: "6+", default: null }),
          /** Zero when the name says which. */
          topicId: field("6+", uuid),
        }),
      ),
    ),
    topicNames: field("0-5", array(string), { ignorable: true }),
    /** How long the controller may take until the topics are marked as deleted. */
    timeoutMs: field("0+", int32),
  },
});
export type DeleteTopicsRequest = Infer<typeof DeleteTopicsRequest>;

/** What became of each topic. */
export const DeleteTopicsResponse = response({
  apiKey: 20,
  validVersions: "1-6",
  flexibleVersions: "4+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    responses: field(
      "0+",
      array(
        struct("DeletableTopicResult", {
          /** Null when it was asked for by an id that the principal may not describe or that is not known. */
          name: field("0+", string, { nullable: "6+" }),
          topicId: field("6+", uuid, { ignorable: true }),
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null when nothing is. */
          errorMessage: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
        }),
      ),
    ),
  },
});
export type DeleteTopicsResponse = Infer<typeof DeleteTopicsResponse>;
