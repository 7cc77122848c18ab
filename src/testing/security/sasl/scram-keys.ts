/** What SCRAM (RFC 5802) computes, by Web Crypto. Names and passwords are taken as they are, as Kafka takes them. */

import { utf8 } from "./exchange.ts";

/** The mechanisms, with their numbers in requests and the hash that each goes by. */
export const SCRAM_MECHANISMS = {
  "SCRAM-SHA-256": { number: 1, hash: "SHA-256", bits: 256 },
  "SCRAM-SHA-512": { number: 2, hash: "SHA-512", bits: 512 },
} as const;

export type ScramMechanism = keyof typeof SCRAM_MECHANISMS;

export const scramMechanisms = Object.keys(SCRAM_MECHANISMS) as readonly ScramMechanism[];

/** Kafka takes no fewer iterations, and this many unless told otherwise. */
export const LEAST_ITERATIONS = 4096;

type Bytes = Uint8Array<ArrayBuffer>;

/** What a broker knows of a user, from which the password does not follow. */
export interface ScramCredential {
  readonly salt: Bytes;
  readonly iterations: number;
  readonly storedKey: Bytes;
  readonly serverKey: Bytes;
}

/** The password after all its iterations. */
export async function saltedPassword(
  mechanism: ScramMechanism,
  password: string,
  salt: Bytes,
  iterations: number,
): Promise<Bytes> {
  const { hash, bits } = SCRAM_MECHANISMS[mechanism];
  const { subtle } = globalThis.crypto;
  const key = await subtle.importKey("raw", utf8(password), "PBKDF2", false, ["deriveBits"]);
  return new Uint8Array(await subtle.deriveBits({ name: "PBKDF2", hash, salt, iterations }, key, bits));
}

/** What is kept of a salted password. */
export async function credentialOf(
  mechanism: ScramMechanism,
  salted: Bytes,
  salt: Bytes,
  iterations: number,
): Promise<ScramCredential> {
  const storedKey = await digest(mechanism, await hmac(mechanism, salted, "Client Key"));
  return { salt, iterations, storedKey, serverKey: await hmac(mechanism, salted, "Server Key") };
}

export async function hmac(mechanism: ScramMechanism, key: Bytes, text: string): Promise<Bytes> {
  const { subtle } = globalThis.crypto;
  const { hash } = SCRAM_MECHANISMS[mechanism];
  const imported = await subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, utf8(text)));
}

/** Whether `proof` comes from someone who knows the password. */
export async function isProof(
  mechanism: ScramMechanism,
  { storedKey }: ScramCredential,
  proof: Bytes,
  authMessage: string,
): Promise<boolean> {
  const signature = await hmac(mechanism, storedKey, authMessage);
  if (proof.byteLength !== signature.byteLength) return false;
  const clientKey = proof.map((byte, index) => byte ^ (signature[index] as number));
  const theirs = await digest(mechanism, clientKey);
  return theirs.every((byte, index) => byte === storedKey[index]);
}

async function digest(mechanism: ScramMechanism, bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await globalThis.crypto.subtle.digest(SCRAM_MECHANISMS[mechanism].hash, bytes));
}
