/**
 * By how much partitions are to be preferred to others, from how much waits to be sent to each (KIP-794): the one
 * with the longest queue has one share, and the others one more for each batch by which theirs is shorter.
 */
export class PartitionLoad {
  /** The shares of each partition and of all in front of it: the cumulative frequency table. */
  readonly #sums: number[] = [];
  readonly #partitions: number[] = [];
  #length = 0;

  /**
   * @param queueSizes How many batches wait for each of `partitions`, in the same order.
   * @param length How many of them, from the front, may be drawn.
   * @param partitionCount How many partitions there are, with those that may not be drawn.
   */
  update(
    queueSizes: readonly number[],
    partitions: readonly number[],
    length: number,
    partitionCount: number,
  ): void {
    this.#length = 0;
    if (length < 1 || partitionCount < 2) return;
    let longest = queueSizes[0] as number;
    let areEqual = true;
    for (let i = 1; i < length; i++) {
      const size = queueSizes[i] as number;
      if (size !== longest) areEqual = false;
      if (size > longest) longest = size;
    }
    if (areEqual && length === partitionCount) return;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      sum += longest + 1 - (queueSizes[i] as number);
      this.#sums[i] = sum;
      this.#partitions[i] = partitions[i] as number;
    }
    this.#length = length;
  }

  /** All shares together; 0 where no partition is to be preferred. */
  get shares(): number {
    return this.#length === 0 ? 0 : (this.#sums[this.#length - 1] as number);
  }

  /** Who has the share with this number, counted from 0. */
  partitionOf(share: number): number {
    let low = 0;
    let high = this.#length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sums[middle] as number) > share) high = middle;
      else low = middle + 1;
    }
    return this.#partitions[low] as number;
  }
}
