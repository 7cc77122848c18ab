import type { Clock } from "../../platform/platform.ts";
import { ClosedError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { orAborted } from "../retry.ts";

/** When a token is replaced. Kafka's `sasl.login.refresh.*`. */
export interface RefreshTimes {
  /** The part of its lifetime after which it is replaced. */
  readonly windowFactor: number;
  /** The largest part of its lifetime that chance adds to that. */
  readonly windowJitter: number;
  /** The least time before it is replaced. */
  readonly minPeriodMs: number;
  /** The least time that should be left of it then. */
  readonly bufferMs: number;
}

/** A token and its times, in milliseconds since the epoch. */
export interface FetchedToken {
  readonly value: string;
  readonly issuedAtMs: number;
  /** Null where that is unknown: such a token is used once. */
  readonly expiresAtMs: number | null;
}

/**
 * When to replace a token that has come just now. Both periods give way where the token does not live long
 * enough for them together, as in Kafka's login.
 */
export function refreshAtMs(
  { issuedAtMs, expiresAtMs }: { readonly issuedAtMs: number; readonly expiresAtMs: number },
  times: RefreshTimes,
  nowMs: number,
  random: number,
): number {
  const { windowFactor, windowJitter, minPeriodMs, bufferMs } = times;
  const wished = issuedAtMs + (expiresAtMs - issuedAtMs) * (windowFactor + windowJitter * random);
  if (minPeriodMs + bufferMs > expiresAtMs - nowMs) return wished;
  return Math.max(nowMs + minPeriodMs, Math.min(wished, expiresAtMs - bufferMs));
}

interface Fetching {
  readonly token: Promise<FetchedToken>;
  readonly abort: AbortController;
  waiting: number;
}

/**
 * Keeps a token and replaces it when it is wanted and due. Nothing happens while nobody wants one, so that an idle
 * client asks nobody for anything and keeps no process alive.
 */
export class TokenCache {
  readonly #fetch: (timeoutMs: number, signal: AbortSignal) => Promise<FetchedToken>;
  readonly #times: RefreshTimes;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #current: { readonly value: string; readonly expiresAtMs: number } | null = null;
  #refreshAtMs = 0;
  #fetching: Fetching | null = null;

  constructor(
    fetch: (timeoutMs: number, signal: AbortSignal) => Promise<FetchedToken>,
    times: RefreshTimes,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#fetch = fetch;
    this.#times = times;
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * A token that has not expired. Those who want one at the same time share one request; it is given up when all
   * of them have.
   *
   * @throws what fetching one throws, unless the one that was to be replaced still serves.
   */
  async get(timeoutMs: number, signal: AbortSignal): Promise<string> {
    if (this.#current !== null && this.#clock.wallMs() < this.#refreshAtMs) return this.#current.value;
    this.#fetching ??= this.#start(timeoutMs);
    const fetching = this.#fetching;
    fetching.waiting++;
    try {
      return (await orAborted(fetching.token, signal)).value;
    } catch (error) {
      if (signal.aborted || this.#current === null) throw error;
      const now = this.#clock.wallMs();
      if (now >= this.#current.expiresAtMs) throw error;
      this.#refreshAtMs = Math.max(this.#refreshAtMs, now + this.#times.minPeriodMs);
      this.#logger.warn(`The token was not replaced, and the old one serves on: ${messageOf(error)}`);
      return this.#current.value;
    } finally {
      fetching.waiting--;
      if (fetching.waiting === 0) {
        if (this.#fetching === fetching) this.#fetching = null;
        fetching.abort.abort(new ClosedError("login"));
      }
    }
  }

  #start(timeoutMs: number): Fetching {
    const abort = new AbortController();
    const token = this.#fetch(timeoutMs, abort.signal)
      .then((fetched) => this.#keep(fetched))
      .finally(() => {
        if (this.#fetching?.abort === abort) this.#fetching = null;
      });
    return { token, abort, waiting: 0 };
  }

  #keep(fetched: FetchedToken): FetchedToken {
    const { value, issuedAtMs, expiresAtMs } = fetched;
    const now = this.#clock.wallMs();
    // By our clock it is of no use, but it is the broker's clock that counts.
    if (expiresAtMs === null || expiresAtMs <= now) {
      this.#current = null;
      return fetched;
    }
    this.#current = { value, expiresAtMs };
    this.#refreshAtMs = refreshAtMs({ issuedAtMs, expiresAtMs }, this.#times, now, this.#clock.random());
    return fetched;
  }
}
