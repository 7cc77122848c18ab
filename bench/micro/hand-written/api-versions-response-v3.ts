/** ApiVersionsResponse v3 as somebody would write it by hand over the same cursors. */

import type { ApiVersionsResponse, Reader, Writer } from "kafkawire/protocol";

type Features = Pick<
  ApiVersionsResponse,
  "supportedFeatures" | "finalizedFeaturesEpoch" | "finalizedFeatures" | "zkMigrationReady"
>;

export function decode(r: Reader): ApiVersionsResponse {
  const errorCode = r.int16();
  const apiKeys: ApiVersionsResponse["apiKeys"] = [];
  for (let n = r.unsignedVarint() - 1; n > 0; n--) {
    const apiKey = r.int16();
    const minVersion = r.int16();
    const maxVersion = r.int16();
    skipTags(r);
    apiKeys.push({ apiKey, minVersion, maxVersion });
  }
  const throttleTimeMs = r.int32();
  return { errorCode, apiKeys, throttleTimeMs, ...decodeFeatures(r) };
}

function decodeFeatures(r: Reader): Features {
  const features: Features = {
    supportedFeatures: [],
    finalizedFeaturesEpoch: -1n,
    finalizedFeatures: [],
    zkMigrationReady: false,
  };
  for (let n = r.unsignedVarint(); n > 0; n--) {
    const tag = r.unsignedVarint();
    const size = r.unsignedVarint();
    if (tag === 0) {
      for (let m = r.unsignedVarint() - 1; m > 0; m--) {
        const name = r.text(r.unsignedVarint() - 1);
        const minVersion = r.int16();
        const maxVersion = r.int16();
        skipTags(r);
        features.supportedFeatures.push({ name, minVersion, maxVersion });
      }
    } else if (tag === 1) {
      features.finalizedFeaturesEpoch = r.int64();
    } else if (tag === 2) {
      for (let m = r.unsignedVarint() - 1; m > 0; m--) {
        const name = r.text(r.unsignedVarint() - 1);
        const maxVersionLevel = r.int16();
        const minVersionLevel = r.int16();
        skipTags(r);
        features.finalizedFeatures.push({ name, maxVersionLevel, minVersionLevel });
      }
    } else if (tag === 3) {
      features.zkMigrationReady = r.boolean();
    } else {
      r.view(size);
    }
  }
  return features;
}

function skipTags(r: Reader): void {
  for (let n = r.unsignedVarint(); n > 0; n--) {
    r.unsignedVarint();
    r.view(r.unsignedVarint());
  }
}

export function encode(w: Writer, value: ApiVersionsResponse): void {
  w.int16(value.errorCode);
  w.unsignedVarint(value.apiKeys.length + 1);
  for (const api of value.apiKeys) {
    w.int16(api.apiKey);
    w.int16(api.minVersion);
    w.int16(api.maxVersion);
    w.unsignedVarint(0);
  }
  w.int32(value.throttleTimeMs);
  const { supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady } = value;
  const hasSupported = supportedFeatures.length > 0;
  const hasEpoch = finalizedFeaturesEpoch !== -1n;
  const hasFinalized = finalizedFeatures.length > 0;
  w.unsignedVarint(Number(hasSupported) + Number(hasEpoch) + Number(hasFinalized) + Number(zkMigrationReady));
  if (hasSupported) {
    w.unsignedVarint(0);
    w.sized((inner) => {
      inner.unsignedVarint(supportedFeatures.length + 1);
      for (const feature of supportedFeatures) {
        inner.text(feature.name, 0x7fff, writeLength);
        inner.int16(feature.minVersion);
        inner.int16(feature.maxVersion);
        inner.unsignedVarint(0);
      }
    });
  }
  if (hasEpoch) {
    w.unsignedVarint(1);
    w.unsignedVarint(8);
    w.int64(finalizedFeaturesEpoch);
  }
  if (hasFinalized) {
    w.unsignedVarint(2);
    w.sized((inner) => {
      inner.unsignedVarint(finalizedFeatures.length + 1);
      for (const feature of finalizedFeatures) {
        inner.text(feature.name, 0x7fff, writeLength);
        inner.int16(feature.maxVersionLevel);
        inner.int16(feature.minVersionLevel);
        inner.unsignedVarint(0);
      }
    });
  }
  if (zkMigrationReady) {
    w.unsignedVarint(3);
    w.unsignedVarint(1);
    w.boolean(true);
  }
}

function writeLength(w: Writer, length: number): void {
  w.unsignedVarint(length + 1);
}
