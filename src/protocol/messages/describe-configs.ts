import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeConfigsRequest = request({
  apiKey: 32,
  name: "DescribeConfigsRequest",
  validVersions: "1-4",
  flexibleVersions: "4+",
  fields: {
    resources: field(
      "0+",
      array(
        struct("DescribeConfigsResource", {
          resourceType: field("0+", int8),
          resourceName: field("0+", string),
          configurationKeys: field("0+", array(string), { nullable: "0+" }),
        }),
      ),
    ),
    includeSynonyms: field("1+", bool),
    includeDocumentation: field("3+", bool),
  },
});
export type DescribeConfigsRequest = Infer<typeof DescribeConfigsRequest>;

export const DescribeConfigsResponse = response({
  apiKey: 32,
  name: "DescribeConfigsResponse",
  validVersions: "1-4",
  flexibleVersions: "4+",
  fields: {
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("DescribeConfigsResult", {
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
          resourceType: field("0+", int8),
          resourceName: field("0+", string),
          configs: field(
            "0+",
            array(
              struct("DescribeConfigsResourceResult", {
                name: field("0+", string),
                value: field("0+", string, { nullable: "0+" }),
                readOnly: field("0+", bool),
                configSource: field("1+", int8, { default: -1, ignorable: true }),
                isSensitive: field("0+", bool),
                synonyms: field(
                  "1+",
                  array(
                    struct("DescribeConfigsSynonym", {
                      name: field("1+", string),
                      value: field("1+", string, { nullable: "0+" }),
                      source: field("1+", int8),
                    }),
                  ),
                  { ignorable: true },
                ),
                configType: field("3+", int8, { ignorable: true }),
                documentation: field("3+", string, { nullable: "0+", ignorable: true }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DescribeConfigsResponse = Infer<typeof DescribeConfigsResponse>;
