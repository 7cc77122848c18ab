/** SyncGroup in a classic group. */

import { errorNumber, NONE } from "../../error-code.ts";
import type { ClassicDraft } from "./classic-draft.ts";
import type { SyncAnswer, SyncEvent } from "./classic-events.ts";
import { memberRefusal } from "./classic-state.ts";

const NOTHING = new Uint8Array(0);
const ILLEGAL_GENERATION = errorNumber("ILLEGAL_GENERATION");
const INCONSISTENT_GROUP_PROTOCOL = errorNumber("INCONSISTENT_GROUP_PROTOCOL");
const REBALANCE_IN_PROGRESS = errorNumber("REBALANCE_IN_PROGRESS");

export function sync(draft: ClassicDraft, event: SyncEvent): void {
  const { memberId, ticket, assignments } = event;
  const answer = (given: SyncAnswer): void =>
    void draft.effects.push({ type: "synced", ticket, answer: given });
  const refusal = refusalOf(draft, event);
  if (refusal !== NONE) {
    answer({ errorCode: refusal });
  } else if (draft.phase === "PreparingRebalance") {
    answer({ errorCode: REBALANCE_IN_PROGRESS });
  } else {
    draft.pendingSyncs.delete(memberId);
    if (draft.pendingSyncs.size === 0) draft.stop("sync");
    if (draft.phase === "Stable") {
      answer(assignmentFor(draft, memberId));
    } else {
      draft.change(memberId, { syncing: ticket });
      if (draft.leader === memberId) assign(draft, assignments);
    }
  }
}

function refusalOf(draft: ClassicDraft, event: SyncEvent): number {
  const { memberId, groupInstanceId, generationId, protocolType, protocolName } = event;
  const refusal = memberRefusal(draft, memberId, groupInstanceId);
  if (refusal !== NONE) return refusal;
  if (generationId !== draft.generationId) return ILLEGAL_GENERATION;
  const differs = (theirs: string | null, ours: string | null): boolean =>
    theirs !== null && ours !== null && theirs !== ours;
  return differs(protocolType, draft.protocolType) || differs(protocolName, draft.protocolName)
    ? INCONSISTENT_GROUP_PROTOCOL
    : NONE;
}

/** The leader has assigned: who waits is told, and who comes later. */
function assign(draft: ClassicDraft, assignments: ReadonlyMap<string, Uint8Array>): void {
  for (const memberId of draft.members.keys()) {
    draft.change(memberId, { assignment: assignments.get(memberId) ?? NOTHING });
  }
  draft.enter("Stable");
  draft.write();
  for (const memberId of draft.members.keys()) {
    if (draft.answerSync(memberId, assignmentFor(draft, memberId))) draft.renewSession(memberId);
  }
}

function assignmentFor({ members, protocolType, protocolName }: ClassicDraft, memberId: string): SyncAnswer {
  const assignment = members.get(memberId)?.assignment ?? NOTHING;
  return { errorCode: NONE, protocolType, protocolName, assignment };
}
