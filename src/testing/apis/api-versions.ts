/**
 * ApiVersions, v0-5: which versions of which APIs the broker serves, and what its cluster has agreed on.
 *
 * - v3: flexible; the client tells its software, whose name has to look like one (INVALID_REQUEST); features.
 * - v4: features whose lowest version is 0 are told of too.
 * - v5: the client may say which cluster and broker it means to talk to. Not looked at here.
 * - A version that is not served is answered in version 0 with UNSUPPORTED_VERSION (KIP-511), by the dispatcher.
 *
 * Differs from Kafka: only the APIs that are served here are told of. The epoch of features is of this cluster alone.
 */

import { ApiVersionsRequest, ApiVersionsResponse } from "../../protocol/messages/api-versions.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";

const INVALID_REQUEST = errorNumber("INVALID_REQUEST");
const FIRST_VERSION_WITH_SOFTWARE = 3;
const FIRST_VERSION_WITH_FEATURES_FROM_0 = 4;
/** What the names and versions of clients have to look like. */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

export const ApiVersions = serve({
  request: ApiVersionsRequest,
  response: ApiVersionsResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: (request, { cluster, connection, version }) => {
    if (version >= FIRST_VERSION_WITH_SOFTWARE) {
      const { clientSoftwareName: name, clientSoftwareVersion } = request;
      if (!SOFTWARE.test(name) || !SOFTWARE.test(clientSoftwareVersion))
        return { errorCode: INVALID_REQUEST };
      connection.software = { name, version: clientSoftwareVersion };
    }
    connection.sasl?.versionsTold();
    const { features } = cluster;
    const told = features.supported.filter(
      ({ minVersion }) => minVersion > 0 || version >= FIRST_VERSION_WITH_FEATURES_FROM_0,
    );
    return {
      errorCode: NONE,
      apiKeys: [...cluster.advertised],
      supportedFeatures: told.map(({ name, minVersion, maxVersion }) => ({ name, minVersion, maxVersion })),
      finalizedFeaturesEpoch: features.epoch,
      finalizedFeatures: features.supported
        .map(({ name }) => ({ name, level: features.level(name) }))
        .filter(({ level }) => level > 0)
        .map(({ name, level }) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
    };
  },
});
