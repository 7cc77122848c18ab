/** What failures of TLS mean, on which side, and what to do. */

import type { TlsOptions, TlsProblem } from "../platform/platform.ts";
import { ConfigError, ConnectionError, messageOf } from "./errors.ts";

/** A broker takes the first bytes of TLS for a request that is far too large, and hangs up. */
export const RESET_IN_HANDSHAKE =
  'the peer hung up during the TLS handshake: the port may not speak TLS; set securityProtocol to "PLAINTEXT", or use the SSL listener';

/**
 * By what the runtimes call a failure. They agree on little more than the words, so code and message are searched,
 * both in lower case with spaces between words; the first that fits counts. Alerts are what the broker complains of.
 */
const REMEDIES: readonly (readonly [failure: RegExp, remedy: (tls: TlsOptions) => string])[] = [
  [
    // Java, and so a broker, calls an absent certificate a bad one.
    /alert (certificate required|bad certificate)|certificate ?required/,
    ({ cert }) =>
      cert === undefined
        ? "the listener asks for a client's certificate (ssl.client.auth): give sslKeystoreCertificateChain and sslKeystoreKey"
        : CLIENT_REFUSED,
  ],
  [
    /alert (unknown ca|certificate (unknown|expired|revoked)|unsupported certificate|access denied|decrypt error)/,
    () => CLIENT_REFUSED,
  ],
  [
    /protocol version|unsupported protocol|version too low|no protocols available/,
    () =>
      "the two sides have no version of TLS in common: add TLSv1.2 or TLSv1.3 to the listener's ssl.enabled.protocols, or let this runtime use that",
  ],
  [
    /alert handshake failure|no shared cipher|insufficient security/,
    () => "the two sides have no cipher in common: check the listener's ssl.cipher.suites",
  ],
  [
    /cert has expired|certificate has expired|certexpired/,
    () => "the broker's certificate has expired: renew it",
  ],
  [
    /cert not yet valid|certificate is not yet valid|certnotvalidyet/,
    () => "the broker's certificate is not valid yet: check the clocks of both sides",
  ],
  [
    /altname/,
    () =>
      "the certificate is for another host name: connect by a name that it carries, and see that the broker's advertised.listeners do",
  ],
  [
    /self signed|unable to (verify|get issuer)|issuer|unknownissuer|signature|cert untrusted|cert chain/,
    ({ ca }) =>
      ca === undefined
        ? "the certificate's authority is not trusted: give its PEM as sslTruststoreCertificates"
        : "the certificate's authority is not among sslTruststoreCertificates: add its PEM",
  ],
  [
    /^eproto(?!.* alert )|wrong version number|packet length too long|invalid ?content ?type/,
    () =>
      'the port does not speak TLS: set securityProtocol to "PLAINTEXT" (with SASL: "SASL_PLAINTEXT"), or use the broker\'s SSL listener',
  ],
];

const CLIENT_REFUSED =
  "the broker refuses this client's certificate: use one that is in its time and signed by an authority in the listener's truststore";

/** Why a TLS session did not come about. Trying again does not help. */
export function explainTlsFailure(broker: string, tls: TlsOptions, error: unknown): ConnectionError {
  const remedy = remedyOf(tls, error) ?? "check the certificates of both sides";
  const message = `No TLS session with ${broker} (${reasonOf(error)}): ${remedy}`;
  return new ConnectionError("TLS_FAILED", broker, message, { cause: error });
}

/**
 * As {@link explainTlsFailure}, of a session that seemed to stand; null where its end is not one of TLS. With TLS
 * 1.3 a broker looks at a client's certificate when the client takes the session to be there already.
 */
export function explainTlsEnd(broker: string, tls: TlsOptions, error: Error | null): ConnectionError | null {
  return error !== null && /\balert\b/.test(words(error)) && remedyOf(tls, error) !== undefined
    ? explainTlsFailure(broker, tls, error)
    : null;
}

/** What is wrong with settings that the runtime cannot use. Their content is secret, so no part of it is shown. */
export function explainTlsProblem({ part, cause }: TlsProblem, tls: TlsOptions): ConfigError {
  const problem = {
    ca: "sslTruststoreCertificates holds no certificates that can be read: give them as PEM, each from -----BEGIN CERTIFICATE----- on",
    cert: "sslKeystoreCertificateChain cannot be read: give the client's certificate first, and then those of its authorities, as PEM",
    key: "sslKeystoreKey cannot be read: give a private key as PEM, from -----BEGIN PRIVATE KEY----- on",
    passphrase:
      tls.passphrase === undefined
        ? "sslKeystoreKey is encrypted: give its password as sslKeyPassword"
        : "sslKeyPassword is not the password of sslKeystoreKey: check both",
    pair: "sslKeystoreKey is not the key of the first certificate in sslKeystoreCertificateChain: give the two that belong together",
  }[part];
  return new ConfigError(problem, { cause });
}

function remedyOf(tls: TlsOptions, error: unknown): string | undefined {
  const text = words(error);
  return REMEDIES.find(([failure]) => failure.test(text))?.[1](tls);
}

function words(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return `${code} ${messageOf(error)}`.toLowerCase().replace(/[_\s-]+/g, " ");
}

/** OpenSSL wraps its reason into places in its source. */
function reasonOf(error: unknown): string {
  const hasReason = error instanceof Error && "reason" in error && typeof error.reason === "string";
  return hasReason && error.message.includes("SSL routines") ? (error.reason as string) : messageOf(error);
}
