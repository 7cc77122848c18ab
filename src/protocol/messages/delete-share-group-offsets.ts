/**
 * DeleteShareGroupOffsets (key 92, KIP-932): has a share group forget all that it knows of some topics, so
 * that it begins anew in them when it reads them again. Admin clients send it to the group's coordinator
 * while the group has no members.
 *
 * Errors of the whole:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - NON_EMPTY_GROUP: the group has members. Stop them first.
 * - GROUP_ID_NOT_FOUND: there is no such group, or it is of another kind.
 * - UNSUPPORTED_VERSION: the cluster does not have share groups switched on.
 * - KAFKA_STORAGE_ERROR, UNKNOWN_SERVER_ERROR: the offsets could not be deleted.
 * - INVALID_GROUP_ID, INVALID_REQUEST, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 *
 * Errors of a topic: UNKNOWN_TOPIC_OR_PARTITION, when there is no such topic or the group has no offsets in
 * it, and TOPIC_AUTHORIZATION_FAILED, after which there is nothing to retry; also those of
 * DeleteShareGroupState.
 */

import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Topics, each with all its partitions. */
export const DeleteShareGroupOffsetsRequest = request({
  apiKey: 92,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("DeleteShareGroupOffsetsRequestTopic", {
          topicName: field("0+", string),
        }),
      ),
    ),
  },
});
export type DeleteShareGroupOffsetsRequest = Infer<typeof DeleteShareGroupOffsetsRequest>;

/** What became of each topic. */
export const DeleteShareGroupOffsetsResponse = response({
  apiKey: 92,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    responses: field(
      "0+",
      array(
        struct("DeleteShareGroupOffsetsResponseTopic", {
          topicName: field("0+", string),
          /** Zero when it is not known. */
          topicId: field("0+", uuid),
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
        }),
      ),
    ),
  },
});
export type DeleteShareGroupOffsetsResponse = Infer<typeof DeleteShareGroupOffsetsResponse>;
