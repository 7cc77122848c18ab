import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { afterEach, expect, it } from "vitest";
import type { Assignor } from "../../../src/group/assignor.ts";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { TestMember } from "../../support/group-member.ts";
import { withInternals } from "../../support/internals.ts";
import { clusterFor, describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { Ledger } from "../../support/ledger.ts";
import { inSoak } from "../../support/soak.ts";
import { createTopic } from "../../support/topics.ts";

const WITHIN = { timeout: 40_000, interval: 50 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describeKafka("members of a classic group whose coordinator goes away", "cluster", () => {
  const cluster = clusterFor({ kafkaVersion: "4.4.0", brokers: 3, properties: QUICK_FENCING });
  const open: TestMember[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((member) => member.leave()));
  });

  const short = [
    ["range", "killed"],
    ["cooperative-sticky", "paused"],
  ] as const;

  it.each(
    inSoak<readonly (readonly ["range" | "cooperative-sticky", "killed" | "paused"])[]>(
      [...short, ["cooperative-sticky", "killed"], ["range", "paused"]],
      short,
    ),
  )(
    "go on with the next one, and keep what they have: %s, %s",
    async (name, how) => {
      const { bootstrapServers } = cluster();
      const groupId = `group-${randomUUID()}`;
      const ledger = new Ledger();
      const join = (): TestMember => {
        const assignors = [builtInAssignor(name) as Assignor];
        const times = { sessionTimeoutMs: 30_000, heartbeatIntervalMs: 500 };
        const member = new TestMember({ bootstrapServers, groupId, ledger, assignors, ...times });
        open.push(member);
        return member.subscribe(topic);
      };
      await using client = new Kafka({ bootstrapServers, logger: silent });
      const topic = await createTopic(client, 6);
      const [first, second] = [join(), join()];
      await expect.poll(() => ledger.shares, WITHIN).toEqual([3, 3]);
      await expect
        .poll(() => [first.membership.state, second.membership.state], WITHIN)
        .toEqual(["stable", "stable"]);
      const { generationId } = first.membership.metadata;
      let former = -1;
      await withInternals(bootstrapServers, async ({ coordinators, deadline }) => {
        former = await coordinators.find("group", groupId, { deadline });
      });
      if (how === "killed") await cluster().killBroker(former);
      else cluster().pauseBroker(former);
      try {
        // Another one coordinates, and a member that joins there is the proof that it does.
        const third = join();
        await expect.poll(() => ledger.shares, WITHIN).toEqual([2, 2, 2]);
        await expect.poll(() => third.membership.state, WITHIN).toBe("stable");
      } finally {
        if (how === "killed") await cluster().startBroker(former);
        else cluster().resumeBroker(former);
      }
      expect([first, second].flatMap(({ lines }) => lines).filter((line) => line.startsWith("lose"))).toEqual(
        [],
      );
      expect(first.membership.metadata.generationId).toBeGreaterThan(generationId ?? -1);
      expect(ledger.violations).toEqual([]);
    },
    120_000,
  );
});
