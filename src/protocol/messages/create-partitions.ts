import { bool, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const CreatePartitionsRequest = request({
  apiKey: 37,
  name: "CreatePartitionsRequest",
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("CreatePartitionsTopic", {
          name: field("0+", string),
          count: field("0+", int32),
          assignments: field(
            "0+",
            array(
              struct("CreatePartitionsAssignment", {
                brokerIds: field("0+", array(int32)),
              }),
            ),
            { nullable: "0+" },
          ),
        }),
      ),
    ),
    timeoutMs: field("0+", int32),
    validateOnly: field("0+", bool),
  },
});
export type CreatePartitionsRequest = Infer<typeof CreatePartitionsRequest>;

export const CreatePartitionsResponse = response({
  apiKey: 37,
  name: "CreatePartitionsResponse",
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("CreatePartitionsTopicResult", {
          name: field("0+", string),
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
        }),
      ),
    ),
  },
});
export type CreatePartitionsResponse = Infer<typeof CreatePartitionsResponse>;
