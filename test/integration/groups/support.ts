import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { TestCluster } from "kafkawire/testing";
import { afterAll, beforeAll, expect } from "vitest";
import { type MemberOptions, Ownership, TestMember } from "../../support/group-host.ts";
import { type Internals, withInternals } from "../../support/internals.ts";
import { clusterFor, describeKafka, type Requirement } from "../../support/kafka.ts";

/** Members that are told of changes several times a second, and sessions of a few seconds. */
export const QUICK_GROUPS = {
  "group.consumer.min.heartbeat.interval.ms": "100",
  "group.consumer.heartbeat.interval.ms": "250",
  "group.consumer.min.session.timeout.ms": "1000",
  "group.consumer.session.timeout.ms": "5000",
  "group.coordinator.rebalance.protocols": "classic,consumer",
} as const;

/** The same suite on an embedded cluster and on Kafka 4.4.0, where groups are quick. */
export function describeQuick(
  name: string,
  requires: readonly Requirement[],
  body: (kafka: () => { readonly bootstrapServers: readonly string[] }) => void,
): void {
  describeKafka(`${name} [embedded]`, requires, () => {
    let cluster: TestCluster | undefined;
    beforeAll(async () => {
      const configs = { ...QUICK_GROUPS, "group.initial.rebalance.delay.ms": "0" };
      cluster = await TestCluster.start({ autoCreateTopics: false, configs });
    });
    afterAll(async () => {
      await cluster?.close();
      expect(cluster?.failures).toEqual([]);
    });
    body(() => {
      if (cluster === undefined) throw new Error("the cluster is there in hooks and tests only");
      return cluster;
    });
  });
  describeKafka(`${name} [4.4.0]`, [...requires, "cluster"], () => {
    body(clusterFor({ kafkaVersion: "4.4.0", properties: QUICK_GROUPS }));
  });
}

export const WITHIN = { timeout: 20_000, interval: 50 };

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A group of its own, whose members are made one by one; those that are still there in the end leave. */
export interface Group {
  readonly groupId: string;
  readonly client: Kafka;
  readonly inside: Internals;
  readonly ownership: Ownership;
  readonly member: (options: Omit<MemberOptions, "groupId" | "ownership">) => TestMember;
}

export async function inGroup(
  bootstrapServers: readonly string[],
  work: (group: Group) => Promise<void>,
): Promise<void> {
  await using client = new Kafka({ bootstrapServers, logger: silent });
  await withInternals(bootstrapServers, async (inside) => {
    const ownership = new Ownership();
    const groupId = `group-${randomUUID()}`;
    const members: TestMember[] = [];
    const member: Group["member"] = (options) => {
      const made = new TestMember(inside, { groupId, ownership, ...options });
      members.push(made);
      return made;
    };
    try {
      await work({ groupId, client, inside, ownership, member });
    } finally {
      await Promise.all(members.map((each) => each.close(false)));
    }
    // No partition was read by two at once.
    expect(ownership.violations).toEqual([]);
  });
}

export const sizes = (members: readonly TestMember[]): number[] => members.map(({ held }) => held.length);
export const all = (members: readonly TestMember[]): string[] => members.flatMap(({ held }) => held).sort();
export const states = (members: readonly TestMember[]): string[] => members.map(({ state }) => state);

/** What the host of a member was told of its failure. */
export async function failureOf(member: TestMember): Promise<Error> {
  await expect.poll(() => member.host.failures.length, WITHIN).toBe(1);
  return member.host.failures[0] as Error;
}
