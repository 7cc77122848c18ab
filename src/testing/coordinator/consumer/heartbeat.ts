/** What a member of the consumer protocol says, and what it is told. */

import { Refusal } from "../../error-code.ts";
import { takeOver } from "./assign.ts";
import { enter } from "./enter.ts";
import { JOINS, LEAVES, LEAVES_FOR_A_WHILE, type Member } from "./member.ts";
import { areSame, type TopicPartitions } from "./partitions.ts";
import { compilePattern } from "./re2.ts";
import type { Transition } from "./transition.ts";

/** A ConsumerGroupHeartbeat request; null stands for no change. */
export interface Heartbeat {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** -1 for no change. */
  readonly rebalanceTimeoutMs: number;
  readonly topics: readonly string[] | null;
  readonly pattern: string | null;
  readonly assignor: string | null;
  readonly owned: TopicPartitions | null;
  readonly clientId: string;
  readonly clientHost: string;
}

export interface HeartbeatAnswer {
  readonly member: Member;
  /** What it may have now; null for no change. */
  readonly assigned: TopicPartitions | null;
}

/**
 * Whether the request makes sense by itself.
 *
 * @param needsMemberId whether members make their ids themselves (KIP-1082)
 * @throws Refusal where it does not.
 */
export function checkHeartbeat(
  groupId: string,
  heartbeat: Heartbeat,
  { needsMemberId, assignors }: { readonly needsMemberId: boolean; readonly assignors: readonly string[] },
): void {
  const { memberId, memberEpoch, instanceId, rackId, assignor } = heartbeat;
  if (needsMemberId || memberEpoch > JOINS || memberEpoch === LEAVES) {
    refuseBlank(memberId, "MemberId can't be empty.");
  }
  refuseBlank(groupId, "GroupId can't be empty.");
  refuseBlank(instanceId, "InstanceId can't be empty.");
  refuseBlank(rackId, "RackId can't be empty.");
  if (memberEpoch === JOINS) checkJoin(heartbeat);
  else if (memberEpoch === LEAVES_FOR_A_WHILE) {
    if (instanceId === null) throw invalid("InstanceId can't be null.");
  } else if (memberEpoch < LEAVES_FOR_A_WHILE) throw invalid("MemberEpoch is invalid.");
  if (assignor !== null && !assignors.includes(assignor)) {
    throw new Refusal(
      "UNSUPPORTED_ASSIGNOR",
      `ServerAssignor ${assignor} is not supported. Supported assignors: ${assignors.join(", ")}.`,
    );
  }
}

function checkJoin({ rebalanceTimeoutMs, owned, topics, pattern }: Heartbeat): void {
  if (rebalanceTimeoutMs === -1) throw invalid("RebalanceTimeoutMs must be provided in first request.");
  if (owned === null || owned.size > 0) throw invalid("TopicPartitions must be empty when (re-)joining.");
  if (topics === null && pattern === null) {
    throw invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
  }
}

function refuseBlank(text: string | null, message: string): void {
  if (text !== null && text.trim() === "") throw invalid(message);
}

function invalid(message: string): Refusal {
  return new Refusal("INVALID_REQUEST", message);
}

/**
 * Takes a heartbeat of a member that joins or stays.
 *
 * @param mayHaveChanged whether topics may have changed since they were looked at
 * @throws Refusal where the member is not to be had.
 */
export function beat(transition: Transition, heartbeat: Heartbeat, mayHaveChanged: boolean): HeartbeatAnswer {
  const { topics, pattern, owned, memberEpoch } = heartbeat;
  // Before anything changes: a member that is refused leaves no trace.
  if (pattern !== null && pattern !== "" && !transition.state.patternCounts().has(pattern)) {
    compilePattern(pattern);
  }
  const before = enter(transition, { ...heartbeat, isJoining: memberEpoch === JOINS, isClassic: false });
  const after = {
    ...before,
    instanceId: heartbeat.instanceId ?? before.instanceId,
    rackId: heartbeat.rackId ?? before.rackId,
    rebalanceTimeoutMs:
      heartbeat.rebalanceTimeoutMs === -1 ? before.rebalanceTimeoutMs : heartbeat.rebalanceTimeoutMs,
    assignor: heartbeat.assignor ?? before.assignor,
    topics: topics === null ? before.topics : [...new Set(topics)].sort(),
    pattern: pattern ?? before.pattern,
    clientId: heartbeat.clientId,
    clientHost: heartbeat.clientHost,
    classic: null,
  };
  const member = takeOver(transition, before, after, { mayHaveChanged, owned });
  const tellsAll =
    heartbeat.rebalanceTimeoutMs !== -1 && (topics !== null || pattern !== null) && owned !== null;
  const isTold = memberEpoch === JOINS || tellsAll || !areSame(before.assigned, member.assigned);
  return { member, assigned: isTold ? member.assigned : null };
}
