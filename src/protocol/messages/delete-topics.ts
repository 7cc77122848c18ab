import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DeleteTopicsRequest = request({
  apiKey: 20,
  name: "DeleteTopicsRequest",
  validVersions: "1-6",
  flexibleVersions: "4+",
  fields: {
    topics: field(
      "6+",
      array(
        struct("DeleteTopicState", {
          name: field("6+", string, { nullable: "6+", default: null }),
          topicId: field("6+", uuid),
        }),
      ),
    ),
    topicNames: field("0-5", array(string), { ignorable: true }),
    timeoutMs: field("0+", int32),
  },
});
export type DeleteTopicsRequest = Infer<typeof DeleteTopicsRequest>;

export const DeleteTopicsResponse = response({
  apiKey: 20,
  name: "DeleteTopicsResponse",
  validVersions: "1-6",
  flexibleVersions: "4+",
  fields: {
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    responses: field(
      "0+",
      array(
        struct("DeletableTopicResult", {
          name: field("0+", string, { nullable: "6+" }),
          topicId: field("6+", uuid, { ignorable: true }),
          errorCode: field("0+", int16),
          errorMessage: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
        }),
      ),
    ),
  },
});
export type DeleteTopicsResponse = Infer<typeof DeleteTopicsResponse>;
