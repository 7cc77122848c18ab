import { beforeAll, expect, it } from "vitest";
import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../../src/group/assignor.ts";
import { builtInAssignor } from "../../src/group/assignors/assignors.ts";
import { ASSIGNOR_NAMES } from "../../src/group/assignors/names.ts";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "../../src/protocol/consumer-protocol.ts";
import { RandomGroup, type Rebalance } from "../group/assignors/random-groups.ts";
import { chance, seed } from "../support/seed.ts";
import { describeWithJava } from "./describe-java.ts";
import { askAssignorsOfKafka, fromHex, toHex } from "./java.ts";

const GROUPS = 2_000;
/** Of each group, one after the other. */
const REBALANCES = 3;

/** What is asked of Kafka, and our own answer in its words. */
interface Question {
  readonly line: string;
  readonly ours: string;
}

describeWithJava(`Kafka's own assignors, seed ${seed}`, () => {
  const names = ["range", "roundrobin", "sticky", "cooperative-sticky"];
  const rebalances = new Map<string, (Question & Pick<Rebalance, "hasClaimOfLeaver">)[]>();
  const userData: Question[] = [];
  /** By line. */
  const kafkas = new Map<string, string>();

  beforeAll(async () => {
    const random = chance(seed);
    for (const name of names) {
      const asked: (Question & Pick<Rebalance, "hasClaimOfLeaver">)[] = [];
      for (let group = 0; group < GROUPS; group++) {
        for (const { rebalance, assigned } of history(new RandomGroup(name, random))) {
          const { hasClaimOfLeaver } = rebalance;
          asked.push({ line: assignLine(rebalance), ours: describeAssignments(assigned), hasClaimOfLeaver });
          const [first] = assigned.values();
          userData.push(userDataQuestion(name, Math.floor(random() * 100), first ?? null));
        }
      }
      rebalances.set(name, asked);
      userData.push(userDataQuestion(name, -1, null));
    }
    const lines = [...rebalances.values(), userData].flat().map(({ line }) => line);
    const answers = await askAssignorsOfKafka(lines);
    lines.forEach((line, i) => {
      kafkas.set(line, sorted(answers[i] as string));
    });
  }, 60_000);

  it.for(names)("%s assigns the same, byte for byte", (name) => {
    const all = rebalances.get(name) ?? [];
    const same = ({ line, ours }: Question): boolean => kafkas.get(line) === ours;
    // Kafka's sticky assignors may give such a member what it left: see below.
    const compared = all.filter(({ hasClaimOfLeaver }) => !name.includes("sticky") || !hasClaimOfLeaver);
    const differing = compared.filter((question) => !same(question));
    const others = all.length - compared.length;
    const alsoSame = all.filter(same).length - (compared.length - differing.length);
    console.log(
      `${name}: ${compared.length} rebalances of ${GROUPS} groups compared with Kafka's, ${differing.length} differences` +
        (others === 0 ? "" : `; ${others} where Kafka's may go wrong, ${others - alsoSame} differences`),
    );
    expect(
      differing.slice(0, 1).map((question) => ({ ...question, kafkas: kafkas.get(question.line) })),
    ).toEqual([]);
    expect(compared.length).toBeGreaterThan(GROUPS * REBALANCES * 0.8);
    // Not because nothing is to be had.
    expect(all.filter(({ ours }) => ours.length > 300).length).toBeGreaterThan(all.length / 4);
  });

  it("say the same in the subscriptions of their members", () => {
    const differing = userData.filter(({ line, ours }) => kafkas.get(line) !== ours);
    console.log(`${userData.length} times the assignors' own bytes, ${differing.length} differences`);
    expect(differing.slice(0, 1)).toEqual([]);
    expect(userData.filter(({ ours }) => ours.length > 60).length).toBeGreaterThan(GROUPS);
  });

  it("have the same names, versions and rebalance protocols, and Kafka's classes lead to them", async () => {
    const [answer = ""] = await askAssignorsOfKafka(["names"]);
    const told = answer.split("\t").map((text) => text.split(":"));
    expect(told.map(([, name]) => name)).toEqual(names);
    for (const [javaClass = "", name = "", version, protocols] of told) {
      const assignor = builtInAssignor(javaClass) as Assignor;
      expect(ASSIGNOR_NAMES).toContain(javaClass);
      expect(assignor.name).toBe(name);
      expect(assignor.version ?? 0).toBe(Number(version));
      expect(assignor.rebalanceProtocol === "cooperative" ? "[COOPERATIVE, EAGER]" : "[EAGER]").toBe(
        protocols,
      );
    }
  });

  it("a partition that is gone: Kafka's fail or assign it, ours do not", async () => {
    // The topic was deleted and created again with fewer partitions.
    const rebalance = cooperativeGroup(
      { t: 2 },
      {
        a: { topics: ["t"], owned: { t: [2, 3] }, generation: 4 },
        b: { topics: ["t"], owned: { t: [0, 1] }, generation: 4 },
      },
    );
    expect(await askAssignorsOfKafka([assignLine(rebalance)])).toEqual(["error\tIllegalStateException"]);
    // The other one changes hands.
    expect(assign(rebalance)).toEqual({ a: {}, b: { t: [0] } });
  });

  it("a topic that a member left after it had missed a rebalance: Kafka's give it to that member, ours do not", async () => {
    const rebalance = cooperativeGroup(
      { t: 4, u: 1 },
      {
        a: { topics: ["u"], owned: { t: [0] }, generation: 4 },
        b: { topics: ["t"], owned: { t: [0, 1, 2, 3] }, generation: 5 },
        c: { topics: ["t", "u"], owned: {}, generation: -1 },
      },
    );
    const [kafkas = ""] = await askAssignorsOfKafka([assignLine(rebalance)]);
    expect(readAssignments(kafkas)["a"]).toEqual({ t: [0], u: [0] });
    expect(assign(rebalance)).toEqual({ a: { u: [0] }, b: { t: [2, 3] }, c: {} });
  });
});

/** A group's rebalances, as they come out with ours. */
function* history(
  group: RandomGroup,
): Iterable<{ rebalance: Rebalance; assigned: ReadonlyMap<string, MemberAssignment> }> {
  for (let n = 0; n < REBALANCES; n++) {
    const rebalance = group.rebalance();
    const assignor = builtInAssignor(rebalance.assignor) as Assignor;
    const assigned = assignor.assign(rebalance.members, rebalance.topics);
    yield { rebalance, assigned };
    group.goOn(assigned);
  }
}

function assignLine({ assignor, members, subscriptions, topics }: Rebalance): string {
  const layouts = Array.from(topics, ([topic, { partitions, racks }]) => {
    const all = Array.from({ length: partitions }, (_, partition) => (racks[partition] ?? []).join("+"));
    return `${topic}=${all.join(",")}`;
  });
  const group = members.map(({ memberId, groupInstanceId }) => {
    const instance = groupInstanceId === null ? "-" : textToHex(groupInstanceId);
    return `${textToHex(memberId)}:${instance}:${toHex(subscriptions.get(memberId) as Uint8Array)}`;
  });
  return ["assign", assignor, layouts.join(";"), group.join(";")].join("\t");
}

function userDataQuestion(name: string, generation: number, assignment: MemberAssignment | null): Question {
  const assignor = builtInAssignor(name) as Assignor;
  if (assignment !== null) assignor.assigned?.(assignment, generation);
  const bytes = assignor.userData?.([]) ?? null;
  return {
    line: ["user-data", name, generation, assignment === null ? "none" : assignmentToHex(assignment)].join(
      "\t",
    ),
    ours: bytes === null ? "-" : toHex(bytes),
  };
}

function describeAssignments(assigned: ReadonlyMap<string, MemberAssignment>): string {
  const members = Array.from(
    assigned,
    ([id, assignment]) => `${textToHex(id)}:${assignmentToHex(assignment)}`,
  );
  return `ok\t${members.sort().join(";")}`;
}

/** An answer with the members in one order. */
function sorted(answer: string): string {
  const [outcome, members] = answer.split("\t");
  return outcome === "ok" ? `ok\t${(members ?? "").split(";").sort().join(";")}` : answer;
}

function assignmentToHex({ partitions, userData = null }: MemberAssignment): string {
  const assignedPartitions = Array.from(partitions, ([topic, numbers]) => ({
    topic,
    partitions: [...numbers],
  }));
  return toHex(encodeAssignment({ assignedPartitions, userData }));
}

function textToHex(text: string): string {
  return Buffer.from(text).toString("hex");
}

type PartitionsByTopic = Record<string, readonly number[]>;

function cooperativeGroup(
  partitions: Record<string, number>,
  group: Record<string, { topics: readonly string[]; owned: PartitionsByTopic; generation: number }>,
): Rebalance {
  const subscriptions = new Map<string, Uint8Array>();
  const members: GroupMember[] = [];
  for (const [memberId, { topics, owned, generation }] of Object.entries(group)) {
    const ownedPartitions = Object.entries(owned).map(([topic, numbers]) => ({
      topic,
      partitions: [...numbers],
    }));
    const bytes = encodeSubscription({ topics: [...topics], ownedPartitions, generationId: generation });
    subscriptions.set(memberId, bytes);
    members.push({ memberId, groupInstanceId: null, subscription: decodeSubscription(bytes) });
  }
  const topics = new Map<string, TopicLayout>(
    Object.entries(partitions).map(([topic, count]) => [topic, { partitions: count, racks: [] }]),
  );
  return { assignor: "cooperative-sticky", members, subscriptions, topics, hasClaimOfLeaver: true };
}

function assign({ assignor, members, topics }: Rebalance): Record<string, PartitionsByTopic> {
  const assigned = (builtInAssignor(assignor) as Assignor).assign(members, topics);
  return Object.fromEntries(
    Array.from(assigned, ([id, { partitions }]) => [id, Object.fromEntries(partitions)]),
  );
}

function readAssignments(answer: string): Record<string, PartitionsByTopic> {
  const members = answer.slice("ok\t".length).split(";");
  return Object.fromEntries(
    members.map((text) => {
      const [id = "", bytes = ""] = text.split(":");
      const { assignedPartitions } = decodeAssignment(fromHex(bytes));
      return [
        Buffer.from(id, "hex").toString(),
        Object.fromEntries(assignedPartitions.map(({ topic, partitions }) => [topic, partitions])),
      ];
    }),
  );
}
