import { bool, float64, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeClientQuotasRequest = request({
  apiKey: 48,
  name: "DescribeClientQuotasRequest",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    components: field(
      "0+",
      array(
        struct("ComponentData", {
          entityType: field("0+", string),
          matchType: field("0+", int8),
          match: field("0+", string, { nullable: "0+" }),
        }),
      ),
    ),
    strict: field("0+", bool),
  },
});
export type DescribeClientQuotasRequest = Infer<typeof DescribeClientQuotasRequest>;

export const DescribeClientQuotasResponse = response({
  apiKey: 48,
  name: "DescribeClientQuotasResponse",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
    entries: field(
      "0+",
      array(
        struct("EntryData", {
          entity: field(
            "0+",
            array(
              struct("EntityData", {
                entityType: field("0+", string),
                entityName: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
          values: field(
            "0+",
            array(
              struct("ValueData", {
                key: field("0+", string),
                value: field("0+", float64),
              }),
            ),
          ),
        }),
      ),
      { nullable: "0+" },
    ),
  },
});
export type DescribeClientQuotasResponse = Infer<typeof DescribeClientQuotasResponse>;
