import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DeleteShareGroupOffsetsRequest = request({
  apiKey: 92,
  name: "DeleteShareGroupOffsetsRequest",
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

export const DeleteShareGroupOffsetsResponse = response({
  apiKey: 92,
  name: "DeleteShareGroupOffsetsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    responses: field(
      "0+",
      array(
        struct("DeleteShareGroupOffsetsResponseTopic", {
          topicName: field("0+", string),
          topicId: field("0+", uuid),
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
        }),
      ),
    ),
  },
});
export type DeleteShareGroupOffsetsResponse = Infer<typeof DeleteShareGroupOffsetsResponse>;
