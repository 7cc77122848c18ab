import { HashOrderedSet, hashOfPartition, hashOfText } from "../hash-order.ts";
import type { PartitionNumbers } from "./partition-numbers.ts";

interface Movement {
  readonly from: number;
  readonly to: number;
}

/**
 * What has moved while a group is balanced, so that no two partitions of a topic move between the same two members
 * in opposite directions: then both might as well have stayed.
 */
export class Movements {
  readonly #partitions: PartitionNumbers;
  readonly #byPartition = new Map<number, Movement>();
  /** By topic, and members from and to. */
  readonly #byMembers = new Map<string, HashOrderedSet<number>>();

  constructor(partitions: PartitionNumbers) {
    this.#partitions = partitions;
  }

  /** The partition to move in place of `partition`: one of its topic that came the other way, if there is any. */
  insteadOf(partition: number, { from, to }: Movement): number {
    const origin = this.#byPartition.get(partition)?.from ?? from;
    return this.#byMembers.get(this.#key(partition, { from: to, to: origin }))?.first() ?? partition;
  }

  /** Notes that a partition has moved. If it had moved before, the two count as one, and as none where it is back. */
  add(partition: number, { from, to }: Movement): void {
    const earlier = this.#byPartition.get(partition);
    if (earlier !== undefined) this.#remove(partition, earlier);
    const origin = earlier?.from ?? from;
    if (origin === to) return;
    const movement = { from: origin, to };
    this.#byPartition.set(partition, movement);
    const key = this.#key(partition, movement);
    let moved = this.#byMembers.get(key);
    if (moved === undefined) {
      moved = new HashOrderedSet();
      this.#byMembers.set(key, moved);
    }
    const topic = this.#partitions.topics[this.#partitions.topicOf(partition)] as string;
    moved.add(partition, hashOfPartition(hashOfText(topic), this.#partitions.partitionOf(partition)));
  }

  #remove(partition: number, movement: Movement): void {
    this.#byPartition.delete(partition);
    const key = this.#key(partition, movement);
    const moved = this.#byMembers.get(key);
    moved?.delete(partition);
    if (moved?.size === 0) this.#byMembers.delete(key);
  }

  #key(partition: number, { from, to }: Movement): string {
    return `${this.#partitions.topicOf(partition)} ${from} ${to}`;
  }
}
