import type { Asker } from "../../../group/offset-errors.ts";
import type { Membership } from "../group/membership.ts";

/** As whom a consumer asks the coordinator. */
export interface Standing {
  readonly asker: Asker;
  readonly memberId: string;
  /** Generation of the group, or epoch of the member in the newer protocol; -1 for who is no member. */
  readonly generationId: number;
  readonly groupInstanceId: string | null;
}

const NOBODY: Standing = { asker: "nobody", memberId: "", generationId: -1, groupInstanceId: null };

/** Null for a consumer that should be a member and is none now. */
export function standingOf(
  membership: Pick<Membership, "metadata"> | null,
  groupProtocol: "classic" | "consumer",
): Standing | null {
  if (membership === null) return NOBODY;
  const { memberId = "", generationId = -1, groupInstanceId = null } = membership.metadata;
  if (generationId < 0 || memberId === "") return null;
  return { asker: groupProtocol, memberId, generationId, groupInstanceId };
}

/** Whether a member has got another generation or epoch, or is another member. */
export function hasMoved(since: Standing, now: Standing | null): boolean {
  return now !== null && (now.memberId !== since.memberId || now.generationId !== since.generationId);
}
