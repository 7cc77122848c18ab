import { bool, float64, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AlterClientQuotasRequest = request({
  apiKey: 49,
  name: "AlterClientQuotasRequest",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
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
          ops: field(
            "0+",
            array(
              struct("OpData", {
                key: field("0+", string),
                value: field("0+", float64),
                remove: field("0+", bool),
              }),
            ),
          ),
        }),
      ),
    ),
    validateOnly: field("0+", bool),
  },
});
export type AlterClientQuotasRequest = Infer<typeof AlterClientQuotasRequest>;

export const AlterClientQuotasResponse = response({
  apiKey: 49,
  name: "AlterClientQuotasResponse",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    throttleTimeMs: field("0+", int32),
    entries: field(
      "0+",
      array(
        struct("EntryData", {
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
          entity: field(
            "0+",
            array(
              struct("EntityData", {
                entityType: field("0+", string),
                entityName: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterClientQuotasResponse = Infer<typeof AlterClientQuotasResponse>;
