/** Groups as they come about in practice and worse, and what happens to them from one rebalance to the next. */

import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../../../src/group/assignor.ts";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { decodeSubscription, encodeSubscription } from "../../../src/protocol/consumer-protocol.ts";

/** What the leader is given in one rebalance, and how its members said it. */
export interface Rebalance {
  readonly assignor: string;
  readonly members: readonly GroupMember[];
  /** By member id, the bytes in which it subscribed. */
  readonly subscriptions: ReadonlyMap<string, Uint8Array>;
  readonly topics: ReadonlyMap<string, TopicLayout>;
  /**
   * Whether Kafka's own sticky assignors may give a member what it is not subscribed to: where a member claims such a
   * partition for an older generation, or is subscribed to nothing and all others to the same topics.
   */
  readonly misleadsKafka: boolean;
}

interface Member {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly rackId: string | null;
  /** Of the subscriptions that it writes: old clients write old ones. */
  readonly version: number;
  readonly assignor: Assignor;
  topics: readonly string[];
  /** What it believes that it has. */
  owned: MemberAssignment;
  generation: number;
}

const TOPICS: readonly string[] = [
  ...["orders", "audit.log", "payments-eu", "payments-us", "a", "b", "Z", "_internal", "t.0"],
  // Their hashes are equal in Java.
  ...["Aa", "BB", "AaAa", "BBBB", "AaBB", "BBAa"],
  ...Array.from({ length: 15 }, (_, i) => `topic-${i}`),
];
const RACKS = ["rack-a", "rack-b", "rack-c", "Aa", "BB"] as const;
/** Their order by UTF-16 is not that by code points or by UTF-8. */
const ODD_NAMES = ["\u{1f600}", "\uff5e", "é", "Aa", "BB", "AaBB", "BBAa", "a b", "C", "c"];

export class RandomGroup {
  readonly #random: () => number;
  readonly #assignor: string;
  readonly #members: Member[] = [];
  readonly #topics = new Map<string, TopicLayout>();
  readonly #everCreated = new Map<string, TopicLayout>();
  readonly #equal: boolean;
  readonly #large: boolean;
  readonly #racks: readonly string[];
  readonly #replicas: number;
  readonly #cooperative: boolean;
  #common: readonly string[] = [];
  #generation: number;
  #ids = 0;

  constructor(assignor: string, random: () => number) {
    this.#random = random;
    this.#assignor = assignor;
    this.#equal = this.#happens(0.5);
    this.#large = this.#happens(0.06);
    this.#racks = this.#happens(0.5) ? RACKS.slice(0, 2 + this.#below(4)) : [];
    this.#replicas = 1 + this.#below(3);
    this.#cooperative = assignor === "cooperative-sticky" && this.#happens(0.9);
    this.#generation = this.#below(5);
    const topics = 1 + this.#below(this.#large ? TOPICS.length : 5);
    for (let i = 0; i < topics; i++) this.#createTopic();
    this.#common = this.#someTopics();
    const members = 1 + this.#below(this.#large ? 60 : 7);
    for (let i = 0; i < members; i++) this.#join();
  }

  /** The group in a rebalance, in the order in which the coordinator tells it. */
  rebalance(): Rebalance {
    const newest = Math.max(...this.#members.map(({ generation }) => generation));
    const subscriptions = new Map<string, Uint8Array>();
    let claimsWhatItLeft = false;
    const members = this.#members.map((member) => {
      const { memberId, groupInstanceId, owned, topics, generation } = member;
      const userData = member.assignor.userData?.(topics) ?? null;
      const cut = userData !== null && this.#happens(0.02);
      const bytes = this.#subscribe(
        member,
        cut ? userData.subarray(0, this.#below(userData.byteLength)) : userData,
      );
      subscriptions.set(memberId, bytes);
      const hasLeft = [...owned.partitions.keys()].some((topic) => !topics.includes(topic));
      // Without its generation a claim is an old one.
      if (hasLeft && (cut || generation < newest)) claimsWhatItLeft = true;
      return { memberId, groupInstanceId, subscription: decodeSubscription(bytes) };
    });
    const distinct = new Set(this.#members.map(({ topics }) => [...topics].sort().join()));
    return {
      assignor: this.#assignor,
      members,
      subscriptions,
      topics: new Map(this.#topics),
      misleadsKafka: claimsWhatItLeft || (distinct.size === 2 && distinct.has("")),
    };
  }

  /** Members get their assignments, most of the time, and then something happens. */
  goOn(assignments: ReadonlyMap<string, MemberAssignment>): void {
    this.#generation++;
    for (const member of this.#members) {
      // One that is away keeps what it had, and will claim it later.
      if (this.#happens(0.05)) continue;
      member.owned = assignments.get(member.memberId) as MemberAssignment;
      member.generation = this.#generation;
      member.assignor.assigned?.(member.owned, this.#generation);
    }
    for (let changes = this.#below(4); changes > 0; changes--) this.#change();
  }

  #change(): void {
    const member = this.#pick(this.#members);
    switch (this.#below(9)) {
      case 0:
      case 1:
        this.#join();
        return;
      case 2:
        if (this.#members.length > 1) this.#members.splice(this.#members.indexOf(member), 1);
        return;
      case 3:
        this.#restart(member);
        return;
      case 4:
        this.#common = this.#someTopics();
        for (const each of this.#equal ? this.#members : [member]) each.topics = this.#subscription();
        return;
      case 5:
        this.#createTopic();
        return;
      case 6:
        if (this.#topics.size > 1) this.#topics.delete(this.#pick([...this.#topics.keys()]));
        return;
      case 7: {
        const topic = this.#pick([...this.#topics.keys()]);
        const before = this.#topics.get(topic) as TopicLayout;
        this.#setTopic(topic, before.partitions + 1 + this.#below(4), before.racks);
        return;
      }
      case 8:
        // Two believe that they have the same, in the same generation or in different ones.
        if (this.#happens(0.8)) return;
        member.owned = this.#pick(this.#members).owned;
        member.assignor.assigned?.(member.owned, member.generation);
        return;
    }
  }

  #join(): void {
    this.#members.splice(this.#below(this.#members.length + 1), 0, {
      memberId: this.#name("consumer"),
      groupInstanceId: this.#happens(0.25) ? this.#name("instance") : null,
      rackId: this.#racks.length === 0 ? null : this.#happens(0.2) ? null : this.#pick(["", ...this.#racks]),
      version: this.#happens(0.8) ? 3 : this.#below(3),
      assignor: builtInAssignor(this.#assignor) as Assignor,
      topics: this.#subscription(),
      owned: { partitions: new Map() },
      generation: -1,
    });
  }

  /** A static member comes back under a new member id and knows nothing; a dynamic one is another member. */
  #restart(member: Member): void {
    this.#members[this.#members.indexOf(member)] = {
      ...member,
      memberId: this.#name("consumer"),
      assignor: builtInAssignor(this.#assignor) as Assignor,
      owned: { partitions: new Map() },
      generation: -1,
    };
  }

  #subscribe(
    { topics, rackId, version, owned, generation }: Member,
    userData: Uint8Array | null,
  ): Uint8Array {
    return encodeSubscription(
      {
        topics: [...topics],
        userData,
        ownedPartitions: this.#cooperative
          ? Array.from(owned.partitions, ([topic, partitions]) => ({ topic, partitions: [...partitions] }))
          : [],
        generationId: generation,
        rackId,
      },
      version,
    );
  }

  #createTopic(): void {
    const name = this.#pick(TOPICS);
    // One that comes back is never smaller: Kafka's sticky assignors take partitions for real that are gone.
    const before = this.#everCreated.get(name) ?? { partitions: 0, racks: [] };
    this.#setTopic(name, Math.max(1 + this.#below(12), before.partitions), before.racks);
  }

  #setTopic(name: string, partitions: number, known: TopicLayout["racks"]): void {
    const racks = Array.from({ length: partitions }, (_, partition) => {
      const before = known[partition];
      if (before !== undefined) return before;
      if (this.#racks.length === 0 || this.#happens(0.03)) return [];
      return Array.from({ length: this.#replicas }, () => this.#pick(this.#racks));
    });
    this.#topics.set(name, { partitions, racks });
    this.#everCreated.set(name, { partitions, racks });
  }

  #subscription(): readonly string[] {
    if (this.#equal) return this.#common;
    return this.#happens(0.03) ? [] : this.#someTopics();
  }

  /** Topics that exist, and now and then one that does not. */
  #someTopics(): readonly string[] {
    const topics = new Set<string>();
    for (const topic of this.#topics.keys()) if (this.#happens(0.6)) topics.add(topic);
    if (topics.size === 0 || this.#happens(0.1)) topics.add(this.#pick(TOPICS));
    return [...topics];
  }

  #name(kind: string): string {
    const used = new Set(
      this.#members.flatMap(({ memberId, groupInstanceId }) => [memberId, groupInstanceId]),
    );
    if (this.#happens(0.2)) {
      const name = this.#pick(ODD_NAMES);
      if (!used.has(name)) return name;
    }
    return `${kind}-${this.#ids++}-${Math.floor(this.#random() * 2 ** 32).toString(16)}`;
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #happens(probability: number): boolean {
    return this.#random() < probability;
  }
}
