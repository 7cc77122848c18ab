/** What a SCRAM server says (RFC 5802, section 7), read strictly: it decides how long we compute and what we believe. */

import { decodeBase64 } from "./base64.ts";
import { ExchangeError, shown } from "./exchange.ts";

/** RFC 7677 says that there are no fewer, and Kafka makes none with fewer. */
export const MIN_ITERATIONS = 4096;

/**
 * Kafka's own tools make credentials of 16,384 at the most. A million takes about a second of one core with either
 * hash, so a server cannot keep us busy for longer than that.
 */
export const MAX_ITERATIONS = 1_000_000;

/** More than any server needs. */
const MAX_SALT_BYTES = 1024;

/** The server's first message. */
export interface ServerFirst {
  /** The client's nonce and the server's own behind it. */
  readonly nonce: string;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly iterations: number;
}

const SERVER_FIRST = /^r=([\x21-\x2b\x2d-\x7e]+),s=([^,]*),i=([0-9]+)(?:,[A-Za-z]=[^,]*)*$/;
const SERVER_FINAL = /^v=([^,]*)(?:,[A-Za-z]=[^,]*)*$/;

/** @throws ExchangeError when it is not what a server may say. */
export function parseServerFirst(message: string, clientNonce: string): ServerFirst {
  throwIfRefusal(message);
  if (message.startsWith("m=")) {
    throw malformed("it asks for an extension that this client does not know");
  }
  const [, nonce = "", encodedSalt = "", digits = ""] = SERVER_FIRST.exec(message) ?? [];
  if (nonce === "") throw malformed("its first message has another form");
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length) {
    throw malformed("its nonce does not go on where this client's ends, so the answer may be an old one");
  }
  const salt = decodeBase64(encodedSalt);
  if (salt === null || salt.byteLength === 0 || salt.byteLength > MAX_SALT_BYTES) {
    throw malformed("its salt is not base64, is empty, or is too long");
  }
  const iterations = Number(digits);
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
    throw new ExchangeError(
      `the broker asks for ${digits.slice(0, 20)} iterations, and this client makes ${MIN_ITERATIONS} to ${MAX_ITERATIONS}`,
      "fewer are not safe and more are not reasonable; make the user's credentials again with kafka-configs",
    );
  }
  return { nonce, salt, iterations };
}

/**
 * The signature by which the server proves that it knows the user's credentials.
 *
 * @throws ExchangeError when there is none.
 */
export function parseServerFinal(message: string): Uint8Array<ArrayBuffer> {
  throwIfRefusal(message);
  const signature = decodeBase64(SERVER_FINAL.exec(message)?.[1] ?? "");
  if (signature === null || signature.byteLength === 0) throw malformed("its last message has no signature");
  return signature;
}

/** A server may refuse within the mechanism, with a word such as `invalid-proof`. */
function throwIfRefusal(message: string): void {
  if (!message.startsWith("e=")) return;
  throw new ExchangeError(
    `the broker refused it with "${shown(message.slice(2))}"`,
    "check username, password and mechanism",
  );
}

function malformed(problem: string): ExchangeError {
  return new ExchangeError(
    `the broker does not speak SCRAM as RFC 5802 says: ${problem}`,
    "check that it is a Kafka broker, and nobody in between",
  );
}
