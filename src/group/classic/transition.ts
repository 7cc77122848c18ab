/**
 * What follows from what happens to a member of a classic group. Pure: a state, an event and the moment give the
 * next state, and what is to be done then.
 *
 * | phase | what the member does | what can come, and where it leads |
 * |---|---|---|
 * | unjoined | nothing: there is nothing to read, or the application does not ask for it | subscribed, polled -> preparing |
 * | preparing | gives up what it may not hold while the group assigns: all (eager), or what it does not want any more (cooperative) | host done -> joining |
 * | joining | waits for JoinGroup's answer, or to send it again | joined as follower -> syncing, as leader -> assigning; a member id only, or try again -> joining |
 * | assigning | assigns for all members | assigned -> syncing; failed -> failing |
 * | syncing | waits for its assignment | assigned -> revoking or taking over; another rebalance -> preparing |
 * | revoking | gives up what was taken from it (cooperative) | host done -> taking over |
 * | taking over | tells the host what is new | host done -> stable, or preparing where a rebalance is due |
 * | stable | reads | another rebalance, another subscription, other partitions -> preparing |
 * | leaving | waits for the coordinator to hear of it | left -> ended |
 * | failing | waits until the host knows that its partitions are lost | host done -> ended |
 * | ended | nothing | nothing leads out |
 *
 * From "preparing" to "stable" also:
 *
 * - Where the coordinator was not heard of for a session timeout, others may hold the partitions, and need not: the
 *   member is suspended, which says that nothing is handed out, and asks on. It goes on where the coordinator still
 *   has it in its generation, since then nobody else had the partitions.
 * - Where the coordinator does not know the member or its generation any more, or was not heard of for two session
 *   timeouts, others may hold its partitions: they are lost at once, whatever the host is at, -> preparing.
 * - poll expired: it leaves, its partitions are lost, -> unjoined.
 * - leave -> leaving or ended; an error that no rebalance can mend -> failing; abandoned -> ended.
 *
 * Heartbeats go on for as long as there is a generation, also while the member joins the next one: what it goes on
 * reading in a cooperative rebalance hangs on that.
 *
 * What an answer belongs to is told by its number, so that one which comes late, or twice, or for what was given up
 * since, changes nothing.
 */

import { errorCodeOf } from "../../protocol/error-codes.ts";
import {
  askAgainAtMs,
  type CoordinatorAnswer,
  type HostCall,
  isMember,
  type JoinAnswer,
  lostAtMs,
  type MemberEffect,
  type MemberEvent,
  type MemberState,
  type MemberStep,
  type Moment,
  type Phase,
  patienceMs,
  sessionEndsAtMs,
} from "./member-state.ts";
import { type TopicPartition, within, without } from "./partitions.ts";

const NONE = 0;
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;
const MEMBER_ID_REQUIRED = 79;
const FENCED_INSTANCE_ID = 82;

/** Members that give up partitions join again at once: the first heartbeat after a rebalance looks for them. */
const QUICK_LOOK_MS = 500;

type EventOf<Type extends MemberEvent["type"]> = Extract<MemberEvent, { readonly type: Type }>;

type Handlers = {
  readonly [Type in MemberEvent["type"]]?: (draft: Draft, event: EventOf<Type>) => void;
};

/** The next state while it is being made. */
class Draft {
  state: MemberState;
  readonly effects: MemberEffect[] = [];
  readonly moment: Moment;

  constructor(state: MemberState, moment: Moment) {
    this.state = state;
    this.moment = moment;
  }

  set(changes: Partial<MemberState>): void {
    this.state = { ...this.state, ...changes };
  }

  effect(effect: MemberEffect): void {
    this.effects.push(effect);
  }

  /** A number of its own for a request or a call. */
  number(): number {
    this.set({ lastNumber: this.state.lastNumber + 1 });
    return this.state.lastNumber;
  }
}

/** The state after an event, and what is to be done. */
export function transition(state: MemberState, event: MemberEvent, moment: Moment): MemberStep {
  const draft = new Draft(state, moment);
  const handler = TRANSITIONS[state.phase][event.type] as
    | ((draft: Draft, event: MemberEvent) => void)
    | undefined;
  handler?.(draft, event);
  return { state: draft.state, effects: draft.effects };
}

/** What is the same wherever a member stands between its first joining and its end. */
const IN_THE_GROUP: Handlers = {
  "poll expired": pollExpired,
  "commit refused": commitRefused,
  "heartbeat answered": heartbeatAnswered,
  failed: heartbeatFailed,
  "host done": hostDone,
  tick,
  leave,
  abandoned,
};

const TRANSITIONS: { readonly [P in Phase]: Handlers } = {
  unjoined: {
    subscribed(draft, { topics }) {
      draft.set({ topics });
      if (!draft.state.isPollExpired) begin(draft, "the consumer has subscribed");
    },
    polled(draft) {
      if (!draft.state.isPollExpired) return;
      draft.set({ isPollExpired: false });
      if (draft.state.topics !== null) begin(draft, "the application asks for records again");
    },
    "poll expired"(draft) {
      draft.set({ isPollExpired: true });
    },
    "host done": hostDone,
    leave,
    abandoned,
  },
  preparing: {
    ...IN_THE_GROUP,
    subscribed(draft, { topics }) {
      draft.set({ topics });
      prepare(draft);
    },
    "host done"(draft, event) {
      hostDone(draft, event);
      prepare(draft);
    },
  },
  joining: { ...IN_THE_GROUP, subscribed: subscribedMeanwhile, "join answered": joinAnswered, failed },
  assigning: {
    ...IN_THE_GROUP,
    subscribed: subscribedMeanwhile,
    "rejoin wanted": rejoinLater,
    assigned(draft, { number }) {
      if (number === draft.state.awaiting) sync(draft);
    },
    failed,
  },
  syncing: {
    ...IN_THE_GROUP,
    subscribed: subscribedMeanwhile,
    "rejoin wanted": rejoinLater,
    "sync answered": syncAnswered,
    failed,
  },
  revoking: {
    ...IN_THE_GROUP,
    subscribed: subscribedMeanwhile,
    "rejoin wanted": rejoinLater,
    "host done"(draft, event) {
      hostDone(draft, event);
      if (draft.state.hostCalls.size === 0) takeOver(draft);
    },
  },
  "taking over": {
    ...IN_THE_GROUP,
    subscribed: subscribedMeanwhile,
    "rejoin wanted": rejoinLater,
    "host done"(draft, event) {
      const added = draft.state.hostCalls.get(event.number)?.partitions.length ?? 0;
      hostDone(draft, event);
      if (draft.state.hostCalls.size > 0) return;
      draft.set({ phase: "stable" });
      draft.effect({ type: "tell", what: "assigned", partitions: added });
      const { rejoinReason } = draft.state;
      if (rejoinReason !== null) rejoin(draft, rejoinReason);
    },
  },
  stable: {
    ...IN_THE_GROUP,
    subscribed(draft, event) {
      subscribedMeanwhile(draft, event);
      const { rejoinReason } = draft.state;
      if (rejoinReason !== null) rejoin(draft, rejoinReason);
    },
    "rejoin wanted"(draft, { reason }) {
      rejoin(draft, reason);
    },
  },
  leaving: {
    "join answered"(draft, { number, answer: { memberId } }) {
      if (number !== draft.state.awaiting) return;
      draft.set({ awaiting: null });
      if (memberId === "") end(draft, null);
      else draft.effect({ type: "leave", memberId, reason: draft.state.leaveReason });
    },
    failed(draft, { number }) {
      if (number === draft.state.awaiting) end(draft, null);
    },
    left(draft) {
      end(draft, null);
    },
    abandoned,
  },
  failing: {
    "host done"(draft, event) {
      hostDone(draft, event);
      if (draft.state.hostCalls.size === 0) end(draft, draft.state.failure);
    },
    leave,
    abandoned,
  },
  ended: {},
};

/** The first joining, or the first after a time without membership. */
function begin(draft: Draft, reason: string): void {
  draft.set({ failures: 0, joinAtMs: 0 });
  rejoin(draft, reason);
}

/** Takes part in a rebalance, as the member that it is. */
function rejoin(draft: Draft, reason: string): void {
  draft.set({ phase: "preparing", joinReason: reason, awaiting: null, rejoinReason: null });
  draft.effect({ type: "tell", what: "rebalancing", reason });
  prepare(draft);
}

/** Gives up what has to be given up first; joins when that is done. */
function prepare(draft: Draft): void {
  const { settings, owned, topics, hostCalls } = draft.state;
  const wanted = settings.rebalanceProtocol === "eager" ? [] : within(owned, topics ?? []);
  const calls = [...hostCalls.values()].flatMap(({ partitions }) => partitions);
  const toRevoke = without(without(owned, wanted), calls);
  if (toRevoke.length > 0) callHost(draft, "revoke", toRevoke);
  if (draft.state.hostCalls.size === 0) join(draft);
}

function join(draft: Draft): void {
  const { joinAtMs, topics } = draft.state;
  draft.set({ phase: "joining", awaiting: null });
  // A tick comes then.
  if (joinAtMs > draft.moment.nowMs) return;
  const number = draft.number();
  draft.set({
    awaiting: number,
    askedAtMs: draft.moment.nowMs,
    isAskedAgain: false,
    joinedTopics: topics ?? [],
    joinedAsNew: draft.state.memberId === "",
    rejoinReason: null,
    isLeader: false,
  });
  draft.effect({ type: "join", number });
}

/** Joins again as the same member, after a pause: what was tried came to nothing. */
function joinLater(draft: Draft, reason: string): void {
  setBack(draft);
  draft.set({ phase: "preparing", joinReason: reason, awaiting: null });
  prepare(draft);
}

/** Counts a rebalance that came to nothing, and says when to try again: the first time without a pause. */
function setBack(draft: Draft, hasPause = true): void {
  const { nowMs, backoffMs } = draft.moment;
  const failures = draft.state.failures + 1;
  const pauseMs = hasPause || failures > 1 ? backoffMs(failures) : 0;
  draft.set({ failures, joinAtMs: nowMs + pauseMs });
}

function joinAnswered(draft: Draft, { number, answer }: EventOf<"join answered">): void {
  if (number !== draft.state.awaiting) return;
  draft.set({ awaiting: null });
  switch (answer.errorCode) {
    case NONE:
      joined(draft, answer);
      break;
    case MEMBER_ID_REQUIRED:
      draft.set({ memberId: answer.memberId, joinAtMs: 0 });
      join(draft);
      break;
    case UNKNOWN_MEMBER_ID:
    case ILLEGAL_GENERATION:
      outdated(draft, answer);
      break;
    default:
      if (isTransient(answer.errorCode)) joinLater(draft, "JoinGroup was refused for the moment");
      else fail(draft, answer.error);
  }
}

function joined(draft: Draft, { memberId, generationId, protocolName, isLeader }: JoinAnswer): void {
  const { nowMs } = draft.moment;
  const { settings, askedAtMs, isAskedAgain } = draft.state;
  // A session begins with the generation. Where the first answer was lost, that was before the second one; the
  // heartbeat that goes out at once then tells.
  const sinceMs = isAskedAgain ? askedAtMs - patienceMs(settings) : nowMs;
  const isNews = generationId !== draft.state.generationId;
  draft.set({ memberId, generationId, assignor: protocolName, isLeader });
  if (isNews) heard(draft, sinceMs);
  draft.set({ heartbeat: null, heartbeatAtMs: nowMs, heartbeatFailures: 0 });
  draft.effect({ type: "tell", what: "joined" });
  if (isLeader) {
    const number = draft.number();
    draft.set({ phase: "assigning", awaiting: number, askedAtMs: nowMs });
    draft.effect({ type: "assign for all", number });
  } else sync(draft);
}

function sync(draft: Draft): void {
  const number = draft.number();
  draft.set({ phase: "syncing", awaiting: number, askedAtMs: draft.moment.nowMs });
  draft.effect({ type: "sync", number });
}

function syncAnswered(draft: Draft, { number, answer }: EventOf<"sync answered">): void {
  if (number !== draft.state.awaiting) return;
  draft.set({ awaiting: null });
  switch (answer.errorCode) {
    case NONE:
      draft.set({ failures: 0, joinAtMs: 0 });
      reconcile(draft, answer.assigned);
      break;
    case REBALANCE_IN_PROGRESS:
      rejoin(draft, "another rebalance began before this one ended");
      break;
    case UNKNOWN_MEMBER_ID:
    case ILLEGAL_GENERATION:
      outdated(draft, answer);
      break;
    default:
      if (isTransient(answer.errorCode)) joinLater(draft, "SyncGroup was refused for the moment");
      else fail(draft, answer.error);
  }
}

/** Goes from what is held to what was assigned: gives up first, then takes over. */
function reconcile(draft: Draft, assigned: readonly TopicPartition[]): void {
  const { topics, owned, settings, joinedAsNew } = draft.state;
  const target = within(assigned, topics ?? []);
  const isFormer = joinedAsNew && settings.groupInstanceId !== null && target.length < assigned.length;
  // Coordinators give a static member that comes back what it had, whatever it wants now.
  const rejoinReason = draft.state.rejoinReason ?? (isFormer ? "the subscription has changed" : null);
  // What the member has not wanted since it joined would be given up at once.
  if (target.length < assigned.length && rejoinReason !== null) {
    rejoin(draft, rejoinReason);
    return;
  }
  const isCooperative = settings.rebalanceProtocol === "cooperative";
  const { heartbeatIntervalMs } = settings;
  const nextMs = isCooperative ? Math.min(QUICK_LOOK_MS, heartbeatIntervalMs) : heartbeatIntervalMs;
  draft.set({ target, heartbeatAtMs: draft.moment.nowMs + nextMs });
  const removed = without(owned, target);
  if (removed.length === 0) {
    takeOver(draft);
    return;
  }
  draft.set({
    phase: "revoking",
    rejoinReason: rejoinReason ?? "partitions were given up, for others to get them",
  });
  callHost(draft, "revoke", removed);
}

function takeOver(draft: Draft): void {
  const { target, owned } = draft.state;
  const added = without(target, owned);
  draft.set({ phase: "taking over", owned: [...owned, ...added] });
  callHost(draft, "assign", added);
}

function subscribedMeanwhile(draft: Draft, { topics }: EventOf<"subscribed">): void {
  const { joinedTopics, rejoinReason } = draft.state;
  const isSame = topics.length === joinedTopics.length && topics.every((each, i) => each === joinedTopics[i]);
  draft.set({ topics, rejoinReason: isSame ? rejoinReason : "the subscription has changed" });
}

function rejoinLater(draft: Draft, { reason }: EventOf<"rejoin wanted">): void {
  draft.set({ rejoinReason: draft.state.rejoinReason ?? reason });
}

function tick(draft: Draft): void {
  const { nowMs } = draft.moment;
  if (nowMs >= lostAtMs(draft.state)) {
    const unheardMs = 2 * draft.state.settings.sessionTimeoutMs;
    lose(draft, `the coordinator was not heard of for ${unheardMs} ms`, { keepsId: true });
    return;
  }
  if (nowMs >= sessionEndsAtMs(draft.state)) suspend(draft);
  const { phase, awaiting, joinAtMs } = draft.state;
  if (phase === "joining" && awaiting === null && nowMs >= joinAtMs) prepare(draft);
  if (nowMs >= askAgainAtMs(draft.state)) askAgain(draft);
  const { heartbeat, heartbeatAtMs } = draft.state;
  if (!isMember(draft.state) || heartbeat !== null || nowMs < heartbeatAtMs) return;
  const number = draft.number();
  draft.set({ heartbeat: number, heartbeatSentAtMs: nowMs });
  draft.effect({ type: "heartbeat", number });
}

/** Sends JoinGroup or SyncGroup once more: the answer may be lost, or the one that owes it no coordinator any more. */
function askAgain(draft: Draft): void {
  const { phase, awaiting, memberId, settings } = draft.state;
  const isNew = memberId === "" && settings.groupInstanceId === null;
  if ((phase !== "joining" && phase !== "syncing") || awaiting === null || isNew) return;
  hangUp(draft);
  if (phase === "joining") join(draft);
  else sync(draft);
  draft.set({ isAskedAgain: true });
}

function heartbeatAnswered(draft: Draft, { number, answer }: EventOf<"heartbeat answered">): void {
  const { heartbeat, heartbeatSentAtMs, isSuspended, settings } = draft.state;
  if (number !== heartbeat) return;
  const heartbeatAtMs = heartbeatSentAtMs + settings.heartbeatIntervalMs;
  draft.set({ heartbeat: null, heartbeatFailures: 0, heartbeatAtMs });
  switch (answer.errorCode) {
    case NONE:
      heard(draft, heartbeatSentAtMs);
      break;
    case REBALANCE_IN_PROGRESS:
      heard(draft, heartbeatSentAtMs);
      groupRebalances(draft);
      break;
    case COORDINATOR_LOAD_IN_PROGRESS:
      // Sessions begin anew when it has loaded the group, which is after it said this. Where the session was over
      // before, the former coordinator may have removed the member.
      if (!isSuspended) heard(draft, heartbeatSentAtMs);
      heartbeatSoon(draft);
      break;
    case UNKNOWN_MEMBER_ID:
    case ILLEGAL_GENERATION:
      outdated(draft, answer);
      break;
    default:
      if (isTransient(answer.errorCode)) heartbeatUnheard(draft);
      else fail(draft, answer.error);
  }
}

/** Joins, unless the member is about to anyway. */
function groupRebalances(draft: Draft): void {
  const { phase } = draft.state;
  const reason = "the group is rebalancing";
  if (phase === "stable") rejoin(draft, reason);
  else if (phase === "revoking" || phase === "taking over")
    rejoinLater(draft, { type: "rejoin wanted", reason });
}

/** Sends the next heartbeat sooner: this one has told the coordinator nothing. */
function heartbeatSoon(draft: Draft): void {
  const { nowMs, backoffMs } = draft.moment;
  const heartbeatFailures = draft.state.heartbeatFailures + 1;
  const pauseMs = Math.min(backoffMs(heartbeatFailures), draft.state.settings.heartbeatIntervalMs);
  draft.set({ heartbeat: null, heartbeatFailures, heartbeatAtMs: nowMs + pauseMs });
}

function heartbeatFailed(draft: Draft, { number, error, isFatal }: EventOf<"failed">): void {
  if (number !== draft.state.heartbeat) return;
  if (isFatal) fail(draft, error);
  else heartbeatUnheard(draft);
}

/** The coordinator is another one, or cannot be reached: neither can what was asked of it. */
function heartbeatUnheard(draft: Draft): void {
  heartbeatSoon(draft);
  askAgain(draft);
}

function failed(draft: Draft, event: EventOf<"failed">): void {
  const { phase, awaiting } = draft.state;
  if (event.number !== awaiting) {
    heartbeatFailed(draft, event);
    return;
  }
  draft.set({ awaiting: null });
  if (phase === "assigning") fail(draft, event.error, { leaves: true });
  else if (event.isFatal) fail(draft, event.error);
  else joinLater(draft, `${phase === "joining" ? "JoinGroup" : "SyncGroup"} was not answered`);
}

function commitRefused(draft: Draft, event: EventOf<"commit refused">): void {
  const { memberId, generationId } = draft.state;
  if (event.memberId !== memberId || event.generationId !== generationId) return;
  switch (event.errorCode) {
    case REBALANCE_IN_PROGRESS:
      groupRebalances(draft);
      break;
    case UNKNOWN_MEMBER_ID:
    case ILLEGAL_GENERATION:
      outdated(draft, event);
      break;
    case FENCED_INSTANCE_ID:
      fail(draft, event.error);
  }
}

/** The coordinator does not know the member, or not in this generation. */
function outdated(draft: Draft, { errorCode }: CoordinatorAnswer): void {
  const { phase, awaiting } = draft.state;
  if (errorCode === UNKNOWN_MEMBER_ID) {
    lose(draft, "the coordinator does not know the member any more", { keepsId: false });
  } else if (phase !== "joining" || awaiting === null) {
    lose(draft, "the group has gone on without the member", { keepsId: true });
  }
  // Else the next generation may have begun, with JoinGroup's answer on its way to us.
}

/** The coordinator counts the member in, and did so at this moment at the earliest. */
function heard(draft: Draft, sinceMs: number): void {
  draft.set({ contactMs: Math.max(draft.state.contactMs, sinceMs) });
  if (draft.moment.nowMs < sessionEndsAtMs(draft.state)) resume(draft);
}

/** Others may hold the partitions by now, and need not: the coordinator may only be away. */
function suspend(draft: Draft): void {
  if (draft.state.isSuspended) return;
  draft.set({ isSuspended: true });
  draft.effect({ type: "suspend" });
}

function resume(draft: Draft): void {
  if (!draft.state.isSuspended) return;
  draft.set({ isSuspended: false });
  draft.effect({ type: "resume" });
}

/** Others may hold the partitions by now. Joins again, with the member id where that may still be known. */
function lose(draft: Draft, reason: string, { keepsId }: { readonly keepsId: boolean }): void {
  endGeneration(draft, keepsId ? draft.state.memberId : "");
  setBack(draft, false);
  rejoin(draft, reason);
}

function pollExpired(draft: Draft): void {
  const { memberId, settings } = draft.state;
  const reason = "the application did not ask for records within maxPollIntervalMs";
  tellLeft(draft, reason);
  endGeneration(draft, "");
  // A static member stays, for whoever takes its place: the session timeout ends it.
  if (memberId !== "" && settings.groupInstanceId === null) draft.effect({ type: "leave", memberId, reason });
  draft.set({ phase: "unjoined", isPollExpired: true });
}

/** Fails for good. */
function fail(
  draft: Draft,
  error: Error | null,
  { leaves = false }: { readonly leaves?: boolean } = {},
): void {
  const { memberId, settings } = draft.state;
  const failure = error ?? new Error("The membership failed");
  tellLeft(draft, failure.message);
  endGeneration(draft, "");
  if (leaves && memberId !== "" && settings.groupInstanceId === null)
    draft.effect({ type: "leave", memberId, reason: "the member has failed" });
  draft.set({ phase: "failing", failure });
  if (draft.state.hostCalls.size === 0) end(draft, failure);
}

/** Ends the membership of this generation: what it held is lost. */
function endGeneration(draft: Draft, memberId: string): void {
  hangUp(draft);
  if (draft.state.owned.length > 0) callHost(draft, "lose", draft.state.owned);
  resume(draft);
  draft.set({
    memberId,
    generationId: -1,
    isLeader: false,
    owned: [],
    target: [],
    awaiting: null,
    heartbeat: null,
    rejoinReason: null,
  });
}

function tellLeft(draft: Draft, reason: string): void {
  const { memberId, generationId } = draft.state;
  if (memberId !== "") draft.effect({ type: "tell", what: "left", reason, memberId, generationId });
}

function leave(draft: Draft, { reason, staysMember }: EventOf<"leave">): void {
  const { memberId, phase, awaiting } = draft.state;
  const isMemberYet = memberId !== "" && phase !== "unjoined" && phase !== "failing";
  // Before Kafka 2.2 a new member has no id until the rebalance ends, and then it is a member that nobody hears of.
  const waitsForId = memberId === "" && phase === "joining" && awaiting !== null;
  tellLeft(draft, reason);
  resume(draft);
  if (staysMember || !waitsForId) hangUp(draft);
  draft.set({ phase: "leaving", leaveReason: reason, heartbeat: null, owned: [], isLeader: false });
  if (waitsForId && !staysMember) return;
  draft.set({ awaiting: null });
  if (isMemberYet && !staysMember) draft.effect({ type: "leave", memberId, reason });
  else end(draft, null);
}

function abandoned(draft: Draft): void {
  hangUp(draft);
  end(draft, null);
}

function end(draft: Draft, error: Error | null): void {
  draft.set({
    phase: "ended",
    memberId: "",
    generationId: -1,
    isLeader: false,
    owned: [],
    awaiting: null,
    heartbeat: null,
    hostCalls: new Map(),
  });
  draft.effect({ type: "end", error });
}

function hangUp(draft: Draft): void {
  const { phase, awaiting } = draft.state;
  if ((phase === "joining" || phase === "syncing") && awaiting !== null) draft.effect({ type: "hang up" });
}

function callHost(draft: Draft, type: HostCall["type"], partitions: readonly TopicPartition[]): void {
  const number = draft.number();
  const call: HostCall = { type, partitions };
  draft.set({ hostCalls: new Map(draft.state.hostCalls).set(number, call) });
  draft.effect({ type: "call host", number, call });
}

function hostDone(draft: Draft, { number }: EventOf<"host done">): void {
  const hostCalls = new Map(draft.state.hostCalls);
  const call = hostCalls.get(number);
  if (call === undefined) return;
  hostCalls.delete(number);
  const owned = call.type === "revoke" ? without(draft.state.owned, call.partitions) : draft.state.owned;
  draft.set({ hostCalls, owned });
}

/** Whether the same may go through later, with the same coordinator or another. */
function isTransient(errorCode: number): boolean {
  return errorCodeOf(errorCode).retriable || errorCode === REBALANCE_IN_PROGRESS;
}
