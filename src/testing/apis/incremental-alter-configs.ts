/**
 * IncrementalAlterConfigs, v0-1 (KIP-339): sets, deletes, and adds to or takes from lists, each resource on its own and
 * as a whole.
 *
 * Differs from Kafka: topics and brokers only.
 */

import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../protocol/messages/incremental-alter-configs.ts";
import { serve } from "../api.ts";
import { type ConfigChange, changeResource } from "../config/config-resources.ts";
import { NONE, Refusal } from "../error-code.ts";

const OPERATIONS = ["SET", "DELETE", "APPEND", "SUBTRACT"] as const;

export const IncrementalAlterConfigs = serve({
  request: IncrementalAlterConfigsRequest,
  response: IncrementalAlterConfigsResponse,
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
        if (new Set(configs.map(({ name }) => name)).size !== configs.length) {
          throw new Refusal("INVALID_REQUEST", "Error due to duplicate config keys");
        }
        const changes = configs.map(({ name, configOperation, value }): ConfigChange => {
          const operation = OPERATIONS[configOperation];
          if (operation === undefined) {
            throw new Refusal("INVALID_REQUEST", `Unknown operation type ${configOperation}`);
          }
          return { name, operation, value };
        });
        changeResource(resource, changes, { replaces: false, validateOnly }, context);
        return { errorCode: NONE, errorMessage: null, resourceType, resourceName };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { errorCode: error.errorCode, errorMessage: error.message, resourceType, resourceName };
      }
    }),
  }),
});
