import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { type MemberOptions, Ownership, partitionsOf, TestMember } from "../../support/group-host.ts";
import { type Internals, withInternals } from "../../support/internals.ts";
import { describeOnEachKafka, type KafkaUnderTest } from "../../support/kafka.ts";
import { createTopic } from "../../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const WITHIN = { timeout: 20_000, interval: 50 };

/** A group of its own, whose members can be made one by one; they leave in the end. */
async function inGroup(
  kafka: KafkaUnderTest,
  work: (group: {
    readonly client: Kafka;
    readonly inside: Internals;
    readonly ownership: Ownership;
    readonly member: (options: Omit<MemberOptions, "groupId" | "ownership">) => TestMember;
  }) => Promise<void>,
): Promise<void> {
  const { bootstrapServers } = kafka;
  await using client = new Kafka({ bootstrapServers, logger: silent });
  await withInternals(bootstrapServers, async (inside) => {
    const ownership = new Ownership();
    const groupId = `group-${randomUUID()}`;
    const members: TestMember[] = [];
    const member = (options: Omit<MemberOptions, "groupId" | "ownership">): TestMember => {
      const made = new TestMember(inside, { groupId, ownership, ...options });
      members.push(made);
      return made;
    };
    try {
      await work({ client, inside, ownership, member });
    } finally {
      await Promise.all(members.map((each) => each.close(false)));
    }
    expect(ownership.violations).toEqual([]);
  });
}

const sizes = (members: readonly TestMember[]): number[] => members.map(({ held }) => held.length);
const all = (members: readonly TestMember[]): string[] => members.flatMap(({ held }) => held).sort();
const states = (members: readonly TestMember[]): string[] => members.map(({ state }) => state);

describeOnEachKafka(
  "members of the consumer protocol",
  (kafka) => {
    it("share the partitions as they join and leave", async () => {
      await inGroup(kafka(), async ({ client, member }) => {
        const topic = await createTopic(client, 6);
        const subscription = { topics: [topic], pattern: null };
        const whole = partitionsOf(topic, 6);
        const first = member({ subscription });
        await expect.poll(() => first.held, WITHIN).toEqual(whole);
        const second = member({ subscription });
        const third = member({ subscription });
        const members = [first, second, third];
        await expect.poll(() => sizes(members), WITHIN).toEqual([2, 2, 2]);
        await expect.poll(() => states(members), WITHIN).toEqual(["stable", "stable", "stable"]);
        expect(all(members)).toEqual(whole);
        await first.close();
        await expect.poll(() => all([second, third]), WITHIN).toEqual(whole);
        expect(sizes([second, third])).toEqual([3, 3]);
        await second.close();
        await expect.poll(() => third.held, WITHIN).toEqual(whole);
      });
    });
  },
  "4.0.0",
);
