import { bytes, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AlterUserScramCredentialsRequest = request({
  apiKey: 51,
  name: "AlterUserScramCredentialsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    deletions: field(
      "0+",
      array(
        struct("ScramCredentialDeletion", {
          name: field("0+", string),
          mechanism: field("0+", int8),
        }),
      ),
    ),
    upsertions: field(
      "0+",
      array(
        struct("ScramCredentialUpsertion", {
          name: field("0+", string),
          mechanism: field("0+", int8),
          iterations: field("0+", int32),
          salt: field("0+", bytes),
          saltedPassword: field("0+", bytes),
        }),
      ),
    ),
  },
});
export type AlterUserScramCredentialsRequest = Infer<typeof AlterUserScramCredentialsRequest>;

export const AlterUserScramCredentialsResponse = response({
  apiKey: 51,
  name: "AlterUserScramCredentialsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("AlterUserScramCredentialsResult", {
          user: field("0+", string),
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
        }),
      ),
    ),
  },
});
export type AlterUserScramCredentialsResponse = Infer<typeof AlterUserScramCredentialsResponse>;
