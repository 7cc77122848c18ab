import type { Platform, TlsOptions } from "../platform/platform.ts";
import { ConfigError, ConnectionError, messageOf } from "./errors.ts";
import { explainTlsFailure, RESET_IN_HANDSHAKE } from "./tls-failure.ts";

/** Where a broker listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, an IPv6 address in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Reads one entry of `bootstrapServers`.
 *
 * @throws ConfigError when it is not `host:port`.
 */
export function parseEndpoint(text: string): Endpoint {
  const match = /^(?:[A-Za-z_]+:\/\/)?(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^:\s/[\]]+)):(\d{1,5})$/.exec(
    text.trim(),
  );
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new ConfigError(
      `bootstrapServers: "${text}" is not an address: write "host:port", such as "localhost:9092" or "[::1]:9092"`,
    );
  }
  return { host, port };
}

/** The system's codes for a peer that cannot be reached, and what each suggests. */
const UNREACHABLE: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nothing listens there: check the address and that the broker is running"],
  [
    "ECONNRESET",
    "the peer reset the connection: check that the listener's security protocol is the one configured",
  ],
  ["EHOSTUNREACH", "there is no route to that host: check the network and the firewall"],
  ["ENETUNREACH", "there is no route to that network: check the network and the firewall"],
  ["ETIMEDOUT", "the host does not answer: check the address and the firewall"],
]);

/** What a failed attempt to connect means. */
export function explainConnectFailure(
  endpoint: Endpoint,
  tls: TlsOptions | null,
  error: unknown,
): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const broker = formatEndpoint(endpoint);
  const code = systemCode(error);
  if (isForbidden(error)) {
    const message = `Cannot connect to ${broker}: this process may not (${messageOf(error)})`;
    return new ConnectionError("CONNECTION_FAILED", broker, message, { cause: error });
  }
  const reset = tls !== null && code === "ECONNRESET" ? RESET_IN_HANDSHAKE : undefined;
  const known = reset ?? UNREACHABLE.get(code);
  if (known !== undefined) {
    const message = `Cannot connect to ${broker} (${code}): ${known}`;
    return new ConnectionError("CONNECTION_FAILED", broker, message, { retriable: true, cause: error });
  }
  if (tls !== null) return explainTlsFailure(broker, tls, error);
  return new ConnectionError(
    "CONNECTION_FAILED",
    broker,
    `Cannot connect to ${broker}: ${messageOf(error)}`,
    {
      retriable: true,
      cause: error,
    },
  );
}

/** Deno gives rights by address, and says which one is missing. */
function isForbidden(error: unknown): boolean {
  return error instanceof Error && error.name === "NotCapable";
}

/**
 * All addresses of the endpoint's host (KIP-302).
 *
 * @throws ConnectionError when the name has none.
 */
export async function resolveHost(platform: Platform, endpoint: Endpoint): Promise<readonly string[]> {
  try {
    const found = await platform.lookup(endpoint.host);
    if (found.length > 0) return found.map(({ address }) => address);
    throw new Error("the name has no address");
  } catch (error) {
    const code = systemCode(error);
    // Deno's word for a missing right, which it gives to names without a port.
    const isForbidden = code === "EPERM";
    const remedy = isForbidden
      ? `this process may not look it up: with Deno, --allow-net has to name "${endpoint.host}" without a port`
      : "check its spelling, the resolver, and the broker's advertised.listeners";
    throw new ConnectionError(
      "NAME_NOT_RESOLVED",
      formatEndpoint(endpoint),
      `The name "${endpoint.host}" does not resolve (${code || messageOf(error)}): ${remedy}`,
      { retriable: !isForbidden, cause: error },
    );
  }
}

/** The `code` of a system error, or "". */
export function systemCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  // Several addresses of a name failed together: they rarely fail for different reasons.
  if (error instanceof AggregateError && error.errors.length > 0) return systemCode(error.errors[0]);
  return "";
}
