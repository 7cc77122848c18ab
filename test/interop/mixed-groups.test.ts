/**
 * Groups whose members are of different clients: Kafka's own, librdkafka's (kcat) and ours. Together they have all
 * partitions, each of them one reader, and read every record once, whoever assigns for the others.
 */

import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GroupLog } from "../support/groups/group-log.ts";
import type { GroupMember, GroupMemberOptions } from "../support/groups/group-member.ts";
import { KafkawireMember } from "../support/groups/kafkawire-member.ts";
import { KcatMember } from "../support/groups/kcat-member.ts";
import type { MemberProcess } from "../support/groups/member-process.ts";
import { QUICK_GROUPS } from "../support/groups/quick-groups.ts";
import { clusterFor, describeKafka } from "../support/kafka.ts";
import { inSoak } from "../support/soak.ts";
import { createTopic } from "../support/topics.ts";
import { javaMembers } from "./java-members.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const PARTITIONS = 12;
const WHOLE_MS = 20_000;

type Client = "Java" | "kcat" | "kafkawire";
type Protocol = Pick<GroupMemberOptions, "groupProtocol" | "assignor">;

describeKafka("a group of members of different clients", ["cluster", "java", "kcat"], () => {
  const cluster = clusterFor({ properties: QUICK_GROUPS });
  let java: MemberProcess;
  let kafka: Kafka;

  beforeAll(async () => {
    kafka = new Kafka({ bootstrapServers: cluster().bootstrapServers, logger: silent });
    java = await javaMembers(cluster().bootstrapServers);
  });

  afterAll(async () => {
    await java.kill();
    await kafka.close();
  });

  /** A topic, its group, and what has happened in it. */
  class MixedGroup {
    readonly log = new GroupLog(PARTITIONS);
    readonly members = new Map<string, GroupMember>();
    readonly #topic: string;
    readonly #groupId = `mixed-${randomUUID()}`;
    #sent = 0;

    constructor(topic: string) {
      this.#topic = topic;
    }

    static async start(): Promise<MixedGroup> {
      const group = new MixedGroup(await createTopic(kafka, PARTITIONS));
      await group.send(120);
      return group;
    }

    join(client: Client, protocol: Protocol): GroupMember {
      const { bootstrapServers } = cluster();
      const options = {
        ...protocol,
        bootstrapServers,
        groupId: this.#groupId,
        topic: this.#topic,
        sessionTimeoutMs: 10_000,
        heartbeatIntervalMs: 200,
        autoCommitIntervalMs: 500,
      };
      const log = this.log.member(`${client}-${this.log.members.length}`);
      const member = memberOf(client, log, options);
      this.members.set(member.name, member);
      return member;
    }

    async leave(member: GroupMember): Promise<void> {
      this.members.delete(member.name);
      await member.leave();
    }

    async send(count: number): Promise<void> {
      await using producer = kafka.producer();
      const records = Array.from({ length: count }, () => {
        const value = String(this.#sent++);
        return { topic: this.#topic, partition: this.#sent % PARTITIONS, value };
      });
      await producer.send(records);
    }

    /** Those who are there share all partitions, and each reads what comes in its own. */
    async works(): Promise<void> {
      await this.log.untilWhole(WHOLE_MS, [...this.members.keys()]);
      await this.send(PARTITIONS * 10);
      await this.log.untilRead(this.#sent, WHOLE_MS);
      expect(this.log.notWhole([...this.members.keys()])).toEqual([]);
    }

    async end(): Promise<void> {
      for (const member of [...this.members.values()]) await this.leave(member);
      expect(this.log.failures).toEqual([]);
      expect(this.log.contradictions).toEqual([]);
      expect(this.log.count).toBe(this.#sent);
      expect(this.log.redeliveries.map(describeRedelivery)).toEqual([]);
    }
  }

  function memberOf(
    client: Client,
    log: ReturnType<GroupLog["member"]>,
    options: GroupMemberOptions,
  ): GroupMember {
    if (client === "Java") return java.join(log, options);
    return client === "kcat" ? new KcatMember(log, options) : new KafkawireMember(log, options);
  }

  const clients: readonly Client[] = ["Java", "kcat", "kafkawire"];
  const assignors = ["range", "roundrobin", "cooperative-sticky"];
  const leading = assignors.flatMap((assignor, i) =>
    inSoak([0, 1, 2], [i]).map((first) => ({ assignor, leader: clients[first] as Client })),
  );

  it.each(leading)(
    "works with $assignor, $leader assigning, and without it",
    async ({ assignor, leader }) => {
      const protocol = { groupProtocol: "classic", assignor } as const;
      const group = await MixedGroup.start();
      const first = group.join(leader, protocol);
      await group.works();
      const others = clients
        .filter((client) => client !== leader)
        .map((client) => group.join(client, protocol));
      await group.works();
      for (const member of [first, ...others]) {
        if (member instanceof KafkawireMember) expect(member.isLeader).toBe(member === first);
      }
      await group.leave(first);
      await group.works();
      await group.end();
    },
    90_000,
  );

  it.each(["uniform", "range"])(
    "works with KIP-848 and %s on the broker",
    async (assignor) => {
      const protocol = { groupProtocol: "consumer", assignor } as const;
      const group = await MixedGroup.start();
      const first = group.join("Java", protocol);
      await group.works();
      const second = group.join("kafkawire", protocol);
      await group.works();
      group.join("kafkawire", protocol);
      group.join("Java", protocol);
      await group.works();
      await group.leave(first);
      await group.works();
      await group.leave(second);
      await group.works();
      await group.end();
    },
    90_000,
  );

  describe("goes from the classic protocol to that of KIP-848 and back", () => {
    const classic = { groupProtocol: "classic", assignor: "range" } as const;
    const consumer = { groupProtocol: "consumer", assignor: "uniform" } as const;

    const Java = { from: "Java", to: "kafkawire" } as const;
    const ours = { from: "kafkawire", to: "Java" } as const;
    it.each(inSoak([Java, ours], [ours]))(
      "with classic members of $from and new ones of $to",
      async ({ from, to }) => {
        const group = await MixedGroup.start();
        const old = group.join(from, classic);
        await group.works();
        const young = group.join(to, consumer);
        await group.works();
        await group.leave(old);
        await group.works();
        group.join(from, classic);
        await group.works();
        await group.leave(young);
        await group.works();
        await group.end();
      },
      90_000,
    );
  });
});

function describeRedelivery({ number, before, again }: GroupLog["redeliveries"][number]): string {
  return `${number}: ${before.member.name} (${before.end}), then ${again.member.name}`;
}
