import type { RecordView } from "./record-view.ts";

/**
 * Walks the records of one batch, in order and once. Each record is checked as a whole when it is reached: a
 * batch that is damaged gives those before the damage, then a `DecodeError`, and then it is at its end.
 */
export abstract class RecordIterator implements IterableIterator<RecordView> {
  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<RecordView, undefined> {
    const value = this.nextRecord();
    return value === null ? { done: true, value: undefined } : { done: false, value };
  }

  /**
   * The next record, or null at the end: for loops that count nanoseconds.
   *
   * @throws DecodeError when the bytes are no record, or are more or fewer than the batch says.
   */
  abstract nextRecord(): RecordView | null;
}
