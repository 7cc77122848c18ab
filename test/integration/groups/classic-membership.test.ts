/** Members of classic groups on real brokers, without consumers around them. */

import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { afterEach, expect, it } from "vitest";
import { compareVersions } from "../../../scripts/kafka/versions.ts";
import type { Assignor } from "../../../src/group/assignor.ts";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { createPartitions } from "../../support/admin.ts";
import { type MemberOptions, TestMember } from "../../support/group-member.ts";
import {
  describeKafka,
  describeOnEachKafka,
  type KafkaUnderTest,
  sharedBroker,
} from "../../support/kafka.ts";
import { Ledger } from "../../support/ledger.ts";
import { createTopic } from "../../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const WITHIN = { timeout: 20_000, interval: 20 };

const assignor = (name: string): Assignor => builtInAssignor(name) as Assignor;

/** A group of a test's own. */
class Group {
  readonly groupId = `group-${randomUUID()}`;
  readonly ledger = new Ledger();
  readonly open: TestMember[] = [];
  readonly #kafka: () => Pick<KafkaUnderTest, "bootstrapServers">;
  /** What members say of themselves, for whoever looks into a failure. */
  readonly logs: string[] = [];

  constructor(kafka: () => Pick<KafkaUnderTest, "bootstrapServers">) {
    this.#kafka = kafka;
  }

  member(assignors: string, options: Partial<MemberOptions> = {}): TestMember {
    const { groupId, ledger, logs } = this;
    const { bootstrapServers } = this.#kafka();
    const own = { bootstrapServers, groupId, ledger, logs, assignors: assignors.split(",").map(assignor) };
    const member = new TestMember({ ...own, ...options });
    this.open.push(member);
    return member;
  }

  async topic(partitions: number): Promise<string> {
    await using client = new Kafka({ bootstrapServers: this.#kafka().bootstrapServers, logger: silent });
    return await createTopic(client, partitions);
  }

  async close(member: TestMember, staysMember = false): Promise<void> {
    this.open.splice(this.open.indexOf(member), 1);
    await member.leave(staysMember);
  }

  shares(expected: readonly number[]): Promise<void> {
    return expect.poll(() => this.ledger.shares, WITHIN).toEqual(expected);
  }
}

function groups(kafka: () => Pick<KafkaUnderTest, "bootstrapServers">): () => Group {
  const made: Group[] = [];
  afterEach(async () => {
    await Promise.all(made.flatMap((group) => group.open).map((member) => member.leave()));
    const violations = made.flatMap((group) => group.ledger.violations);
    made.length = 0;
    expect(violations).toEqual([]);
  });
  return () => {
    const group = new Group(kafka);
    made.push(group);
    return group;
  };
}

const suite = (kafka: () => KafkaUnderTest): void => {
  const newGroup = groups(kafka);

  it.each(["range", "cooperative-sticky", "range,cooperative-sticky"])(
    "share all partitions while members come and go: %s",
    async (assignors) => {
      const group = newGroup();
      const topic = await group.topic(6);
      const first = group.member(assignors).subscribe(topic);
      await group.shares([6]);
      const second = group.member(assignors).subscribe(topic);
      await group.shares([3, 3]);
      group.member(assignors).subscribe(topic);
      await group.shares([2, 2, 2]);
      await group.close(first);
      await group.shares([3, 3]);
      await group.close(second);
      await group.shares([6]);
      expect([...first.lines, ...second.lines].filter((line) => line.startsWith("lose"))).toEqual([]);
      const keepsReading = assignors === "cooperative-sticky";
      expect(first.lines.includes("revoke 6")).toBe(!keepsReading);
    },
  );

  it("give a static member that comes back what it had, and ask nobody else", async () => {
    const group = newGroup();
    const topic = await group.topic(4);
    const first = group.member("range", { groupInstanceId: "a" }).subscribe(topic);
    if (compareVersions(kafka().kafkaVersion ?? "4.4.0", "2.3.0") < 0) {
      await expect.poll(() => first.errors[0]?.message, WITHIN).toMatch(/too old for static members/);
      expect(first.errors).toMatchObject([{ code: "UNSUPPORTED_VERSION", retriable: false }]);
      return;
    }
    const second = group.member("range", { groupInstanceId: "b" }).subscribe(topic);
    await group.shares([2, 2]);
    for (const [name, leaver, stayer] of [
      ["a", first, second],
      ["b", second, undefined],
    ] as const) {
      const held = leaver.assignment();
      const { generationId } = leaver.membership.metadata;
      const lines = stayer?.lines.length;
      await group.close(leaver, true);
      const back = group.member("range", { groupInstanceId: name }).subscribe(topic);
      await expect.poll(() => back.assignment(), WITHIN).toEqual(held);
      expect(back.membership.metadata.generationId).toBe(generationId);
      expect(stayer?.lines.length).toBe(lines);
    }
  });
};

describeOnEachKafka("classic groups", suite, "2.1.0", ["2.1.1/1", "3.9.1/3"]);

describeKafka("a member of a classic group", "broker", () => {
  const newGroup = groups(sharedBroker);

  it("ends when another takes its groupInstanceId", async () => {
    const group = newGroup();
    const topic = await group.topic(2);
    const first = group.member("range", { groupInstanceId: "a", ledger: new Ledger() }).subscribe(topic);
    await expect.poll(() => first.assignment().length, WITHIN).toBe(2);
    const second = group.member("range", { groupInstanceId: "a", ledger: new Ledger() }).subscribe(topic);
    await expect.poll(() => second.assignment().length, WITHIN).toBe(2);
    await expect
      .poll(() => first.errors.map((error) => "code" in error && error.code), WITHIN)
      .toEqual(["FENCED_INSTANCE_ID"]);
    expect(first.lines).toEqual(["assign 2", "lose 2"]);
    expect(first.membership.state).toBe("ended");
  });

  it("ends where it has no assignor in common with the others", async () => {
    const group = newGroup();
    const topic = await group.topic(2);
    const first = group.member("range").subscribe(topic);
    await group.shares([2]);
    const second = group.member("roundrobin").subscribe(topic);
    await expect
      .poll(() => second.errors.map((error) => "code" in error && error.code), WITHIN)
      .toEqual(["INCONSISTENT_GROUP_PROTOCOL"]);
    expect(first.lines).toEqual(["assign 2"]);
  });

  it("leaves where its assignor fails, and lets another one lead", async () => {
    const group = newGroup();
    const topic = await group.topic(2);
    const failing: Assignor = {
      name: "range",
      rebalanceProtocol: "eager",
      assign() {
        throw new Error("no idea");
      },
    };
    const first = group.member("range", { assignors: [failing] }).subscribe(topic);
    await expect.poll(() => first.errors[0]?.message, WITHIN).toMatch(/"range" has failed .* no idea/);
    expect(first.errors).toMatchObject([{ code: "ASSIGNOR_FAILED", fatal: true }]);
    group.member("range").subscribe(topic);
    await group.shares([2]);
  });

  it("sees that its topics grow or appear", async () => {
    const group = newGroup();
    const topic = await group.topic(2);
    const later = `later-${randomUUID()}`;
    group.member("range").subscribe(topic, later);
    group.member("range").subscribe(topic, later);
    await group.shares([1, 1]);
    await createPartitions(sharedBroker().bootstrapServers, topic, 4);
    await using client = new Kafka({ bootstrapServers: sharedBroker().bootstrapServers, logger: silent });
    await client.admin().createTopics([{ topic: later, numPartitions: 2 }]);
    // It asks for a topic that is missing every second, and so for all others.
    await group.shares([3, 3]);
  });

  it.each(["range", "cooperative-sticky"])("reads what it is subscribed to by now: %s", async (assignors) => {
    const group = newGroup();
    const [one, two] = [await group.topic(2), await group.topic(3)];
    const first = group.member(assignors).subscribe(one);
    await group.shares([2]);
    first.subscribe(one, two);
    await group.shares([5]);
    const second = group.member(assignors).subscribe(two);
    await expect.poll(() => [group.ledger.size, group.ledger.shares.length], WITHIN).toEqual([5, 2]);
    first.subscribe(two);
    second.subscribe(one);
    await group.shares([2, 3]);
    const topicsOf = (member: TestMember): string[] => [
      ...new Set(member.assignment().map(({ topic }) => topic)),
    ];
    await expect.poll(() => [topicsOf(first), topicsOf(second)], WITHIN).toEqual([[two], [one]]);
  });

  it("is away while its application does not ask for records, and comes back when it does", async () => {
    const group = newGroup();
    const topic = await group.topic(4);
    const first = group.member("cooperative-sticky").subscribe(topic);
    const second = group.member("cooperative-sticky").subscribe(topic);
    await group.shares([2, 2]);
    first.membership.pollExpired();
    await group.shares([4]);
    expect(first.lines.at(-1)).toBe("lose 2");
    expect(first.membership.metadata).toMatchObject({ memberId: "", generationId: -1 });
    first.membership.polled();
    await group.shares([2, 2]);
    expect(second.lines).toContain("revoke 2");
  });

  it("stays a member while its application takes longer than a session for what it gives up", async () => {
    const group = newGroup();
    const topic = await group.topic(4);
    const times = { sessionTimeoutMs: 6000, heartbeatIntervalMs: 500 };
    const first = group.member("range", times).subscribe(topic);
    await group.shares([4]);
    let release = (): void => {};
    const { clock } = first.cluster;
    first.beforeRevoked = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    const second = group.member("range", times).subscribe(topic);
    await expect.poll(() => first.membership.state, WITHIN).toBe("preparing");
    await new Promise<void>((resolve) => clock.setTimer(6500, resolve));
    expect(first.membership.state).toBe("preparing");
    expect(second.lines).toEqual([]);
    release();
    await group.shares([2, 2]);
    expect(first.lines).toEqual(["assign 4", "revoke 4", "assign 2"]);
  });

  it("that is gone without a word is replaced when its session is over", async () => {
    const group = newGroup();
    const topic = await group.topic(4);
    const times = { sessionTimeoutMs: 6000 };
    const first = group.member("cooperative-sticky", times).subscribe(topic);
    group.member("cooperative-sticky", times).subscribe(topic);
    await group.shares([2, 2]);
    group.open.splice(group.open.indexOf(first), 1);
    first.vanish();
    await group.shares([4]);
  });

  it("tells whether it is static when it comes back with another subscription", async () => {
    const group = newGroup();
    const [one, two] = [await group.topic(2), await group.topic(2)];
    const first = group.member("range", { groupInstanceId: "a" }).subscribe(one);
    await group.shares([2]);
    await group.close(first, true);
    // What it had is what the group still assigns to it; it is the leader, and nobody else would see to it.
    const back = group.member("range", { groupInstanceId: "a" }).subscribe(one, two);
    await expect.poll(() => back.assignment().length, WITHIN).toBe(4);
    await group.close(back, true);
    const other = group.member("range", { groupInstanceId: "a" }).subscribe(two);
    await expect.poll(() => other.assignment().map(({ topic }) => topic), WITHIN).toEqual([two, two]);
  });
});
