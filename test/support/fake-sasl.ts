/** SASL as a broker serves it, on a {@link FakeBroker}: sessions of connections that end, and what it then does. */

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { type Api, SaslAuthenticate, SaslHandshake } from "../../src/client/api.ts";
import type { Fields } from "../../src/protocol/schema.ts";
import { type FakeBroker, hangUp } from "./fake-broker.ts";
import type { FakePeer } from "./fake-peer.ts";
import type { FakePlatform } from "./fake-platform.ts";
// What the client loads when it first needs it is loaded before: time that stands still waits for no file.
import "../../src/client/sasl/authenticator.ts";

export interface FakeSaslOptions {
  /** Default: all four. */
  readonly mechanisms?: readonly string[];
  /** Passwords by name. Default: `user` with `pencil`. */
  readonly users?: { readonly [name: string]: string };
  /** The tokens that are good. Default: `token`. */
  readonly tokens?: readonly string[];
  /** Default: 0, no end. */
  readonly sessionLifetimeMs?: number;
}

/** One answer of a mechanism: more to say, or the verdict. */
type Verdict = { readonly say: string; readonly done?: boolean } | { readonly refuse: string };
type Mechanism = (said: string) => Verdict;

interface PeerState {
  mechanism?: string;
  /** Null between exchanges. */
  exchange: Mechanism | null;
  user?: string;
  endsAtMs: number;
}

const AUTHENTICATION_FAILED = 58;

/** What the broker saw and decided. */
export class FakeSasl {
  /** How often each connection, in the order of connecting, has authenticated. */
  readonly authentications = new Map<FakePeer, number>();
  /** Requests that came when the session had ended, or during an exchange: a right client sends none. */
  readonly strays: string[] = [];
  options: Required<FakeSaslOptions>;
  readonly #states = new Map<FakePeer, PeerState>();
  readonly #broker: FakeBroker;
  readonly #platform: FakePlatform;
  #user: string | undefined;

  constructor(broker: FakeBroker, platform: FakePlatform, options: FakeSaslOptions = {}) {
    this.#broker = broker;
    this.#platform = platform;
    this.options = {
      mechanisms: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"],
      users: { user: "pencil" },
      tokens: ["token"],
      sessionLifetimeMs: 0,
      ...options,
    };
    broker.handle(SaslHandshake, ({ body, peer }) => this.#handshake(body.mechanism, peer));
    broker.handle(SaslAuthenticate, ({ body, peer }) =>
      this.#authenticate(Buffer.from(body.authBytes).toString(), peer),
    );
  }

  /** Hangs up on requests of these, unless their connection may make them. */
  guard(...apis: readonly Api<Fields, Fields>[]): void {
    for (const api of apis) {
      this.#broker.handle(api, ({ peer, api: name }) => {
        const state = this.#states.get(peer);
        if (state?.user !== undefined && state.exchange === null && this.#now < state.endsAtMs)
          return undefined;
        this.strays.push(name);
        return hangUp();
      });
    }
  }

  get #now(): number {
    return this.#platform.clock.monotonicMs();
  }

  #handshake(mechanism: string, peer: FakePeer) {
    const { mechanisms } = this.options;
    const state = this.#states.get(peer) ?? { exchange: null, endsAtMs: 0 };
    this.#states.set(peer, state);
    if (!mechanisms.includes(mechanism)) return { errorCode: 33, mechanisms };
    if (state.mechanism !== undefined && state.mechanism !== mechanism) return { errorCode: 34 };
    state.mechanism = mechanism;
    state.exchange = this.#mechanism(mechanism);
    return { mechanisms };
  }

  #authenticate(said: string, peer: FakePeer) {
    const state = this.#states.get(peer);
    if (state === undefined || state.exchange === null)
      return { errorCode: 34, errorMessage: "no handshake" };
    const verdict = state.exchange(said);
    if ("refuse" in verdict) return { errorCode: AUTHENTICATION_FAILED, errorMessage: verdict.refuse };
    if (verdict.done !== true) return { authBytes: Buffer.from(verdict.say) };
    if (state.user !== undefined && state.user !== this.#user) {
      return { errorCode: AUTHENTICATION_FAILED, errorMessage: "Cannot change principals" };
    }
    const { sessionLifetimeMs } = this.options;
    if (this.#user !== undefined) state.user = this.#user;
    state.exchange = null;
    state.endsAtMs = sessionLifetimeMs === 0 ? Number.POSITIVE_INFINITY : this.#now + sessionLifetimeMs;
    this.authentications.set(peer, (this.authentications.get(peer) ?? 0) + 1);
    return { authBytes: Buffer.from(verdict.say), sessionLifetimeMs: BigInt(sessionLifetimeMs) };
  }

  #mechanism(name: string): Mechanism {
    if (name === "PLAIN") return (said) => this.#plain(said);
    if (name === "OAUTHBEARER") return this.#oauthBearer();
    return this.#scram(name === "SCRAM-SHA-256" ? "sha256" : "sha512");
  }

  #plain(said: string): Verdict {
    const [, name = "", password] = said.split("\0");
    this.#user = name;
    const isGood = password !== undefined && this.options.users[name] === password;
    return isGood ? { say: "", done: true } : { refuse: "Invalid username or password" };
  }

  #oauthBearer(): Mechanism {
    let isRefused = false;
    return (said) => {
      if (isRefused) return { refuse: '{"status":"invalid_token"}' };
      const [header, auth = ""] = said.split("\u0001");
      const token =
        header === "n,," && auth.startsWith("auth=Bearer ") ? auth.slice("auth=Bearer ".length) : "";
      this.#user = "bearer";
      isRefused = !this.options.tokens.includes(token);
      return isRefused ? { say: '{"status":"invalid_token","scope":"kafka"}' } : { say: "", done: true };
    };
  }

  /** As RFC 5802 has it, and without a line of what is tested. */
  #scram(hash: "sha256" | "sha512"): Mechanism {
    const salt = randomBytes(16);
    let clientFirst = "";
    let serverFirst = "";
    return (said) => {
      if (clientFirst === "") {
        clientFirst = said.slice(said.indexOf("n="));
        this.#user = (/n=([^,]*)/.exec(clientFirst)?.[1] ?? "").replaceAll("=2C", ",").replaceAll("=3D", "=");
        const nonce = `${/,r=([^,]*)/.exec(clientFirst)?.[1]}${randomBytes(9).toString("base64")}`;
        serverFirst = `r=${nonce},s=${salt.toString("base64")},i=4096`;
        return { say: serverFirst };
      }
      const [withoutProof = "", proof = ""] = said.split(",p=");
      const password = this.options.users[this.#user ?? ""] ?? randomBytes(16).toString("hex");
      const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
      const salted = pbkdf2Sync(password, salt, 4096, hash === "sha256" ? 32 : 64, hash);
      const storedKey = createHash(hash).update(hmac(salted, "Client Key")).digest();
      const message = [clientFirst, serverFirst, withoutProof].join(",");
      const signature = hmac(storedKey, message);
      const clientKey = Buffer.from(proof, "base64").map((byte, i) => byte ^ (signature[i] ?? 0));
      const isGood = timingSafeEqual(createHash(hash).update(clientKey).digest(), storedKey);
      if (!isGood) return { refuse: "invalid credentials" };
      return { say: `v=${hmac(hmac(salted, "Server Key"), message).toString("base64")}`, done: true };
    };
  }
}
