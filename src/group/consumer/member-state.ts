/**
 * Where a member of a consumer group stands (KIP-848). Pure: a state and an event give the next state, and what is to
 * be done then. The coordinator assigns; the member tells it by heartbeats what it wants to read and what it owns.
 *
 * | phase | what it means | what leads out |
 * |---|---|---|
 * | unsubscribed | not in the group | a subscription -> joining |
 * | joining | heartbeats with epoch 0, and all there is to say, until one is answered | answered -> reconciling; refused for good -> fatal |
 * | reconciling | what is owned is not what the coordinator wants: the host gives partitions up, then takes others | done -> acknowledging |
 * | acknowledging | what is owned is as wanted, and the coordinator does not know it yet | answered -> stable |
 * | stable | nothing to do but heartbeats | another assignment -> reconciling |
 * | fenced | the coordinator has removed the member, or may have: all is lost | the host knows -> joining |
 * | stale | the application does not ask for records: the member has left, all is lost | it asks, and the host knows -> joining |
 * | leaving | the last heartbeat is on its way, with epoch -1, or -2 where the place is kept | answered, or not in time -> unsubscribed |
 * | fatal | the coordinator refused for good: all is lost, the application is told | leaving |
 *
 * From every phase of a member, being fenced, or not heard of for two sessions by the member's own count, leads to
 * fenced, the end of the application's time to stale, and the will to leave to leaving. After one session unheard the
 * member is suspended: nothing is handed out until the coordinator tells that it still has the member in its epoch, in
 * which case nobody else had the partitions.
 *
 * There is one request under way at a time, but for the one to leave, which follows at once on the same connection.
 * What an answer belongs to is told by the number of the request, and what the host has done by the number of its
 * work, so that one which comes late, or twice, changes nothing.
 *
 * An answer that does not come may have been lost behind a coordinator that has moved the member to its next epoch.
 * After it, and after any error, the next heartbeat says everything again: the coordinator takes the former epoch
 * from a member that owns nothing but what it may own, and repeats the assignment.
 */

import type { ConsumerGroupHeartbeatRequest } from "../../protocol/messages/consumer-group-heartbeat.ts";
import type { InferInput } from "../../protocol/schema.ts";
import type { Uuid } from "../../protocol/uuid.ts";
import { NO_PARTITIONS, type PartitionSet } from "./partition-set.ts";

export type MemberPhase =
  | "unsubscribed"
  | "joining"
  | "reconciling"
  | "acknowledging"
  | "stable"
  | "fenced"
  | "stale"
  | "leaving"
  | "fatal";

/** What stays the same for the member's lifetime. */
export interface MemberSettings {
  readonly groupId: string;
  /** Made by the client, once (KIP-1082). */
  readonly memberId: string;
  /** `group.instance.id` of a static member. */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** The coordinator's assignor; null for its choice. */
  readonly assignor: string | null;
  /** How long the coordinator waits for partitions that are to be given up. */
  readonly rebalanceTimeoutMs: number;
  /** So long unheard, and the coordinator may have removed the member: it does not tell how long it waits. */
  readonly sessionTimeoutMs: number;
}

/** What the member wants to read. */
export interface MemberSubscription {
  readonly topics: readonly string[];
  /** In the syntax of RE2; null for none. */
  readonly pattern: string | null;
}

/** What a heartbeat has said of the things that are said only when they change. */
export interface Said {
  readonly subscription: MemberSubscription;
  readonly owned: PartitionSet;
}

/** A request without its answer. */
export interface PendingRequest {
  readonly number: number;
  readonly kind: "heartbeat" | "leave";
  readonly sentAtMs: number;
  /** What the coordinator has heard once it answers. */
  readonly said: Said;
  /** Whether it tells what is owned: whatever it leaves out, the coordinator may give to others. */
  readonly tellsOwned: boolean;
  /** Whether the coordinator may have known the member before. */
  readonly mayHaveBeenMember: boolean;
}

/** What the host is doing. */
export interface HostWork {
  readonly number: number;
  readonly type: "revoke" | "assign";
  readonly partitions: PartitionSet;
}

/** The epochs by which a member leaves. */
export const LEAVE_EPOCH = -1;
/** Of a static member, which will be back: its partitions wait for it. */
export const LEAVE_FOR_A_WHILE_EPOCH = -2;

export interface MemberState {
  readonly settings: MemberSettings;
  readonly phase: MemberPhase;
  /** The settings' own, or what a coordinator chose instead. */
  readonly memberId: string;
  /** What the coordinator said last; 0 while it has not taken the member in. */
  readonly epoch: number;
  readonly subscription: MemberSubscription | null;
  /** Whether the coordinator may know a pattern of this member. */
  readonly mayHavePattern: boolean;
  /** What the coordinator has heard for certain; null where all has to be said. */
  readonly said: Said | null;
  /** What the coordinator was last told to be owned, and answered. */
  readonly acknowledged: PartitionSet;
  /**
   * Whether it has to be told again, be it the same: it may wait to hear that a partition is not owned which it gave
   * and took away before the member had it.
   */
  readonly owesOwned: boolean;
  /** What the member may own; null until the coordinator has said. */
  readonly target: PartitionSet | null;
  /** Whether the host has yet to be told of the target, be it that nothing was added. */
  readonly isNews: boolean;
  /** What the host has or is being given; what it gives up is owned until that is done. */
  readonly owned: PartitionSet;
  /** Names of the topics in all of these, as far as they are known. */
  readonly names: ReadonlyMap<Uuid, string>;
  /** Topics whose names are being looked up. */
  readonly nameless: ReadonlySet<Uuid>;
  readonly work: HostWork | null;
  /** Number of the work of forgetting all that was lost. */
  readonly loss: number | null;
  /** Counts the works of the host. */
  readonly works: number;
  readonly request: PendingRequest | null;
  /** Counts the requests. */
  readonly requests: number;
  /** Failed one after another. */
  readonly failures: number;
  /** The epoch by which the coordinator has still to be told that the member leaves. */
  readonly departure: number | null;
  /** Whether the coordinator may count the member in. */
  readonly mayBeMember: boolean;
  /** Why the coordinator does not take a static member, until it is known who has its name. */
  readonly refusal: Error | null;
  /** When the next heartbeat is due, if nothing new is to be said before. */
  readonly heartbeatAtMs: number;
  /** Before this nothing is sent, whatever there is to say: something failed, or the broker throttles. */
  readonly notBeforeMs: number;
  readonly heartbeatIntervalMs: number;
  /** When the last request was sent that was answered. */
  readonly heardAtMs: number;
  /** Whether the session may be over: nothing is handed out until the coordinator tells. */
  readonly isSuspended: boolean;
  /** In the phase stale: whether the application has asked for records again. */
  readonly isPolled: boolean;
  /** In the phase fatal: what the host has still to be told. */
  readonly failure: Error | null;
}

/** What the coordinator answers where it refuses nothing. */
export interface HeartbeatAnswer {
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly throttleTimeMs: number;
  readonly assignment: PartitionSet | null;
}

/** What has happened, and when, on the monotonic clock. Where it does not fit in, it comes too late and is passed over. */
export type MemberEvent = { readonly atMs: number } & (
  | { readonly type: "subscribe"; readonly subscription: MemberSubscription }
  | {
      readonly type: "answered";
      readonly request: number;
      readonly answer: HeartbeatAnswer;
      /** Those of the topics in the assignment that are known. */
      readonly names: ReadonlyMap<Uuid, string>;
    }
  | {
      readonly type: "refused";
      readonly request: number;
      readonly errorCode: number;
      readonly error: Error;
      /** How long to wait before the next attempt. */
      readonly retryDelayMs: number;
    }
  /** No answer came, or none that can be read. The coordinator may have got the request, or not. */
  | { readonly type: "unanswered"; readonly request: number; readonly retryDelayMs: number }
  /** None ever will. */
  | { readonly type: "unanswerable"; readonly request: number; readonly error: Error }
  | { readonly type: "named"; readonly names: ReadonlyMap<Uuid, string> }
  /** The host has done a work. */
  | { readonly type: "done"; readonly work: number }
  /** Something else than a heartbeat says that the coordinator sees the member in another way: it is asked at once. */
  | { readonly type: "doubted" }
  | { readonly type: "poll expired" }
  | { readonly type: "polled" }
  | { readonly type: "leave"; readonly staysMember: boolean }
  /** Nobody waits any longer for the answer to the leaving. */
  | { readonly type: "leave expired" }
  /** It is later. */
  | { readonly type: "tick" }
);

/** What is to be done after an event. */
export type MemberEffect =
  | {
      readonly type: "send";
      readonly request: number;
      readonly kind: PendingRequest["kind"];
      readonly heartbeat: InferInput<typeof ConsumerGroupHeartbeatRequest>;
    }
  /** Look up the names of these topics, and of no others any more. */
  | { readonly type: "name topics"; readonly topicIds: ReadonlySet<Uuid> }
  | { readonly type: "revoke"; readonly work: number; readonly partitions: readonly NamedPartition[] }
  | { readonly type: "assign"; readonly work: number; readonly partitions: readonly NamedPartition[] }
  | { readonly type: "lose"; readonly work: number; readonly partitions: readonly NamedPartition[] }
  /** The session may be over, and the partitions others' by now: hand nothing out. */
  | { readonly type: "suspend" }
  /** It is not, or all is lost: hand out what there is. */
  | { readonly type: "resume" }
  /** The coordinator has taken the member in. */
  | { readonly type: "joined" }
  /** The host is to be told that it is over. */
  | { readonly type: "fail"; readonly error: Error }
  /** The member is out of the group, as far as it is concerned. */
  | { readonly type: "left" }
  /** What somebody may want to read in a log. */
  | { readonly type: "note"; readonly what: string };

export interface NamedPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface MemberStep {
  readonly state: MemberState;
  readonly effects: readonly MemberEffect[];
}

/** Kafka's default, until a coordinator says. */
const DEFAULT_HEARTBEAT_INTERVAL_MS = 5000;

/** One who is no member yet, and does not want to be. */
export function initialState(settings: MemberSettings): MemberState {
  return {
    settings,
    phase: "unsubscribed",
    memberId: settings.memberId,
    epoch: 0,
    subscription: null,
    mayHavePattern: false,
    said: null,
    acknowledged: NO_PARTITIONS,
    owesOwned: false,
    target: null,
    isNews: false,
    owned: NO_PARTITIONS,
    names: new Map(),
    nameless: new Set(),
    work: null,
    loss: null,
    works: 0,
    request: null,
    requests: 0,
    failures: 0,
    departure: null,
    mayBeMember: false,
    refusal: null,
    heartbeatAtMs: 0,
    notBeforeMs: 0,
    heartbeatIntervalMs: DEFAULT_HEARTBEAT_INTERVAL_MS,
    heardAtMs: 0,
    isSuspended: false,
    isPolled: false,
    failure: null,
  };
}

/** Whether the coordinator counts the member in, as far as is known here. */
export function isMember({ phase }: MemberState): boolean {
  return phase === "reconciling" || phase === "acknowledging" || phase === "stable";
}

/** When the session may be over, if nothing is heard before. */
export function sessionEndsAtMs({ heardAtMs, settings }: MemberState): number {
  return heardAtMs + settings.sessionTimeoutMs;
}

/** When the member counts itself out. A coordinator that was away for a while has it still. */
export function lostAtMs(state: MemberState): number {
  return sessionEndsAtMs(state) + state.settings.sessionTimeoutMs;
}
