/** A living group changes its protocol (KIP-848): one of the consumer protocol is made of a classic one, and back. */

import { DecodeError } from "../../../protocol/errors.ts";
import type { ConfigStore } from "../../config/config-store.ts";
import { Refusal } from "../../error-code.ts";
import {
  type ClassicMember,
  type ClassicState,
  CONSUMER,
  newClassicGroup,
  selectProtocol,
} from "../classic/classic-state.ts";
import { subscribedTopics } from "../classic/subscribed-topics.ts";
import { assignedIn, assignmentBytes, subscriptionOf } from "./classic-bytes.ts";
import type { GroupState, TopicsView } from "./group-state.ts";
import { type Member, moved, newMember } from "./member.ts";
import type { Transition } from "./transition.ts";

const NOTHING = new Uint8Array(0);

/** `group.consumer.migration.policy` */
export function migrations(configs: ConfigStore): { readonly up: boolean; readonly down: boolean } {
  const { value } = configs.broker("group.consumer.migration.policy");
  const policy = value?.toLowerCase();
  const isBoth = policy === "bidirectional";
  return { up: isBoth || policy === "upgrade", down: isBoth || policy === "downgrade" };
}

/**
 * The members of a classic group as members of a group of the consumer protocol.
 *
 * @throws Refusal GROUP_ID_NOT_FOUND where that cannot be done.
 */
export function membersOf(state: ClassicState, configs: ConfigStore, topics: TopicsView): Member[] {
  const refuse = (reason: string): never => {
    const message = `Cannot upgrade classic group ${state.groupId} to consumer group because ${reason}.`;
    throw new Refusal("GROUP_ID_NOT_FOUND", message);
  };
  if (!migrations(configs).up) refuse("online upgrade is disabled");
  if (state.protocolType !== CONSUMER) refuse("the group does not use the consumer embedded protocol");
  if (state.members.size > configs.number("group.consumer.max.size")) {
    refuse("the group size exceeds the consumer group maximum size");
  }
  try {
    return Array.from(state.members.values(), (member) => {
      const assigned = assignedIn(member.assignment, topics);
      if (assigned === null) return refuse("an unsupported custom assignor is in use");
      return consumerMember(member, state, assigned);
    });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refuse("the embedded consumer protocol is malformed");
  }
}

function consumerMember(member: ClassicMember, state: ClassicState, assigned: Member["assigned"]): Member {
  const { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs } = member;
  const { generationId, protocolName } = state;
  const agreed = member.protocols.filter(({ name }) => protocolName === null || name === protocolName);
  const subscription = subscriptionOf({ protocols: agreed });
  const profile: Member = {
    ...newMember(memberId),
    epoch: generationId,
    instanceId: groupInstanceId,
    rackId: subscription.rackId,
    clientId,
    clientHost,
    topics: [...new Set(subscription.topics)].sort(),
    rebalanceTimeoutMs,
    classic: { sessionTimeoutMs, protocols: member.protocols },
  };
  return moved(profile, { state: "STABLE", epoch: generationId, assigned, revoking: new Map() });
}

/** Takes over the members of a classic group, with what they have. */
export function takeOverClassic(
  transition: Transition,
  members: readonly Member[],
  generationId: number,
): void {
  for (const member of members) transition.setProfile(member);
  transition.make({ type: "epoch", epoch: generationId, metadataHash: transition.metadataHash() });
  for (const { memberId, assigned } of members) {
    transition.make({ type: "target", memberId, partitions: assigned });
  }
  transition.make({ type: "targetEpoch", target: { epoch: generationId, timestampMs: 0 } });
  for (const member of members) transition.setStanding(member);
}

/**
 * The classic group that takes the place of one of the consumer protocol, whose members have what they were to have.
 *
 * @param members those that stay: all of them classic
 */
export function classicStateOf(
  core: GroupState,
  members: readonly Member[],
  nowMs: number,
  topics: TopicsView,
): ClassicState {
  const classic = members.map((member): ClassicMember => {
    const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, classic: profile } = member;
    return {
      memberId,
      groupInstanceId: instanceId,
      clientId,
      clientHost,
      rebalanceTimeoutMs,
      sessionTimeoutMs: profile?.sessionTimeoutMs ?? rebalanceTimeoutMs,
      protocols: profile?.protocols ?? [],
      assignment: profile === null ? NOTHING : assignmentBytes(core.targetOf(memberId), profile, topics),
      joining: null,
      syncing: null,
      isNew: false,
    };
  });
  const state: ClassicState = {
    ...newClassicGroup(core.groupId, nowMs),
    phase: "Stable",
    generationId: core.epoch,
    protocolType: CONSUMER,
    leader: classic[0]?.memberId ?? null,
    members: new Map(classic.map((member) => [member.memberId, member])),
  };
  const named = { ...state, protocolName: selectProtocol(state) };
  return { ...named, subscribedTopics: subscribedTopics(named) };
}
