import type { GroupMember } from "../assignor.ts";
import { inHashOrder } from "./hash-order.ts";

/**
 * The order in which range and round robin serve members: static ones first, by their instance id, which outlives a
 * restart; then the others by member id. Text compares by its UTF-16 units, as in Java.
 */
export function inServingOrder(members: readonly GroupMember[]): GroupMember[] {
  return [...members].sort(
    ({ groupInstanceId: a, memberId: idOfA }, { groupInstanceId: b, memberId: idOfB }) => {
      if (a !== null && b !== null) return compareTexts(a, b);
      if (a !== null) return -1;
      if (b !== null) return 1;
      return compareTexts(idOfA, idOfB);
    },
  );
}

/** The order in which Kafka's leader goes through the members, where no other is told. */
export function inLeadersOrder(members: readonly GroupMember[]): GroupMember[] {
  const byId = new Map(members.map((member) => [member.memberId, member]));
  return inHashOrder([...byId.keys()]).map((id) => byId.get(id) as GroupMember);
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
