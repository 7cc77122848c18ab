/** What can happen to a classic group, and what comes of it. */

import type { Protocol, Ticket } from "./classic-state.ts";

/** A JoinGroup. */
export interface JoinEvent {
  readonly type: "join";
  readonly ticket: Ticket;
  /** Empty for a member that has no id yet. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** The id that a new member gets. */
  readonly newMemberId: string;
  /** v4, KIP-394: whether a new member has to come again with its id. */
  readonly requiresMemberId: boolean;
  /** v9, KIP-814: whether a static leader that comes back is told that it has nothing to assign. */
  readonly canSkipAssignment: boolean;
}

/** A SyncGroup. */
export interface SyncEvent {
  readonly type: "sync";
  readonly ticket: Ticket;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
  /** Null until v4. */
  readonly protocolType: string | null;
  /** Null until v4. */
  readonly protocolName: string | null;
  /** From the leader: the assignments by member id. */
  readonly assignments: ReadonlyMap<string, Uint8Array>;
}

/** One member that leaves, or is made to leave by its instance id alone. */
export interface Leaving {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export type ClassicEvent =
  | JoinEvent
  | SyncEvent
  | {
      readonly type: "heartbeat";
      readonly ticket: Ticket;
      readonly memberId: string;
      readonly groupInstanceId: string | null;
      readonly generationId: number;
    }
  | { readonly type: "leave"; readonly ticket: Ticket; readonly members: readonly Leaving[] }
  /** A member has committed offsets. */
  | { readonly type: "committed"; readonly memberId: string }
  | { readonly type: "timer"; readonly timer: TimerKey }
  /** Another broker coordinates the group, or none does. */
  | { readonly type: "moved"; readonly isAvailable: boolean }
  /** All have to join again, for a reason that lies outside. */
  | { readonly type: "rebalance" };

/** What a group counts the time for; each at most once. */
export type TimerKey =
  /** The rebalance: who has not joined by then is out. */
  | "join"
  /** The assignments: who has not asked for its own by then is out. */
  | "sync"
  /** Signs of life of one member. */
  | `session ${string}`;

export interface JoinAnswer {
  readonly errorCode: number;
  readonly memberId: string;
  readonly generationId?: number;
  readonly protocolType?: string | null;
  readonly protocolName?: string | null;
  readonly leader?: string;
  readonly skipAssignment?: boolean;
  readonly members?: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly metadata: Uint8Array;
  }[];
}

export interface SyncAnswer {
  readonly errorCode: number;
  readonly protocolType?: string | null;
  readonly protocolName?: string | null;
  readonly assignment?: Uint8Array;
}

export interface LeaveAnswer {
  readonly members: readonly (Leaving & { readonly errorCode: number })[];
}

export type ClassicEffect =
  | { readonly type: "joined"; readonly ticket: Ticket; readonly answer: JoinAnswer }
  | { readonly type: "synced"; readonly ticket: Ticket; readonly answer: SyncAnswer }
  | { readonly type: "heard"; readonly ticket: Ticket; readonly errorCode: number }
  | { readonly type: "left"; readonly ticket: Ticket; readonly answer: LeaveAnswer }
  /** A timer starts, anew where it ran. */
  | { readonly type: "start"; readonly timer: TimerKey; readonly afterMs: number }
  | { readonly type: "stop"; readonly timer: TimerKey }
  /** The group as it is now is written into the log. */
  | { readonly type: "write" };

/** What does not depend on the group. */
export interface ClassicSettings {
  /** Wall time in milliseconds. */
  readonly nowMs: number;
  /** `group.initial.rebalance.delay.ms` */
  readonly initialRebalanceDelayMs: number;
  /** `group.max.size` */
  readonly maxSize: number;
}
