/**
 * AlterConfigs, v0-2: sets the configurations of a resource; what is not named goes back to its default.
 *
 * Differs from Kafka: topics and brokers only.
 */

import { AlterConfigsRequest, AlterConfigsResponse } from "../../protocol/messages/alter-configs.ts";
import { serve } from "../api.ts";
import { changeResource } from "../config/config-resources.ts";
import { NONE, Refusal } from "../error-code.ts";

export const AlterConfigs = serve({
  request: AlterConfigsRequest,
  response: AlterConfigsResponse,
  refuse: ({ resources }, errorCode, errorMessage) => ({
    responses: resources.map(({ resourceType, resourceName }) => ({
      errorCode,
      errorMessage,
      resourceType,
      resourceName,
    })),
  }),
  handle: ({ resources, validateOnly }, context) => ({
    responses: resources.map((resource) => {
      const { resourceType, resourceName, configs } = resource;
      try {
        const changes = configs.map(({ name, value }) => ({ name, operation: "SET" as const, value }));
        changeResource(resource, changes, { replaces: true, validateOnly }, context);
        return { errorCode: NONE, errorMessage: null, resourceType, resourceName };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { errorCode: error.errorCode, errorMessage: error.message, resourceType, resourceName };
      }
    }),
  }),
});
