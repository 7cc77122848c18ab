/** What the coordinator's own assignors are given, and what they give back. */

import type { Uuid } from "../../../../protocol/uuid.ts";
import type { TopicPartitions } from "../partitions.ts";

/** A member as assignors see it. */
export interface AssignedMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** The topics that it subscribes to and that there are, each once. */
  readonly topicIds: readonly Uuid[];
  /** What it was to have until now. */
  readonly assigned: TopicPartitions;
}

export interface AssignorInput {
  readonly members: readonly AssignedMember[];
  /** Whether all of them subscribe to the same. */
  readonly isHomogeneous: boolean;
  partitionCount(topicId: Uuid): number;
}

/** By member id; who is missing gets nothing. */
export type TargetAssignment = ReadonlyMap<string, TopicPartitions>;

export interface ServerAssignor {
  /** As in `group.consumer.assignors`. */
  readonly name: string;
  assign(input: AssignorInput): TargetAssignment;
}
