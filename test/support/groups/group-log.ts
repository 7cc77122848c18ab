/** What the members of one group are assigned and read, whoever they are, and what is wrong with it. */

import { eventually } from "./eventually.ts";

/** How a member gave a partition up. `killed`: it had no chance to. */
export type EndOfAssignment = "revoked" | "lost" | "killed";

/** One member's time with one partition. */
export interface Tenure {
  readonly member: MemberLog;
  readonly partition: number;
  /** Offset of the record that was read last; -1 before the first. */
  last: number;
  records: number;
  end: EndOfAssignment | null;
}

/** A record that had been read before. */
export interface Redelivery {
  readonly number: number;
  readonly partition: number;
  readonly offset: number;
  /** Who had read it before, and who reads it again. */
  readonly before: Tenure;
  readonly again: Tenure;
}

/** Takes what one member sees, as it happens. */
export interface MemberSights {
  readonly name: string;
  assigned(partitions: readonly number[]): void;
  gaveUp(partitions: readonly number[], end: EndOfAssignment): void;
  read(partition: number, offset: number, number: number): void;
  failed(error: unknown): void;
  /** It will say nothing more. */
  gone(end: EndOfAssignment): void;
}

/** Keeps it. */
export class MemberLog implements MemberSights {
  readonly name: string;
  /** What it is assigned now, by partition. */
  readonly tenures = new Map<number, Tenure>();
  /** What went wrong with it, in words; a member that works has nothing to say here. */
  readonly failures: string[] = [];
  /** How often it was told of partitions. */
  rebalances = 0;
  isGone = false;
  readonly #group: GroupLog;

  constructor(name: string, group: GroupLog) {
    this.name = name;
    this.#group = group;
  }

  assigned(partitions: readonly number[]): void {
    this.rebalances++;
    for (const partition of partitions) {
      if (this.tenures.has(partition)) this.#group.wrong(`${this.name} is assigned ${partition} twice`);
      this.tenures.set(partition, { member: this, partition, last: -1, records: 0, end: null });
    }
  }

  gaveUp(partitions: readonly number[], end: EndOfAssignment): void {
    for (const partition of partitions) {
      const tenure = this.tenures.get(partition);
      if (tenure === undefined)
        this.#group.wrong(`${this.name} gives up ${partition}, which it does not have`);
      else tenure.end = end;
      this.tenures.delete(partition);
    }
  }

  read(partition: number, offset: number, number: number): void {
    const tenure = this.tenures.get(partition);
    if (tenure === undefined) {
      this.#group.wrong(`${this.name} reads ${partition}@${offset} and does not have the partition`);
      return;
    }
    if (offset <= tenure.last) {
      this.#group.wrong(`${this.name} reads ${partition}@${offset} after ${partition}@${tenure.last}`);
    }
    tenure.last = offset;
    tenure.records++;
    this.#group.sighted(number, offset, tenure);
  }

  failed(error: unknown): void {
    this.failures.push(String(error));
  }

  gone(end: EndOfAssignment): void {
    this.gaveUp([...this.tenures.keys()], end);
    this.isGone = true;
  }
}

/** Gathers what is seen; records are known by their numbers, from 0 on. */
export class GroupLog {
  readonly partitions: number;
  readonly members: MemberLog[] = [];
  readonly redeliveries: Redelivery[] = [];
  /** By number, when it was first read, on `performance.now()`; undefined before. */
  readonly firstReadMs: (number | undefined)[] = [];
  readonly #lastReader: (Tenure | undefined)[] = [];
  readonly #wrong: string[] = [];

  constructor(partitions: number) {
    this.partitions = partitions;
  }

  /** How many records were read at least once. */
  get count(): number {
    return this.firstReadMs.reduce((count: number, ms) => count + Number(ms !== undefined), 0);
  }

  get live(): readonly MemberLog[] {
    return this.members.filter(({ isGone }) => !isGone);
  }

  /** What no client may do: offsets that fall, records of partitions that it does not have. */
  get contradictions(): readonly string[] {
    return this.#wrong;
  }

  /** What members have failed with, by name. */
  get failures(): readonly string[] {
    return this.members.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`));
  }

  member(name: string): MemberLog {
    const member = new MemberLog(name, this);
    this.members.push(member);
    return member;
  }

  /** Resolves once so many records were read. */
  async untilRead(count: number, timeoutMs: number): Promise<void> {
    const missing = (): number => count - this.count;
    await eventually(
      () => (missing() === 0 ? [] : [`${missing()} of ${count} records are not read`]),
      timeoutMs,
    );
  }

  /** The partitions of each member that has some, by name. */
  shares(): Record<string, number[]> {
    const shares: Record<string, number[]> = {};
    for (const { name, tenures } of this.live) shares[name] = [...tenures.keys()].sort((a, b) => a - b);
    return shares;
  }

  /** What keeps the group from being whole: every partition has one reader, and everybody has a share. */
  notWhole(names: readonly string[] = this.live.map(({ name }) => name)): string[] {
    const shares = this.shares();
    const owners = Array.from({ length: this.partitions }, (_, partition) =>
      Object.keys(shares).filter((name) => shares[name]?.includes(partition)),
    );
    const wrong = owners.flatMap((own, partition) =>
      own.length === 1 ? [] : [`${partition} is read by ${own.length === 0 ? "nobody" : own.join(" and ")}`],
    );
    const least = Math.floor(this.partitions / Math.max(1, names.length));
    for (const name of names) {
      const held = shares[name]?.length ?? 0;
      if (held < least || held > least + 1) wrong.push(`${name} has ${held}`);
    }
    return wrong;
  }

  /** Resolves once the group is these members (default: those that live), and each partition is one's alone. */
  async untilWhole(timeoutMs: number, names?: readonly string[]): Promise<void> {
    await eventually(() => this.notWhole(names), timeoutMs);
  }

  /** Every partition with whoever reads it at this moment, and how far. */
  #places(): { readonly tenure: Tenure; readonly last: number }[] {
    return this.live.flatMap(({ tenures }) =>
      [...tenures.values()].map((tenure) => ({ tenure, last: tenure.last })),
    );
  }

  /** Resolves once whoever has a partition then has read more of it: nobody is silent. Wants records to come. */
  async untilAllRead(timeoutMs: number): Promise<void> {
    const before = new Map(this.#places().map(({ tenure, last }) => [tenure, last]));
    const silent = (): string[] =>
      this.#places()
        .filter(({ tenure, last }) => last <= (before.get(tenure) ?? -1))
        .map(({ tenure }) => `${tenure.member.name} reads nothing of ${tenure.partition}`);
    await eventually(silent, timeoutMs);
  }

  wrong(what: string): void {
    this.#wrong.push(what);
  }

  sighted(number: number, offset: number, again: Tenure): void {
    const before = this.#lastReader[number];
    this.#lastReader[number] = again;
    if (before === undefined) this.firstReadMs[number] = performance.now();
    else this.redeliveries.push({ number, partition: again.partition, offset, before, again });
  }
}
