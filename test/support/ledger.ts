interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Who holds which partition of a group, over all its members: no two may hold one at the same time. */
export class Ledger {
  readonly #holders = new Map<string, string>();
  readonly violations: string[] = [];

  take(member: string, partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const key = `${topic}-${partition}`;
      const holder = this.#holders.get(key);
      if (holder !== undefined) this.violations.push(`${member} got ${key}, which ${holder} holds`);
      this.#holders.set(key, member);
    }
  }

  release(member: string, partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const key = `${topic}-${partition}`;
      if (this.#holders.get(key) === member) this.#holders.delete(key);
    }
  }

  /** How many partitions each member holds, sorted. */
  get shares(): number[] {
    const counts = new Map<string, number>();
    for (const holder of this.#holders.values()) counts.set(holder, (counts.get(holder) ?? 0) + 1);
    return [...counts.values()].sort((a, b) => a - b);
  }

  get size(): number {
    return this.#holders.size;
  }
}
