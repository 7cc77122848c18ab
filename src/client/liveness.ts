/**
 * When a connection on which nothing comes has to be looked into. Pure: the clock and the sockets are elsewhere.
 *
 * A peer that vanishes without a word (its machine lost power, a firewall dropped the connection) leaves a socket
 * that takes bytes and gives none: it is half-open. Nothing on that socket can tell this from a broker that is
 * slow, so after a while of silence where an answer is owed the broker is asked on a second connection.
 */

/** What a connection knows of its peer's being alive. Times are of the monotonic clock. */
export interface Liveness {
  /** When the last bytes came, or when the stream took bytes again after it was full. */
  readonly lastSignMs: number;
  /** When the last answer came: a broker begins with a request after the one before. */
  readonly lastAnswerMs: number;
  /** How much silence is taken for granted while an answer is owed. */
  readonly patienceMs: number;
  /** Whether an answer has come since it was opened, or was last trusted with more time. */
  readonly hasAnswered: boolean;
}

/** The request that the broker works on. */
export interface OldestRequest {
  /** Null while it waits for its turn. */
  readonly sentAtMs: number | null;
  /** How long the broker may take for it by the request's own terms, such as a fetch's longest wait. */
  readonly mayTakeMs: number;
}

/** After so long without a byte where an answer is owed, a connection is looked into. */
export const PATIENCE_MS = 5000;

/** So long a second connection may take to come about: long enough for a lost first packet. */
export const PROBE_CONNECT_MS = 3000;

/** So long a second connection may take to tell. Together with {@link PATIENCE_MS} less than 10 s. */
export const PROBE_TIMEOUT_MS = 4000;

/** So long an answer on the first connection may still come after the second has told that none is due. */
export const GRACE_MS = 300;

/** A connection that was opened just now. */
export function freshLiveness(nowMs: number): Liveness {
  return { lastSignMs: nowMs, lastAnswerMs: 0, patienceMs: PATIENCE_MS, hasAnswered: false };
}

/** After the peer gave a sign of life. */
export function afterSign(liveness: Liveness, nowMs: number): Liveness {
  return { ...liveness, lastSignMs: nowMs };
}

/** After bytes that made an answer complete: whatever more the connection was trusted with, it is as others are. */
export function afterAnswer(liveness: Liveness): Liveness {
  return {
    lastSignMs: liveness.lastSignMs,
    lastAnswerMs: liveness.lastSignMs,
    patienceMs: PATIENCE_MS,
    hasAnswered: true,
  };
}

/** When the connection becomes suspicious unless something comes before; infinity while nothing is owed. */
export function suspiciousAtMs(
  { lastSignMs, lastAnswerMs, patienceMs }: Liveness,
  oldest: OldestRequest | null,
): number {
  if (oldest === null || oldest.sentAtMs === null) return Number.POSITIVE_INFINITY;
  const owedSinceMs = Math.max(oldest.sentAtMs, lastAnswerMs) + oldest.mayTakeMs;
  return Math.max(owedSinceMs, lastSignMs) + patienceMs;
}

/** What a second connection told of the first. */
export type Verdict =
  /** The broker answers others at once, and owes us an answer: the socket is dead. */
  | "half-open"
  /** The broker cannot be reached at all: so it cannot on the first connection. */
  | "unreachable"
  /** The broker is slow with everybody, or has a reason to take its time: waiting is right. */
  | "slow";

/**
 * How long the next connection is trusted. One that was replaced and then is silent again has shown that the
 * broker is slow with this very request: it must not be asked the same over and over.
 */
export function patienceAfterReplacing({ patienceMs, hasAnswered }: Liveness): number {
  return hasAnswered ? 2 * PATIENCE_MS : 2 * patienceMs;
}
