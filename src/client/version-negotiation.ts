import { apiName } from "../protocol/api-keys.ts";
import { errorCodeOf } from "../protocol/error-codes.ts";
import { KafkaError } from "../protocol/errors.ts";
import type { ApiVersionsResponse } from "../protocol/messages/api-versions.ts";
import type { Fields } from "../protocol/schema.ts";
import { formatVersions, type VersionRange } from "../protocol/versions.ts";
import { type Api, ApiVersions } from "./api.ts";
import type { Connection } from "./connection.ts";
import { BrokerError } from "./errors.ts";
import { type FinalizedFeatures, featuresIn } from "./features.ts";

const UNSUPPORTED_VERSION = 35;

/** Versions of each API that a broker serves. */
export type BrokerVersions = ReadonlyMap<number, VersionRange>;

/** What a broker tells first on every connection. */
export interface Negotiated {
  readonly versions: BrokerVersions;
  readonly features: FinalizedFeatures;
}

/** Who says who we are in the broker's metrics (KIP-511). */
export interface ClientSoftware {
  readonly name: string;
  readonly version: string;
}

/**
 * Asks the broker which versions it serves. A broker that does not know our version of the question refuses it
 * in version 0, and most such refusals say which versions it does know; the question is then put again.
 *
 * @throws BrokerError, ConnectionError or TimeoutError when there is no usable answer.
 */
export async function negotiateVersions(
  connection: Connection,
  software: ClientSoftware,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Negotiated> {
  const ask = (version: number): Promise<ApiVersionsResponse> =>
    connection.send(
      ApiVersions,
      version,
      { clientSoftwareName: software.name, clientSoftwareVersion: software.version },
      { timeoutMs, signal },
    );
  const { highest } = ApiVersions.request.validVersions;
  let version = highest;
  let response = await ask(version);
  if (response.errorCode === UNSUPPORTED_VERSION) {
    const offered = response.apiKeys.find(({ apiKey }) => apiKey === ApiVersions.apiKey);
    version = Math.max(0, Math.min(offered?.maxVersion ?? 0, highest - 1));
    response = await ask(version);
  }
  if (response.errorCode !== 0) {
    throw new BrokerError(response.errorCode, {
      broker: connection.name,
      apiKey: ApiVersions.apiKey,
      apiVersion: version,
      retriable: errorCodeOf(response.errorCode).retriable,
    });
  }
  const versions = new Map(
    response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
      apiKey,
      { lowest: minVersion, highest: maxVersion },
    ]),
  );
  return { versions, features: featuresIn(response) };
}

/**
 * The highest version of `api` that both sides know.
 *
 * @param limit Highest version to use, for callers that lack what a later one needs.
 * @throws KafkaError `UNSUPPORTED_VERSION` when they have none in common.
 */
export function commonVersion(
  broker: string,
  versions: BrokerVersions,
  api: Api<Fields, Fields>,
  limit: number = Number.POSITIVE_INFINITY,
): number {
  const ours = api.request.validVersions;
  const theirs = versions.get(api.apiKey);
  const version = Math.min(ours.highest, theirs?.highest ?? -1, limit);
  if (theirs === undefined || version < Math.max(ours.lowest, theirs.lowest)) {
    const has = theirs === undefined ? "does not serve it" : `serves versions ${formatVersions(theirs)}`;
    throw new KafkaError(
      "UNSUPPORTED_VERSION",
      `${apiName(api.apiKey)} cannot be used with broker ${broker}: it ${has}, and this client knows versions ` +
        `${formatVersions(ours)}${limit < ours.highest ? ` and needs at most ${limit} here` : ""}. ` +
        "Use a broker of Kafka 2.1 or later",
    );
  }
  return version;
}
