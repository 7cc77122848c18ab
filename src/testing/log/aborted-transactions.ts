/** Which transactions of a log were aborted, so that a consumer that reads committed records can leave theirs out. */

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
  /** That of the marker. */
  readonly lastOffset: bigint;
  /** The last stable offset once the marker was written. */
  readonly lastStableOffset: bigint;
}

export class AbortedTransactions {
  #transactions: AbortedTransaction[] = [];

  get all(): readonly AbortedTransaction[] {
    return this.#transactions;
  }

  add(transaction: AbortedTransaction): void {
    this.#transactions.push(transaction);
  }

  /** Those of which records may lie in [from, to). */
  within(from: bigint, to: bigint): AbortedTransaction[] {
    return this.#transactions.filter(({ firstOffset, lastOffset }) => lastOffset >= from && firstOffset < to);
  }

  /** Forgets those of which no records are left. */
  forget(gone: ReadonlySet<AbortedTransaction>): void {
    if (gone.size > 0)
      this.#transactions = this.#transactions.filter((transaction) => !gone.has(transaction));
  }

  clear(): void {
    this.#transactions = [];
  }

  /** Forgets those that ended in front of `offset`. */
  startAt(offset: bigint): void {
    this.#transactions = this.#transactions.filter(({ lastOffset }) => lastOffset >= offset);
  }
}
