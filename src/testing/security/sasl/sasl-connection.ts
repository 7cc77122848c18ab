/**
 * Where a connection stands with SASL, and so what may be asked on it.
 *
 *   start --ApiVersions--> versions told --SaslHandshake--> exchange --SaslAuthenticate...--> authenticated
 *
 * A session that ends is begun again by another handshake on the same connection (KIP-368). A client that goes on
 * without one is hung up on, when it next asks for something.
 */

import type { Principal } from "../authorizer.ts";
import {
  type Authenticated,
  type ExchangeStep,
  refused,
  type SaslExchange,
  SaslFailure,
} from "./exchange.ts";
import type { SaslServer } from "./sasl-server.ts";

/** What becomes of a request: it is served, refused with ILLEGAL_SASL_STATE before the end, or met with the end. */
export type Admission = "serve" | "refuse" | "hang up";

/** A connection that is authenticated. */
interface Session {
  readonly mechanism: string;
  readonly name: string;
  /** On the monotonic clock; null for no end. */
  readonly endsAtMs: number | null;
}

type State =
  | { readonly name: "start" }
  | { readonly name: "versions told" }
  | {
      readonly name: "exchange";
      readonly mechanism: string;
      readonly exchange: SaslExchange;
      /** Whether tokens come as they are, without a request around them: after a handshake of version 0. */
      readonly isBare: boolean;
      /** The session that is to be begun again. */
      readonly previous: Session | null;
    }
  /** Whatever comes next is the end: Kafka tells only then that a session cannot change its mechanism. */
  | { readonly name: "other mechanism" }
  | { readonly name: "authenticated"; readonly session: Session };

/** What an exchange has come to. */
export interface SaslStep {
  readonly say: Uint8Array;
  /** Whom the connection now belongs to; null while more is to be said. */
  readonly principal: Principal | null;
  /** Until the session ends; 0 for no end. */
  readonly sessionLifetimeMs: number;
}

const LEAST_MS_BETWEEN_SESSIONS = 1000;

export class SaslConnection {
  readonly #server: SaslServer;
  #state: State = { name: "start" };
  #lastRenewalAtMs: number | null = null;

  constructor(server: SaslServer) {
    this.#server = server;
  }

  /** Whether the next frame is a token and no request. */
  get takesToken(): boolean {
    return this.#state.name === "exchange" && this.#state.isBare;
  }

  /** Whether the connection belongs to somebody, and is not about to show it again. */
  get isAuthenticated(): boolean {
    return this.#state.name === "authenticated";
  }

  /** What becomes of a request. */
  admission(api: string): Admission {
    const state = this.#state;
    switch (state.name) {
      case "start":
        return api === "ApiVersions" || api === "SaslHandshake" ? "serve" : "hang up";
      case "versions told":
        return api === "SaslHandshake" ? "serve" : "hang up";
      case "exchange":
        return api === "SaslAuthenticate" ? "serve" : "refuse";
      case "other mechanism":
        return "hang up";
      case "authenticated":
        if (api === "SaslHandshake" && this.#mayRenew(state.session)) return "serve";
        return hasEnded(state.session, this.#nowMs) ? "hang up" : "serve";
    }
  }

  /** The client was told of the versions, and may not ask again. */
  versionsTold(): void {
    if (this.#state.name === "start") this.#state = { name: "versions told" };
  }

  /** Chooses a mechanism: null where it is not offered, false where this is not the moment. */
  handshake(mechanism: string, version: number): boolean | null {
    const state = this.#state;
    const previous = state.name === "authenticated" ? state.session : null;
    if (previous !== null && !this.#mayRenew(previous)) return false;
    if (!this.#server.mechanisms.includes(mechanism)) return null;
    if (previous !== null) this.#lastRenewalAtMs = this.#nowMs;
    if (previous !== null && previous.mechanism !== mechanism) {
      this.#state = { name: "other mechanism" };
      return true;
    }
    const exchange = this.#server.begin(mechanism);
    this.#state = { name: "exchange", mechanism, exchange, isBare: version === 0, previous };
    return true;
  }

  /** Takes a token; null where none is expected. Rejects with what the client may be told. */
  async authenticate(token: Uint8Array): Promise<SaslStep | null> {
    const state = this.#state;
    if (state.name !== "exchange") return null;
    const { mechanism, exchange, previous } = state;
    try {
      const { say, done } = await exchange.evaluate(token);
      if (done === null) return { say, principal: null, sessionLifetimeMs: 0 };
      if (previous !== null && previous.name !== done.name) {
        throw refused(
          `Cannot change principals during re-authentication from User.${previous.name}: User.${done.name}`,
        );
      }
      return this.#authenticated(mechanism, { say, done }, done);
    } catch (error) {
      if (!(error instanceof SaslFailure) || error.isTold) throw error;
      const what = previous === null ? "authentication" : "re-authentication";
      throw refused(
        `Authentication failed during ${what} due to invalid credentials with SASL mechanism ${mechanism}`,
      );
    }
  }

  get #nowMs(): number {
    return this.#server.clock.monotonicMs();
  }

  #authenticated(
    mechanism: string,
    { say }: ExchangeStep,
    { name, expiresAtMs, isByToken = false }: Authenticated,
  ): SaslStep {
    const { clock, maxSessionMs } = this.#server;
    const ofToken =
      expiresAtMs === null ? Number.POSITIVE_INFINITY : Math.floor(expiresAtMs) - clock.wallMs();
    const atMost = maxSessionMs > 0 ? maxSessionMs : Number.POSITIVE_INFINITY;
    const lifetimeMs = Math.max(Math.min(ofToken, atMost), 0);
    const endsAtMs = Number.isFinite(lifetimeMs) ? this.#nowMs + lifetimeMs : null;
    this.#state = { name: "authenticated", session: { mechanism, name, endsAtMs } };
    const principal = { type: "User", name, isByToken };
    return { say, principal, sessionLifetimeMs: endsAtMs === null ? 0 : lifetimeMs };
  }

  /** Only a session that has an end can be renewed, and not again and again. */
  #mayRenew({ endsAtMs }: Session): boolean {
    if (endsAtMs === null) return false;
    const last = this.#lastRenewalAtMs;
    return last === null || this.#nowMs - last >= LEAST_MS_BETWEEN_SESSIONS;
  }
}

function hasEnded({ endsAtMs }: Session, nowMs: number): boolean {
  return endsAtMs !== null && nowMs > endsAtMs;
}
