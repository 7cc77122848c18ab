/** Connections that have died without a word, as where a firewall forgets those that are idle: a group gets over it. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { leavesNothingBehind } from "../../support/aftermath.ts";
import { GroupLog } from "../../support/groups/group-log.ts";
import { KafkawireMember } from "../../support/groups/kafkawire-member.ts";
import { QUICK_GROUPS } from "../../support/groups/quick-groups.ts";
import { describeKafka } from "../../support/kafka.ts";
import { proxiedClusterFor } from "../../support/proxied-cluster.ts";
import { createTopic } from "../../support/topics.ts";

const PARTITIONS = 6;
const WHOLE_MS = 20_000;
const IDLE_MS = 6_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describeKafka("a group whose connections have died without a word", "cluster", () => {
  const proxied = proxiedClusterFor({
    properties: { ...QUICK_GROUPS, "group.consumer.session.timeout.ms": "30000" },
  });
  leavesNothingBehind(proxied);

  // All at the same time, since what they wait for is the same.
  it("takes in a new member within 20 s, whatever its protocol", async () => {
    await using kafka = new Kafka({ bootstrapServers: proxied().bootstrapServers, logger: silent });
    const protocols = [
      { groupProtocol: "classic", assignor: "range" },
      { groupProtocol: "classic", assignor: "cooperative-sticky" },
      { groupProtocol: "consumer", assignor: "uniform" },
    ] as const;
    const groups = await Promise.all(
      protocols.map(async (protocol) => {
        const log = new GroupLog(PARTITIONS);
        const options = {
          ...protocol,
          bootstrapServers: proxied().bootstrapServers,
          groupId: `half-open-${randomUUID()}`,
          topic: await createTopic(kafka, PARTITIONS),
          sessionTimeoutMs: 30_000,
          heartbeatIntervalMs: 1_000,
          autoCommitIntervalMs: 1_000,
        };
        const join = (name: string): KafkawireMember => new KafkawireMember(log.member(name), options);
        return { log, join, members: [join("first"), join("second")] };
      }),
    );
    await Promise.all(groups.map(({ log }) => log.untilWhole(WHOLE_MS)));
    // Long enough for the connection over which it joined to be no longer in use.
    await sleep(IDLE_MS);
    for (const { connections } of proxied().all) {
      for (const { toBroker, toClient } of connections) toBroker.swallow = toClient.swallow = true;
    }
    for (const { members, join } of groups) members.push(join("third"));
    const whole = await Promise.allSettled(groups.map(({ log }) => log.untilWhole(WHOLE_MS)));
    await Promise.all(groups.flatMap(({ members }) => members.map((member) => member.leave())));
    expect(whole.filter(({ status }) => status === "rejected")).toEqual([]);
    for (const { log } of groups) {
      expect(log.failures).toEqual([]);
      expect(log.contradictions).toEqual([]);
    }
  }, 120_000);
});
