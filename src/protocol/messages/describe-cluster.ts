import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeClusterRequest = request({
  apiKey: 60,
  name: "DescribeClusterRequest",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    includeClusterAuthorizedOperations: field("0+", bool),
    endpointType: field("1+", int8, { default: 1 }),
    includeFencedBrokers: field("2+", bool),
  },
});
export type DescribeClusterRequest = Infer<typeof DescribeClusterRequest>;

export const DescribeClusterResponse = response({
  apiKey: 60,
  name: "DescribeClusterResponse",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    endpointType: field("1+", int8, { default: 1 }),
    clusterId: field("0+", string),
    controllerId: field("0+", int32, { default: -1 }),
    brokers: field(
      "0+",
      array(
        struct("DescribeClusterBroker", {
          brokerId: field("0+", int32),
          host: field("0+", string),
          port: field("0+", int32),
          rack: field("0+", string, { nullable: "0+", default: null }),
          isFenced: field("2+", bool),
        }),
      ),
    ),
    clusterAuthorizedOperations: field("0+", int32, { default: -2147483648 }),
  },
});
export type DescribeClusterResponse = Infer<typeof DescribeClusterResponse>;
