import type { TopicLayout } from "../assignor.ts";
import { racksByPartition, racksMatter } from "./racks.ts";

/** A member as far as a topic of its is concerned. */
export interface RangeConsumer {
  readonly memberId: string;
  readonly rack: string | null;
}

/** One topic while `range` cuts it: which partitions are left, and how many each member may still get. */
export class TopicRanges {
  readonly topic: string;
  readonly partitions: number;
  /** In the order in which they are served. */
  readonly consumers: readonly RangeConsumer[];
  readonly assigned: ReadonlyMap<string, number[]>;
  /** Whether any member says its rack. */
  readonly hasRacks: boolean;
  /** Whether it can make a difference to look at racks. */
  readonly racksMatter: boolean;
  readonly #racks: readonly (readonly string[])[];
  readonly #perConsumer: number;
  /** How many members may get one more. */
  #extra: number;
  readonly #left: Set<number>;

  constructor(topic: string, layout: TopicLayout, consumers: readonly RangeConsumer[]) {
    this.topic = topic;
    this.partitions = layout.partitions;
    this.consumers = consumers;
    this.assigned = new Map(consumers.map(({ memberId }) => [memberId, []]));
    this.#perConsumer = Math.floor(layout.partitions / consumers.length);
    this.#extra = layout.partitions % consumers.length;
    this.#left = new Set(Array(layout.partitions).keys());

    const racks = new Set<string>();
    for (const { rack } of consumers) if (rack !== null) racks.add(rack);
    this.hasRacks = racks.size > 0;
    this.#racks = this.hasRacks ? racksByPartition(layout) : [];
    this.racksMatter = this.hasRacks && racksMatter(racks, this.#racks);
  }

  /** Whether the member is in a rack that holds the partition, or does not say where it is. */
  inRack({ rack }: RangeConsumer, partition: number): boolean {
    return rack === null || (this.#racks[partition]?.includes(rack) ?? false);
  }

  mayStillGet(memberId: string): number {
    return Math.max(0, this.#perConsumer + (this.#extra > 0 ? 1 : 0) - this.#of(memberId).length);
  }

  give(memberId: string, partitions: readonly number[]): void {
    const assigned = this.#of(memberId);
    for (const partition of partitions) {
      assigned.push(partition);
      this.#left.delete(partition);
    }
    if (assigned.length > this.#perConsumer) this.#extra--;
  }

  /** Gives each member those of the partitions left that are in its rack, up to its number. */
  assignInRacks(): void {
    for (const consumer of this.consumers) {
      const mayGet = this.mayStillGet(consumer.memberId);
      const matching: number[] = [];
      for (const partition of this.#left) {
        if (matching.length >= mayGet) break;
        if (this.inRack(consumer, partition)) matching.push(partition);
      }
      if (matching.length > 0) this.give(consumer.memberId, matching);
    }
  }

  /** Gives away what is left, in runs. */
  assignRest(): void {
    const left = [...this.#left];
    let at = 0;
    for (const { memberId } of this.consumers) {
      const run = left.slice(at, at + this.mayStillGet(memberId));
      if (run.length > 0) this.give(memberId, run);
      at += run.length;
    }
  }

  #of(memberId: string): number[] {
    return this.assigned.get(memberId) as number[];
  }
}
