/** Levels of features that all brokers of a cluster have agreed on (KIP-584), such as `transaction.version`. */

import type { ApiVersionsResponse } from "../protocol/messages/api-versions.ts";

/** The finalized features as one broker told them. */
export interface FinalizedFeatures {
  /** Grows with every change; -1n while no broker has told any. */
  readonly epoch: bigint;
  /** The level in force, by the feature's name. */
  readonly levels: ReadonlyMap<string, number>;
}

/** What is known before any broker has told, and of brokers that know no features. */
export const NO_FEATURES: FinalizedFeatures = { epoch: -1n, levels: new Map() };

/** What a broker tells of them with its versions. */
export function featuresIn({
  finalizedFeaturesEpoch,
  finalizedFeatures,
}: Pick<ApiVersionsResponse, "finalizedFeaturesEpoch" | "finalizedFeatures">): FinalizedFeatures {
  if (finalizedFeaturesEpoch < 0n) return NO_FEATURES;
  const levels = new Map(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]));
  return { epoch: finalizedFeaturesEpoch, levels };
}

/** What to go by once another broker has told: brokers learn of a change one after another. */
export function newerFeatures(known: FinalizedFeatures, told: FinalizedFeatures): FinalizedFeatures {
  return told.epoch > known.epoch ? told : known;
}
