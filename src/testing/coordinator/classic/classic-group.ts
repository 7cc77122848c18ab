/** A classic group: the state machine with its timers, its records, and the requests that wait. */

import type { Timer } from "../../../platform/platform.ts";
import type { ClusterState } from "../../cluster-state.ts";
import { errorNumber, NONE } from "../../error-code.ts";
import { Pending } from "../../pending.ts";
import type { CommittedOffset } from "../committed-offsets.ts";
import type { CoordinatorRecord } from "../coordinator-topics.ts";
import type { Committer, Group } from "../group.ts";
import { groupTombstone } from "../group-records.ts";
import type {
  ClassicEffect,
  ClassicEvent,
  ClassicSettings,
  JoinAnswer,
  LeaveAnswer,
  Leaving,
  SyncAnswer,
  TimerKey,
} from "./classic-events.ts";
import type { ClassicProtocol, Heartbeating, Joining, Syncing } from "./classic-protocol.ts";
import { classicRecord } from "./classic-records.ts";
import { type ClassicState, CONSUMER, memberRefusal, type Ticket } from "./classic-state.ts";
import { transition } from "./classic-transition.ts";

/** What a group writes with; see `GroupCoordinator.write`. */
export type WriteRecords = (groupId: string, records: readonly CoordinatorRecord[]) => void;

const ILLEGAL_GENERATION = errorNumber("ILLEGAL_GENERATION");
const NON_EMPTY_GROUP = errorNumber("NON_EMPTY_GROUP");
const REBALANCE_IN_PROGRESS = errorNumber("REBALANCE_IN_PROGRESS");
const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");

export class ClassicGroup implements Group, ClassicProtocol {
  readonly kind = "classic";
  readonly #cluster: ClusterState;
  readonly #write: WriteRecords;
  readonly #timers = new Map<TimerKey, Timer>();
  readonly #joins = new Map<Ticket, Pending<JoinAnswer>>();
  readonly #syncs = new Map<Ticket, Pending<SyncAnswer>>();
  #current: ClassicState;
  #tickets = 0;

  constructor(state: ClassicState, cluster: ClusterState, write: WriteRecords) {
    this.#current = state;
    this.#cluster = cluster;
    this.#write = write;
  }

  get classic(): ClassicProtocol {
    return this;
  }

  /** What it is now. */
  get current(): ClassicState {
    return this.#current;
  }

  get groupId(): string {
    return this.#current.groupId;
  }

  get state(): string {
    return this.#current.phase;
  }

  get protocolType(): string {
    return this.#current.protocolType ?? "";
  }

  get isEmpty(): boolean {
    return this.#current.phase === "Empty";
  }

  join(event: Joining): Pending<JoinAnswer> {
    const { ticket, pending } = this.#waiting(this.#joins);
    this.#on({ ...event, type: "join", ticket });
    return pending;
  }

  sync(event: Syncing): Pending<SyncAnswer> {
    const { ticket, pending } = this.#waiting(this.#syncs);
    this.#on({ ...event, type: "sync", ticket });
    return pending;
  }

  heartbeat(member: Heartbeating): number {
    for (const effect of this.#on({ ...member, type: "heartbeat", ticket: ++this.#tickets })) {
      if (effect.type === "heard") return effect.errorCode;
    }
    return UNKNOWN_MEMBER_ID;
  }

  leave(members: readonly Leaving[]): LeaveAnswer {
    for (const effect of this.#on({ type: "leave", members, ticket: ++this.#tickets })) {
      if (effect.type === "left") return effect.answer;
    }
    return { members: [] };
  }

  /** Has all members join again. */
  rebalance(): void {
    this.#on({ type: "rebalance" });
  }

  commitRefusal(committer: Committer): number {
    const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId, isTransactional } = committer;
    const { phase } = this.#current;
    if (generationId < 0 && phase === "Empty") return NONE;
    if (generationId >= 0 || memberId !== "" || groupInstanceId !== null) {
      const refusal = memberRefusal(this.#current, memberId, groupInstanceId);
      if (refusal !== NONE) return refusal;
      if (generationId !== this.#current.generationId) return ILLEGAL_GENERATION;
    } else if (!isTransactional) {
      return UNKNOWN_MEMBER_ID;
    }
    // The assignments are on their way: the member cannot know if it still has the partition.
    return !isTransactional && phase === "CompletingRebalance" ? REBALANCE_IN_PROGRESS : NONE;
  }

  fetchRefusal(): number {
    return NONE;
  }

  offsetDeleteRefusal(): number {
    return this.isEmpty || this.#current.protocolType === CONSUMER ? NONE : NON_EMPTY_GROUP;
  }

  deleteRefusal(): number {
    return this.isEmpty ? NONE : NON_EMPTY_GROUP;
  }

  isSubscribedTo(topic: string): boolean {
    const { subscribedTopics, protocolType } = this.#current;
    return subscribedTopics?.has(topic) ?? protocolType === CONSUMER;
  }

  retainedSinceMs({ commitTimestampMs }: CommittedOffset): number | null {
    const { protocolType, phase, sinceMs, subscribedTopics } = this.#current;
    if (protocolType === null) return commitTimestampMs;
    if (phase === "Empty") return sinceMs ?? commitTimestampMs;
    const isKnown = protocolType === CONSUMER && subscribedTopics !== null && phase === "Stable";
    return isKnown ? commitTimestampMs : null;
  }

  committed({ memberId, isTransactional }: Committer): void {
    if (!isTransactional) this.#on({ type: "committed", memberId });
  }

  tombstones(): CoordinatorRecord[] {
    return [groupTombstone("GROUP_METADATA", { group: this.groupId })];
  }

  /** Who waits has to begin anew: the group is gone, or one of another kind has taken its place. */
  forgotten(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    const errorCode = REBALANCE_IN_PROGRESS;
    for (const [ticket, pending] of this.#joins)
      pending.answer({ errorCode, memberId: this.#joining(ticket) });
    for (const pending of this.#syncs.values()) pending.answer({ errorCode });
    this.#joins.clear();
    this.#syncs.clear();
  }

  coordinatorMoved(isAvailable: boolean): void {
    this.#on({ type: "moved", isAvailable });
  }

  #joining(ticket: Ticket): string {
    const members = [...this.#current.members.values()];
    return members.find(({ joining }) => joining === ticket)?.memberId ?? "";
  }

  #waiting<Answer>(all: Map<Ticket, Pending<Answer>>): { ticket: Ticket; pending: Pending<Answer> } {
    const ticket = ++this.#tickets;
    const pending = new Pending<Answer>();
    all.set(ticket, pending);
    pending.onAbandoned(() => void all.delete(ticket));
    return { ticket, pending };
  }

  /** Takes an event, and does what comes of it. */
  #on(event: ClassicEvent): readonly ClassicEffect[] {
    const { state, effects } = transition(this.#current, event, this.#settings());
    this.#current = state;
    for (const effect of effects) this.#do(effect);
    return effects;
  }

  #settings(): ClassicSettings {
    const { configs, clock } = this.#cluster;
    return {
      nowMs: clock.wallMs(),
      initialRebalanceDelayMs: configs.number("group.initial.rebalance.delay.ms"),
      maxSize: configs.number("group.max.size"),
    };
  }

  #do(effect: ClassicEffect): void {
    switch (effect.type) {
      case "joined":
        answer(this.#joins, effect.ticket, effect.answer);
        break;
      case "synced":
        answer(this.#syncs, effect.ticket, effect.answer);
        break;
      case "start":
        this.#start(effect.timer, effect.afterMs);
        break;
      case "stop":
        this.#stop(effect.timer);
        break;
      case "write":
        this.#write(this.groupId, [classicRecord(this.#current)]);
        break;
      case "heard":
      case "left":
        // Whoever asked takes them from the effects.
        break;
    }
  }

  #start(key: TimerKey, afterMs: number): void {
    this.#stop(key);
    const timer = this.#cluster.clock.setTimer(afterMs, () => {
      this.#timers.delete(key);
      this.#on({ type: "timer", timer: key });
    });
    this.#timers.set(key, timer);
  }

  #stop(key: TimerKey): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }
}

function answer<Answer>(all: Map<Ticket, Pending<Answer>>, ticket: Ticket, given: Answer): void {
  const pending = all.get(ticket);
  all.delete(ticket);
  pending?.answer(given);
}
