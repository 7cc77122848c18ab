/** Where a member of a classic group stands, what may happen to it, and what is to be done then. */

import type { RebalanceProtocol } from "../assignor.ts";
import type { TopicPartition } from "./partitions.ts";

/** Where a member stands. See the table of `transition.ts`. */
export type Phase =
  | "unjoined"
  | "preparing"
  | "joining"
  | "assigning"
  | "syncing"
  | "revoking"
  | "taking over"
  | "stable"
  | "leaving"
  | "failing"
  | "ended";

/** What does not change in a member's life. */
export interface MemberSettings {
  /** Name of a static member (KIP-345); null for any other. */
  readonly groupInstanceId: string | null;
  /** How long the coordinator takes a member for alive that it does not hear of, and we ourselves. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceProtocol: RebalanceProtocol;
}

/** A call of the host that has not ended. */
export interface HostCall {
  readonly type: "revoke" | "lose" | "assign";
  readonly partitions: readonly TopicPartition[];
}

export interface MemberState {
  readonly settings: MemberSettings;
  readonly phase: Phase;
  /** Given by the coordinator; empty while it has given none. */
  readonly memberId: string;
  /** Of the last JoinGroup that succeeded; -1 when the membership it brought is over. */
  readonly generationId: number;
  /** Name of the assignor that the coordinator picked. */
  readonly assignor: string;
  readonly isLeader: boolean;
  /** What the consumer wants to read; null before it has said so. */
  readonly topics: readonly string[] | null;
  /** What the last JoinGroup said of that. */
  readonly joinedTopics: readonly string[];
  /** Whether it asked for a member id: a static one may then be given what it was before. */
  readonly joinedAsNew: boolean;
  /** What the host holds. */
  readonly owned: readonly TopicPartition[];
  /** What the member shall hold in the end of the rebalance. */
  readonly target: readonly TopicPartition[];
  /** Why to join again once the rebalance is through; null for no reason. */
  readonly rejoinReason: string | null;
  /** Told to the coordinator with the next JoinGroup (KIP-800). */
  readonly joinReason: string;
  /** Number of the request (or of the assigning) whose answer is waited for; null while there is none. */
  readonly awaiting: number | null;
  /** When it was sent. */
  readonly askedAtMs: number;
  /** Whether the same was asked before, without an answer. */
  readonly isAskedAgain: boolean;
  /** When JoinGroup may be sent; 0 for at once. */
  readonly joinAtMs: number;
  /** Rebalances that came to nothing, one after the other. */
  readonly failures: number;
  /** Number of the heartbeat that is on its way; null while none is. */
  readonly heartbeat: number | null;
  readonly heartbeatSentAtMs: number;
  /** When the next one is due, unless one is on its way. */
  readonly heartbeatAtMs: number;
  readonly heartbeatFailures: number;
  /** The coordinator has taken us for alive at this moment or later. */
  readonly contactMs: number;
  /** Whether the session may be over: nothing is handed out until the coordinator tells. */
  readonly isSuspended: boolean;
  /** By number. */
  readonly hostCalls: ReadonlyMap<number, HostCall>;
  /** The last number of a request or a call. */
  readonly lastNumber: number;
  /** The application does not ask for records: there is no membership until it does. */
  readonly isPollExpired: boolean;
  /** Why the membership ends for good; null while it does not. */
  readonly failure: Error | null;
  /** Why the member leaves. */
  readonly leaveReason: string;
}

/** An answer of the coordinator; `error` says the same as `errorCode` in words, and is null for 0. */
export interface CoordinatorAnswer {
  readonly errorCode: number;
  readonly error: Error | null;
}

/** What follows the answer to JoinGroup. */
export interface JoinAnswer extends CoordinatorAnswer {
  readonly memberId: string;
  readonly generationId: number;
  /** Name of the assignor. */
  readonly protocolName: string;
  readonly isLeader: boolean;
}

/** What follows the answer to SyncGroup. */
export interface SyncAnswer extends CoordinatorAnswer {
  /** What the member shall read. */
  readonly assigned: readonly TopicPartition[];
}

/** What happens to a member. What comes with the number of a request that is not waited for changes nothing. */
export type MemberEvent =
  /** The consumer wants to read these topics. */
  | { readonly type: "subscribed"; readonly topics: readonly string[] }
  | { readonly type: "polled" }
  | { readonly type: "poll expired" }
  /** The consumer wants a rebalance, or the leader sees that the group's topics have changed. */
  | { readonly type: "rejoin wanted"; readonly reason: string }
  | (CoordinatorAnswer & {
      readonly type: "commit refused";
      readonly memberId: string;
      readonly generationId: number;
    })
  | { readonly type: "join answered"; readonly number: number; readonly answer: JoinAnswer }
  /** The leader has assigned for all. */
  | { readonly type: "assigned"; readonly number: number }
  | { readonly type: "sync answered"; readonly number: number; readonly answer: SyncAnswer }
  | { readonly type: "heartbeat answered"; readonly number: number; readonly answer: CoordinatorAnswer }
  /** No answer came to JoinGroup, SyncGroup or Heartbeat, or the leader's assigning failed. */
  | {
      readonly type: "failed";
      readonly number: number;
      readonly error: Error;
      /** Whether trying again is of no use. */
      readonly isFatal: boolean;
    }
  | { readonly type: "host done"; readonly number: number }
  /** Time has gone by: at the latest when {@link wakeAtMs} said. */
  | { readonly type: "tick" }
  | { readonly type: "leave"; readonly reason: string; readonly staysMember: boolean }
  /** The coordinator has heard of the leaving, or will not in time. */
  | { readonly type: "left" }
  | { readonly type: "abandoned" };

/** What is to be done. */
export type MemberEffect =
  /** Send JoinGroup, with what the state says. */
  | { readonly type: "join"; readonly number: number }
  /**
   * Nobody waits for the answer to JoinGroup or SyncGroup any more. Until it comes, their connection is of no use: the
   * broker reads nothing else from it.
   */
  | { readonly type: "hang up" }
  /** Assign for all members of the last answer to JoinGroup. */
  | { readonly type: "assign for all"; readonly number: number }
  /** Send SyncGroup; the leader with what it has assigned. */
  | { readonly type: "sync"; readonly number: number }
  | { readonly type: "heartbeat"; readonly number: number }
  /** Send LeaveGroup for this member. Nobody waits for it, unless the phase is `leaving`. */
  | { readonly type: "leave"; readonly memberId: string; readonly reason: string }
  /** The session may be over, and the partitions others' by now: hand nothing out. */
  | { readonly type: "suspend" }
  /** It is not, or what was held is lost: hand out what there is. */
  | { readonly type: "resume" }
  /** Call the host, and say "host done" when it is. */
  | { readonly type: "call host"; readonly number: number; readonly call: HostCall }
  /** The membership has ended, with this error or, where it is null, as it was to. */
  | { readonly type: "end"; readonly error: Error | null }
  /** For those who watch. */
  | { readonly type: "tell"; readonly what: "rebalancing"; readonly reason: string }
  | {
      readonly type: "tell";
      readonly what: "left";
      readonly reason: string;
      /** As whom. */
      readonly memberId: string;
      readonly generationId: number;
    }
  | { readonly type: "tell"; readonly what: "joined" }
  | { readonly type: "tell"; readonly what: "assigned"; readonly partitions: number };

/** A state, and what is to be done in this order. */
export interface MemberStep {
  readonly state: MemberState;
  readonly effects: readonly MemberEffect[];
}

/** The moment of an event. */
export interface Moment {
  /** On the monotonic clock. */
  readonly nowMs: number;
  /** How long to wait before another attempt, when so many have failed. */
  readonly backoffMs: (failures: number) => number;
}

/** A member before anything has happened. */
export function newMember(settings: MemberSettings): MemberState {
  return {
    settings,
    phase: "unjoined",
    memberId: "",
    generationId: -1,
    assignor: "",
    isLeader: false,
    topics: null,
    joinedTopics: [],
    joinedAsNew: false,
    owned: [],
    target: [],
    rejoinReason: null,
    joinReason: "",
    awaiting: null,
    askedAtMs: 0,
    isAskedAgain: false,
    joinAtMs: 0,
    failures: 0,
    heartbeat: null,
    heartbeatSentAtMs: 0,
    heartbeatAtMs: 0,
    heartbeatFailures: 0,
    contactMs: 0,
    isSuspended: false,
    hostCalls: new Map(),
    lastNumber: 0,
    isPollExpired: false,
    failure: null,
    leaveReason: "",
  };
}

/** Whether the coordinator may count on this member: then it has to hear of it. */
export function isMember({ phase, generationId }: MemberState): boolean {
  return generationId >= 0 && phase !== "leaving" && phase !== "failing" && phase !== "ended";
}

/** When the session may be over unless the member hears of the coordinator before; infinity while nothing hangs on it. */
export function sessionEndsAtMs(state: MemberState): number {
  return isMember(state) && state.owned.length > 0
    ? state.contactMs + state.settings.sessionTimeoutMs
    : Number.POSITIVE_INFINITY;
}

/**
 * When the member takes itself for dead. A coordinator that was away for a while knows it still, and then it has been
 * no more than suspended.
 */
export function lostAtMs(state: MemberState): number {
  return sessionEndsAtMs(state) + state.settings.sessionTimeoutMs;
}

/**
 * When what was asked is asked again, lest the answer was lost with its connection: the coordinator may keep it back
 * for as long as a rebalance takes, so that silence tells nothing. To ask twice does no harm, but for a new member,
 * which old brokers then take for two; infinity for that one, and while nothing is asked.
 */
export function askAgainAtMs({ phase, awaiting, askedAtMs, memberId, settings }: MemberState): number {
  const isNew = memberId === "" && settings.groupInstanceId === null;
  return (phase === "joining" || phase === "syncing") && awaiting !== null && !isNew
    ? askedAtMs + patienceMs(settings)
    : Number.POSITIVE_INFINITY;
}

/** So long an answer is waited for before the question is put again. */
export function patienceMs({ sessionTimeoutMs }: MemberSettings): number {
  return sessionTimeoutMs / 2;
}

/** When the next "tick" is due; infinity while nothing depends on time. */
export function wakeAtMs(state: MemberState): number {
  const heartbeatAtMs =
    isMember(state) && state.heartbeat === null ? state.heartbeatAtMs : Number.POSITIVE_INFINITY;
  const joinAtMs =
    state.phase === "joining" && state.awaiting === null ? state.joinAtMs : Number.POSITIVE_INFINITY;
  const sessionAtMs = state.isSuspended ? lostAtMs(state) : sessionEndsAtMs(state);
  return Math.min(heartbeatAtMs, joinAtMs, askAgainAtMs(state), sessionAtMs);
}
