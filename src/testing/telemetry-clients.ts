/**
 * What a broker knows of clients that push metrics (KIP-714). Nobody has subscribed to any, so none is ever wanted;
 * when clients ask and push is held to Kafka's rules all the same.
 */

import { crc32c } from "../protocol/records/crc32c.ts";
import { encodeUuid, type Uuid } from "../protocol/uuid.ts";
import { Refusal } from "./error-code.ts";

/** Kafka's default of a subscription's `interval.ms`. */
export const PUSH_INTERVAL_MS = 300_000;
/** No more clients are known than that; the ones that came first are forgotten. */
const MOST_CLIENTS = 16_384;

interface TelemetryClient {
  readonly subscriptionId: number;
  /** Milliseconds since the epoch; null for never. */
  askedMs: number | null;
  pushedMs: number | null;
  isTerminating: boolean;
}

/** What a client pushes, as far as it is looked at. */
export interface Push {
  readonly clientInstanceId: Uuid;
  readonly subscriptionId: number;
  readonly terminating: boolean;
  readonly compressionType: number;
  readonly size: number;
}

export class TelemetryClients {
  readonly #clients = new Map<Uuid, TelemetryClient>();

  /**
   * A client asks what is wanted.
   *
   * @returns the id of what is wanted
   * @throws Refusal THROTTLING_QUOTA_EXCEEDED before the interval is over.
   */
  ask(clientInstanceId: Uuid, nowMs: number): number {
    const client = this.#client(clientInstanceId);
    const lastMs = Math.max(client.askedMs ?? 0, client.pushedMs ?? 0);
    if (nowMs - lastMs < PUSH_INTERVAL_MS) throw tooSoon(clientInstanceId);
    client.askedMs = nowMs;
    return client.subscriptionId;
  }

  /**
   * A client pushes.
   *
   * @throws Refusal where Kafka would not take it.
   */
  push(push: Push, maxBytes: number, nowMs: number): void {
    const { clientInstanceId, terminating } = push;
    const client = this.#client(clientInstanceId);
    try {
      check(push, client, maxBytes, nowMs);
    } finally {
      client.isTerminating = terminating;
    }
  }

  #client(clientInstanceId: Uuid): TelemetryClient {
    const known = this.#clients.get(clientInstanceId);
    if (known !== undefined) return known;
    const subscriptionId = subscriptionIdOf(clientInstanceId);
    const client = { subscriptionId, askedMs: null, pushedMs: null, isTerminating: false };
    if (this.#clients.size >= MOST_CLIENTS) {
      for (const first of this.#clients.keys()) {
        this.#clients.delete(first);
        break;
      }
    }
    this.#clients.set(clientInstanceId, client);
    return client;
  }
}

/** gzip, snappy, lz4, zstd, and none. */
const LARGEST_COMPRESSION_TYPE = 4;

function check(push: Push, client: TelemetryClient, maxBytes: number, nowMs: number): void {
  const { clientInstanceId, subscriptionId, terminating, compressionType, size } = push;
  if (client.isTerminating) {
    throw new Refusal("INVALID_REQUEST", `Client [${clientInstanceId}] has sent its last push before`);
  }
  const { askedMs, pushedMs } = client;
  // Right after the client has asked it may push at any time, for it spreads its first push.
  const mayPush = pushedMs === null || (askedMs ?? 0) > pushedMs || nowMs - pushedMs >= PUSH_INTERVAL_MS;
  if (!mayPush && !terminating) throw tooSoon(clientInstanceId);
  if (mayPush) client.pushedMs = nowMs;
  if (subscriptionId !== client.subscriptionId) {
    throw new Refusal(
      "UNKNOWN_SUBSCRIPTION_ID",
      `Unknown client subscription id for the client [${clientInstanceId}]`,
    );
  }
  if (compressionType < 0 || compressionType > LARGEST_COMPRESSION_TYPE) {
    throw new Refusal("UNSUPPORTED_COMPRESSION_TYPE", `Unknown compression type [${compressionType}]`);
  }
  if (size > maxBytes) {
    throw new Refusal(
      "TELEMETRY_TOO_LARGE",
      `Telemetry request from [${clientInstanceId}] is larger than the maximum allowed size [${maxBytes}]`,
    );
  }
}

function tooSoon(clientInstanceId: Uuid): Refusal {
  return new Refusal(
    "THROTTLING_QUOTA_EXCEEDED",
    `Request from the client [${clientInstanceId}] arrived before the next push interval time`,
  );
}

/** As Kafka reckons it, for no metrics at the usual interval. */
function subscriptionIdOf(clientInstanceId: Uuid): number {
  const wanted = new TextEncoder().encode(`[]${PUSH_INTERVAL_MS}`);
  const bytes = new Uint8Array(16);
  encodeUuid(clientInstanceId, bytes, 0);
  const view = new DataView(bytes.buffer);
  const hash = view.getInt32(0) ^ view.getInt32(4) ^ view.getInt32(8) ^ view.getInt32(12);
  return crc32c(wanted, 0, wanted.byteLength) ^ hash;
}
