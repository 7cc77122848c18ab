/**
 * Authenticating again before a session ends (KIP-368).
 *
 * It begins with the first request after the session is due, not by a timer: an idle connection asks nobody for
 * credentials, and brokers take SaslHandshake from a connection whose session has ended, but nothing else. The Java
 * client does the same. Requests go on while the credentials are fetched, unless the session ends meanwhile; they
 * are held only for the round trips themselves.
 */

import type { Clock } from "../../platform/platform.ts";
import type { Connection } from "../connection.ts";
import { ConnectionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Session } from "./authenticate.ts";
import type { SaslExchange } from "./exchange.ts";

/** As in Java: the rest is for the network and for clocks that differ, and chance keeps connections apart. */
const EARLIEST = 0.85;
const SPREAD = 0.1;

/** What is left for the round trips, however short a session is: a busy machine is late by more than 5 % of seconds. */
const LEAST_LEFT_MS = 1000;

/**
 * A broker counts a request as come once it has done with those before it on the connection. So what goes out now
 * comes about as late as the oldest that is on its way is old, and under load later still.
 */
const LAG_FACTOR = 2;
/** However little time is left: brokers take no two handshakes of a connection within a second. */
const EARLIEST_OF_ALL = 0.6;

/** The wait before credentials are asked for again while the session still lasts. */
const RETRY_MS = 1000;

/** Where a connection stands. Times are on the monotonic clock, and infinite for a session without end. */
export type SessionState =
  | {
      readonly kind: "valid";
      readonly dueAtMs: number;
      /** From here on it is due where requests would come too late otherwise. */
      readonly dueWithLagAtMs: number;
      readonly endsAtMs: number;
    }
  | { readonly kind: "preparing"; readonly endsAtMs: number }
  | { readonly kind: "authenticating" };

/** The state after authentication; `random` is in [0, 1). */
export function established({ beganAtMs, lifetimeMs }: Session, random: number): SessionState {
  const at = (part: number): number =>
    lifetimeMs <= 0 ? Number.POSITIVE_INFINITY : beganAtMs + lifetimeMs * part;
  const earliest = Math.min(EARLIEST, 1 - SPREAD - LEAST_LEFT_MS / lifetimeMs);
  return {
    kind: "valid",
    dueAtMs: at(Math.max(earliest, EARLIEST_OF_ALL) + SPREAD * random),
    dueWithLagAtMs: at(EARLIEST_OF_ALL),
    endsAtMs: at(1),
  };
}

/** Whether it is time to begin anew, where the oldest request on its way is `lagMs` old. */
export function isDue(state: SessionState, nowMs: number, lagMs: number): boolean {
  if (state.kind !== "valid") return false;
  return nowMs >= state.dueAtMs || (nowMs >= state.dueWithLagAtMs && comesTooLate(state, nowMs, lagMs));
}

/** Whether requests may go out: not during the round trips, nor when the broker would hang up on them. */
export function mayGo(state: SessionState, nowMs: number, lagMs: number): boolean {
  return state.kind !== "authenticating" && !comesTooLate(state, nowMs, lagMs);
}

function comesTooLate({ endsAtMs }: { readonly endsAtMs: number }, nowMs: number, lagMs: number): boolean {
  return nowMs + LAG_FACTOR * lagMs >= endsAtMs;
}

/** The steps of authenticating again. */
export interface ReauthenticationSteps {
  /** Gets credentials; may take its time. */
  prepare(): Promise<SaslExchange>;
  authenticate(exchange: SaslExchange): Promise<Session>;
}

/** What it needs from around it. */
export interface ReauthenticationOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps the session of one connection. */
export class Reauthentication {
  readonly #connection: Connection;
  readonly #steps: ReauthenticationSteps;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #state: SessionState;

  private constructor(
    connection: Connection,
    first: Session,
    steps: ReauthenticationSteps,
    { clock, logger }: ReauthenticationOptions,
  ) {
    this.#connection = connection;
    this.#steps = steps;
    this.#clock = clock;
    this.#logger = logger;
    this.#state = established(first, clock.random());
  }

  /** Sees to it that no request meets a session that has ended, as long as the connection lasts. */
  static keep(
    connection: Connection,
    first: Session,
    steps: ReauthenticationSteps,
    options: ReauthenticationOptions,
  ): void {
    const session = new Reauthentication(connection, first, steps, options);
    connection.setGate(() => session.#gate());
  }

  #gate(): boolean {
    const now = this.#clock.monotonicMs();
    const lagMs = now - (this.#connection.oldestRequest?.sentAtMs ?? now);
    if (this.#state.kind === "valid") {
      if (!isDue(this.#state, now, lagMs)) return true;
      this.#state = { kind: "preparing", endsAtMs: this.#state.endsAtMs };
      void this.#run(this.#state.endsAtMs);
    }
    return mayGo(this.#state, now, lagMs);
  }

  /** Never rejects: a failure is the connection's. */
  async #run(endsAtMs: number): Promise<void> {
    // The gate is asked while the connection looks at what waits, so nothing may be sent before that is over.
    await null;
    let exchange: SaslExchange;
    try {
      exchange = await this.#steps.prepare();
    } catch (error) {
      const now = this.#clock.monotonicMs();
      if (now + RETRY_MS >= endsAtMs) return this.#fail(error);
      this.#logger.warn(`${messageOf(error)}. The session goes on for ${Math.round(endsAtMs - now)} ms`);
      this.#state = { kind: "valid", dueAtMs: now + RETRY_MS, dueWithLagAtMs: now + RETRY_MS, endsAtMs };
      this.#connection.resume();
      return;
    }
    this.#state = { kind: "authenticating" };
    try {
      this.#state = established(await this.#steps.authenticate(exchange), this.#clock.random());
    } catch (error) {
      return this.#fail(error);
    }
    this.#logger.debug(`${this.#connection.name} has authenticated this client again`);
    this.#connection.resume();
  }

  /** A new connection may be luckier, such as with the credentials of another user, which this one cannot change to. */
  #fail(cause: unknown): void {
    const { name } = this.#connection;
    const message = `The connection to ${name} was given up, since it could not authenticate again: ${messageOf(cause)}`;
    this.#logger.warn(message);
    this.#connection.close(
      new ConnectionError("CONNECTION_CLOSED", name, message, { retriable: true, cause }),
    );
  }
}
