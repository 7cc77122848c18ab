/** JoinGroup in a classic group. */

import { errorNumber } from "../../error-code.ts";
import type { ClassicDraft } from "./classic-draft.ts";
import type { JoinAnswer, JoinEvent } from "./classic-events.ts";
import {
  hasProtocols,
  isFull,
  memberRefusal,
  selectProtocol,
  staticMemberId,
  supportsProtocols,
} from "./classic-state.ts";
import { completeIfAllJoined, prepare, rebalance } from "./rebalance.ts";

/** New members do not know their id and send no heartbeats: they are given up when they have waited for so long. */
const NEW_MEMBER_TIMEOUT_MS = 300_000;
const NOTHING = new Uint8Array(0);

const FENCED_INSTANCE_ID = errorNumber("FENCED_INSTANCE_ID");
const GROUP_MAX_SIZE_REACHED = errorNumber("GROUP_MAX_SIZE_REACHED");
const INCONSISTENT_GROUP_PROTOCOL = errorNumber("INCONSISTENT_GROUP_PROTOCOL");
const MEMBER_ID_REQUIRED = errorNumber("MEMBER_ID_REQUIRED");
const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");
const UNKNOWN_SERVER_ERROR = errorNumber("UNKNOWN_SERVER_ERROR");

export function join(draft: ClassicDraft, event: JoinEvent): void {
  const { memberId, protocolType, protocols } = event;
  if (isFull(draft, memberId, draft.settings.maxSize)) {
    draft.remove(memberId, UNKNOWN_MEMBER_ID);
    answer(draft, event, { errorCode: GROUP_MAX_SIZE_REACHED, memberId: "" });
  } else if (!supportsProtocols(draft, protocolType, protocols)) {
    answer(draft, event, { errorCode: INCONSISTENT_GROUP_PROTOCOL, memberId });
  } else if (memberId === "") {
    joinNew(draft, event);
  } else {
    joinExisting(draft, event);
  }
}

function joinNew(draft: ClassicDraft, event: JoinEvent): void {
  const { groupInstanceId, newMemberId, requiresMemberId, sessionTimeoutMs } = event;
  const existing = groupInstanceId === null ? undefined : staticMemberId(draft, groupInstanceId);
  if (existing !== undefined) {
    replaceStatic(draft, event, existing);
  } else if (groupInstanceId === null && requiresMemberId) {
    draft.pendingJoins.add(newMemberId);
    draft.start(`session ${newMemberId}`, sessionTimeoutMs);
    answer(draft, event, { errorCode: MEMBER_ID_REQUIRED, memberId: newMemberId });
  } else {
    add(draft, event, newMemberId);
  }
}

function joinExisting(draft: ClassicDraft, event: JoinEvent): void {
  const { memberId, groupInstanceId, protocols } = event;
  if (draft.pendingJoins.has(memberId)) {
    // Ids are given out to dynamic members only; Kafka has no better answer to a static one.
    if (groupInstanceId === null) add(draft, event, memberId);
    else answer(draft, event, { errorCode: UNKNOWN_SERVER_ERROR, memberId: "" });
    return;
  }
  const refusal = memberRefusal(draft, memberId, groupInstanceId);
  const member = draft.members.get(memberId);
  if (refusal !== 0 || member === undefined) {
    answer(draft, event, { errorCode: refusal, memberId });
    return;
  }
  const isUnchanged = hasProtocols(member, protocols);
  const isLeader = draft.leader === memberId;
  if (draft.phase === "CompletingRebalance" && isUnchanged) {
    // It has not got the answer to its first JoinGroup.
    answer(draft, event, draft.generationFor(memberId));
  } else if (draft.phase === "Stable" && isUnchanged && !isLeader) {
    answer(draft, event, draft.generationFor(memberId));
  } else if (draft.phase === "Empty") {
    answer(draft, event, { errorCode: UNKNOWN_MEMBER_ID, memberId });
  } else {
    update(draft, event, memberId);
    rebalance(draft);
  }
}

/** Adds a member, which waits for the rebalance that this begins. */
function add(draft: ClassicDraft, event: JoinEvent, memberId: string): void {
  const { groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = event;
  if (draft.initial !== null) draft.initial = { ...draft.initial, newMemberAdded: true };
  if (draft.members.size === 0) draft.protocolType = event.protocolType;
  draft.leader ??= memberId;
  draft.members.set(memberId, {
    memberId,
    groupInstanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    sessionTimeoutMs,
    protocols,
    assignment: NOTHING,
    joining: event.ticket,
    syncing: null,
    isNew: true,
  });
  draft.pendingJoins.delete(memberId);
  draft.start(`session ${memberId}`, NEW_MEMBER_TIMEOUT_MS);
  rebalance(draft);
}

function update(draft: ClassicDraft, event: JoinEvent, memberId: string): void {
  const { protocols, rebalanceTimeoutMs, sessionTimeoutMs, ticket } = event;
  draft.change(memberId, { protocols, rebalanceTimeoutMs, sessionTimeoutMs, joining: ticket });
}

/** A static member has been started again: it takes the place of what it was, and fences that (KIP-345). */
function replaceStatic(draft: ClassicDraft, event: JoinEvent, oldId: string): void {
  const { newMemberId, canSkipAssignment } = event;
  const oldLeader = draft.leader;
  const old = draft.members.get(oldId);
  if (old === undefined) return;
  draft.answerJoin(oldId, { errorCode: FENCED_INSTANCE_ID, memberId: oldId });
  draft.answerSync(oldId, { errorCode: FENCED_INSTANCE_ID });
  draft.stop(`session ${oldId}`);
  draft.members.delete(oldId);
  draft.pendingSyncs.delete(oldId);
  draft.members.set(newMemberId, { ...old, memberId: newMemberId, joining: null, syncing: null });
  if (oldLeader === oldId) draft.leader = newMemberId;
  draft.renewSession(newMemberId);
  update(draft, event, newMemberId);
  if (draft.phase === "PreparingRebalance") {
    completeIfAllJoined(draft);
  } else if (draft.phase === "Stable" && selectProtocol(draft) === draft.protocolName) {
    // Nothing changes for the others, and so there is no rebalance.
    draft.write();
    const isLeader = draft.leader === newMemberId;
    const told = draft.generationFor(newMemberId, isLeader && canSkipAssignment);
    const skipping = { ...told, skipAssignment: isLeader };
    // Until KIP-814 the leader is named by its old id, so that it does not assign anything.
    draft.answerJoin(newMemberId, canSkipAssignment ? skipping : { ...told, leader: oldLeader ?? "" });
  } else {
    // Where assignments are under way, they are for the old id.
    prepare(draft);
  }
}

function answer(draft: ClassicDraft, { ticket }: JoinEvent, given: JoinAnswer): void {
  draft.effects.push({ type: "joined", ticket, answer: given });
}
