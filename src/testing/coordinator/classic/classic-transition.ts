/**
 * The state machine of a classic group: what it is after an event, and what comes of that. As in Kafka: Empty, then
 * PreparingRebalance while members join, CompletingRebalance until the leader has assigned, and Stable.
 */

import { errorNumber, NONE } from "../../error-code.ts";
import { ClassicDraft } from "./classic-draft.ts";
import type { ClassicEffect, ClassicEvent, ClassicSettings, Leaving } from "./classic-events.ts";
import {
  allHaveJoined,
  type ClassicState,
  memberRefusal,
  rebalanceTimeoutMs,
  staticMemberId,
} from "./classic-state.ts";
import { join } from "./join.ts";
import { complete, joinTimeUp, prepare, rebalance, syncTimeUp } from "./rebalance.ts";
import { sync } from "./sync.ts";

const ILLEGAL_GENERATION = errorNumber("ILLEGAL_GENERATION");
const NOT_COORDINATOR = errorNumber("NOT_COORDINATOR");
const REBALANCE_IN_PROGRESS = errorNumber("REBALANCE_IN_PROGRESS");
const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");
const SESSION = "session ";

export interface ClassicTransition {
  readonly state: ClassicState;
  /** In their order. */
  readonly effects: readonly ClassicEffect[];
}

export function transition(
  state: ClassicState,
  event: ClassicEvent,
  settings: ClassicSettings,
): ClassicTransition {
  const draft = new ClassicDraft(state, settings);
  apply(draft, event);
  return { state: draft.finish(), effects: draft.effects };
}

function apply(draft: ClassicDraft, event: ClassicEvent): void {
  switch (event.type) {
    case "join":
      join(draft, event);
      break;
    case "sync":
      sync(draft, event);
      break;
    case "heartbeat": {
      const errorCode = heartbeat(draft, event);
      draft.effects.push({ type: "heard", ticket: event.ticket, errorCode });
      break;
    }
    case "leave": {
      const members = event.members.map((leaving) => ({ ...leaving, errorCode: leave(draft, leaving) }));
      const haveLeft = members.some(({ errorCode }) => errorCode === NONE);
      if (haveLeft && draft.phase !== "Empty") rebalance(draft);
      draft.effects.push({ type: "left", ticket: event.ticket, answer: { members } });
      break;
    }
    case "committed":
      if (draft.phase === "Stable" || draft.phase === "PreparingRebalance")
        draft.renewSession(event.memberId);
      break;
    case "timer":
      if (event.timer === "join") joinTimeUp(draft);
      else if (event.timer === "sync") syncTimeUp(draft);
      else sessionOver(draft, event.timer.slice(SESSION.length));
      break;
    case "moved":
      moved(draft, event.isAvailable);
      break;
    case "rebalance":
      if (draft.phase !== "Empty") rebalance(draft);
  }
}

function heartbeat(
  draft: ClassicDraft,
  event: {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly generationId: number;
  },
): number {
  const { memberId, groupInstanceId, generationId } = event;
  const refusal = memberRefusal(draft, memberId, groupInstanceId);
  if (refusal !== NONE) return refusal;
  if (generationId !== draft.generationId) return ILLEGAL_GENERATION;
  draft.renewSession(memberId);
  return draft.phase === "PreparingRebalance" ? REBALANCE_IN_PROGRESS : NONE;
}

/** Takes out one member; the number of the error that says that it is none. */
function leave(draft: ClassicDraft, { memberId, groupInstanceId }: Leaving): number {
  if (memberId === "") {
    // An admin takes out a static member, whose id it need not know.
    const existing = groupInstanceId === null ? undefined : staticMemberId(draft, groupInstanceId);
    if (existing === undefined) return UNKNOWN_MEMBER_ID;
    draft.remove(existing, UNKNOWN_MEMBER_ID);
    return NONE;
  }
  const refusal = draft.pendingJoins.has(memberId) ? NONE : memberRefusal(draft, memberId, groupInstanceId);
  if (refusal === NONE) draft.remove(memberId, UNKNOWN_MEMBER_ID);
  return refusal;
}

/** A member, or an id that was given out, has not been heard of for too long. */
function sessionOver(draft: ClassicDraft, memberId: string): void {
  const member = draft.members.get(memberId);
  if (member === undefined && !draft.pendingJoins.has(memberId)) return;
  // Who waits for an answer need not send heartbeats, but for new members.
  if (member !== undefined && !member.isNew && (member.joining !== null || member.syncing !== null)) return;
  draft.remove(memberId, UNKNOWN_MEMBER_ID);
  if (draft.phase === "PreparingRebalance") {
    if (allHaveJoined(draft)) complete(draft);
  } else if (member !== undefined && draft.phase !== "Empty") {
    prepare(draft);
  }
}

/**
 * What waits has to ask elsewhere. Kafka's next coordinator knows what was written: neither ids that were given out,
 * nor members that have not been through a rebalance.
 */
function moved(draft: ClassicDraft, isAvailable: boolean): void {
  for (const memberId of [...draft.pendingJoins]) draft.remove(memberId, NOT_COORDINATOR);
  for (const { memberId, isNew } of [...draft.members.values()]) {
    draft.answerJoin(memberId, { errorCode: NOT_COORDINATOR, memberId });
    draft.answerSync(memberId, { errorCode: NOT_COORDINATOR });
    if (isNew) draft.remove(memberId, NOT_COORDINATOR);
    else if (isAvailable) draft.renewSession(memberId);
    else draft.stop(`session ${memberId}`);
  }
  draft.stop("join");
  draft.stop("sync");
  if (!isAvailable) return;
  if (draft.phase === "PreparingRebalance") draft.start("join", rebalanceTimeoutMs(draft));
  if (draft.phase === "CompletingRebalance") draft.start("sync", rebalanceTimeoutMs(draft));
}
