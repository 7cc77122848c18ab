/**
 * ListConfigResources, v0-1 (KIP-1142): what has configurations. v0 lists subscriptions to client metrics alone, of
 * which there are none here; v1 lists resources of the types asked for, or of all.
 */

import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from "../../protocol/messages/list-config-resources.ts";
import { type RequestContext, serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

const TOPIC = 2;
const BROKER = 4;
const BROKER_LOGGER = 8;
const CLIENT_METRICS = 16;
const GROUP = 32;
/** In the order of the answer. */
const TYPES = [GROUP, CLIENT_METRICS, BROKER_LOGGER, BROKER, TOPIC];

export const ListConfigResources = serve({
  request: ListConfigResourcesRequest,
  response: ListConfigResourcesResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ resourceTypes }, context) => {
    if (!context.allows("DESCRIBE_CONFIGS", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    const ofVersion = context.version === 0 ? [CLIENT_METRICS] : TYPES;
    const unknown = resourceTypes.find((type) => !ofVersion.includes(type));
    if (unknown !== undefined) {
      throw new Refusal("UNSUPPORTED_VERSION", `Unsupported resource type ${unknown}.`);
    }
    const wanted =
      resourceTypes.length === 0 ? ofVersion : TYPES.filter((type) => resourceTypes.includes(type));
    return {
      errorCode: NONE,
      configResources: wanted.flatMap((resourceType) =>
        namesOf(resourceType, context).map((resourceName) => ({ resourceName, resourceType })),
      ),
    };
  },
});

function namesOf(resourceType: number, { cluster }: RequestContext): string[] {
  switch (resourceType) {
    case TOPIC:
      return Array.from(cluster.topics.all, ({ name }) => name);
    case BROKER:
    case BROKER_LOGGER:
      return cluster.aliveBrokers.map(({ id }) => String(id));
    case GROUP:
      return cluster.configs.configuredGroups;
    default:
      return [];
  }
}
