/**
 * Uniform assignment where members subscribe to different topics: what is free goes to whoever has least, the topics
 * first that leave the least choice; then partitions move from members with many to members with few, topic by topic,
 * until that helps no more.
 */

import { encodeUuid, type Uuid } from "../../../../protocol/uuid.ts";
import { fromSets } from "../partitions.ts";
import { Loads } from "./loads.ts";
import type { AssignorInput, TargetAssignment } from "./server-assignor.ts";

/** How often all topics are gone through at most. */
const MOST_ROUNDS = 16;
const NOBODY = -1;

interface Topic {
  readonly topicId: Uuid;
  /** Numbers of members. */
  readonly subscribers: number[];
  /** The number of the member that has it, for each partition. */
  readonly owners: number[];
}

export function assignMixed(input: AssignorInput): TargetAssignment {
  const topics = topicsOf(input);
  const sizes = input.members.map(() => 0);
  input.members.forEach(({ topicIds, assigned }, member) => {
    for (const [topicId, partitions] of assigned) {
      const topic = topicIds.includes(topicId) ? topics.get(topicId) : undefined;
      if (topic === undefined) continue;
      for (const partition of partitions) {
        topic.owners[partition] = member;
        (sizes[member] as number)++;
      }
    }
  });
  const sorted = [...topics.values()].sort(byChoice);
  for (const topic of sorted) giveOut(topic, sizes);
  balance(
    sorted.filter(({ subscribers }) => subscribers.length > 1),
    sizes,
  );
  return targetOf(input, topics);
}

function topicsOf({ members, partitionCount }: AssignorInput): Map<Uuid, Topic> {
  const topics = new Map<Uuid, Topic>();
  members.forEach(({ topicIds }, member) => {
    for (const topicId of topicIds) {
      const topic = topics.get(topicId);
      if (topic !== undefined) {
        topic.subscribers.push(member);
        continue;
      }
      const owners = Array.from({ length: partitionCount(topicId) }, () => NOBODY);
      topics.set(topicId, { topicId, subscribers: [member], owners });
    }
  });
  return topics;
}

/** Many partitions for each subscriber first, then few subscribers, then as Kafka orders ids. */
function byChoice(a: Topic, b: Topic): number {
  return (
    b.owners.length / b.subscribers.length - a.owners.length / a.subscribers.length ||
    a.subscribers.length - b.subscribers.length ||
    compareUuids(a.topicId, b.topicId)
  );
}

/** As two signed numbers of 64 bits. */
function compareUuids(a: Uuid, b: Uuid): number {
  const [high, low] = halves(a);
  const [otherHigh, otherLow] = halves(b);
  if (high !== otherHigh) return high < otherHigh ? -1 : 1;
  return low < otherLow ? -1 : low > otherLow ? 1 : 0;
}

function halves(uuid: Uuid): readonly [bigint, bigint] {
  const bytes = new Uint8Array(16);
  encodeUuid(uuid, bytes, 0);
  const view = new DataView(bytes.buffer);
  return [view.getBigInt64(0), view.getBigInt64(8)];
}

function giveOut({ owners, subscribers }: Topic, sizes: number[]): void {
  if (!owners.includes(NOBODY)) return;
  const loads = new Loads(sizes, subscribers);
  owners.forEach((owner, partition) => {
    if (owner !== NOBODY) return;
    const member = loads.least();
    owners[partition] = member;
    (sizes[member] as number)++;
  });
}

function balance(topics: readonly Topic[], sizes: number[]): void {
  // The topic at which the last partition was moved: back there without another move, nothing is left to do.
  let lastMoved: Topic | null = null;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (const topic of topics) {
      if (topic === lastMoved) return;
      const hasMoved = balanceTopic(topic, sizes);
      if (hasMoved || lastMoved === null) lastMoved = topic;
    }
  }
}

/** Whether a partition was moved. */
function balanceTopic({ owners, subscribers }: Topic, sizes: number[]): boolean {
  const loads = new Loads(sizes, subscribers);
  if (loads.spread <= 1) return false;
  const partitionsOf = new Map<number, number[]>();
  owners.forEach((owner, partition) => {
    const theirs = partitionsOf.get(owner);
    if (theirs === undefined) partitionsOf.set(owner, [partition]);
    else theirs.push(partition);
  });
  let hasMoved = false;
  while (!loads.isBalanced) {
    const partition = partitionToMove(loads, partitionsOf);
    if (partition === null) break;
    const to = loads.least();
    if (loads.isBalanced) break;
    (sizes[owners[partition] as number] as number)--;
    (sizes[to] as number)++;
    owners[partition] = to;
    hasMoved = true;
  }
  return hasMoved;
}

/** The last partition of a member with the most of them; null when none can be given up. */
function partitionToMove(loads: Loads, partitionsOf: ReadonlyMap<number, number[]>): number | null {
  for (;;) {
    const member = loads.most();
    if (member === null) return null;
    const partition = partitionsOf.get(member)?.pop();
    if (partition !== undefined) return partition;
    loads.leaveOut();
  }
}

function targetOf({ members }: AssignorInput, topics: ReadonlyMap<Uuid, Topic>): TargetAssignment {
  const target = members.map(() => new Map<Uuid, Set<number>>());
  for (const { topicId, owners } of topics.values()) {
    owners.forEach((owner, partition) => {
      const sets = target[owner];
      if (sets === undefined) return;
      const set = sets.get(topicId) ?? new Set();
      set.add(partition);
      sets.set(topicId, set);
    });
  }
  return new Map(members.map(({ memberId }, i) => [memberId, fromSets(target[i] as Map<Uuid, Set<number>>)]));
}
