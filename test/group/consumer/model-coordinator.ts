import type { HeartbeatAnswer } from "../../../src/group/consumer/member-state.ts";
import {
  isSame,
  minus,
  NO_PARTITIONS,
  type PartitionSet,
  plus,
  setOf,
} from "../../../src/group/consumer/partition-set.ts";
import type { ConsumerGroupHeartbeatRequest } from "../../../src/protocol/messages/consumer-group-heartbeat.ts";
import type { InferInput } from "../../../src/protocol/schema.ts";

/** What a member is at with the coordinator; the names are Kafka's. */
type ModelState = "STABLE" | "UNREVOKED_PARTITIONS" | "UNRELEASED_PARTITIONS";

interface ModelMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly topics: readonly string[];
  readonly state: ModelState;
  readonly epoch: number;
  readonly previousEpoch: number;
  readonly assigned: PartitionSet;
  readonly pendingRevocation: PartitionSet;
  readonly heardAtMs: number;
}

export type ModelAnswer =
  | { readonly errorCode: 0; readonly answer: HeartbeatAnswer }
  | { readonly errorCode: number; readonly answer: null };

const UNKNOWN_MEMBER_ID = 25;
const INVALID_REQUEST = 42;
const FENCED_INSTANCE_ID = 82;
const FENCED_MEMBER_EPOCH = 110;
const UNRELEASED_INSTANCE_ID = 111;

/**
 * A coordinator as Kafka's is (GroupMetadataManager and CurrentAssignmentBuilder), but for an assignor that moves
 * partitions about at random.
 */
export class ModelCoordinator {
  readonly #members = new Map<string, ModelMember>();
  readonly #topics: ReadonlyMap<string, number>;
  readonly #random: () => number;
  readonly #sessionTimeoutMs: number;
  readonly #takesRejoining: boolean;
  #groupEpoch = 0;
  #targetEpoch = 0;
  #targets = new Map<string, PartitionSet>();

  constructor(options: {
    /** Partitions of each topic, whose name is its id. */
    readonly topics: ReadonlyMap<string, number>;
    readonly random: () => number;
    readonly sessionTimeoutMs: number;
    /** Whether epoch 0 is taken from a member that the coordinator knows with another, as by those of Kafka 4. */
    readonly takesRejoining: boolean;
  }) {
    this.#topics = options.topics;
    this.#random = options.random;
    this.#sessionTimeoutMs = options.sessionTimeoutMs;
    this.#takesRejoining = options.takesRejoining;
  }

  get memberIds(): string[] {
    return [...this.#members.keys()];
  }

  /** What the member may own, as far as the coordinator has told it. */
  assigned(memberId: string): PartitionSet {
    return this.#members.get(memberId)?.assigned ?? NO_PARTITIONS;
  }

  heartbeat(request: InferInput<typeof ConsumerGroupHeartbeatRequest>, nowMs: number): ModelAnswer {
    const { memberId = "", memberEpoch = 0, instanceId = null } = request;
    if (memberEpoch < 0) return this.#leave(memberId, memberEpoch, instanceId);
    const owned = request.topicPartitions == null ? null : setOf(request.topicPartitions as never);
    if (memberEpoch === 0 && (owned === null || owned.size > 0 || request.subscribedTopicNames == null))
      return refusal(INVALID_REQUEST);
    const found = this.#find(memberId, memberEpoch, instanceId, owned, nowMs);
    if (typeof found === "number") return refusal(found);
    const isNew = !this.#members.has(found.memberId);
    const topics = request.subscribedTopicNames ?? found.topics;
    if (isNew || topics.join() !== found.topics.join()) this.#groupEpoch++;
    let member: ModelMember = { ...found, topics, heardAtMs: nowMs };
    this.#members.set(memberId, member);
    if (this.#groupEpoch > this.#targetEpoch) this.#assign();
    const before = found.assigned;
    member = this.#reconcile(member, owned);
    this.#members.set(memberId, member);
    const isFull =
      memberEpoch === 0 ||
      ((request.rebalanceTimeoutMs ?? -1) !== -1 && request.subscribedTopicNames != null && owned !== null);
    return {
      errorCode: 0,
      answer: {
        memberId,
        memberEpoch: member.epoch,
        heartbeatIntervalMs: 5000,
        throttleTimeMs: 0,
        assignment: isFull || !isSame(before, member.assigned) ? member.assigned : null,
      },
    };
  }

  /** Takes members out that were not heard of for a session. */
  expire(nowMs: number): void {
    for (const { memberId, heardAtMs } of [...this.#members.values()])
      if (nowMs >= heardAtMs + this.#sessionTimeoutMs) this.remove(memberId);
  }

  remove(memberId: string): void {
    if (!this.#members.delete(memberId)) return;
    this.#targets.delete(memberId);
    this.#groupEpoch++;
  }

  #find(
    memberId: string,
    epoch: number,
    instanceId: string | null,
    owned: PartitionSet | null,
    nowMs: number,
  ): ModelMember | number {
    const fresh: ModelMember = {
      memberId,
      instanceId,
      topics: [],
      state: "STABLE",
      epoch: 0,
      previousEpoch: 0,
      assigned: NO_PARTITIONS,
      pendingRevocation: NO_PARTITIONS,
      heardAtMs: nowMs,
    };
    if (instanceId === null) {
      const known = this.#members.get(memberId);
      if (known === undefined) return epoch === 0 ? fresh : UNKNOWN_MEMBER_ID;
      if (epoch === 0 && this.#takesRejoining) return known;
      return takesEpoch(known, epoch, owned) ? known : FENCED_MEMBER_EPOCH;
    }
    const known = [...this.#members.values()].find((each) => each.instanceId === instanceId);
    if (epoch > 0) {
      if (known === undefined) return UNKNOWN_MEMBER_ID;
      if (known.memberId !== memberId) return FENCED_INSTANCE_ID;
      return takesEpoch(known, epoch, owned) ? known : FENCED_MEMBER_EPOCH;
    }
    if (known === undefined) return fresh;
    if (known.epoch !== -2) return UNRELEASED_INSTANCE_ID;
    const target = this.#targets.get(known.memberId) ?? NO_PARTITIONS;
    this.#members.delete(known.memberId);
    this.#targets.delete(known.memberId);
    this.#targets.set(memberId, target);
    const replaced = { ...known, memberId, epoch: 0, previousEpoch: 0 };
    this.#members.set(memberId, replaced);
    return replaced;
  }

  #leave(memberId: string, epoch: number, instanceId: string | null): ModelAnswer {
    const known =
      instanceId === null
        ? this.#members.get(memberId)
        : [...this.#members.values()].find((each) => each.instanceId === instanceId);
    if (known === undefined) return refusal(UNKNOWN_MEMBER_ID);
    if (known.memberId !== memberId) return refusal(FENCED_INSTANCE_ID);
    if (epoch === -2) this.#members.set(memberId, { ...known, epoch: -2, pendingRevocation: NO_PARTITIONS });
    else this.remove(memberId);
    return {
      errorCode: 0,
      answer: { memberId, memberEpoch: epoch, heartbeatIntervalMs: 0, throttleTimeMs: 0, assignment: null },
    };
  }

  #assign(): void {
    const targets = new Map<string, Map<string, number[]>>();
    const members = [...this.#members.values()];
    for (const [topic, count] of this.#topics) {
      const readers = members.filter(({ topics }) => topics.includes(topic));
      for (let partition = 0; partition < count; partition++) {
        const reader = readers[Math.floor(this.#random() * readers.length)];
        if (reader === undefined) continue;
        const mine = targets.get(reader.memberId) ?? new Map<string, number[]>();
        targets.set(reader.memberId, mine);
        mine.set(topic, [...(mine.get(topic) ?? []), partition]);
      }
    }
    this.#targets = new Map(
      members.map(({ memberId }) => [
        memberId,
        setOf([...(targets.get(memberId) ?? [])].map(([topicId, partitions]) => ({ topicId, partitions }))),
      ]),
    );
    this.#targetEpoch = this.#groupEpoch;
  }

  #reconcile(member: ModelMember, owned: PartitionSet | null): ModelMember {
    switch (member.state) {
      case "STABLE":
        return member.epoch === this.#targetEpoch ? member : this.#next(member, member.epoch, owned);
      case "UNREVOKED_PARTITIONS":
        return ownsAny(owned, member.pendingRevocation)
          ? member
          : this.#next(member, member.epoch + 1, owned);
      case "UNRELEASED_PARTITIONS":
        return this.#next(member, member.epoch, owned);
    }
  }

  #next(member: ModelMember, epoch: number, owned: PartitionSet | null): ModelMember {
    const target = this.#targets.get(member.memberId) ?? NO_PARTITIONS;
    const kept = minus(member.assigned, minus(member.assigned, target));
    const toRevoke = minus(member.assigned, kept);
    if (toRevoke.size > 0 && ownsAny(owned, toRevoke)) {
      const state = "UNREVOKED_PARTITIONS";
      return { ...member, state, ...at(member, epoch), assigned: kept, pendingRevocation: toRevoke };
    }
    const wanted = minus(target, kept);
    // Also what the member itself has given up just now counts as somebody's until its next heartbeat.
    const free = minus(wanted, this.#held());
    const state = isSame(free, wanted) ? "STABLE" : "UNRELEASED_PARTITIONS";
    return {
      ...member,
      state,
      ...at(member, this.#targetEpoch),
      assigned: plus(kept, free),
      pendingRevocation: NO_PARTITIONS,
    };
  }

  #held(): PartitionSet {
    return [...this.#members.values()].reduce<PartitionSet>(
      (all, { assigned, pendingRevocation }) => plus(plus(all, assigned), pendingRevocation),
      NO_PARTITIONS,
    );
  }
}

function at(member: ModelMember, epoch: number): Pick<ModelMember, "epoch" | "previousEpoch"> {
  return { epoch, previousEpoch: member.epoch };
}

function refusal(errorCode: number): ModelAnswer {
  return { errorCode, answer: null };
}

/** The former epoch is taken from who owns nothing but what it may: the answer with the newer one may be lost. */
function takesEpoch(member: ModelMember, epoch: number, owned: PartitionSet | null): boolean {
  if (epoch === member.epoch) return true;
  if (epoch > member.epoch || epoch !== member.previousEpoch) return false;
  return owned !== null && minus(owned, member.assigned).size === 0;
}

function ownsAny(owned: PartitionSet | null, partitions: PartitionSet): boolean {
  return owned === null || !isSame(minus(owned, partitions), owned);
}
