/**
 * The subscribers of a topic by how many partitions they have: who of them is to have the next one, and who is to give
 * one up. Members are numbered.
 */

export class Loads {
  /** How many partitions each member has, by its number; whoever assigns keeps it up to date. */
  readonly #sizes: readonly number[];
  /** Ascending by size, and then by number. */
  readonly #sorted: number[];
  /** The members before `lowEnd` all have `lowSize`, counting those that were given one in this round. */
  #lowEnd = 0;
  #lowSize: number;
  #nextLow = 0;
  /** The members from `highStart` on, up to `highEnd`, have `highSize`; those after it have nothing to give. */
  #highStart: number;
  #highEnd: number;
  #highSize: number;
  #nextHigh: number;

  /** @param members at least one. */
  constructor(sizes: readonly number[], members: readonly number[]) {
    this.#sizes = sizes;
    this.#sorted = [...members].sort((a, b) => this.#sizeOf(a) - this.#sizeOf(b) || a - b);
    this.#lowSize = this.#sizeAt(0) - 1;
    this.#highStart = this.#sorted.length;
    this.#highEnd = this.#sorted.length;
    this.#highSize = this.#sizeAt(this.#sorted.length - 1) + 1;
    this.#nextHigh = this.#sorted.length - 1;
  }

  /** How far apart the members are, at the start. */
  get spread(): number {
    return this.#sizeAt(this.#sorted.length - 1) - this.#sizeAt(0);
  }

  /** Whether moving a partition makes nothing better any more. */
  get isBalanced(): boolean {
    return this.#highSize - this.#lowSize <= 1;
  }

  /** Whom to give the next partition to: all with the fewest in turn, and once they are as many as others, those too. */
  least(): number {
    if (this.#nextLow >= this.#lowEnd) {
      this.#lowSize++;
      while (this.#lowEnd < this.#sorted.length && this.#sizeAt(this.#lowEnd) === this.#lowSize)
        this.#lowEnd++;
      this.#nextLow = 0;
    }
    return this.#sorted[this.#nextLow++] as number;
  }

  /** Whom to take the next partition from: all with the most in turn; null when nobody is left. */
  most(): number | null {
    if (this.#nextHigh < this.#highStart) {
      const isEmpty = this.#highEnd <= this.#highStart;
      this.#highSize =
        isEmpty && this.#highStart > 0 ? this.#sizeAt(this.#highStart - 1) : this.#highSize - 1;
      while (this.#highStart > 0 && this.#sizeAt(this.#highStart - 1) === this.#highSize) this.#highStart--;
      this.#nextHigh = this.#highEnd - 1;
    }
    return this.#nextHigh < 0 ? null : (this.#sorted[this.#nextHigh--] as number);
  }

  /** Leaves out the member that `most` gave last: it has no partition of this topic to give. */
  leaveOut(): void {
    const sorted = this.#sorted;
    const at = this.#nextHigh + 1;
    const last = this.#highEnd - 1;
    const member = sorted[at] as number;
    sorted[at] = sorted[last] as number;
    sorted[last] = member;
    this.#highEnd = last;
  }

  #sizeOf(member: number): number {
    return this.#sizes[member] as number;
  }

  #sizeAt(index: number): number {
    return this.#sizeOf(this.#sorted[index] as number);
  }
}
