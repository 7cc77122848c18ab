/** Classic groups as records of `__consumer_offsets`, and back. */

import type { GroupMetadataValue } from "../../../protocol/coordinator-records/classic-group.ts";
import type { CoordinatorRecord } from "../coordinator-topics.ts";
import { groupRecord } from "../group-records.ts";
import { type ClassicMember, type ClassicState, metadataOf, newClassicGroup } from "./classic-state.ts";
import { subscribedTopics } from "./subscribed-topics.ts";

/** What Kafka writes since 2.3. */
const VERSION = 3;

/** The record of a group as it is. */
export function classicRecord(state: ClassicState): CoordinatorRecord {
  const { groupId, protocolType, generationId, protocolName, leader, sinceMs, members } = state;
  return groupRecord("GROUP_METADATA", { group: groupId }, VERSION, {
    protocolType: protocolType ?? "",
    generation: generationId,
    protocol: protocolName,
    leader,
    currentStateTimestamp: BigInt(sinceMs ?? -1),
    members: Array.from(members.values(), (member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: metadataOf(member, protocolName),
      assignment: member.assignment,
    })),
  });
}

/** The group that a record tells of: stable with its members, or empty. */
export function classicStateOf(groupId: string, value: GroupMetadataValue): ClassicState {
  const { protocolType, generation, protocol, leader, currentStateTimestamp } = value;
  const members = value.members.map((member): ClassicMember => {
    const { memberId, groupInstanceId, clientId, clientHost, sessionTimeout, rebalanceTimeout } = member;
    return {
      memberId,
      groupInstanceId,
      clientId,
      clientHost,
      sessionTimeoutMs: sessionTimeout,
      rebalanceTimeoutMs: rebalanceTimeout < 0 ? sessionTimeout : rebalanceTimeout,
      protocols: [{ name: protocol ?? "", metadata: member.subscription }],
      assignment: member.assignment,
      joining: null,
      syncing: null,
      isNew: false,
    };
  });
  const state: ClassicState = {
    ...newClassicGroup(groupId, 0),
    phase: members.length === 0 ? "Empty" : "Stable",
    sinceMs: currentStateTimestamp < 0n ? null : Number(currentStateTimestamp),
    generationId: generation,
    protocolType: protocolType === "" ? null : protocolType,
    protocolName: protocol,
    leader,
    members: new Map(members.map((member) => [member.memberId, member])),
  };
  return { ...state, subscribedTopics: subscribedTopics(state) };
}
