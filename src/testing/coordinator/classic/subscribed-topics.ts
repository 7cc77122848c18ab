import { codecFor } from "../../../protocol/compile.ts";
import { ConsumerProtocolSubscription } from "../../../protocol/consumer-protocol.ts";
import { DecodeError } from "../../../protocol/errors.ts";
import { Reader } from "../../../protocol/reader.ts";
import { readVersion } from "../../../protocol/version-prefix.ts";
import { type ClassicState, CONSUMER, metadataOf } from "./classic-state.ts";

/** The topics that consumers of a group subscribe to; null for other groups, and where it cannot be read. */
export function subscribedTopics({ protocolType, protocolName, members }: ClassicState): Set<string> | null {
  if (protocolType !== CONSUMER) return null;
  const topics = new Set<string>();
  try {
    for (const member of members.values()) {
      const reader = new Reader(metadataOf(member, protocolName));
      readVersion(reader, "ConsumerProtocolSubscription");
      // As in Kafka, which reads each version as the first one: the others only add behind it.
      const subscription = codecFor(ConsumerProtocolSubscription, 0).decode(reader);
      for (const topic of subscription.topics) topics.add(topic);
    }
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
  return topics;
}
