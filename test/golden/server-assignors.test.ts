import { expect, it } from "vitest";
import { rangeAssignor } from "../../src/testing/coordinator/consumer/assignors/range.ts";
import type {
  AssignorInput,
  ServerAssignor,
  TargetAssignment,
} from "../../src/testing/coordinator/consumer/assignors/server-assignor.ts";
import { uniformAssignor } from "../../src/testing/coordinator/consumer/assignors/uniform.ts";
import type { TopicPartitions } from "../../src/testing/coordinator/consumer/partitions.ts";
import { chance, seed } from "../support/seed.ts";
import { RandomGroup } from "../testing/consumer-groups/random-group.ts";
import { describeWithJava } from "./describe-java.ts";
import { askServerAssignorsOfKafka } from "./java.ts";

const GROUPS = 1_000;
/** Of each group, one after the other. */
const STEPS = 5;

describeWithJava(`the assignors of Kafka's own coordinator, seed ${seed}`, () => {
  it("assign the same", async () => {
    const random = chance(seed);
    const lines: string[] = [];
    const ours: string[] = [];
    for (let i = 0; i < GROUPS; i++) {
      const group = new RandomGroup(random);
      const assignor = random() < 0.7 ? uniformAssignor : rangeAssignor;
      for (let step = 0; step < STEPS; step++) {
        const { input } = group;
        const target = assignor.assign(input);
        lines.push(lineOf(assignor, input, group.topics));
        ours.push(answerOf(input, target));
        group.assigned(target);
        group.step();
      }
    }
    const kafkas = await askServerAssignorsOfKafka(lines);
    const differences = lines.flatMap((line, i) =>
      kafkas[i] === ours[i] ? [] : [{ line, kafka: kafkas[i], ours: ours[i] }],
    );
    console.log(
      `${lines.length} assignments of ${GROUPS} groups compared, ${differences.length} differences`,
    );
    expect(differences.slice(0, 3)).toEqual([]);
  }, 60_000);
});

function lineOf(
  { name }: ServerAssignor,
  { members, isHomogeneous }: AssignorInput,
  topics: ReadonlyMap<string, number>,
): string {
  const listed = members.map(({ memberId, instanceId, topicIds, assigned }) =>
    [memberId, instanceId ?? "-", topicIds.join(","), listOf(assigned)].join(":"),
  );
  const counts = [...topics].map(([topicId, count]) => `${topicId}=${count}`);
  return [name, isHomogeneous, counts.join(","), listed.join(";")].join("\t");
}

function answerOf({ members }: AssignorInput, target: TargetAssignment): string {
  const memberIds = members.map(({ memberId }) => memberId).sort();
  return memberIds.map((memberId) => `${memberId}:${sorted(target.get(memberId) ?? new Map())};`).join("");
}

function sorted(partitions: TopicPartitions): string {
  return listOf(new Map([...partitions].sort(([a], [b]) => (a < b ? -1 : 1))));
}

function listOf(partitions: TopicPartitions): string {
  return [...partitions].map(([topicId, numbers]) => `${topicId}=${numbers.join(".")}`).join(",");
}
