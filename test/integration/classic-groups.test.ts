/** Members of classic groups on real brokers, without consumers around them. */

import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { afterEach, expect, it } from "vitest";
import { dealer } from "../support/dealer.ts";
import { type MemberOptions, TestMember } from "../support/group-member.ts";
import { describeOnEachKafka } from "../support/kafka.ts";
import { Ledger } from "../support/ledger.ts";
import { createTopic } from "../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describeOnEachKafka("classic groups", (kafka) => {
  const open: TestMember[] = [];
  const logs: string[] = [];

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail" || process.env["SHOW"]) console.log(logs.join("\n"));
    logs.length = 0;
    await Promise.all(open.splice(0).map((member) => member.leave()));
  });

  function memberOf(options: Omit<MemberOptions, "bootstrapServers" | "logs">): TestMember {
    const member = new TestMember({ ...options, bootstrapServers: kafka().bootstrapServers, logs });
    open.push(member);
    return member;
  }

  async function topicOf(partitions: number): Promise<string> {
    await using client = new Kafka({ bootstrapServers: kafka().bootstrapServers, logger: silent });
    return await createTopic(client, partitions);
  }

  const closed = async (member: TestMember, staysMember = false): Promise<void> => {
    open.splice(open.indexOf(member), 1);
    await member.leave(staysMember);
  };

  it.each(["eager", "cooperative"] as const)(
    "share all partitions while members come and go: %s",
    async (how) => {
      const topic = await topicOf(6);
      const ledger = new Ledger();
      const groupId = `group-${randomUUID()}`;
      const join = (): TestMember =>
        memberOf({ groupId, ledger, assignors: [dealer(how, "dealer")] }).subscribe(topic);
      const first = join();
      await expect.poll(() => ledger.shares, { timeout: 15_000 }).toEqual([6]);
      const second = join();
      await expect.poll(() => ledger.shares, { timeout: 15_000 }).toEqual([3, 3]);
      join();
      await expect.poll(() => ledger.shares, { timeout: 15_000 }).toEqual([2, 2, 2]);
      await closed(first);
      await expect.poll(() => ledger.shares, { timeout: 15_000 }).toEqual([3, 3]);
      await closed(second);
      await expect.poll(() => ledger.shares, { timeout: 15_000 }).toEqual([6]);
      expect(ledger.violations).toEqual([]);
      expect([...first.lines, ...second.lines].filter((line) => line.startsWith("lose"))).toEqual([]);
    },
  );
});
