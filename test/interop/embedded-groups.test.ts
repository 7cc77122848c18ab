/**
 * Groups of Kafka's own client, of kcat and of ours on the embedded broker: with each of Kafka's assignors they share all
 * partitions, each of them one reader, and go on where others have committed.
 */

import { Kafka } from "kafkawire";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestCluster } from "../../src/testing/mod.ts";
import type { MemberProcess } from "../support/groups/member-process.ts";
import { describeKafka } from "../support/kafka.ts";
import { javaMembers } from "./java-members.ts";
import { type Client, MixedGroup } from "./mixed-group.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describeKafka("the embedded broker coordinates", ["java", "kcat"], () => {
  let cluster: TestCluster;
  let java: MemberProcess;
  let kafka: Kafka;

  beforeAll(async () => {
    cluster = await TestCluster.start({ brokers: 3 });
    const { bootstrapServers } = cluster;
    kafka = new Kafka({ bootstrapServers, logger: silent });
    java = await javaMembers(bootstrapServers);
  });

  afterAll(async () => {
    await java?.kill();
    await kafka?.close();
    await cluster?.close();
    expect(cluster?.failures).toEqual([]);
  });

  const groups: readonly { readonly assignor: string; readonly leader: Client; readonly others: Client[] }[] =
    [
      { assignor: "range", leader: "Java", others: ["kcat"] },
      { assignor: "roundrobin", leader: "kcat", others: ["Java"] },
      { assignor: "sticky", leader: "Java", others: ["Java"] },
      { assignor: "cooperative-sticky", leader: "kafkawire", others: ["Java", "kcat"] },
    ];

  it.each(groups)(
    "groups that share by $assignor, led by $leader",
    async ({ assignor, leader, others }) => {
      const protocol = { groupProtocol: "classic", assignor } as const;
      const { bootstrapServers } = cluster;
      const group = await MixedGroup.start({ bootstrapServers, kafka, java });
      const first = group.join(leader, protocol);
      await group.works();
      for (const client of others) group.join(client, protocol);
      await group.works();
      await group.leave(first);
      await group.works();
      await group.end();
    },
    60_000,
  );
});
