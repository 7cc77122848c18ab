/** SCRAM (RFC 5802): the client proves that it knows the password, and so does the broker, and neither says it. */

import type { DelegationTokens } from "../delegation-tokens.ts";
import { base64Of, bytesOfBase64 } from "./base64.ts";
import {
  type Authenticated,
  type ExchangeStep,
  notTold,
  refused,
  type SaslExchange,
  textOf,
  utf8,
} from "./exchange.ts";
import { hmac, isProof, LEAST_ITERATIONS, type ScramCredential, type ScramMechanism } from "./scram-keys.ts";
import type { ScramEntry, Users } from "./users.ts";

const NONCE_SIZE = 18;
/** No channel binding, perhaps an authorization id; then what is signed: the name, the nonce, extensions. */
const CLIENT_FIRST =
  /^n,(?:a=(?<authorizationId>[^,]+))?,(?<bare>(?:m=[^,]+,)?n=(?<name>[^,]+),r=(?<nonce>[\x21-\x2b\x2d-\x7e]+)(?<extensions>(?:,[A-Za-z]+=[^,]+)*))$/;
const CLIENT_FINAL =
  /^(?<withoutProof>c=[A-Za-z0-9/+=]*,r=(?<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,(?!p=)[A-Za-z]+=[^,]+)*),p=(?<proof>[A-Za-z0-9/+=]*)$/;
/** A name in which "," and "=" stand as `=2C` and `=3D`. */
const ESCAPED_NAME = /^(?:[^=,]|=2C|=3D)+$/;
const DELEGATION_TOKEN = /(?:^|,)tokenauth=true(?:,|$)/i;

/** What is known once the client has said its first. */
interface Begun {
  readonly done: Authenticated;
  readonly credential: ScramCredential;
  readonly clientFirst: string;
  readonly serverFirst: string;
  readonly nonce: string;
}

export class ScramExchange implements SaslExchange {
  readonly #mechanism: ScramMechanism;
  readonly #users: Users;
  readonly #tokens: DelegationTokens;
  #begun: Begun | null = null;

  constructor(mechanism: ScramMechanism, users: Users, tokens: DelegationTokens) {
    this.#mechanism = mechanism;
    this.#users = users;
    this.#tokens = tokens;
  }

  evaluate(token: Uint8Array): Promise<ExchangeStep> {
    const text = textOf(token);
    return this.#begun === null ? this.#first(text) : this.#final(text, this.#begun);
  }

  async #first(text: string): Promise<ExchangeStep> {
    const said = CLIENT_FIRST.exec(text)?.groups;
    if (said === undefined) throw notTold("Invalid SCRAM client first message format");
    const { authorizationId = "", bare = "", nonce: theirNonce = "", extensions = "" } = said;
    const escaped = said["name"] ?? "";
    if (!ESCAPED_NAME.test(escaped)) throw notTold("Invalid username");
    const name = escaped.replaceAll("=2C", ",").replaceAll("=3D", "=");
    const { entry, done } = DELEGATION_TOKEN.test(extensions) ? this.#ofToken(name) : this.#ofUser(name);
    if (authorizationId !== "" && authorizationId !== name) {
      throw refused(
        "Authentication failed: Client requested an authorization id that is different from username",
      );
    }
    if (entry.iterations < LEAST_ITERATIONS) throw notTold("Too few iterations");
    const credential = await entry.credential();
    const nonce = theirNonce + base64Of(this.#users.randomBytes(NONCE_SIZE));
    const serverFirst = `r=${nonce},s=${base64Of(credential.salt)},i=${credential.iterations}`;
    this.#begun = { done, credential, clientFirst: bare, serverFirst, nonce };
    return { say: utf8(serverFirst), done: null };
  }

  async #final(text: string, begun: Begun): Promise<ExchangeStep> {
    const { done, credential, clientFirst, serverFirst } = begun;
    const said = CLIENT_FINAL.exec(text)?.groups;
    const proof = bytesOfBase64(said?.["proof"] ?? "");
    if (said === undefined || proof === null) throw notTold("Invalid SCRAM client final message format");
    // Older librdkafka puts its own nonce before that of both once more, and Kafka takes it.
    if (said["nonce"]?.endsWith(begun.nonce) !== true) {
      throw notTold("Invalid client nonce in the final client message.");
    }
    const authMessage = [clientFirst, serverFirst, said["withoutProof"]].join(",");
    if (!(await isProof(this.#mechanism, credential, proof, authMessage))) {
      throw notTold("Invalid client credentials");
    }
    const signature = await hmac(this.#mechanism, credential.serverKey, authMessage);
    return { say: utf8(`v=${base64Of(signature)}`), done };
  }

  #ofUser(name: string): { readonly entry: ScramEntry; readonly done: Authenticated } {
    const entry = this.#users.scram(this.#mechanism).get(name);
    if (entry === undefined) throw notTold("Authentication failed: Invalid user credentials");
    return { entry, done: { name, expiresAtMs: null } };
  }

  #ofToken(id: string): { readonly entry: ScramEntry; readonly done: Authenticated } {
    const token = this.#tokens.find(id);
    if (token === undefined) throw notTold("Token Authentication failed: Invalid tokenId");
    const { owner, expiresAtMs, password } = token;
    const entry = this.#users.entryOfPassword(this.#mechanism, password);
    return { entry, done: { name: owner.name, expiresAtMs, isByToken: true } };
  }
}
