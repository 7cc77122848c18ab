/**
 * All that can happen to a group of the consumer protocol. Each change is one record of `__consumer_offsets`, so that
 * replaying them brings a group back as it was.
 */

import type { MemberProfile, MemberStanding } from "./member.ts";
import type { TopicPartitions } from "./partitions.ts";

/** What a pattern matched when it was last looked at. */
export interface ResolvedPattern {
  readonly topics: readonly string[];
  /** Counts the changes of which topics there are. */
  readonly version: number;
  /** Wall time in milliseconds. */
  readonly timestampMs: number;
}

/** What was computed, and when; an epoch of -1 says that it is gone. */
export interface TargetEpoch {
  readonly epoch: number;
  /** Wall time in milliseconds; 0 for unknown. */
  readonly timestampMs: number;
}

/** Null says that what the change names is gone. */
export type GroupChange =
  /** What a member said of itself. */
  | { readonly type: "profile"; readonly memberId: string; readonly profile: MemberProfile | null }
  /** Something calls for another assignment. */
  | { readonly type: "epoch"; readonly epoch: number | null; readonly metadataHash: bigint }
  /** What a member is to have. */
  | { readonly type: "target"; readonly memberId: string; readonly partitions: TopicPartitions | null }
  /** For which epoch the targets are. */
  | { readonly type: "targetEpoch"; readonly target: TargetEpoch | null }
  /** Where a member stands. */
  | { readonly type: "standing"; readonly memberId: string; readonly standing: MemberStanding | null }
  /** What a pattern matches. */
  | { readonly type: "pattern"; readonly pattern: string; readonly resolved: ResolvedPattern | null };
