/**
 * UpdateFeatures, v0-2 (KIP-584): the cluster agrees on other levels of its features, such as `transaction.version`.
 *
 * - v1: dry runs, and two kinds of downgrades. v2, and v0-1 of a release that has it: one error for all of them.
 *
 * Differs from Kafka: levels of one feature do not depend on those of others, and only `transaction.version` changes
 * what the brokers do; a downgrade of any feature is as safe as another.
 */

import { UpdateFeaturesRequest, UpdateFeaturesResponse } from "../../protocol/messages/update-features.ts";
import type { Infer } from "../../protocol/schema.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import type { FinalizedFeatures } from "../finalized-features.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

type Update = Infer<typeof UpdateFeaturesRequest>["featureUpdates"][number];

const FIRST_VERSION_WITH_TYPES = 1;
const INVALID_UPDATE_VERSION = errorNumber("INVALID_UPDATE_VERSION");
const UPGRADE = 1;
const UPDATE_TYPES = [UPGRADE, 2, 3];

export const UpdateFeatures = serve({
  request: UpdateFeaturesRequest,
  response: UpdateFeaturesResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  handle: ({ featureUpdates, validateOnly }, { cluster, allows, version }) => {
    if (!allows("ALTER", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    const problems = featureUpdates.map((update) => problemWith(update, cluster.features, version));
    const first = problems.findIndex((problem) => problem !== null);
    if (first < 0) {
      if (!validateOnly) {
        for (const { feature, maxVersionLevel } of featureUpdates)
          cluster.features.set(feature, maxVersionLevel);
        cluster.metadataChanged();
      }
    } else if (cluster.release.hasOneFeatureError) {
      throw new Refusal("INVALID_UPDATE_VERSION", problems[first] ?? "");
    }
    return {
      errorCode: NONE,
      errorMessage: null,
      results: featureUpdates.map(({ feature }, index) => {
        const errorMessage = problems[index] ?? null;
        return { feature, errorCode: errorMessage === null ? NONE : INVALID_UPDATE_VERSION, errorMessage };
      }),
    };
  },
});

/** Null for none. */
function problemWith(update: Update, features: FinalizedFeatures, version: number): string | null {
  const { feature: name, maxVersionLevel: level, upgradeType, allowDowngrade } = update;
  const start = `Invalid update version ${level} for feature ${name}.`;
  const feature = features.supported.find((one) => one.name === name);
  if (feature === undefined) return `${start} Local controller 1 does not support this feature.`;
  const { minVersion, maxVersion } = feature;
  if (level !== 0 && (level < minVersion || level > maxVersion)) {
    return `${start} Local controller 1 only supports versions ${minVersion}-${maxVersion}`;
  }
  if (version >= FIRST_VERSION_WITH_TYPES && !UPDATE_TYPES.includes(upgradeType)) {
    return `${start} The upgrade type ${upgradeType} is unknown.`;
  }
  const mayFall = version < FIRST_VERSION_WITH_TYPES ? allowDowngrade : upgradeType !== UPGRADE;
  if (level < features.level(name) && !mayFall) {
    return (
      `${start} Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe ` +
      "downgrade."
    );
  }
  return null;
}
