/**
 * DescribeCluster, v0-2: the brokers and the controller.
 *
 * - v1: the endpoints of controllers, which brokers do not tell (MISMATCHED_ENDPOINT_TYPE). v2: brokers that are down,
 *   where they are asked for.
 */

import { DescribeClusterRequest, DescribeClusterResponse } from "../../protocol/messages/describe-cluster.ts";
import { serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { authorizedOperations } from "../security/authorized-operations.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

const ENDPOINTS_OF_BROKERS = 1;

export const DescribeCluster = serve({
  request: DescribeClusterRequest,
  response: DescribeClusterResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, clusterId: "" }),
  handle: ({ endpointType, includeClusterAuthorizedOperations, includeFencedBrokers }, context) => {
    const { cluster } = context;
    if (endpointType !== ENDPOINTS_OF_BROKERS) {
      throw new Refusal(
        endpointType === 2 ? "MISMATCHED_ENDPOINT_TYPE" : "UNSUPPORTED_ENDPOINT_TYPE",
        `The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type ${endpointType}`,
      );
    }
    const told = includeFencedBrokers ? [...cluster.brokers.values()] : cluster.aliveBrokers;
    return {
      errorCode: NONE,
      clusterId: cluster.clusterId,
      controllerId: cluster.controllerId,
      brokers: told.map(({ id, host, port, rack, isUp }) => ({
        brokerId: id,
        host,
        port,
        rack,
        isFenced: !isUp,
      })),
      ...(includeClusterAuthorizedOperations
        ? { clusterAuthorizedOperations: authorizedOperations(context, "CLUSTER", CLUSTER_NAME) }
        : {}),
    };
  },
});
