import { Reader } from "../../protocol/reader.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { AbortedTransaction } from "./fetch-state.ts";

/** The type of the marker behind an aborted transaction. */
const ABORT = 0;

/**
 * Tells, of batch after batch of one answer, which ones a reader of committed records does not see: those of aborted
 * transactions, and markers (KIP-98). The broker lists what was aborted among the records of the answer, also where
 * the transaction began before or ends after them, so nothing is to be kept from one answer to the next.
 */
export class AbortedTransactions {
  /** Those that have not begun yet, by their first offset. */
  readonly #ahead: AbortedTransaction[];
  /** Producers in a transaction that was aborted. */
  readonly #aborting = new Set<bigint>();

  /** @param aborted in any order: brokers list them by where they end */
  constructor(aborted: readonly AbortedTransaction[]) {
    this.#ahead = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  /**
   * Whether the batch is passed over. Each batch is asked about once, in the order of the log.
   *
   * @throws DecodeError when a marker cannot be read.
   */
  isHidden(batch: RecordBatch): boolean {
    if (batch.producerId < 0n) return batch.isControl;
    this.#enter(batch.lastOffset);
    if (batch.isControl) {
      if (isAbort(batch)) this.#aborting.delete(batch.producerId);
      return true;
    }
    return batch.isTransactional && this.#aborting.has(batch.producerId);
  }

  #enter(offset: bigint): void {
    for (;;) {
      const [first] = this.#ahead;
      if (first === undefined || first.firstOffset > offset) return;
      this.#ahead.shift();
      this.#aborting.add(first.producerId);
    }
  }
}

/** Compaction may have left nothing of a control batch but its header. */
function isAbort(batch: RecordBatch): boolean {
  const marker = batch.recordCount === 0 ? null : batch.records().nextRecord();
  if (marker === null) return false;
  // Its version and its type, which are all that Kafka's own consumer looks at.
  const key = new Reader(marker.key ?? new Uint8Array(0));
  if (key.int16() < 0) throw key.fail("the key of a control record has a version below 0");
  return key.int16() === ABORT;
}
