import type { Pending } from "../../pending.ts";
import type { JoinAnswer, JoinEvent, LeaveAnswer, Leaving, SyncAnswer, SyncEvent } from "./classic-events.ts";

/** What a JoinGroup says. */
export type Joining = Omit<JoinEvent, "type" | "ticket">;
/** What a SyncGroup says. */
export type Syncing = Omit<SyncEvent, "type" | "ticket">;

/** Who sends a heartbeat. */
export interface Heartbeating {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

/** A group that members of the classic protocol speak to; one of consumers can be another kind of group (KIP-848). */
export interface ClassicProtocol {
  join(joining: Joining): Pending<JoinAnswer>;
  sync(syncing: Syncing): Pending<SyncAnswer>;
  /** Gives the number of an error, 0 for none. */
  heartbeat(member: Heartbeating): number;
  leave(members: readonly Leaving[]): LeaveAnswer;
}
