/** What follows from what happens to a member of a consumer group: the table of its transitions. Pure. */

import type { MemberEffect, MemberEvent, MemberPhase, MemberState, MemberStep } from "./member-state.ts";
import { LEAVE_EPOCH, LEAVE_FOR_A_WHILE_EPOCH } from "./member-state.ts";
import { isSame, minus, NO_PARTITIONS } from "./partition-set.ts";
import { fail, fence, giveUpAll, join, proceed } from "./proceed.ts";
import { FENCED_INSTANCE_ID, refusalOf } from "./refusals.ts";

type EventOf<Type extends MemberEvent["type"]> = Extract<MemberEvent, { readonly type: Type }>;

type Row = {
  readonly [Type in MemberEvent["type"]]?: (state: MemberState, event: EventOf<Type>) => MemberStep;
};

/** The state after an event, and what is to be done. */
export function transition(state: MemberState, event: MemberEvent): MemberStep {
  const handler = TRANSITIONS[state.phase][event.type] as
    | ((state: MemberState, event: MemberEvent) => MemberStep)
    | undefined;
  const step = handler === undefined ? same(state) : handler(state, event);
  return proceed(step, event.atMs);
}

/** Whatever the phase is, the host ends what it has begun. */
const ANYWHERE: Row = { done };

const MEMBER: Row = {
  ...ANYWHERE,
  subscribe: (state, { subscription }) => same({ ...state, subscription }),
  answered,
  refused,
  unanswered,
  unanswerable,
  named: (state, { names }) => same({ ...state, names: new Map([...state.names, ...names]) }),
  doubted: (state, { atMs }) => same({ ...state, said: null, heartbeatAtMs: atMs }),
  "poll expired": pollExpired,
  leave,
};

const TRANSITIONS: { readonly [P in MemberPhase]: Row } = {
  unsubscribed: {
    ...ANYWHERE,
    subscribe: (state, { subscription, atMs }) => join({ ...state, subscription }, atMs),
    leave,
  },
  joining: {
    ...ANYWHERE,
    subscribe: (state, { subscription }) => same({ ...state, subscription }),
    answered,
    refused,
    unanswered,
    unanswerable,
    "poll expired": pollExpired,
    leave,
  },
  reconciling: MEMBER,
  acknowledging: MEMBER,
  stable: MEMBER,
  fenced: {
    ...ANYWHERE,
    subscribe: (state, { subscription }) => same({ ...state, subscription }),
    "poll expired": (state) => same({ ...state, phase: "stale", isPolled: false }),
    leave,
  },
  stale: {
    ...ANYWHERE,
    subscribe: (state, { subscription }) => same({ ...state, subscription }),
    answered: departed,
    refused: departureRefused,
    unanswered: departureUnanswered,
    unanswerable: departed,
    polled: (state) => same({ ...state, isPolled: true }),
    leave,
  },
  leaving: {
    ...ANYWHERE,
    answered: departed,
    refused: departureRefused,
    unanswered: departureUnanswered,
    unanswerable: departed,
    "leave expired": (state) => gone(state),
  },
  fatal: { ...ANYWHERE, leave },
};

function same(state: MemberState): MemberStep {
  return { state, effects: [] };
}

function note(state: MemberState, what: string): MemberStep {
  return { state, effects: [{ type: "note", what }] };
}

function isLate({ request }: MemberState, event: { readonly request: number }): boolean {
  return request === null || request.number !== event.request;
}

function answered(state: MemberState, event: EventOf<"answered">): MemberStep {
  const { request } = state;
  if (request === null || request.number !== event.request) return same(state);
  if (request.kind === "leave") return departed(state, event);
  const { answer, atMs } = event;
  // By an epoch below 1 the next heartbeat would join, or leave.
  if (answer.memberEpoch < 1)
    return unanswered(state, { ...event, type: "unanswered", retryDelayMs: state.heartbeatIntervalMs });
  const isNew = state.epoch === 0;
  const heartbeatIntervalMs =
    answer.heartbeatIntervalMs > 0 ? answer.heartbeatIntervalMs : state.heartbeatIntervalMs;
  const target = answer.assignment ?? state.target;
  const isOther = target !== null && (state.target === null || !isSame(state.target, target));
  const next: MemberState = {
    ...state,
    // What follows says which of a member's phases it is.
    phase: "reconciling",
    memberId: answer.memberId || state.memberId,
    epoch: answer.memberEpoch,
    said: request.said,
    mayHavePattern: request.said.subscription.pattern !== null,
    acknowledged: request.said.owned,
    owesOwned: isOther,
    target,
    isNews: state.isNews || isOther,
    names: new Map([...state.names, ...event.names]),
    request: null,
    failures: 0,
    refusal: null,
    heartbeatIntervalMs,
    heartbeatAtMs: request.sentAtMs + heartbeatIntervalMs,
    notBeforeMs: atMs + answer.throttleTimeMs,
    heardAtMs: request.sentAtMs,
  };
  return { state: next, effects: isNew ? [{ type: "joined" }] : [] };
}

function refused(state: MemberState, event: EventOf<"refused">): MemberStep {
  const { request, epoch, settings } = state;
  if (request === null || request.number !== event.request) return same(state);
  if (request.kind === "leave") return departureRefused(state, event);
  const { error } = event;
  const isJoining = epoch === 0;
  switch (refusalOf(event.errorCode, !isJoining)) {
    case "passing":
      return unanswered(state, { ...event, type: "unanswered" });
    case "fenced":
      if (!isJoining) return fence(heard(state), error.message);
      // It knows the member by a former epoch, and does not take it anew before that has left.
      return release(
        failed(state, event),
        "ends its former membership first, which the coordinator still has",
      );
    case "held":
      // An earlier request of this member may have been taken, whose answer was lost: the member is in its own way.
      if (isJoining && settings.instanceId !== null && request.mayHaveBeenMember) {
        const { state: next, effects } = release(
          failed(state, event),
          "leaves first, since its instance id may be held by a request of its own",
        );
        return { state: { ...next, refusal: error }, effects };
      }
      return fail({ ...state, mayBeMember: request.mayHaveBeenMember }, error);
    case "final":
      // Refused to join, it is no member by this request.
      return fail({ ...state, mayBeMember: request.mayHaveBeenMember }, error);
  }
}

/** Has the coordinator forget what it has of the member, before it joins. */
function release(state: MemberState, what: string): MemberStep {
  const departure = state.settings.instanceId === null ? LEAVE_EPOCH : LEAVE_FOR_A_WHILE_EPOCH;
  return note({ ...state, departure }, what);
}

function heard(state: MemberState): MemberState {
  return { ...state, request: null, failures: 0 };
}

function failed(
  state: MemberState,
  { atMs, retryDelayMs }: { readonly atMs: number; readonly retryDelayMs: number },
): MemberState {
  const againAtMs = atMs + retryDelayMs;
  return {
    ...state,
    request: null,
    said: null,
    failures: state.failures + 1,
    heartbeatAtMs: againAtMs,
    notBeforeMs: againAtMs,
  };
}

function unanswered(state: MemberState, event: EventOf<"unanswered">): MemberStep {
  return isLate(state, event) ? same(state) : same(failed(state, event));
}

function unanswerable(state: MemberState, event: EventOf<"unanswerable">): MemberStep {
  return isLate(state, event) ? same(state) : fail(state, event.error);
}

function done(state: MemberState, event: EventOf<"done">): MemberStep {
  const { work, loss, owned } = state;
  if (event.work === loss) return same({ ...state, loss: null });
  if (work === null || work.number !== event.work) return same(state);
  const rest = work.type === "revoke" ? minus(owned, work.partitions) : owned;
  return same({ ...state, work: null, owned: rest });
}

function pollExpired(state: MemberState): MemberStep {
  const { instanceId } = state.settings;
  const { state: lost, effects } = giveUpAll({ ...state, phase: "stale", isPolled: false });
  const departure = instanceId === null ? LEAVE_EPOCH : LEAVE_FOR_A_WHILE_EPOCH;
  return { state: { ...lost, departure: state.mayBeMember ? departure : null }, effects };
}

/** The host has given all up by now; what of its work is under way ends by itself. */
function leave(state: MemberState, { staysMember }: EventOf<"leave">): MemberStep {
  const left: MemberState = {
    ...state,
    epoch: 0,
    subscription: null,
    said: null,
    owned: NO_PARTITIONS,
    acknowledged: NO_PARTITIONS,
    owesOwned: false,
    target: null,
    isNews: false,
    request: null,
    refusal: null,
    failure: null,
    notBeforeMs: 0,
  };
  if (!state.mayBeMember) return gone(left);
  const isStatic = state.settings.instanceId !== null;
  const departure = isStatic && staysMember ? LEAVE_FOR_A_WHILE_EPOCH : LEAVE_EPOCH;
  return same({ ...left, phase: "leaving", departure });
}

function gone(state: MemberState): MemberStep {
  const effects: readonly MemberEffect[] = [{ type: "left" }];
  return {
    state: { ...state, phase: "unsubscribed", request: null, departure: null, mayBeMember: false },
    effects,
  };
}

/** The coordinator knows that the member has left, or does not know the member. */
function departed(state: MemberState, event: { readonly request: number }): MemberStep {
  if (isLate(state, event)) return same(state);
  if (state.phase === "leaving") return gone(state);
  return same({ ...state, request: null, departure: null, mayBeMember: false });
}

function departureRefused(state: MemberState, event: EventOf<"refused">): MemberStep {
  if (isLate(state, event)) return same(state);
  if (refusalOf(event.errorCode, true) === "passing")
    return departureUnanswered(state, { ...event, type: "unanswered" });
  // The name is another's, and was when this one was refused.
  if (state.phase === "joining" && event.errorCode === FENCED_INSTANCE_ID) {
    return fail({ ...state, mayBeMember: false }, state.refusal ?? event.error);
  }
  return departed(state, event);
}

function departureUnanswered(state: MemberState, event: EventOf<"unanswered">): MemberStep {
  if (isLate(state, event)) return same(state);
  return same(failed(state, event));
}
