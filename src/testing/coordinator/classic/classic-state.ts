/** What a classic group is at a moment, and what can be read from it. Nothing here changes anything. */

import { errorNumber, NONE } from "../../error-code.ts";

export type ClassicPhase = "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" | "Dead";

/** A request that waits for its answer. */
export type Ticket = number;

/** An assignor that a member knows, and what it sends for it. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface ClassicMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** In the order of its preference. */
  readonly protocols: readonly Protocol[];
  readonly assignment: Uint8Array;
  /** Its JoinGroup that waits; null for none. */
  readonly joining: Ticket | null;
  /** Its SyncGroup that waits; null for none. */
  readonly syncing: Ticket | null;
  /** Whether it has not been through a rebalance: it does not know its id yet, and cannot send heartbeats. */
  readonly isNew: boolean;
}

export interface ClassicState {
  readonly groupId: string;
  readonly phase: ClassicPhase;
  /** Wall time of the last change of phase; null for unknown. */
  readonly sinceMs: number | null;
  readonly generationId: number;
  /** Null until a first member has joined. */
  readonly protocolType: string | null;
  /** That was agreed on. */
  readonly protocolName: string | null;
  /** Member id. */
  readonly leader: string | null;
  /** In the order in which they joined. */
  readonly members: ReadonlyMap<string, ClassicMember>;
  /** Ids that were given out with MEMBER_ID_REQUIRED, and have not come back (KIP-394). */
  readonly pendingJoins: ReadonlySet<string>;
  /** Members of this generation that have not sent SyncGroup. */
  readonly pendingSyncs: ReadonlySet<string>;
  /** The rebalance of a group that was empty: how much longer it may be put off; null in any other. */
  readonly initial: InitialRebalance | null;
  /** What consumers subscribe to; null where it cannot be known. */
  readonly subscribedTopics: ReadonlySet<string> | null;
}

/** `group.initial.rebalance.delay.ms`: each new member puts the rebalance off again, within limits. */
export interface InitialRebalance {
  readonly delayMs: number;
  readonly remainingMs: number;
  readonly newMemberAdded: boolean;
}

const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");
const FENCED_INSTANCE_ID = errorNumber("FENCED_INSTANCE_ID");

/** The protocol type of groups whose members are consumers. */
export const CONSUMER = "consumer";

export function newClassicGroup(groupId: string, nowMs: number): ClassicState {
  return {
    groupId,
    phase: "Empty",
    sinceMs: nowMs,
    generationId: 0,
    protocolType: null,
    protocolName: null,
    leader: null,
    members: new Map(),
    pendingJoins: new Set(),
    pendingSyncs: new Set(),
    initial: null,
    subscribedTopics: null,
  };
}

/** The id of the member that has this instance id (KIP-345). */
export function staticMemberId(state: ClassicState, groupInstanceId: string): string | undefined {
  for (const member of state.members.values()) {
    if (member.groupInstanceId === groupInstanceId) return member.memberId;
  }
  return undefined;
}

/** Why somebody is not taken for this member: the number of an error, 0 where it is. */
export function memberRefusal(state: ClassicState, memberId: string, groupInstanceId: string | null): number {
  if (groupInstanceId !== null) {
    const existing = staticMemberId(state, groupInstanceId);
    if (existing === undefined) return UNKNOWN_MEMBER_ID;
    if (existing !== memberId) return FENCED_INSTANCE_ID;
  }
  return state.members.has(memberId) ? NONE : UNKNOWN_MEMBER_ID;
}

/** Whether all who are in the group, or were told to come back, wait for the rebalance. */
export function allHaveJoined({ members, pendingJoins }: ClassicState): boolean {
  return pendingJoins.size === 0 && [...members.values()].every(({ joining }) => joining !== null);
}

/** How long a rebalance waits for members: as long as the most patient wants. */
export function rebalanceTimeoutMs({ members }: ClassicState): number {
  return Math.max(0, ...Array.from(members.values(), (member) => member.rebalanceTimeoutMs));
}

/** Whether a member with these protocols can be in the group. */
export function supportsProtocols(
  { phase, protocolType, members }: ClassicState,
  theirType: string,
  theirs: readonly Protocol[],
): boolean {
  if (phase === "Empty") return theirType !== "" && theirs.length > 0;
  if (protocolType !== theirType) return false;
  const all = [...members.values()];
  return theirs.some(({ name }) => all.every(({ protocols }) => knows(protocols, name)));
}

/**
 * The protocol of the next generation: each member votes for the one that it likes most of those that all know.
 * Among those with as many votes, the one that was voted for first.
 */
export function selectProtocol({ members }: ClassicState): string {
  const all = [...members.values()];
  const votes = new Map<string, number>();
  for (const { protocols } of all) {
    const vote = protocols.find(({ name }) => all.every((other) => knows(other.protocols, name)));
    if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
  }
  let selected = "";
  for (const [name, count] of votes) if (count > (votes.get(selected) ?? 0)) selected = name;
  return selected;
}

function knows(protocols: readonly Protocol[], name: string): boolean {
  return protocols.some((protocol) => protocol.name === name);
}

/** What a member sent for the protocol that was agreed on. */
export function metadataOf({ protocols }: ClassicMember, protocolName: string | null): Uint8Array {
  return protocols.find(({ name }) => name === protocolName)?.metadata ?? new Uint8Array(0);
}

/** Whether these are the protocols of the member, in the same order and with the same metadata. */
export function hasProtocols({ protocols }: ClassicMember, theirs: readonly Protocol[]): boolean {
  return (
    protocols.length === theirs.length &&
    protocols.every(({ name, metadata }, index) => {
      const other = theirs[index] as Protocol;
      return name === other.name && sameBytes(metadata, other.metadata);
    })
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index]);
}

/** Whether another member would be too many (`group.max.size`). */
export function isFull(state: ClassicState, memberId: string, maxSize: number): boolean {
  const { phase, members } = state;
  const member = members.get(memberId);
  if (phase === "Empty" || phase === "Dead") return false;
  if (phase !== "PreparingRebalance") return member === undefined && members.size >= maxSize;
  // Those who wait count, so that a group that has become too large loses who comes back last.
  const waiting = [...members.values()].filter(({ joining }) => joining !== null).length;
  return (member === undefined || member.joining === null) && waiting >= maxSize;
}
