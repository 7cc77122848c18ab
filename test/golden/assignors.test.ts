import { beforeAll, expect, it } from "vitest";
import type { Assignor, MemberAssignment } from "../../src/group/assignor.ts";
import { builtInAssignor } from "../../src/group/assignors/assignors.ts";
import { ASSIGNOR_NAMES } from "../../src/group/assignors/names.ts";
import {
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
} from "../../src/protocol/consumer-protocol.ts";
import { RandomGroup, type Rebalance } from "../group/assignors/random-groups.ts";
import {
  group,
  layouts,
  type MemberShape,
  namesOf,
  type PartitionsByTopic,
} from "../group/assignors/support.ts";
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

interface RebalanceQuestion extends Question {
  /** Whether Kafka's own assignor may go wrong here; where that is to be asked, the line that asks. */
  readonly astray: boolean | string;
}

describeWithJava(`Kafka's own assignors, seed ${seed}`, () => {
  const names = ["range", "roundrobin", "sticky", "cooperative-sticky"];
  const rebalances = new Map<string, RebalanceQuestion[]>();
  const userData: Question[] = [];
  /** Kafka's answers by the lines that ask, all of them in one run of Java. */
  const kafkas = new Map<string, string>();

  beforeAll(async () => {
    const random = chance(seed);
    for (const name of names) {
      const asked: RebalanceQuestion[] = [];
      for (let group = 0; group < GROUPS; group++) {
        for (const { rebalance, assigned } of history(new RandomGroup(name, random))) {
          const line = assignLine(rebalance);
          asked.push({ line, ours: describeAssignments(assigned), astray: isAstray(rebalance, line) });
          const [first] = assigned.values();
          userData.push(userDataQuestion(name, Math.floor(random() * 100), first ?? null));
        }
      }
      rebalances.set(name, asked);
      userData.push(userDataQuestion(name, -1, null));
    }
    const all = [...rebalances.values()].flat();
    const lines = [...all, ...userData].map(({ line }) => line);
    for (const { astray } of all) if (typeof astray === "string") lines.push(astray);
    lines.push("names", ...[gone, nothing, left].map(assignLine), restLine(assignLine(endless)));
    const answers = await askAssignorsOfKafka(lines);
    lines.forEach((line, i) => {
      kafkas.set(line, sorted(answers[i] as string));
    });
  }, 120_000);

  it.for(names)("%s assigns the same, byte for byte", (name) => {
    const all = rebalances.get(name) ?? [];
    const differs = ({ line, ours }: Question): boolean => kafkas.get(line) !== ours;
    const goesAstray = ({ astray }: RebalanceQuestion): boolean =>
      typeof astray === "string" ? kafkas.get(astray) === "never" : astray;
    const astray = all.filter(goesAstray);
    const differing = all.filter((question) => differs(question) && !goesAstray(question));
    console.log(
      `${name}: ${all.length - astray.length} rebalances of ${GROUPS} groups compared with Kafka's, ` +
        `${differing.length} differences` +
        (astray.length === 0
          ? ""
          : `; ${astray.length} where Kafka's may go wrong, ${astray.filter(differs).length} differences`),
    );
    expect(
      differing.slice(0, 1).map((question) => ({ ...question, kafkas: kafkas.get(question.line) })),
    ).toEqual([]);
    expect(astray.length).toBeLessThan(all.length / 20);
    // Not because nothing is to be had.
    expect(all.filter(({ ours }) => ours.length > 300).length).toBeGreaterThan(all.length / 4);
  });

  it("say the same in the subscriptions of their members", () => {
    const differing = userData.filter(({ line, ours }) => kafkas.get(line) !== ours);
    console.log(`${userData.length} times the assignors' own bytes, ${differing.length} differences`);
    expect(differing.slice(0, 1)).toEqual([]);
    expect(userData.filter(({ ours }) => ours.length > 60).length).toBeGreaterThan(GROUPS);
  });

  it("have the same names, versions and rebalance protocols, and Kafka's classes lead to them", () => {
    const told = (kafkas.get("names") ?? "").split("\t").map((text) => text.split(":"));
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

  it("a partition that is gone: Kafka's fail or assign it, ours do not", () => {
    expect(kafkas.get(assignLine(gone))).toBe("error\tIllegalStateException");
    // The other one changes hands.
    expect(assign(gone)).toEqual({ a: {}, b: { t: [0] } });
  });

  it("a member that is subscribed to nothing: Kafka's give it partitions, ours do not", () => {
    expect(readAssignments(kafkas.get(assignLine(nothing)))).toEqual({ a: { t: [0] }, b: { t: [1] } });
    expect(assign(nothing)).toEqual({ a: {}, b: { t: [0, 1] } });
  });

  it("a topic that a member left after it had missed a rebalance: Kafka's give it to that member, ours do not", () => {
    expect(readAssignments(kafkas.get(assignLine(left)))["a"]).toEqual({ t: [0], u: [0] });
    expect(assign(left)).toEqual({ a: { u: [0] }, b: { t: [2, 3] }, c: {} });
  });

  it("racks and different subscriptions: Kafka's may rebalance without end, ours come to rest", () => {
    expect(kafkas.get(restLine(assignLine(endless)))).toBe("never");
    let members = ENDLESS.members;
    let rebalances = 0;
    for (let givenUp = true; givenUp; rebalances++) {
      const assigned = assign(cooperativeGroup(ENDLESS.topics, members));
      givenUp = Object.entries(members).some(([id, { owned = {} }]) =>
        [...namesOf(Object.entries(owned))].some(
          (name) => !namesOf(Object.entries(assigned[id] ?? {})).has(name),
        ),
      );
      members = Object.fromEntries(
        Object.entries(members).map(([id, shape]) => [id, { ...shape, owned: assigned[id] ?? {} }]),
      );
    }
    expect(rebalances).toBe(2);
  });
});

/** A topic was deleted and created again with fewer partitions. */
const gone = cooperativeGroup(
  { t: 2 },
  {
    a: { topics: ["t"], owned: { t: [2, 3] }, generation: 4 },
    b: { topics: ["t"], owned: { t: [0, 1] }, generation: 4 },
  },
);

const nothing = cooperativeGroup(
  { t: 2 },
  { a: { topics: [], owned: {}, generation: -1 }, b: { topics: ["t"], owned: {}, generation: -1 } },
);

/** `a` was away, and then subscribed to something else. */
const left = cooperativeGroup(
  { t: 4, u: 1 },
  {
    a: { topics: ["u"], owned: { t: [0] }, generation: 4 },
    b: { topics: ["t"], owned: { t: [0, 1, 2, 3] }, generation: 5 },
    c: { topics: ["t", "u"], owned: {}, generation: -1 },
  },
);

/** With racks, each rebalance takes away what the one before has given. */
const ENDLESS: {
  readonly topics: Parameters<typeof layouts>[0];
  readonly members: Readonly<Record<string, MemberShape>>;
} = {
  topics: { t: ["b", "a", "b", "a", "a", "b"], u: ["a"], v: ["a"] },
  members: {
    a: { topics: ["u", "v"], rack: "b", owned: {}, generation: 5 },
    b: { topics: ["t", "u", "v"], rack: "a", owned: { t: [2], u: [0] }, generation: 5 },
    c: { topics: ["t", "u"], rack: "a", owned: { t: [0] }, generation: 5 },
    d: { topics: ["t", "v"], owned: { t: [1, 3], v: [0] }, generation: 5 },
  },
};
const endless = cooperativeGroup(ENDLESS.topics, ENDLESS.members);

/**
 * Where Kafka's own assignors may go wrong, and ours do something else: the tests below show it, case by case. Of
 * groups with racks whose members are subscribed to different topics, Kafka has to say whether they come to rest.
 */
function isAstray({ assignor, members, misleadsKafka }: Rebalance, line: string): boolean | string {
  if (!assignor.includes("sticky")) return false;
  if (misleadsKafka) return true;
  const unequal = new Set(members.map(({ subscription }) => subscription.topics.join())).size > 1;
  const inRacks = members.some(({ subscription }) => subscription.rackId !== null);
  return assignor === "cooperative-sticky" && unequal && inRacks && restLine(line);
}

/** Asks whether a group comes to rest. */
function restLine(assignLine: string): string {
  return assignLine.replace(/^assign/, "rest");
}

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

function cooperativeGroup(
  topics: Parameters<typeof layouts>[0],
  shapes: Readonly<Record<string, MemberShape>>,
): Rebalance {
  const members = group(shapes);
  return {
    assignor: "cooperative-sticky",
    members,
    subscriptions: new Map(
      members.map(({ memberId, subscription }) => [memberId, encodeSubscription(subscription)]),
    ),
    topics: layouts(topics),
    misleadsKafka: true,
  };
}

function assign({ assignor, members, topics }: Rebalance): Record<string, PartitionsByTopic> {
  const assigned = (builtInAssignor(assignor) as Assignor).assign(members, topics);
  return Object.fromEntries(
    Array.from(assigned, ([id, { partitions }]) => [id, Object.fromEntries(partitions)]),
  );
}

function readAssignments(answer = ""): Record<string, PartitionsByTopic> {
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
