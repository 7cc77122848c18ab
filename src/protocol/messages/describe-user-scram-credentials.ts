import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeUserScramCredentialsRequest = request({
  apiKey: 50,
  name: "DescribeUserScramCredentialsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    users: field(
      "0+",
      array(
        struct("UserName", {
          name: field("0+", string),
        }),
      ),
      { nullable: "0+" },
    ),
  },
});
export type DescribeUserScramCredentialsRequest = Infer<typeof DescribeUserScramCredentialsRequest>;

export const DescribeUserScramCredentialsResponse = response({
  apiKey: 50,
  name: "DescribeUserScramCredentialsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
    results: field(
      "0+",
      array(
        struct("DescribeUserScramCredentialsResult", {
          user: field("0+", string),
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
          credentialInfos: field(
            "0+",
            array(
              struct("CredentialInfo", {
                mechanism: field("0+", int8),
                iterations: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DescribeUserScramCredentialsResponse = Infer<typeof DescribeUserScramCredentialsResponse>;
