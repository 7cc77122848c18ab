import type { GroupState } from "./group-state.ts";

/**
 * The sticky assignment of a group whose members are all subscribed to the same topics: the usual case, and the quick
 * one, since any member may get any partition. All members get as many partitions, or one more than the others.
 *
 * 1. Members keep what they own in their rack, up to their number.
 * 2. Where racks matter, what is left goes to members in a rack that holds it, as far as their number allows.
 * 3. The rest goes round.
 */
export class ConstrainedAssignment {
  /** By member, in the order in which it got them. */
  readonly assigned: readonly number[][];
  /** Partitions that may still be in the hands of another member than the one that they are assigned to. */
  readonly changingHands: ReadonlySet<number>;
  readonly #state: GroupState;
  readonly #changingHands = new Set<number>();
  /** Partitions that a member has lost, or may lose; by partition, the member. */
  readonly #takenFrom = new Map<number, number>();
  /** What each member gets at least, and at most one more. */
  readonly #quota: number;
  /** How many members get that one more. */
  readonly #expectedOverQuota: number;
  #overQuota = 0;
  /** Members that do not have their quota yet, in the order in which they are served. */
  #underQuota: number[] = [];
  /** Members that have it, and may get one more, in the order in which they are served. */
  #atQuota: number[] = [];

  constructor(state: GroupState) {
    this.#state = state;
    this.assigned = state.members.map(() => []);
    this.changingHands = this.#changingHands;
    const { count } = state.partitions;
    this.#quota = Math.floor(count / state.members.length);
    this.#expectedOverQuota = count % state.members.length;

    this.#keepOwned();
    const unassigned = state.racks.fewestMembersFirst(this.#unassigned());
    this.#underQuota.sort((a, b) => a - b);
    this.#atQuota.sort((a, b) => a - b);
    this.#dealRound(this.#dealInRacks(unassigned));
  }

  #keepOwned(): void {
    for (const member of this.#state.order) {
      const owned = this.#ownedInRack(member);
      const overQuota = owned.length > this.#quota && this.#overQuota < this.#expectedOverQuota;
      const kept = this.#quota + (overQuota ? 1 : 0);
      owned.forEach((partition, place) => {
        if (place < kept) this.#of(member).push(partition);
        else this.#takenFrom.set(partition, member);
      });
      if (owned.length < this.#quota) this.#underQuota.push(member);
      else if (overQuota) this.#countOverQuota();
      else if (this.#overQuota < this.#expectedOverQuota) this.#atQuota.push(member);
    }
  }

  /** What the member owns alone and in its rack, lower partitions first, so that it loses some of each topic. */
  #ownedInRack(member: number): number[] {
    const { settled, partitions, racks } = this.#state;
    const owned: number[] = [];
    for (const partition of settled.owned[member] as ReadonlySet<number>) {
      if (racks.mismatch(member, partition)) this.#takenFrom.set(partition, member);
      else if (!settled.disputed.has(partition)) owned.push(partition);
    }
    return owned.sort((a, b) => partitions.partitionOf(a) - partitions.partitionOf(b) || a - b);
  }

  #unassigned(): number[] {
    const assigned = new Set(this.assigned.flat());
    const unassigned: number[] = [];
    for (let partition = 0; partition < this.#state.partitions.count; partition++) {
      if (!assigned.has(partition)) unassigned.push(partition);
    }
    return unassigned;
  }

  /** What nobody in its rack may have, in the same order. */
  #dealInRacks(partitions: readonly number[]): readonly number[] {
    if (!this.#state.racks.matters) return partitions;
    let next = 0;
    return partitions.filter((partition) => {
      const under = this.#nextInRack(partition, this.#underQuota, next);
      if (under >= 0) {
        const member = this.#underQuota[under] as number;
        if (this.#assign(partition, member) < this.#quota) next = under + 1;
        else {
          this.#underQuota.splice(under, 1);
          if (this.#overQuota < this.#expectedOverQuota) this.#atQuota.push(member);
          next = under;
        }
        next = this.#underQuota.length === 0 ? 0 : next % this.#underQuota.length;
        return false;
      }
      const at = this.#nextInRack(partition, this.#atQuota, 0);
      if (at < 0) return true;
      const [member] = this.#atQuota.splice(at, 1) as [number];
      this.#assign(partition, member);
      this.#countOverQuota();
      return false;
    });
  }

  /** The place of the first member from `first` on, and round, that says that it is in a rack of the partition. */
  #nextInRack(partition: number, members: readonly number[], first: number): number {
    for (let i = 0; i < members.length; i++) {
      const at = (first + i) % members.length;
      if (this.#state.racks.match(members[at] as number, partition)) return at;
    }
    return -1;
  }

  #dealRound(partitions: readonly number[]): void {
    let next = 0;
    let nextAtQuota = 0;
    for (const partition of partitions) {
      if (this.#underQuota.length === 0) {
        this.#assign(partition, this.#atQuota[nextAtQuota++] as number);
        continue;
      }
      if (next >= this.#underQuota.length) next = 0;
      const member = this.#underQuota[next] as number;
      if (this.#assign(partition, member) < this.#quota) next++;
      else {
        this.#underQuota.splice(next, 1);
        this.#atQuota.push(member);
      }
    }
  }

  /** Returns how many the member has now. */
  #assign(partition: number, member: number): number {
    const takenFrom = this.#takenFrom.get(partition);
    if ((takenFrom !== undefined && takenFrom !== member) || this.#state.settled.disputed.has(partition)) {
      this.#changingHands.add(partition);
    }
    return this.#of(member).push(partition);
  }

  /** When as many members have one more as can, those that have their quota are done. */
  #countOverQuota(): void {
    if (++this.#overQuota === this.#expectedOverQuota) this.#atQuota = [];
  }

  #of(member: number): number[] {
    return this.assigned[member] as number[];
  }
}
