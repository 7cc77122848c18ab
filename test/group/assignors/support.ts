import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../../../src/group/assignor.ts";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { decodeSubscription, encodeSubscription } from "../../../src/protocol/consumer-protocol.ts";

export type PartitionsByTopic = Readonly<Record<string, readonly number[]>>;

export interface MemberShape {
  readonly topics: readonly string[];
  readonly instance?: string;
  readonly rack?: string;
  readonly owned?: PartitionsByTopic;
  readonly generation?: number;
  readonly userData?: Uint8Array | null;
}

/** Members by their ids, with what their subscriptions say. */
export function group(shapes: Readonly<Record<string, MemberShape>>): GroupMember[] {
  return Object.entries(shapes).map(([memberId, shape]) => ({
    memberId,
    groupInstanceId: shape.instance ?? null,
    subscription: decodeSubscription(
      encodeSubscription({
        topics: [...shape.topics],
        userData: shape.userData ?? null,
        ownedPartitions: Object.entries(shape.owned ?? {}).map(([topic, partitions]) => ({
          topic,
          partitions: [...partitions],
        })),
        generationId: shape.generation ?? -1,
        rackId: shape.rack ?? null,
      }),
    ),
  }));
}

/** Topics by their names: how many partitions, or the racks of each. */
export function layouts(
  shapes: Readonly<Record<string, number | readonly string[]>>,
): ReadonlyMap<string, TopicLayout> {
  return new Map(
    Object.entries(shapes).map(([topic, shape]) => [
      topic,
      typeof shape === "number"
        ? { partitions: shape, racks: [] }
        : { partitions: shape.length, racks: shape.map((racks) => racks.split("+")) },
    ]),
  );
}

export function assign(
  name: string,
  members: Readonly<Record<string, MemberShape>>,
  topics: Readonly<Record<string, number | readonly string[]>>,
): Record<string, PartitionsByTopic> {
  const assigned = (builtInAssignor(name) as Assignor).assign(group(members), layouts(topics));
  return Object.fromEntries(Array.from(assigned, ([id, assignment]) => [id, byTopic(assignment)]));
}

export function byTopic({ partitions }: MemberAssignment): PartitionsByTopic {
  return Object.fromEntries(partitions);
}

/** `topic-partition`, as Kafka writes it. */
export function namesOf(
  byTopic: Iterable<readonly [topic: string, partitions: readonly number[]]>,
): Set<string> {
  const names = new Set<string>();
  for (const [topic, partitions] of byTopic) for (const number of partitions) names.add(`${topic}-${number}`);
  return names;
}
