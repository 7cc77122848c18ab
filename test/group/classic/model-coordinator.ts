/**
 * The coordinator of one classic group, as Kafka's own does it, without a broker around it: what members may rely on,
 * and no more.
 */

import type { JoinedMember } from "../../../src/group/classic/lead-group.ts";

const COORDINATOR_LOAD_IN_PROGRESS = 14;
const NOT_COORDINATOR = 16;
const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;
const MEMBER_ID_REQUIRED = 79;
const FENCED_INSTANCE_ID = 82;

export interface Scheduler {
  readonly nowMs: number;
  after(delayMs: number, run: () => void): void;
}

export interface JoinQuestion {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** For the only protocol that there is. */
  readonly metadata: Uint8Array;
}

export interface JoinReply {
  readonly errorCode: number;
  readonly memberId: string;
  readonly generationId: number;
  readonly leader: string;
  readonly members: readonly JoinedMember[];
  readonly skipsAssignment: boolean;
}

export interface MemberQuestion {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

export interface SyncQuestion extends MemberQuestion {
  readonly assignments: ReadonlyMap<string, Uint8Array>;
}

export interface SyncReply {
  readonly errorCode: number;
  readonly assignment: Uint8Array;
}

interface Known {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  metadata: Uint8Array;
  assignment: Uint8Array;
  heardAtMs: number;
  join: ((reply: JoinReply) => void) | null;
  sync: ((reply: SyncReply) => void) | null;
}

interface Stored {
  readonly generationId: number;
  readonly leader: string;
  readonly members: readonly Omit<Known, "heardAtMs" | "join" | "sync">[];
}

const NOTHING = new Uint8Array();

export class ModelCoordinator {
  readonly #time: Scheduler;
  readonly #options: {
    readonly sessionTimeoutMs: number;
    readonly rebalanceTimeoutMs: number;
    /** Since Kafka 2.2 a member has to come back with the id that it is given (KIP-394). */
    readonly requiresMemberId: boolean;
  };
  state: "empty" | "preparing" | "completing" | "stable" = "empty";
  generationId = 0;
  #leader = "";
  #members = new Map<string, Known>();
  /** Ids that were given and have not joined yet, and when that was. */
  #pending = new Map<string, number>();
  #stored: Stored = { generationId: 0, leader: "", members: [] };
  #ids = 0;
  #rebalance = 0;
  #isLoading = false;

  constructor(time: Scheduler, options: ModelCoordinator["options"]) {
    this.#time = time;
    this.#options = options;
  }

  get options() {
    return this.#options;
  }

  get memberIds(): readonly string[] {
    return [...this.#members.keys()];
  }

  join({ memberId, groupInstanceId, metadata }: JoinQuestion, reply: (reply: JoinReply) => void): void {
    const refuse = (errorCode: number, id = memberId): void =>
      reply({ ...NO_GENERATION, errorCode, memberId: id });
    if (this.#isLoading) {
      refuse(COORDINATOR_LOAD_IN_PROGRESS);
      return;
    }
    if (memberId === "") {
      const id = `${groupInstanceId ?? "member"}-${++this.#ids}`;
      const former = groupInstanceId === null ? undefined : this.#static(groupInstanceId);
      if (former !== undefined) {
        this.#replace(former, id, metadata, reply);
        return;
      }
      if (groupInstanceId !== null || !this.#options.requiresMemberId) {
        this.#add(id, groupInstanceId, metadata, reply);
        return;
      }
      this.#pending.set(id, this.#time.nowMs);
      this.#time.after(this.#options.sessionTimeoutMs, () => this.#expirePending(id));
      refuse(MEMBER_ID_REQUIRED, id);
      return;
    }
    if (this.#pending.delete(memberId)) {
      this.#add(memberId, groupInstanceId, metadata, reply);
      return;
    }
    const member = this.#members.get(memberId);
    const errorCode = this.#check(memberId, groupInstanceId);
    if (member === undefined || errorCode !== 0) {
      refuse(errorCode);
      return;
    }
    const isSame = Buffer.from(member.metadata).equals(metadata);
    if (this.state === "preparing" || !isSame || (this.state === "stable" && memberId === this.#leader)) {
      member.metadata = metadata;
      member.join = reply;
      this.#heard(member);
      if (this.state === "preparing") this.#completeIfAll();
      else this.#prepare();
      return;
    }
    reply(this.#joined(member));
  }

  sync(question: SyncQuestion, reply: (reply: SyncReply) => void): void {
    const refuse = (errorCode: number): void => reply({ errorCode, assignment: NOTHING });
    if (this.#isLoading) {
      refuse(COORDINATOR_LOAD_IN_PROGRESS);
      return;
    }
    const member = this.#members.get(question.memberId);
    const errorCode = this.#check(question.memberId, question.groupInstanceId);
    if (member === undefined || errorCode !== 0) {
      refuse(errorCode);
      return;
    }
    if (question.generationId !== this.generationId) {
      refuse(ILLEGAL_GENERATION);
      return;
    }
    if (this.state === "preparing") {
      refuse(REBALANCE_IN_PROGRESS);
      return;
    }
    if (this.state === "stable") {
      reply({ errorCode: 0, assignment: member.assignment });
      return;
    }
    member.sync = reply;
    if (question.memberId !== this.#leader) return;
    this.state = "stable";
    for (const each of this.#members.values())
      each.assignment = question.assignments.get(each.memberId) ?? NOTHING;
    this.#store();
    for (const each of this.#members.values()) {
      const { sync } = each;
      each.sync = null;
      if (sync === null) continue;
      this.#heard(each);
      sync({ errorCode: 0, assignment: each.assignment });
    }
  }

  heartbeat({ memberId, groupInstanceId, generationId }: MemberQuestion): number {
    if (this.#isLoading) return COORDINATOR_LOAD_IN_PROGRESS;
    const member = this.#members.get(memberId);
    const errorCode = this.#check(memberId, groupInstanceId);
    if (member === undefined || errorCode !== 0) return errorCode;
    if (generationId !== this.generationId) return ILLEGAL_GENERATION;
    this.#heard(member);
    return this.state === "preparing" ? REBALANCE_IN_PROGRESS : 0;
  }

  leave(memberId: string): void {
    if (this.#isLoading) return;
    if (this.#pending.delete(memberId)) {
      this.#completeIfAll();
      return;
    }
    const member = this.#members.get(memberId);
    if (member !== undefined) this.#remove(member);
  }

  /** Another broker takes over: it knows what was stored, and nobody waits for its answers. */
  moves(loadingMs: number): void {
    this.#isLoading = true;
    this.#rebalance++;
    for (const { memberId, join, sync } of this.#members.values()) {
      join?.({ ...NO_GENERATION, errorCode: NOT_COORDINATOR, memberId });
      sync?.({ errorCode: NOT_COORDINATOR, assignment: NOTHING });
    }
    this.#members = new Map();
    this.#pending = new Map();
    this.#time.after(loadingMs, () => {
      if (!this.#isLoading) return;
      this.#isLoading = false;
      const { generationId, leader, members } = this.#stored;
      this.generationId = generationId;
      this.#leader = leader;
      this.state = members.length === 0 ? "empty" : "stable";
      for (const each of members) {
        const member: Known = { ...each, heardAtMs: 0, join: null, sync: null };
        this.#members.set(each.memberId, member);
        this.#heard(member);
      }
    });
  }

  #static(groupInstanceId: string): Known | undefined {
    return [...this.#members.values()].find((member) => member.groupInstanceId === groupInstanceId);
  }

  #check(memberId: string, groupInstanceId: string | null): number {
    const isFenced =
      groupInstanceId !== null && (this.#static(groupInstanceId)?.memberId ?? memberId) !== memberId;
    if (isFenced) return FENCED_INSTANCE_ID;
    return this.#members.has(memberId) ? 0 : UNKNOWN_MEMBER_ID;
  }

  #add(
    memberId: string,
    groupInstanceId: string | null,
    metadata: Uint8Array,
    join: (reply: JoinReply) => void,
  ): void {
    const member = {
      memberId,
      groupInstanceId,
      metadata,
      assignment: NOTHING,
      heardAtMs: 0,
      join,
      sync: null,
    };
    this.#members.set(memberId, member);
    this.#heard(member);
    if (this.state === "preparing") this.#completeIfAll();
    else this.#prepare();
  }

  #replace(former: Known, id: string, metadata: Uint8Array, reply: (reply: JoinReply) => void): void {
    former.join?.({ ...NO_GENERATION, errorCode: FENCED_INSTANCE_ID, memberId: former.memberId });
    former.sync?.({ errorCode: FENCED_INSTANCE_ID, assignment: NOTHING });
    const member: Known = { ...former, memberId: id, metadata, join: null, sync: null };
    this.#members.delete(former.memberId);
    this.#members.set(id, member);
    const isLeader = this.#leader === former.memberId;
    if (isLeader) this.#leader = id;
    this.#heard(member);
    if (this.state === "stable") {
      this.#store();
      reply({ ...this.#joined(member), skipsAssignment: isLeader });
      return;
    }
    member.join = reply;
    if (this.state === "preparing") this.#completeIfAll();
    else this.#prepare();
  }

  #prepare(): void {
    for (const member of this.#members.values()) {
      member.sync?.({ errorCode: REBALANCE_IN_PROGRESS, assignment: NOTHING });
      member.sync = null;
    }
    this.state = "preparing";
    const rebalance = ++this.#rebalance;
    this.#time.after(this.#options.rebalanceTimeoutMs, () => {
      if (rebalance === this.#rebalance && this.state === "preparing") this.#complete();
    });
    this.#completeIfAll();
  }

  #completeIfAll(): void {
    if (this.state !== "preparing" || this.#pending.size > 0) return;
    if ([...this.#members.values()].every(({ join }) => join !== null)) this.#complete();
  }

  #complete(): void {
    this.#rebalance++;
    for (const member of this.#members.values()) {
      if (member.join === null && member.groupInstanceId === null) this.#members.delete(member.memberId);
    }
    this.generationId++;
    const [first] = this.#members.keys();
    this.state = first === undefined ? "empty" : "completing";
    if (first === undefined) {
      this.#store();
      return;
    }
    const joined = [...this.#members.values()].filter(({ join }) => join !== null);
    if (!joined.some(({ memberId }) => memberId === this.#leader))
      this.#leader = joined[0]?.memberId ?? first;
    for (const member of this.#members.values()) {
      const { join } = member;
      member.join = null;
      this.#heard(member);
      join?.(this.#joined(member));
    }
  }

  #joined({ memberId }: Known): JoinReply {
    const members = memberId === this.#leader ? [...this.#members.values()] : [];
    return {
      errorCode: 0,
      memberId,
      generationId: this.generationId,
      leader: this.#leader,
      members: members.map(({ memberId: id, groupInstanceId, metadata }) => ({
        memberId: id,
        groupInstanceId,
        metadata,
      })),
      skipsAssignment: false,
    };
  }

  #remove(member: Known): void {
    this.#members.delete(member.memberId);
    member.join?.({ ...NO_GENERATION, errorCode: UNKNOWN_MEMBER_ID, memberId: member.memberId });
    member.sync?.({ errorCode: UNKNOWN_MEMBER_ID, assignment: NOTHING });
    if (this.state === "preparing") this.#completeIfAll();
    else this.#prepare();
  }

  #heard(member: Known): void {
    const heardAtMs = this.#time.nowMs;
    member.heardAtMs = heardAtMs;
    this.#time.after(this.#options.sessionTimeoutMs, () => {
      if (this.#members.get(member.memberId) !== member || member.heardAtMs !== heardAtMs) return;
      if (member.join !== null || member.sync !== null) this.#heard(member);
      else this.#remove(member);
    });
  }

  #expirePending(memberId: string): void {
    if (this.#pending.delete(memberId)) this.#completeIfAll();
  }

  #store(): void {
    const { generationId } = this;
    const members = [...this.#members.values()].map((member) => ({ ...member }));
    this.#stored = { generationId, leader: this.#leader, members };
  }
}

const NO_GENERATION = { generationId: -1, leader: "", members: [], skipsAssignment: false };
