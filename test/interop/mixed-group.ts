/** A group whose members are of different clients, and what has happened in it. */

import { randomUUID } from "node:crypto";
import type { Kafka } from "kafkawire";
import { expect } from "vitest";
import { GroupLog, type MemberLog } from "../support/groups/group-log.ts";
import type { GroupMember, GroupMemberOptions } from "../support/groups/group-member.ts";
import { KafkawireMember } from "../support/groups/kafkawire-member.ts";
import { KcatMember } from "../support/groups/kcat-member.ts";
import type { MemberProcess } from "../support/groups/member-process.ts";
import { createTopic } from "../support/topics.ts";

const PARTITIONS = 12;
const WHOLE_MS = 20_000;

export type Client = "Java" | "kcat" | "kafkawire";
type Protocol = Pick<GroupMemberOptions, "groupProtocol" | "assignor">;

/** Where its members connect to, and what makes them. */
export interface MembersFrom {
  readonly bootstrapServers: readonly string[];
  readonly kafka: Kafka;
  readonly java: MemberProcess;
}

/** A topic, its group, and what has happened in it. */
export class MixedGroup {
  readonly log = new GroupLog(PARTITIONS);
  readonly members = new Map<string, GroupMember>();
  readonly #from: MembersFrom;
  readonly #topic: string;
  readonly #groupId = `mixed-${randomUUID()}`;
  #sent = 0;

  constructor(from: MembersFrom, topic: string) {
    this.#from = from;
    this.#topic = topic;
  }

  static async start(from: MembersFrom): Promise<MixedGroup> {
    const group = new MixedGroup(from, await createTopic(from.kafka, PARTITIONS));
    await group.send(120);
    return group;
  }

  join(client: Client, protocol: Protocol): GroupMember {
    const { bootstrapServers } = this.#from;
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
    const member = this.#memberOf(client, log, options);
    this.members.set(member.name, member);
    return member;
  }

  async leave(member: GroupMember): Promise<void> {
    this.members.delete(member.name);
    await member.leave();
  }

  async send(count: number): Promise<void> {
    await using producer = this.#from.kafka.producer();
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

  #memberOf(client: Client, log: MemberLog, options: GroupMemberOptions): GroupMember {
    if (client === "Java") return this.#from.java.join(log, options);
    return client === "kcat" ? new KcatMember(log, options) : new KafkawireMember(log, options);
  }
}

function describeRedelivery({ number, before, again }: GroupLog["redeliveries"][number]): string {
  return `${number}: ${before.member.name} (${before.end}), then ${again.member.name}`;
}
