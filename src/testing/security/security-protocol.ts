/** What clients speak with the brokers of a cluster. */

import type { ServerTls } from "../../platform/listener.ts";
import { type SaslOptions, saslMechanisms } from "./sasl/sasl-server.ts";

/** As Kafka's `security.protocol`. */
export type SecurityProtocol = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

/** What is said of security when a cluster starts. */
export interface SecurityOptions {
  readonly securityProtocol?: SecurityProtocol;
  readonly tls?: ServerTls | null;
  readonly sasl?: SaslOptions;
  readonly network?: "tcp" | "memory";
}

/** Which protocol it is. @throws RangeError where the rest does not go with it. */
export function securityProtocolOf({
  securityProtocol,
  tls = null,
  sasl,
  network,
}: SecurityOptions): SecurityProtocol {
  const protocol =
    securityProtocol ??
    (`${sasl === undefined ? "" : "SASL_"}${tls === null ? "PLAINTEXT" : "SSL"}` as const);
  const hasTls = protocol === "SSL" || protocol === "SASL_SSL";
  if (hasTls && tls === null) throw new RangeError(`${protocol} needs certificates: set tls`);
  if (!hasTls && tls !== null) throw new RangeError(`There is no TLS in ${protocol}: leave out tls`);
  if (hasTls && network === "memory")
    throw new RangeError("A network in memory has no TLS: leave out network");
  if (!hasSasl(protocol) && sasl !== undefined) {
    throw new RangeError(`Nobody logs in with ${protocol}: leave out sasl`);
  }
  return protocol;
}

export function hasSasl(protocol: SecurityProtocol): boolean {
  return protocol === "SASL_PLAINTEXT" || protocol === "SASL_SSL";
}

/** The configurations that say what clients may log in by. */
export function saslConfigs(
  protocol: SecurityProtocol,
  { mechanisms = saslMechanisms }: SaslOptions = {},
): Record<string, string> {
  return hasSasl(protocol) ? { "sasl.enabled.mechanisms": mechanisms.join(",") } : {};
}
