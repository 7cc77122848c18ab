/**
 * Groups whose members are of different clients: Kafka's own, librdkafka's (kcat) and ours. Together they have all
 * partitions, each of them one reader, and read every record once, whoever assigns for the others.
 */

import { Kafka } from "kafkawire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KafkawireMember } from "../support/groups/kafkawire-member.ts";
import type { MemberProcess } from "../support/groups/member-process.ts";
import { QUICK_GROUPS } from "../support/groups/quick-groups.ts";
import { clusterFor, describeKafka } from "../support/kafka.ts";
import { inSoak } from "../support/soak.ts";
import { javaMembers } from "./java-members.ts";
import { type Client, MixedGroup } from "./mixed-group.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

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

  const start = (): Promise<MixedGroup> => MixedGroup.start({ ...cluster(), kafka, java });

  const clients: readonly Client[] = ["Java", "kcat", "kafkawire"];
  const assignors = ["range", "roundrobin", "cooperative-sticky"];
  const leading = assignors.flatMap((assignor, i) =>
    inSoak([0, 1, 2], [i]).map((first) => ({ assignor, leader: clients[first] as Client })),
  );

  it.each(leading)(
    "works with $assignor, $leader assigning, and without it",
    async ({ assignor, leader }) => {
      const protocol = { groupProtocol: "classic", assignor } as const;
      const group = await start();
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
      const group = await start();
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
        const group = await start();
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
