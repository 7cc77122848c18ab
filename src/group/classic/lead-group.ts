/** What the leader of a classic group does: it reads what all members want, and assigns for all. */

import {
  type ConsumerProtocolSubscription,
  decodeSubscription,
  encodeAssignment,
} from "../../protocol/consumer-protocol.ts";
import { DecodeError, KafkaError } from "../../protocol/errors.ts";
import type { Assignor, GroupMember, MemberAssignment, RebalanceProtocol, TopicLayout } from "../assignor.ts";
import { keyOf } from "./partitions.ts";

/** A member as JoinGroup's answer names it to the leader. */
export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  /** Its subscription, encoded. */
  readonly metadata: Uint8Array;
}

/** What the members of a group want. */
export interface GroupWishes {
  readonly members: readonly GroupMember[];
  /** All topics that any of them wants, sorted. */
  readonly topics: readonly string[];
  /** Ids of members whose subscription cannot be read. They get nothing, and the others go on. */
  readonly unreadable: readonly string[];
}

const NOTHING: ConsumerProtocolSubscription = {
  topics: [],
  userData: null,
  ownedPartitions: [],
  generationId: -1,
  rackId: null,
};

/** Its claims may be of an older generation, which it judges by itself. */
const JUDGES_CLAIMS_ITSELF = "cooperative-sticky";

/** Reads the subscriptions of all members, of whatever version they are. */
export function readWishes(joined: readonly JoinedMember[]): GroupWishes {
  const unreadable: string[] = [];
  const members = joined.map(({ memberId, groupInstanceId, metadata }): GroupMember => {
    try {
      return { memberId, groupInstanceId, subscription: decodeSubscription(metadata) };
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      unreadable.push(memberId);
      return { memberId, groupInstanceId, subscription: NOTHING };
    }
  });
  const topics = new Set(members.flatMap(({ subscription }) => subscription.topics));
  return { members, topics: [...topics].sort(), unreadable };
}

/**
 * Assigns for all members.
 *
 * @returns the encoded assignment of each member.
 * @throws KafkaError `ASSIGNOR_FAILED` when the assignor throws, or gives what no assignment can be.
 */
export function assignForAll(
  assignor: Assignor,
  { members }: GroupWishes,
  layouts: ReadonlyMap<string, TopicLayout>,
  rebalanceProtocol: RebalanceProtocol,
): ReadonlyMap<string, Uint8Array> {
  const assignments = ask(assignor, members, layouts);
  const problem =
    problemOf(assignments, members, layouts) ??
    (rebalanceProtocol === "cooperative" && assignor.name !== JUDGES_CLAIMS_ITSELF
      ? takenAway(assignments, members)
      : null);
  if (problem !== null) throw failure(assignor, problem);
  return new Map(members.map(({ memberId }) => [memberId, encode(assignments.get(memberId))] as const));
}

function ask(
  assignor: Assignor,
  members: readonly GroupMember[],
  layouts: ReadonlyMap<string, TopicLayout>,
): ReadonlyMap<string, MemberAssignment> {
  try {
    return assignor.assign(members, layouts);
  } catch (error) {
    throw failure(assignor, error instanceof Error ? `it threw: ${error.message}` : "it threw", error);
  }
}

function failure({ name }: Assignor, problem: string, cause?: unknown): KafkaError {
  return new KafkaError(
    "ASSIGNOR_FAILED",
    `The assignor "${name}" has failed to assign for the group: ${problem}. Mend it, or use another in partitionAssignmentStrategy`,
    { fatal: true, cause },
  );
}

function encode(assignment: MemberAssignment | undefined): Uint8Array {
  const assignedPartitions = Array.from(assignment?.partitions ?? [], ([topic, partitions]) => ({
    topic,
    partitions,
  }));
  return encodeAssignment({ assignedPartitions, userData: assignment?.userData ?? null });
}

/** What is wrong with the assignments in any group; null for nothing. */
function problemOf(
  assignments: ReadonlyMap<string, MemberAssignment>,
  members: readonly GroupMember[],
  layouts: ReadonlyMap<string, TopicLayout>,
): string | null {
  const wanted = new Map(
    members.map(({ memberId, subscription }) => [memberId, new Set(subscription.topics)] as const),
  );
  const holders = new Map<string, string>();
  for (const [memberId, { partitions }] of assignments) {
    const topics = wanted.get(memberId);
    if (topics === undefined) return `it assigned to "${memberId}", which is no member`;
    for (const [topic, numbers] of partitions) {
      if (!topics.has(topic)) return `it assigned topic "${topic}" to "${memberId}", which does not want it`;
      const count = layouts.get(topic)?.partitions ?? 0;
      for (const partition of numbers) {
        const what = `topic "${topic}", partition ${partition}`;
        if (!Number.isInteger(partition) || partition < 0 || partition >= count)
          return `it assigned ${what}, which does not exist`;
        const key = keyOf({ topic, partition });
        if (holders.has(key)) return `it assigned ${what} both to "${holders.get(key)}" and to "${memberId}"`;
        holders.set(key, memberId);
      }
    }
  }
  return null;
}

/** A partition that goes to another member while the one that reads it has not given it up; null where none does. */
function takenAway(
  assignments: ReadonlyMap<string, MemberAssignment>,
  members: readonly GroupMember[],
): string | null {
  const owners = new Map<string, { readonly memberId: string; readonly generationId: number }>();
  for (const { memberId, subscription } of members) {
    const { ownedPartitions, generationId } = subscription;
    for (const { topic, partitions } of ownedPartitions) {
      for (const partition of partitions) {
        const key = keyOf({ topic, partition });
        const known = owners.get(key);
        if (known === undefined || known.generationId < generationId)
          owners.set(key, { memberId, generationId });
      }
    }
  }
  for (const [memberId, { partitions }] of assignments) {
    for (const [topic, numbers] of partitions) {
      for (const partition of numbers) {
        const owner = owners.get(keyOf({ topic, partition }));
        if (owner !== undefined && owner.memberId !== memberId)
          return `it gave topic "${topic}", partition ${partition} to "${memberId}" while "${owner.memberId}" still reads it. A cooperative assignor first leaves such a partition out`;
      }
    }
  }
  return null;
}
