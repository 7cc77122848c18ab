/**
 * DescribeConfigs, v1-4: configurations of topics and brokers, and where each comes from. v3: types.
 *
 * Differs from Kafka: a broker has the keys that matter here, some 50 and not 300; nothing is documented; groups,
 * loggers and client metrics have no configurations.
 */

import { DescribeConfigsRequest, DescribeConfigsResponse } from "../../protocol/messages/describe-configs.ts";
import { serve } from "../api.ts";
import { describeResource } from "../config/config-resources.ts";
import { NONE, Refusal } from "../error-code.ts";

export const DescribeConfigs = serve({
  request: DescribeConfigsRequest,
  response: DescribeConfigsResponse,
  refuse: ({ resources }, errorCode, errorMessage) => ({
    results: resources.map(({ resourceType, resourceName }) => ({
      errorCode,
      errorMessage,
      resourceType,
      resourceName,
    })),
  }),
  handle: ({ resources, includeSynonyms }, context) => ({
    results: resources.map((resource) => {
      const { resourceType, resourceName, configurationKeys } = resource;
      try {
        const all = describeResource(resource, context);
        const wanted =
          configurationKeys === null || configurationKeys.length === 0
            ? all
            : all.filter(({ name }) => configurationKeys.includes(name));
        const configs = wanted.map((config) => (includeSynonyms ? config : { ...config, synonyms: [] }));
        return { errorCode: NONE, errorMessage: null, resourceType, resourceName, configs };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const errorMessage = error.message === "" ? null : error.message;
        return { errorCode: error.errorCode, errorMessage, resourceType, resourceName };
      }
    }),
  }),
});
