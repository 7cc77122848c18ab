/**
 * SCRAM (RFC 5802) with SHA-256 and SHA-512: both sides prove that they know the password, and neither says it.
 *
 * Names and passwords count as UTF-8 without SASLprep: Kafka's tools and brokers derive their credentials so, and
 * a client that mapped a ligature or a non-breaking space would be refused by them.
 */

import { encodeBase64 } from "./base64.ts";
import type { SaslCredentials } from "./credentials.ts";
import { ExchangeError, type SaslExchange, utf8 } from "./exchange.ts";
import { parseServerFinal, parseServerFirst, type ServerFirst } from "./scram-messages.ts";

/** The hash under the mechanism's name, as Web Crypto calls it. */
export type ScramHash = "SHA-256" | "SHA-512";

/** Web Crypto's types under the names that a DOM library would give them. */
type Subtle = typeof globalThis.crypto.subtle;
type Key = Awaited<ReturnType<Subtle["importKey"]>>;
type Bytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

const HASH_BITS: { readonly [H in ScramHash]: number } = { "SHA-256": 256, "SHA-512": 512 };

/** One exchange. The nonce must never have been used before. */
export async function* scram(hash: ScramHash, credentials: SaslCredentials, nonce: string): SaslExchange {
  const { username, password, authorizationId = "", tokenAuth = false } = credentials;
  const authorization = authorizationId === "" ? "" : `a=${saslName(authorizationId)}`;
  const gs2Header = `n,${authorization},`;
  // KIP-48: a delegation token is looked up elsewhere than a user.
  const extension = tokenAuth ? ",tokenauth=true" : "";
  const clientFirst = `n=${saslName(username)},r=${nonce}${extension}`;

  const serverFirst = text(yield utf8(gs2Header + clientFirst));
  const parameters = parseServerFirst(serverFirst, nonce);

  const withoutProof = `c=${encodeBase64(utf8(gs2Header))},r=${parameters.nonce}`;
  const authMessage = utf8(`${clientFirst},${serverFirst},${withoutProof}`);
  const { proof, serverKey } = await prove(hash, password, parameters, authMessage);

  const serverFinal = text(yield utf8(`${withoutProof},p=${encodeBase64(proof)}`));
  const signature = parseServerFinal(serverFinal);
  // Web Crypto compares in constant time.
  if (!(await webCrypto().verify("HMAC", serverKey, signature, authMessage))) {
    throw new ExchangeError(
      "the broker could not prove that it knows this user",
      "somebody in between may pretend to be the broker: use SASL_SSL, and check where the address leads",
    );
  }
}

/** A nonce of 144 random bits, without the comma that ends an attribute. */
export function newNonce(): string {
  return encodeBase64(globalThis.crypto.getRandomValues(new Uint8Array(18)));
}

async function prove(
  hash: ScramHash,
  password: string,
  { salt, iterations }: ServerFirst,
  authMessage: Uint8Array<ArrayBuffer>,
): Promise<{ readonly proof: Uint8Array; readonly serverKey: Key }> {
  const subtle = webCrypto();
  const hmacKey = (bytes: Bytes, usage: "sign" | "verify"): Promise<Key> =>
    subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, [usage]);
  const hmac = async (key: Bytes, message: Bytes): Promise<ArrayBuffer> =>
    subtle.sign("HMAC", await hmacKey(key, "sign"), message);

  // Hi() of RFC 5802 is PBKDF2 with one block.
  const passwordKey = await subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveBits"]);
  const salted = await subtle.deriveBits(
    { name: "PBKDF2", hash, salt, iterations },
    passwordKey,
    HASH_BITS[hash],
  );
  const clientKey = new Uint8Array(await hmac(salted, utf8("Client Key")));
  const storedKey = await subtle.digest(hash, clientKey);
  const clientSignature = new Uint8Array(await hmac(storedKey, authMessage));
  const serverKey = await hmacKey(await hmac(salted, utf8("Server Key")), "verify");
  return { proof: clientKey.map((byte, i) => byte ^ (clientSignature[i] as number)), serverKey };
}

/** Kafka's broker reads both escapes, and takes no other `=`. */
function saslName(name: string): string {
  return name.replaceAll("=", "=3D").replaceAll(",", "=2C");
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Not text, so not SCRAM: what is left of it will not parse, and that is explained where it is parsed.
    return "";
  }
}

function webCrypto(): Subtle {
  const subtle = (globalThis as { readonly crypto?: { readonly subtle?: Subtle } }).crypto?.subtle;
  if (subtle !== undefined) return subtle;
  throw new ExchangeError("this runtime has no Web Crypto (globalThis.crypto.subtle)", "use another runtime");
}
