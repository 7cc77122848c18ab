import { FrameError } from "../protocol/frame.ts";
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
  const message = `${broker} wants TLS: set securityProtocol to "SSL", or use its PLAINTEXT listener`;
  return new ConnectionError("NOT_A_KAFKA_BROKER", broker, message, { cause });
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
