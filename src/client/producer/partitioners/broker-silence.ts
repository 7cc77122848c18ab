interface Owed {
  /** Requests that are on their way. */
  requests: number;
  /** Since when no answer has come to them, nor to those that failed without one; null when nothing is owed. */
  sinceMs: number | null;
}

/** For how long brokers have answered none of the Produce requests that they were sent (KIP-794). */
export class BrokerSilence {
  readonly #owed = new Map<number, Owed>();

  sent(nodeId: number, nowMs: number): void {
    const owed = this.#owed.get(nodeId);
    if (owed === undefined) {
      this.#owed.set(nodeId, { requests: 1, sinceMs: nowMs });
      return;
    }
    owed.requests++;
    owed.sinceMs ??= nowMs;
  }

  answered(nodeId: number, nowMs: number): void {
    const owed = this.#owed.get(nodeId);
    if (owed === undefined) return;
    owed.requests--;
    owed.sinceMs = owed.requests > 0 ? nowMs : null;
  }

  /** No answer will come: the connection was lost, or could not be had, or took too long. */
  failed(nodeId: number): void {
    const owed = this.#owed.get(nodeId);
    if (owed !== undefined) owed.requests--;
  }

  forMs(nodeId: number, nowMs: number): number {
    const sinceMs = this.#owed.get(nodeId)?.sinceMs ?? null;
    return sinceMs === null ? 0 : nowMs - sinceMs;
  }
}
