/** Transactions as compaction comes across them: whose records are aborted, and which markers nobody needs any more. */

import { decodeControlRecord } from "../../protocol/control-records.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { AbortedTransaction } from "./aborted-transactions.ts";

export class CleanedTransactions {
  /** By their first offset, those that were not come across yet. */
  readonly #ahead: AbortedTransaction[];
  /** By producer, with whether records of it are still there. */
  readonly #aborted = new Map<bigint, { readonly transaction: AbortedTransaction; isThere: boolean }>();
  /** Aborted transactions of which no records are left. */
  readonly gone = new Set<AbortedTransaction>();
  /** Producers with records in front of the next marker. */
  readonly #committed = new Set<bigint>();

  constructor(aborted: Iterable<AbortedTransaction>) {
    this.#ahead = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  /** Whether the records of the next data batch are those of an aborted transaction. */
  isAborted(batch: RecordBatch): boolean {
    this.#comeTo(batch.lastOffset);
    if (!batch.isTransactional) return false;
    const aborted = this.#aborted.get(batch.producerId);
    if (aborted === undefined) {
      this.#committed.add(batch.producerId);
      return false;
    }
    aborted.isThere = true;
    return true;
  }

  /** Whether nothing is left of the transaction that the next batch, a control batch, ends. */
  isEmpty(batch: RecordBatch): boolean {
    this.#comeTo(batch.lastOffset);
    const record = batch.records().nextRecord();
    // One without its record was cleaned before.
    if (record === null) return true;
    const { type } = decodeControlRecord(record.key, record.value);
    const { producerId } = batch;
    if (type === "ABORT") {
      const aborted = this.#aborted.get(producerId);
      this.#aborted.delete(producerId);
      if (aborted?.isThere === true) return false;
      if (aborted !== undefined) this.gone.add(aborted.transaction);
      return true;
    }
    return type === "COMMIT" && !this.#committed.delete(producerId);
  }

  #comeTo(offset: bigint): void {
    for (
      let first = this.#ahead[0];
      first !== undefined && first.firstOffset <= offset;
      first = this.#ahead[0]
    ) {
      this.#ahead.shift();
      if (!this.#aborted.has(first.producerId)) {
        this.#aborted.set(first.producerId, { transaction: first, isThere: false });
      }
    }
  }
}
