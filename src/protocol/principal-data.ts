import { bool, string } from "./primitives.ts";
import { data, field, type Infer } from "./schema.ts";

/**
 * `requestPrincipal` of an Envelope request, after its int16 version: on whose behalf a broker forwards a
 * request to the controller (KIP-590). Brokers with a `principal.builder.class` of their own write something
 * else there.
 */
export const DefaultPrincipalData = data({
  name: "DefaultPrincipalData",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** `User` for all principals that Kafka itself makes. */
    type: field("0+", string),
    name: field("0+", string),
    /** Whether the client came with a delegation token: then it may not ask for another one. */
    tokenAuthenticated: field("0+", bool),
  },
});
export type DefaultPrincipalData = Infer<typeof DefaultPrincipalData>;
