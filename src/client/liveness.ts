/**
 * When a connection on which nothing comes has to be looked into. Pure: the clock and the sockets are elsewhere.
 *
 * A peer that vanishes without a word (its machine lost power, a firewall dropped the connection) leaves a socket
 * that takes bytes and gives none: it is half-open. Nothing on that socket can tell this from a broker that is
 * slow, so after a while of silence where an answer is owed the broker is asked on a second connection.
 */

/** What a connection knows of itself. */
export interface ConnectionState {
  /** When the oldest request that waits for its answer was sent; null while none does. */
  readonly oldestSentAtMs: number | null;
  /** How long the broker may take for that one by the request's own terms, such as a fetch's longest wait. */
  readonly oldestMayTakeMs: number;
  /** When the last bytes came, or when the stream took bytes again after it was full. */
  readonly lastSignMs: number;
  /** When the answer before the oldest request came: a broker begins with a request after the one before. */
  readonly lastAnswerMs: number;
  /** How much silence is taken for granted. */
  readonly patienceMs: number;
}

/** After so long without a byte where an answer is owed, a connection is looked into. */
export const PATIENCE_MS = 5000;

/** So long a second connection may take to come about: long enough for a lost first packet. */
export const PROBE_CONNECT_MS = 3000;

/** So long a second connection may take to tell. Together with {@link PATIENCE_MS} less than 10 s. */
export const PROBE_TIMEOUT_MS = 4000;

/** When the connection becomes suspicious unless something comes before; infinity while nothing is owed. */
export function suspiciousAtMs(state: ConnectionState): number {
  if (state.oldestSentAtMs === null) return Number.POSITIVE_INFINITY;
  const owedSinceMs = Math.max(state.oldestSentAtMs, state.lastAnswerMs) + state.oldestMayTakeMs;
  return Math.max(owedSinceMs, state.lastSignMs) + state.patienceMs;
}

/** So long an answer on the first connection may still come after the second has told that none is due. */
export const GRACE_MS = 300;

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
export function patienceAfterReplacing(patienceMs: number, hadAnswered: boolean): number {
  return hadAnswered ? 2 * PATIENCE_MS : 2 * patienceMs;
}
