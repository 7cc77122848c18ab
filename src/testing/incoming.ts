/** What a frame says: which API is asked for what, by whom; or at once what becomes of it, where it makes no sense. */

import { codecFor } from "../protocol/compile.ts";
import { KafkaError } from "../protocol/errors.ts";
import { RequestHeader, requestHeaderVersion } from "../protocol/header.ts";
import { Reader } from "../protocol/reader.ts";
import { containsVersion, type VersionRange } from "../protocol/versions.ts";
import type { RequestContext, ServedApi } from "./api.ts";
import type { Broker } from "./broker.ts";
import type { ClientConnection, Outcome } from "./client-connection.ts";
import type { Cluster } from "./cluster.ts";
import { errorNumber, NONE } from "./error-code.ts";
import { CountedRequest, NO_QUOTAS, type RequestQuotas } from "./quota/request-quotas.ts";
import { frameOf } from "./response-frame.ts";
import type { ServedVersions } from "./served-versions.ts";

const API_VERSIONS = 18;
const UNSUPPORTED_VERSION = errorNumber("UNSUPPORTED_VERSION");
/** API key and version. */
const SMALLEST_REQUEST = 8;

/** A request that can be served. */
export interface Incoming {
  readonly api: ServedApi;
  readonly body: unknown;
  readonly correlationId: number;
  readonly context: RequestContext;
  /** Null where it uses nothing that is limited. */
  readonly quotas: CountedRequest | null;
}

export function isIncoming(read: Incoming | Outcome): read is Incoming {
  return typeof read === "object" && "api" in read;
}

/** Reads the requests of a cluster. */
export class RequestReader {
  readonly #cluster: Cluster;
  readonly #versions: ServedVersions;

  constructor(cluster: Cluster, versions: ServedVersions) {
    this.#cluster = cluster;
    this.#versions = versions;
  }

  /** What the request says; or its answer where the version is unknown; or the end where it makes no sense. */
  read(frame: Uint8Array, broker: Broker, connection: ClientConnection): Incoming | Outcome {
    if (frame.byteLength < SMALLEST_REQUEST) return "hang up";
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const apiKey = view.getInt16(0);
    const version = view.getInt16(2);
    const correlationId = view.getInt32(4);
    const api = this.#versions.api(apiKey);
    const range = this.#versions.served(apiKey);
    if (api === undefined || range === undefined || !containsVersion(range, version)) {
      return apiKey === API_VERSIONS && api !== undefined
        ? this.#unknownApiVersions(api, correlationId, range as VersionRange)
        : "hang up";
    }
    try {
      const reader = new Reader(frame);
      const header = codecFor(RequestHeader, requestHeaderVersion(api.request, version)).decode(reader);
      const bodySize = reader.remaining;
      const body = codecFor(api.request, version).decode(reader);
      // Kafka does not mind what is left over.
      const { clientId } = header;
      const quotas = this.#quotas(api, bodySize, clientId, broker, connection);
      const context = this.#context(api, version, clientId, broker, connection, quotas ?? NO_QUOTAS);
      return { api, body, correlationId, context, quotas };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return "hang up";
    }
  }

  /** KIP-511: the oldest response, which every client can read, and which versions there are. */
  #unknownApiVersions(api: ServedApi, correlationId: number, range: VersionRange): Uint8Array[] {
    const response = {
      errorCode: UNSUPPORTED_VERSION,
      apiKeys: [{ apiKey: API_VERSIONS, minVersion: range.lowest, maxVersion: range.highest }],
    };
    return frameOf(api, 0, correlationId, response);
  }

  /** Null where the request uses nothing that is limited. */
  #quotas(
    api: ServedApi,
    size: number,
    clientId: string | null,
    { id: brokerId }: Broker,
    { principal, sasl }: ClientConnection,
  ): CountedRequest | null {
    const { quotas, clock } = this.#cluster;
    if (quotas.store.isEmpty || sasl?.isAuthenticated === false) return null;
    const client = { brokerId, user: principal.name, clientId: clientId ?? "" };
    return new CountedRequest(quotas, client, api.name, size, () => clock.monotonicMs());
  }

  #context(
    api: ServedApi,
    version: number,
    clientId: string | null,
    broker: Broker,
    connection: ClientConnection,
    quotas: RequestQuotas,
  ): RequestContext {
    const cluster = this.#cluster;
    const host = connection.peer.slice(0, connection.peer.lastIndexOf(":"));
    return {
      cluster,
      broker,
      connection,
      api: api.name,
      version,
      clientId,
      allows: (operation, type, name) =>
        cluster.authorizer.allows(connection.principal, host, operation, type, name),
      allowsSome: (operation, type) =>
        cluster.authorizer.allowsSome(connection.principal, host, operation, type),
      quotas,
      injected: () => NONE,
    };
  }
}
