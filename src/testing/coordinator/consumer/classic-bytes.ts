/** What members of the classic protocol say and are told, which in a group of the consumer protocol is for the broker. */

import {
  type ConsumerProtocolSubscription,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
} from "../../../protocol/consumer-protocol.ts";
import { Reader } from "../../../protocol/reader.ts";
import { readVersion } from "../../../protocol/version-prefix.ts";
import type { TopicsView } from "./group-state.ts";
import type { ClassicProfile } from "./member.ts";
import { fromList, listed, type TopicPartitions } from "./partitions.ts";

interface NamedPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/**
 * The subscription of a member, as it sends it for the assignor that it likes best.
 *
 * @throws DecodeError where it is none.
 */
export function subscriptionOf({
  protocols,
}: Pick<ClassicProfile, "protocols">): ConsumerProtocolSubscription {
  return decodeSubscription(protocols[0]?.metadata ?? new Uint8Array(0));
}

/** The name of the assignor that a member likes best, which it is told was chosen. */
export function protocolNameOf({ protocols }: Pick<ClassicProfile, "protocols">): string {
  return protocols[0]?.name ?? "";
}

/** Partitions by name, without those of topics that there are not. */
export function withIds(partitions: readonly NamedPartitions[], topics: TopicsView): TopicPartitions {
  return fromList(
    partitions.flatMap(({ topic, partitions: numbers }) => {
      const topicId = topics.idOf(topic);
      return topicId === null ? [] : [{ topicId, partitions: numbers }];
    }),
  );
}

/** An assignment, in the version of the member's subscription. */
export function assignmentBytes(
  partitions: TopicPartitions,
  { protocols }: ClassicProfile,
  topics: TopicsView,
): Uint8Array {
  const version = readVersion(new Reader(protocols[0]?.metadata ?? new Uint8Array(2)), "subscription");
  const assignedPartitions = listed(partitions).flatMap(({ topicId, partitions: numbers }) => {
    const topic = topics.nameOf(topicId);
    return topic === null ? [] : [{ topic, partitions: numbers }];
  });
  return encodeAssignment({ assignedPartitions }, Math.min(version, 3));
}

/**
 * What a member of a classic group was assigned.
 *
 * @returns null where an assignor has sent something along, which would be lost
 * @throws DecodeError where it is no assignment.
 */
export function assignedIn(assignment: Uint8Array, topics: TopicsView): TopicPartitions | null {
  // A member that has joined and not synced has none.
  if (assignment.byteLength === 0) return new Map();
  const { assignedPartitions, userData } = decodeAssignment(assignment);
  if (userData !== null && userData.byteLength > 0) return null;
  return withIds(assignedPartitions, topics);
}
