/** Groups as the coordinator's assignors see them, and what happens to them from one assignment to the next. */

import { decodeUuid, type Uuid } from "../../../src/protocol/uuid.ts";
import type {
  AssignedMember,
  AssignorInput,
  TargetAssignment,
} from "../../../src/testing/coordinator/consumer/assignors/server-assignor.ts";
import type { TopicPartitions } from "../../../src/testing/coordinator/consumer/partitions.ts";

interface RandomMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  topicIds: readonly Uuid[];
}

const MOST_TOPICS = 8;
const MOST_PARTITIONS = 12;

/** The id whose lower half is `number`: Java's sets hold small ones in their order. */
export function topicIdOf(number: number): Uuid {
  const bytes = new Uint8Array(16);
  bytes[15] = number;
  return decodeUuid(bytes, 0);
}

export class RandomGroup {
  readonly #chance: () => number;
  readonly #isHomogeneous: boolean;
  readonly #partitions = new Map<Uuid, number>();
  #members: RandomMember[] = [];
  #target: TargetAssignment = new Map();
  #count = 0;

  constructor(chance: () => number) {
    this.#chance = chance;
    this.#isHomogeneous = chance() < 0.5;
    const topics = 1 + this.#below(MOST_TOPICS);
    for (let i = 1; i <= topics; i++) this.#partitions.set(topicIdOf(i), 1 + this.#below(MOST_PARTITIONS));
    const members = 1 + this.#below(7);
    for (let i = 0; i < members; i++) this.#join();
  }

  get input(): AssignorInput {
    const members: AssignedMember[] = this.#members.map((member) => ({
      ...member,
      assigned: this.#target.get(member.memberId) ?? new Map(),
    }));
    return {
      members,
      isHomogeneous: this.#isHomogeneous,
      partitionCount: (topicId) => this.#partitions.get(topicId) ?? 0,
    };
  }

  get topics(): ReadonlyMap<Uuid, number> {
    return this.#partitions;
  }

  assigned(target: TargetAssignment): void {
    this.#target = target;
  }

  /** Members come and go, topics grow, subscriptions change. */
  step(): void {
    const what = this.#chance();
    if (what < 0.35) this.#join();
    else if (what < 0.6 && this.#members.length > 1) {
      this.#members = this.#members.filter((_, i) => i !== 0 || this.#chance() < 0.3);
      if (this.#members.length > 1) this.#members.splice(this.#below(this.#members.length), 1);
    } else if (what < 0.8) {
      for (const [topicId, count] of this.#partitions) {
        if (this.#chance() < 0.3) this.#partitions.set(topicId, count + 1 + this.#below(3));
      }
    } else {
      const topicIds = this.#subscription();
      for (const member of this.#members) {
        if (this.#isHomogeneous) member.topicIds = topicIds;
        else if (this.#chance() < 0.4) member.topicIds = this.#subscription();
      }
    }
  }

  #join(): void {
    const number = ++this.#count;
    const first = this.#members[0];
    this.#members.push({
      memberId: `m${String(number).padStart(3, "0")}`,
      instanceId: this.#chance() < 0.3 ? `i${this.#below(1000)}-${number}` : null,
      topicIds: this.#isHomogeneous && first !== undefined ? first.topicIds : this.#subscription(),
    });
  }

  #subscription(): Uuid[] {
    return [...this.#partitions.keys()].filter(() => this.#chance() < 0.7);
  }

  #below(limit: number): number {
    return Math.floor(this.#chance() * limit);
  }
}

export function sizeOf(partitions: TopicPartitions | undefined): number {
  return [...(partitions?.values() ?? [])].reduce((sum, numbers) => sum + numbers.length, 0);
}

/** Every partition with its owner, by `topic:partition`. */
export function ownersOf(target: TargetAssignment): Map<string, string> {
  const owners = new Map<string, string>();
  for (const [memberId, partitions] of target) {
    for (const [topicId, numbers] of partitions) {
      for (const partition of numbers) {
        const key = `${topicId}:${partition}`;
        if (owners.has(key)) throw new Error(`${key} is assigned twice`);
        owners.set(key, memberId);
      }
    }
  }
  return owners;
}
