import type { Claim } from "./claims.ts";
import type { GroupState } from "./group-state.ts";
import { Movements } from "./movements.ts";

/**
 * A few are enough in practice. Moving another partition than the one that was found may make the load less even, and
 * nothing proves that it does not go round for ever, as Kafka's would; without, every single move makes it more even.
 */
const PASSES_WITH_EXCHANGE = 100;

/**
 * The sticky assignment of a group whose members are subscribed to different topics.
 *
 * 1. Members keep what they own, if they are still subscribed to it and it is in their rack.
 * 2. What is left goes, partition by partition, to the least loaded member that is subscribed to it: where racks
 *    matter first to those in a rack that holds it. Topics with few subscribers come first, being the hardest to place.
 * 3. Partitions move from more to less loaded members for as long as that evens the load: at first only new ones. If
 *    all that moving made nothing more even, it is undone.
 */
export class GeneralAssignment {
  /** By member, in the order in which it got them. */
  assigned: readonly Set<number>[];
  readonly #state: GroupState;
  /** By topic, those subscribed to it, lowest first. */
  readonly #subscribers: readonly number[][];
  /** By member, the topics. */
  readonly #subscribed: readonly ReadonlySet<number>[];
  /** By partition, the member; -1 for none. */
  readonly #owner: Int32Array;
  readonly #previousOwner: ReadonlyMap<number, number>;
  readonly #movements: Movements;

  constructor(state: GroupState) {
    this.#state = state;
    const { partitions, members, settled } = state;
    this.#subscribed = members.map(({ subscription }) => {
      const topics = subscription.topics.map((topic) => partitions.numberOfTopic(topic));
      return new Set(topics.filter((topic) => topic !== undefined));
    });
    this.#subscribers = partitions.topics.map(() => []);
    this.#subscribed.forEach((topics, member) => {
      for (const topic of topics) this.#subscribersOf(topic).push(member);
    });
    this.assigned = settled.owned.map((owned) => new Set(owned));
    this.#owner = new Int32Array(partitions.count).fill(-1);
    this.#previousOwner = previousOwners(state.claims, state.order);
    this.#movements = new Movements(partitions);

    const keptAll = this.#keepOwned();
    this.#balance(keptAll);
  }

  /** False when a member loses something that it can no longer have. */
  #keepOwned(): boolean {
    let keptAll = true;
    this.assigned.forEach((owned, member) => {
      for (const partition of owned) {
        if (this.#mayHave(member, partition) && !this.#state.racks.mismatch(member, partition)) {
          this.#owner[partition] = member;
        } else {
          owned.delete(partition);
          keptAll = false;
        }
      }
    });
    return keptAll;
  }

  #balance(keptAll: boolean): void {
    const fromScratch = this.assigned.every(({ size }) => size === 0);
    const all = this.#hardestFirst();
    const unassigned = all.filter((partition) => this.#owner[partition] === -1);
    this.#place(unassigned);

    // Partitions with one possible owner stay, and members that have nothing else and all that they can have.
    const movable = (partition: number): boolean =>
      this.#subscribersOf(this.#state.partitions.topicOf(partition)).length > 1;
    const balanced = this.#balancedMembers(movable);
    const before = { assigned: this.assigned.map((set) => new Set(set)), score: this.#unevenness(balanced) };
    if (keptAll) this.#move(unassigned.filter(movable));
    const moved = this.#move(all.filter(movable));
    if (!fromScratch && moved && this.#unevenness(balanced) >= before.score) this.assigned = before.assigned;
  }

  /** All partitions, those of the topics with the fewest subscribers first. */
  #hardestFirst(): number[] {
    const { partitions } = this.#state;
    const all: number[] = [];
    const topics = partitions.topics.map((_, topic) => topic);
    topics.sort((a, b) => this.#subscribersOf(a).length - this.#subscribersOf(b).length || a - b);
    for (const topic of topics) {
      for (let i = 0; i < partitions.sizeOf(topic); i++) all.push(partitions.startOf(topic) + i);
    }
    return all;
  }

  #place(unassigned: readonly number[]): void {
    const { racks } = this.#state;
    let left = unassigned;
    if (racks.matters) {
      left = left.filter((partition) => {
        const member = this.#leastLoaded(partition, (candidate) => !racks.mismatch(candidate, partition));
        if (member === -1) return true;
        this.#give(partition, member);
        return false;
      });
    }
    for (const partition of left) this.#give(partition, this.#leastLoaded(partition));
  }

  /** Members between which partitions can move. */
  #balancedMembers(movable: (partition: number) => boolean): number[] {
    const members: number[] = [];
    this.assigned.forEach((assigned, member) => {
      let most = 0;
      for (const topic of this.#subscribed[member] ?? []) most += this.#state.partitions.sizeOf(topic);
      if (assigned.size < most || [...assigned].some(movable)) members.push(member);
    });
    return members;
  }

  /** Moves partitions for as long as any move evens the load; false when none did. */
  #move(partitions: readonly number[]): boolean {
    let movedAny = false;
    let moved = true;
    for (let pass = 1; moved; pass++) {
      moved = false;
      for (const partition of partitions) {
        const owner = this.#ownerOf(partition);
        const previous = this.#previousOwner.get(partition);
        let to = -1;
        // Kafka gives it back even to a member that is no longer subscribed to it, which refuses the assignment, and
        // fails where that member has all that it can have.
        if (previous !== undefined && this.#mayHave(previous, partition) && this.#isEvener(owner, previous)) {
          to = previous;
        } else {
          const least = this.#leastLoaded(partition);
          if (this.#isEvener(owner, least)) to = least;
        }
        if (to === -1) continue;
        const exchange = pass <= PASSES_WITH_EXCHANGE;
        const actual = exchange ? this.#movements.insteadOf(partition, { from: owner, to }) : partition;
        this.#movements.add(actual, { from: this.#ownerOf(actual), to });
        this.#give(actual, to);
        moved = true;
      }
      movedAny ||= moved;
    }
    return movedAny;
  }

  /** Whether the load is more even once a partition has moved. */
  #isEvener(from: number, to: number): boolean {
    return this.#load(from) > this.#load(to) + 1;
  }

  /** Of the members that may have the partition, and are accepted, the first of the least loaded ones; -1 for none. */
  #leastLoaded(partition: number, accept?: (member: number) => boolean): number {
    let least = -1;
    for (const member of this.#subscribersOf(this.#state.partitions.topicOf(partition))) {
      if (least !== -1 && this.#load(member) >= this.#load(least)) continue;
      if (accept === undefined || accept(member)) least = member;
    }
    return least;
  }

  #give(partition: number, member: number): void {
    const owner = this.#ownerOf(partition);
    if (owner !== -1) this.assigned[owner]?.delete(partition);
    this.assigned[member]?.add(partition);
    this.#owner[partition] = member;
  }

  /** The sum of the differences in load between any two of the members. */
  #unevenness(members: readonly number[]): number {
    const loads = members.map((member) => this.#load(member)).sort((a, b) => a - b);
    let sum = 0;
    let ofLower = 0;
    loads.forEach((load, lower) => {
      sum += load * lower - ofLower;
      ofLower += load;
    });
    return sum;
  }

  #mayHave(member: number, partition: number): boolean {
    return this.#subscribed[member]?.has(this.#state.partitions.topicOf(partition)) ?? false;
  }

  #load(member: number): number {
    return this.assigned[member]?.size ?? 0;
  }

  #ownerOf(partition: number): number {
    return this.#owner[partition] as number;
  }

  #subscribersOf(topic: number): number[] {
    return this.#subscribers[topic] as number[];
  }
}

/**
 * By partition, the member that last had it in an older generation of the group than the newest one. Of several that
 * claim it for the same one, the first is believed. (Kafka's takes for the newest one the newest that it has ever seen,
 * which is the same but where a group was deleted and began again.)
 */
function previousOwners(claims: readonly Claim[], order: readonly number[]): Map<number, number> {
  const newest = Math.max(-1, ...claims.map(({ generation }) => generation));
  const owners = new Map<number, number>();
  for (const member of order) {
    const { partitions, generation } = claims[member] as Claim;
    if (generation >= newest) continue;
    for (const partition of partitions) {
      const other = owners.get(partition);
      if (other !== undefined && generation <= (claims[other] as Claim).generation) continue;
      owners.set(partition, member);
    }
  }
  return owners;
}
