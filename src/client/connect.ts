/** From a host and a port to an open stream of bytes. */

import type { ByteStream, ByteStreamHandler, Platform, TlsOptions } from "../platform/platform.ts";
import { type Endpoint, explainConnectFailure, formatEndpoint, resolveHost } from "./endpoint.ts";
import { abortReason, ConnectionError } from "./errors.ts";
import { orAborted } from "./retry.ts";

/** How a stream is opened. */
export interface ConnectStreamOptions {
  readonly platform: Platform;
  readonly tls: TlsOptions | null;
  /** Longest time in milliseconds to resolve the name, and to connect and shake hands with one address. */
  readonly setupTimeoutMs: number;
  /** Longest time for all addresses together, each of which gets its part. Default: no limit. */
  readonly allAddressesMs?: number;
}

/**
 * Connects to the first address of the endpoint that answers (KIP-302).
 *
 * @throws ConnectionError naming the address, what happened, and what to do.
 */
export async function connectStream(
  endpoint: Endpoint,
  options: ConnectStreamOptions,
  handler: ByteStreamHandler,
  outer: AbortSignal | undefined,
): Promise<ByteStream> {
  const { platform, tls, setupTimeoutMs } = options;
  const { host: name, port } = endpoint;
  const broker = formatEndpoint(endpoint);
  const unresolved = (ms: number): ConnectionError => {
    const message = `The name "${name}" did not resolve within ${ms} ms: check the resolver`;
    return new ConnectionError("NAME_NOT_RESOLVED", broker, message, { retriable: true });
  };
  const unaccepted = (ms: number): ConnectionError => {
    const message = `${broker} did not accept a connection within ${ms} ms: check the address and the firewall`;
    return new ConnectionError("CONNECTION_TIMED_OUT", broker, message, { retriable: true });
  };
  const addresses = await inTime(platform, setupTimeoutMs, unresolved, outer, (signal) =>
    orAborted(resolveHost(platform, endpoint), signal),
  );
  const endsAtMs = platform.clock.monotonicMs() + (options.allAddressesMs ?? Number.POSITIVE_INFINITY);
  const verified = tls === null ? null : { ...tls, serverName: tls.serverName ?? name };
  let failure: unknown;
  for (const [index, host] of addresses.entries()) {
    const shareMs = (endsAtMs - platform.clock.monotonicMs()) / (addresses.length - index);
    try {
      return await inTime(
        platform,
        Math.max(0, Math.min(setupTimeoutMs, shareMs)),
        unaccepted,
        outer,
        (signal) => platform.connect({ host, port, tls: verified, signal }, handler),
      );
    } catch (error) {
      if (outer?.aborted === true) throw abortReason(outer);
      failure = explainConnectFailure(endpoint, tls, error);
    }
  }
  throw failure;
}

/** Gives a step of the setup its time, each by itself: one silent address must not use up that of the next. */
async function inTime<T>(
  { clock }: Platform,
  timeoutMs: number,
  tooLate: (timeoutMs: number) => Error,
  outer: AbortSignal | undefined,
  step: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const setup = new AbortController();
  const timer = clock.setTimer(timeoutMs, () => setup.abort(tooLate(Math.round(timeoutMs))));
  const aborted = (): void => setup.abort(abortReason(outer as AbortSignal));
  outer?.addEventListener("abort", aborted);
  if (outer?.aborted === true) aborted();
  try {
    return await step(setup.signal);
  } finally {
    timer.cancel();
    outer?.removeEventListener("abort", aborted);
  }
}
