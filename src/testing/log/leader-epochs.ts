/**
 * Which leader epoch began at which offset of a log: by this a consumer that comes back finds out whether records
 * that it has read were cut off (KIP-101, KIP-320).
 */

export interface EpochStart {
  readonly epoch: number;
  readonly startOffset: bigint;
}

export class LeaderEpochs {
  readonly #starts: EpochStart[] = [];

  get all(): readonly EpochStart[] {
    return this.#starts;
  }

  /** The newest; -1 where there is none. */
  get latest(): number {
    return this.#starts.at(-1)?.epoch ?? -1;
  }

  /** Notes that `epoch` goes from `startOffset` on; returns whether that is news. */
  begin(epoch: number, startOffset: bigint): boolean {
    if (epoch <= this.latest) return false;
    // An epoch in which nothing was written gives way to the one after it.
    if (this.#starts.at(-1)?.startOffset === startOffset) this.#starts.pop();
    this.#starts.push({ epoch, startOffset });
    return true;
  }

  /** The epoch in which the record at `offset` was written; -1 where that is not known. */
  epochAt(offset: bigint): number {
    let found = -1;
    for (const { epoch, startOffset } of this.#starts) if (startOffset <= offset) found = epoch;
    return found;
  }

  /**
   * The largest epoch that is no later than `asked`, and the offset at which it ends; epoch -1 where there is none.
   *
   * @param endOffset of the log, at which the newest epoch ends
   */
  endOffsetFor(asked: number, endOffset: bigint): { readonly epoch: number; readonly endOffset: bigint } {
    const latest = this.latest;
    if (asked < 0 || latest < 0) return { epoch: -1, endOffset: -1n };
    if (asked === latest) return { epoch: latest, endOffset };
    const next = this.#starts.findIndex(({ epoch }) => epoch > asked);
    // Nobody has heard of such an epoch yet.
    if (next < 0) return { epoch: -1, endOffset: -1n };
    const { startOffset } = this.#starts[next] as EpochStart;
    // All that is known is later: the log of that epoch ended where it begins.
    if (next === 0) return { epoch: asked, endOffset: startOffset };
    return { epoch: (this.#starts[next - 1] as EpochStart).epoch, endOffset: startOffset };
  }

  /** Forgets what lies at or behind `offset`, which was cut off. */
  truncateTo(offset: bigint): void {
    while ((this.#starts.at(-1)?.startOffset ?? -1n) >= offset) this.#starts.pop();
  }

  /** Forgets what lies in front of `offset`, which was deleted. */
  startAt(offset: bigint): void {
    let current: EpochStart | undefined;
    while ((this.#starts[0]?.startOffset ?? offset) < offset) current = this.#starts.shift();
    if (current !== undefined && this.#starts[0]?.startOffset !== offset) {
      this.#starts.unshift({ epoch: current.epoch, startOffset: offset });
    }
  }
}
