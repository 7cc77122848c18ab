/** How a rebalance of a classic group begins and ends. */

import { errorNumber } from "../../error-code.ts";
import type { ClassicDraft } from "./classic-draft.ts";
import { allHaveJoined, rebalanceTimeoutMs, selectProtocol } from "./classic-state.ts";
import { subscribedTopics } from "./subscribed-topics.ts";

const REBALANCE_IN_PROGRESS = errorNumber("REBALANCE_IN_PROGRESS");
const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");
const NOTHING = new Uint8Array(0);

/** Begins a rebalance; or, where one has begun, ends it if nobody is waited for. */
export function rebalance(draft: ClassicDraft): void {
  if (draft.phase === "PreparingRebalance") completeIfAllJoined(draft);
  else prepare(draft);
}

/** Has all members join again. */
export function prepare(draft: ClassicDraft): void {
  if (draft.phase === "CompletingRebalance") takeAssignmentsBack(draft);
  draft.pendingSyncs.clear();
  draft.stop("sync");
  const isInitial = draft.phase === "Empty";
  draft.enter("PreparingRebalance");
  if (isInitial) putOff(draft);
  else if (allHaveJoined(draft)) complete(draft);
  else draft.start("join", rebalanceTimeoutMs(draft));
}

/** Ends a rebalance that waits for nobody; the first of a group waits for its time. */
export function completeIfAllJoined(draft: ClassicDraft): void {
  if (draft.phase === "PreparingRebalance" && draft.initial === null && allHaveJoined(draft)) complete(draft);
}

/** The time for joining is up: the first rebalance of a group is put off again while members come. */
export function joinTimeUp(draft: ClassicDraft): void {
  if (draft.phase !== "PreparingRebalance") return;
  const { initial, settings } = draft;
  if (initial === null || !initial.newMemberAdded || initial.remainingMs === 0) {
    complete(draft);
    return;
  }
  const delayMs = Math.min(settings.initialRebalanceDelayMs, initial.remainingMs);
  const remainingMs = Math.max(initial.remainingMs - initial.delayMs, 0);
  draft.initial = { delayMs, remainingMs, newMemberAdded: false };
  draft.start("join", delayMs);
}

/** The time for fetching assignments is up: who has not is out. */
export function syncTimeUp(draft: ClassicDraft): void {
  if (draft.pendingSyncs.size === 0) return;
  for (const memberId of [...draft.pendingSyncs]) draft.remove(memberId, UNKNOWN_MEMBER_ID);
  prepare(draft);
}

/** Ends the joining: who is not there is out, unless it is a static member, and a new generation begins. */
export function complete(draft: ClassicDraft): void {
  draft.stop("join");
  for (const { memberId, groupInstanceId, joining } of [...draft.members.values()]) {
    if (joining === null && groupInstanceId === null) draft.remove(memberId, UNKNOWN_MEMBER_ID);
  }
  if (!electLeader(draft) && draft.members.size > 0) {
    // Only static members, none of which has come back: their sessions decide.
    draft.start("join", rebalanceTimeoutMs(draft));
    return;
  }
  draft.generationId++;
  draft.initial = null;
  draft.pendingSyncs.clear();
  const isEmpty = draft.members.size === 0;
  draft.protocolName = isEmpty ? null : selectProtocol(draft);
  draft.subscribedTopics = subscribedTopics(draft);
  draft.enter(isEmpty ? "Empty" : "CompletingRebalance");
  if (isEmpty) draft.write();
  else tellGeneration(draft);
}

function tellGeneration(draft: ClassicDraft): void {
  for (const memberId of draft.members.keys()) {
    draft.answerJoin(memberId, draft.generationFor(memberId));
    draft.change(memberId, { isNew: false });
    draft.renewSession(memberId);
    draft.pendingSyncs.add(memberId);
  }
  draft.start("sync", rebalanceTimeoutMs(draft));
}

/** Whether somebody leads who has joined: the leader, or else the first of the others. */
function electLeader(draft: ClassicDraft): boolean {
  if (draft.leader === null) return false;
  if (draft.members.get(draft.leader)?.joining != null) return true;
  for (const { memberId, joining } of draft.members.values()) {
    if (joining === null) continue;
    draft.leader = memberId;
    return true;
  }
  return false;
}

/** The first rebalance of a group gives others the time to come (`group.initial.rebalance.delay.ms`). */
function putOff(draft: ClassicDraft): void {
  const delayMs = draft.settings.initialRebalanceDelayMs;
  const remainingMs = Math.max(rebalanceTimeoutMs(draft) - delayMs, 0);
  draft.initial = { delayMs, remainingMs, newMemberAdded: false };
  if (delayMs === 0) complete(draft);
  else draft.start("join", delayMs);
}

/** Who waits for the assignments of a generation that is over has to join again. */
function takeAssignmentsBack(draft: ClassicDraft): void {
  for (const memberId of draft.members.keys()) {
    draft.change(memberId, { assignment: NOTHING });
    if (draft.answerSync(memberId, { errorCode: REBALANCE_IN_PROGRESS })) draft.renewSession(memberId);
  }
}
