/**
 * What the members of a classic consumer group tell each other through the coordinator, which does not look
 * inside: each member its subscription (`metadata` in JoinGroup), the leader of the group each member its
 * assignment (`assignment` in SyncGroup). The protocol type of such groups is "consumer".
 *
 * Members of several versions share a group, and no coordinator negotiates for them. So every later version
 * only adds at the end: whoever reads a version that it does not know reads it as the highest one that it does
 * know, and leaves the rest.
 */

import { codecFor } from "./compile.ts";
import { DecodeError } from "./errors.ts";
import { bytes, int32, string } from "./primitives.ts";
import { Reader } from "./reader.ts";
import {
  array,
  data,
  type Fields,
  field,
  type Infer,
  type InferInput,
  type MessageSchema,
  struct,
} from "./schema.ts";
import { encodeVersioned, readVersion } from "./version-prefix.ts";

/**
 * What a member wants to read, and what it knows that helps to assign it.
 *
 * Version 1 says what the member owns already (KIP-429), 2 since which generation (KIP-792), 3 in which rack it
 * is (KIP-881).
 */
export const ConsumerProtocolSubscription = data({
  name: "ConsumerProtocolSubscription",
  validVersions: "0-3",
  fields: {
    /** Names of topics; a pattern has been resolved by the member itself. */
    topics: field("0+", array(string)),
    /** The assignor's own, such as the previous assignment of the sticky one. */
    userData: field("0+", bytes, { nullable: "0+", default: null }),
    /** What the member holds while it joins: a cooperative assignor takes it away first and gives it later. */
    ownedPartitions: field(
      "1+",
      array(
        struct("TopicPartition", {
          topic: field("1+", string),
          partitions: field("1+", array(int32)),
        }),
      ),
      { ignorable: true },
    ),
    /**
     * Generation in which the member got what it owns; -1 for none. Where two members claim a partition, the
     * claim of the older generation is void.
     */
    generationId: field("2+", int32, { default: -1, ignorable: true }),
    /** `client.rack` of the member; null where it has none. */
    rackId: field("3+", string, { nullable: "3+", default: null, ignorable: true }),
  },
});
export type ConsumerProtocolSubscription = Infer<typeof ConsumerProtocolSubscription>;

/** What a member shall read. All versions are the same: they only follow those of the subscription. */
export const ConsumerProtocolAssignment = data({
  name: "ConsumerProtocolAssignment",
  validVersions: "0-3",
  fields: {
    assignedPartitions: field(
      "0+",
      array(
        struct("TopicPartition", {
          topic: field("0+", string),
          partitions: field("0+", array(int32)),
        }),
      ),
    ),
    /** The assignor's own, handed to its counterpart in the member. */
    userData: field("0+", bytes, { nullable: "0+", default: null }),
  },
});
export type ConsumerProtocolAssignment = Infer<typeof ConsumerProtocolAssignment>;

/** The version that Kafka's own consumer writes. */
const LATEST_VERSION = 3;

interface TopicPartitions {
  readonly topic?: string | undefined;
  readonly partitions?: readonly number[] | undefined;
}

/**
 * Encodes a subscription as Kafka's own consumer does, byte for byte: topics and owned partitions are sorted,
 * each topic stands there once, and topics of which nothing is owned are left out.
 *
 * @throws EncodeError when the value is no subscription, naming the field.
 * @throws RangeError when there is no such version.
 * @example
 * ```ts
 * import { decodeSubscription, encodeSubscription } from "kafkawire/protocol";
 *
 * const metadata = encodeSubscription({ topics: ["orders", "audit"] });
 * console.log(decodeSubscription(metadata).topics); // ["audit", "orders"]
 * ```
 */
export function encodeSubscription(
  subscription: InferInput<typeof ConsumerProtocolSubscription>,
  version: number = LATEST_VERSION,
): Uint8Array {
  const owned = byTopic(subscription.ownedPartitions ?? []);
  return encodeVersioned(ConsumerProtocolSubscription, version, {
    ...subscription,
    topics: [...(subscription.topics ?? [])].sort(),
    ownedPartitions: [...owned.keys()].sort().map((topic) => ({
      topic,
      partitions: (owned.get(topic) as number[]).sort((a, b) => a - b),
    })),
  });
}

/**
 * Decodes a subscription of any member, whatever wrote it: newer versions are read as the newest known one, and
 * bytes that are left over are ignored, as by Kafka's own consumer. More lenient than that one, it also takes
 * bytes that end where an earlier version would have ended: old clients that are still about write them, and
 * one such member would fail the assignment of the whole group.
 *
 * @throws DecodeError when the bytes are no subscription.
 */
export function decodeSubscription(bytes: Uint8Array): ConsumerProtocolSubscription {
  const subscription = decodeWholeOrCutShort(bytes);
  const { generationId, rackId } = subscription;
  // As Kafka's own consumer takes them: all of these say that there is none.
  return { ...subscription, generationId: Math.max(generationId, -1), rackId: rackId === "" ? null : rackId };
}

/**
 * Encodes an assignment as Kafka's own consumer does, byte for byte: topics in the order in which they first
 * come, each once, those without partitions left out.
 *
 * @throws EncodeError when the value is no assignment, naming the field.
 * @throws RangeError when there is no such version.
 */
export function encodeAssignment(
  assignment: InferInput<typeof ConsumerProtocolAssignment>,
  version: number = LATEST_VERSION,
): Uint8Array {
  const assigned = byTopic(assignment.assignedPartitions ?? []);
  return encodeVersioned(ConsumerProtocolAssignment, version, {
    ...assignment,
    assignedPartitions: Array.from(assigned, ([topic, partitions]) => ({ topic, partitions })),
  });
}

/**
 * Decodes an assignment. Newer versions are read as the newest known one, and bytes that are left over are
 * ignored, as by Kafka's own consumer.
 *
 * @throws DecodeError when the bytes are no assignment.
 */
export function decodeAssignment(bytes: Uint8Array): ConsumerProtocolAssignment {
  return decodeNewest(ConsumerProtocolAssignment, bytes);
}

function byTopic(given: readonly TopicPartitions[]): Map<string, number[]> {
  const topics = new Map<string, number[]>();
  for (const { topic = "", partitions = [] } of given) {
    if (partitions.length === 0) continue;
    topics.set(topic, [...(topics.get(topic) ?? []), ...partitions]);
  }
  return topics;
}

function decodeNewest<F extends Fields>(
  schema: MessageSchema<F>,
  bytes: Uint8Array,
): Infer<MessageSchema<F>> {
  const reader = new Reader(bytes);
  const version = readVersion(reader, schema.name);
  if (version < 0) throw new DecodeError(`there is no version ${version}`, 0).within(schema.name);
  return codecFor(schema, Math.min(version, LATEST_VERSION)).decode(reader);
}

function decodeWholeOrCutShort(bytes: Uint8Array): ConsumerProtocolSubscription {
  try {
    return decodeNewest(ConsumerProtocolSubscription, bytes);
  } catch (error) {
    const cut = decodeCutShort(bytes);
    if (cut === null) throw error;
    return cut;
  }
}

/** The subscription in bytes that end exactly where an earlier version than theirs ends; null in all others. */
function decodeCutShort(bytes: Uint8Array): ConsumerProtocolSubscription | null {
  const version = bytes.byteLength < 2 ? -1 : new Reader(bytes).int16();
  for (let earlier = Math.min(version, LATEST_VERSION) - 1; earlier >= 0; earlier--) {
    const reader = new Reader(bytes);
    reader.int16();
    try {
      const subscription = codecFor(ConsumerProtocolSubscription, earlier).decode(reader);
      if (reader.remaining === 0) return subscription;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  return null;
}
