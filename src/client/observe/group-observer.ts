import type { Clock } from "../../platform/platform.ts";
import type { ConsumerCounters } from "./counters.ts";
import type { EventSource } from "./event-hub.ts";
import type { GroupPlace } from "./events.ts";
import type { GroupMetrics } from "./metrics.ts";
import type { Observability } from "./observability.ts";
import type { Wait, Waits } from "./waits.ts";

/** What is asked of a membership when somebody looks. */
export interface ObservedMembership {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly protocol: GroupPlace["protocol"];
  /** How long a rebalance may take without anything being wrong. */
  readonly patienceMs: number;
  /** Where it stands now. */
  readonly standing: () => {
    readonly memberId: string;
    readonly generationId: number;
    readonly state: string;
    /** How many partitions it holds. */
    readonly partitions: number;
  };
  /** What stands in the way of becoming a member, in words; empty where nothing is known to. */
  readonly inTheWay: () => string;
}

/** What is noticed of one membership in a group, of either protocol. */
export class GroupObserver {
  readonly waits: Waits;
  readonly #membership: ObservedMembership;
  readonly #clock: Clock;
  readonly #counters: ConsumerCounters;
  readonly #rebalancing: EventSource<"group:rebalancing">;
  readonly #joined: EventSource<"group:joined">;
  readonly #assigned: EventSource<"group:assigned">;
  readonly #left: EventSource<"group:left">;
  readonly #forget: () => void;
  /** From the first sign of a rebalance until its end. */
  #wait: Wait | null = null;
  #silence: Wait | null = null;
  #since: number | null = null;
  #revokedSince = 0;
  #lostSince = 0;

  constructor(observability: Observability, clock: Clock, membership: ObservedMembership) {
    this.waits = observability.waits;
    this.#membership = membership;
    this.#clock = clock;
    this.#counters = observability.consumer;
    this.#rebalancing = observability.events.source("group:rebalancing");
    this.#joined = observability.events.source("group:joined");
    this.#assigned = observability.events.source("group:assigned");
    this.#left = observability.events.source("group:left");
    this.#forget = observability.addGroup(() => this.#metrics());
  }

  /** A rebalance begins, or begins anew: the member joins, or is about to give up or get partitions. */
  rebalancing(reason: string): void {
    const { groupId, patienceMs, inTheWay } = this.#membership;
    this.#since ??= this.#clock.monotonicMs();
    this.#wait ??= this.waits.begin(`group "${groupId}" to be rebalanced`, { patienceMs, inTheWay });
    if (this.#rebalancing.isWanted) this.#rebalancing.emit({ ...this.#place(), reason });
  }

  /** The coordinator has been silent for a session: nothing is handed out meanwhile. */
  suspended(): void {
    const { groupId, patienceMs, inTheWay } = this.#membership;
    const what = `the coordinator of group "${groupId}" to be heard, before records are handed out`;
    this.#silence ??= this.waits.begin(what, { patienceMs, inTheWay });
  }

  resumed(): void {
    this.#silence?.end();
    this.#silence = null;
  }

  /** It is a member: of a new generation, or with its first epoch. */
  joined(as: { readonly assignor: string | null; readonly isLeader: boolean }): void {
    if (this.#joined.isWanted) this.#joined.emit({ ...this.#place(), ...as });
  }

  /** So many partitions were given up in order. */
  revoked(partitions: number): void {
    this.#counters.partitionsRevoked += partitions;
    this.#revokedSince += partitions;
  }

  /** So many partitions were lost. */
  lost(partitions: number): void {
    this.#counters.partitionsLost += partitions;
    this.#lostSince += partitions;
  }

  /** The rebalance is over for this member, which has taken over so many partitions beside those that it holds. */
  assigned(partitions: number): void {
    const rebalanceMs = this.#since === null ? 0 : this.#clock.monotonicMs() - this.#since;
    this.#counters.rebalances++;
    this.#counters.rebalanceTimeMs += rebalanceMs;
    this.#counters.partitionsAssigned += partitions;
    if (this.#assigned.isWanted) {
      this.#assigned.emit({
        ...this.#place(),
        assigned: partitions,
        revoked: this.#revokedSince,
        lost: this.#lostSince,
        partitions: this.#membership.standing().partitions,
        rebalanceMs,
      });
    }
    this.#reset();
  }

  /**
   * It is no member any more.
   *
   * @param as As whom it was one. Default: as it stands.
   */
  left(reason: string, as: Pick<GroupPlace, "memberId" | "generationId"> = this.#place()): void {
    const { memberId, generationId } = as;
    if (this.#left.isWanted) this.#left.emit({ ...this.#place(), memberId, generationId, reason });
    this.#reset();
  }

  /** The membership has ended for good. */
  close(): void {
    this.#reset();
    this.resumed();
    this.#forget();
  }

  #reset(): void {
    this.#wait?.end();
    this.#wait = null;
    this.#since = null;
    this.#revokedSince = 0;
    this.#lostSince = 0;
  }

  #place(): GroupPlace {
    const { groupId, groupInstanceId, protocol, standing } = this.#membership;
    const { memberId, generationId } = standing();
    return { groupId, groupInstanceId, protocol, memberId, generationId };
  }

  #metrics(): GroupMetrics {
    const { state, partitions } = this.#membership.standing();
    return { ...this.#place(), state, partitions };
  }
}
