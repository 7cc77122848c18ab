/** Which versions of which APIs a cluster serves: what its release has, of what is written here. */

import { containsVersion, type VersionRange } from "../protocol/versions.ts";
import type { ServedApi } from "./api.ts";
import type { ReleaseFacts } from "./releases.ts";
import { type AdvertisedVersions, versionsOf } from "./version-table.ts";

const PRODUCE = 0;

export class ServedVersions {
  /** What ApiVersions tells, in the order of the keys. */
  readonly advertised: readonly AdvertisedVersions[];
  readonly #apis = new Map<number, ServedApi>();
  readonly #served = new Map<number, VersionRange>();

  constructor(release: ReleaseFacts, apis: Iterable<ServedApi>) {
    const ofRelease = versionsOf(release.release);
    const advertised: AdvertisedVersions[] = [];
    for (const api of apis) {
      const theirs = ofRelease.get(api.name);
      if (theirs === undefined) throw new Error(`The table of versions lacks ${api.name}`);
      const ours = api.request.validVersions;
      const lowest = Math.max(theirs.lowest, ours.lowest);
      const highest = Math.min(theirs.highest, ours.highest);
      if (highest < lowest) continue;
      const range = { lowest, highest };
      this.#apis.set(api.apiKey, api);
      this.#served.set(api.apiKey, range);
      if (api.isAdvertised === false) continue;
      // Kafka 4 says that it serves Produce from 0, since librdkafka takes it for unable to compress otherwise.
      const minVersion = api.apiKey === PRODUCE ? 0 : lowest;
      advertised.push({ apiKey: api.apiKey, minVersion, maxVersion: highest });
    }
    this.advertised = advertised.sort((a, b) => a.apiKey - b.apiKey);
  }

  /** The API, if the release has it. */
  api(apiKey: number): ServedApi | undefined {
    return this.#apis.get(apiKey);
  }

  /** The versions that are served; undefined for an API that is not. */
  served(apiKey: number): VersionRange | undefined {
    return this.#served.get(apiKey);
  }

  serves(apiKey: number, version: number): boolean {
    const range = this.#served.get(apiKey);
    return range !== undefined && containsVersion(range, version);
  }
}
