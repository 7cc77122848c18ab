import { FrameError } from "../protocol/frame.ts";
import { ApiVersions, SaslAuthenticate, SaslHandshake } from "./api.ts";
import { ConnectionError, messageOf } from "./errors.ts";

/** The first four bytes of "HTTP/1.1 400", read as a size. */
const HTTP = 0x48545450;
/** A TLS alert record of TLS 1.0 to 1.2, read as a size: type 21, version 3.x, then the length. */
const TLS_ALERT_TYPE = 0x15;

/** Whether a peer that was spoken to without TLS has answered with an alert of TLS. */
export function isTlsAlert(announcedSize: number | null): boolean {
  return (
    announcedSize !== null && announcedSize >>> 24 === TLS_ALERT_TYPE && ((announcedSize >>> 16) & 0xff) === 3
  );
}

/** The error for such a peer. */
export function tlsIsWanted(broker: string, cause: unknown): ConnectionError {
  const message =
    `${broker} wants TLS: set securityProtocol to "SSL" (with SASL: "SASL_SSL"), ` +
    "or use its PLAINTEXT listener";
  return new ConnectionError("NOT_A_KAFKA_BROKER", broker, message, { cause });
}

/** What was heard of a peer before it hung up. */
export interface HeardOfPeer {
  readonly receivedBytes: boolean;
  /** Whether it answered anything but ApiVersions. */
  readonly serves: boolean;
  /** API keys of what it owes an answer to. */
  readonly asked: readonly number[];
}

/** What it may mean that a peer hung up, to go on after "closed the connection". */
export function hangUpHint({ receivedBytes, serves, asked }: HeardOfPeer): string {
  if (!receivedBytes) {
    return " without ever answering: check that its security protocol is the one configured";
  }
  const ofSasl: readonly number[] = [SaslHandshake.apiKey, SaslAuthenticate.apiKey];
  if (asked.some((apiKey) => ofSasl.includes(apiKey))) {
    return " while this client authenticated, without saying why: the broker's log may tell; check the credentials";
  }
  if (serves || asked.every((apiKey) => apiKey === ApiVersions.apiKey)) return "";
  return (
    " when it was asked for more than its versions, as listeners with SASL do: if it is one, " +
    'set securityProtocol to "SASL_SSL" or "SASL_PLAINTEXT"'
  );
}

/** What it means that the bytes from a peer are no Kafka frames. */
export function explainFrameFailure(broker: string, tls: boolean, error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const fail = (code: "NOT_A_KAFKA_BROKER" | "PROTOCOL_ERROR", message: string): ConnectionError =>
    new ConnectionError(code, broker, message, { cause: error });
  if (error instanceof FrameError) {
    if (error.size === HTTP) {
      return fail(
        "NOT_A_KAFKA_BROKER",
        `${broker} answers in HTTP, not in Kafka's protocol: give the address of a broker's Kafka listener`,
      );
    }
    if (isTlsAlert(error.size) && !tls) return tlsIsWanted(broker, error);
    const shown = [24, 16, 8, 0].map((shift) => printable((error.size >>> shift) & 0xff)).join("");
    return fail(
      "NOT_A_KAFKA_BROKER",
      `${broker} does not seem to speak Kafka's protocol: a frame starts with "${shown}". ${error.message}`,
    );
  }
  return fail("PROTOCOL_ERROR", `The response of ${broker} cannot be read: ${messageOf(error)}`);
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
}
