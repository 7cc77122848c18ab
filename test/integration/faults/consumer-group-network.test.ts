/** Members of consumer groups behind a network that loses what the coordinator answers, or everything. */

import { expect, it } from "vitest";
import { partitionsOf, TestMember } from "../../support/group-host.ts";
import { withInternals } from "../../support/internals.ts";
import { describeKafka } from "../../support/kafka.ts";
import { proxiedClusterFor } from "../../support/proxied-cluster.ts";
import type { TcpProxy } from "../../support/tcp-proxy.ts";
import { createTopic } from "../../support/topics.ts";
import { all, inGroup, QUICK_GROUPS, sizes, states, WITHIN } from "../groups/support.ts";

const CONSUMER_GROUP_HEARTBEAT = 68;
/** Longer than a busy machine may stand still, or a member would be lost by that. */
const SESSION_MS = 10_000;

describeKafka("members of a consumer group behind a network that breaks", "cluster", () => {
  const proxied = proxiedClusterFor({
    properties: { ...QUICK_GROUPS, "group.consumer.session.timeout.ms": `${SESSION_MS}` },
  });

  it("lose no partition by answers that are lost, whatever these say", async () => {
    await inGroup(proxied().bootstrapServers, async ({ client, member }) => {
      const topic = await createTopic(client, 6);
      const subscription = { topics: [topic], pattern: null };
      const whole = partitionsOf(topic, 6);
      const staying = [member({ subscription }), member({ subscription, groupInstanceId: "one" })];
      const { proxies } = proxied();
      const [proxy] = proxies;
      const gone: TestMember[] = [];
      for (const afterBytes of [0, 9, 30, 60]) {
        // The answers to those who join and leave, and by which the others learn of it.
        const third = member({ subscription, groupInstanceId: afterBytes === 30 ? "two" : null });
        for (let i = 0; i < 6; i++) {
          await proxy?.cutResponse({ afterBytes, apiKey: CONSUMER_GROUP_HEARTBEAT });
        }
        await expect.poll(() => sizes([...staying, third]), WITHIN).toEqual([2, 2, 2]);
        const leaving = third.close(false);
        await proxy?.cutResponse({ afterBytes, apiKey: CONSUMER_GROUP_HEARTBEAT });
        await leaving;
        gone.push(third);
        await expect.poll(() => sizes(staying), WITHIN).toEqual([3, 3]);
        await expect.poll(() => states(staying), WITHIN).toEqual(["stable", "stable"]);
        expect(all(staying)).toEqual(whole);
      }
      for (const { host } of [...staying, ...gone]) {
        expect(host.failures).toEqual([]);
        expect(host.log.filter((line) => line.startsWith("lose"))).toEqual([]);
      }
    });
  }, 120_000);

  it("hands nothing out once the coordinator may give it to others, where it hears of nobody any more", async () => {
    const { bootstrapServers, proxies } = proxied();
    const proxy = proxies[0] as TcpProxy;
    await inGroup(bootstrapServers, async ({ groupId, client, ownership, member }) => {
      const topic = await createTopic(client, 4);
      const subscription = { topics: [topic], pattern: null };
      const other = member({ subscription });
      await expect.poll(() => sizes([other]), WITHIN).toEqual([4]);
      for (const connection of proxy.connections)
        connection.toBroker.swallow = connection.toClient.swallow = false;
      await withInternals(bootstrapServers, async (inside) => {
        const cutOff = new TestMember(inside, {
          groupId,
          subscription,
          ownership,
          sessionTimeoutMs: SESSION_MS,
        });
        try {
          await expect.poll(() => sizes([other, cutOff]), WITHIN).toEqual([2, 2]);
          proxy.toBroker.swallow = proxy.toClient.swallow = true;
          await expect.poll(() => sizes([other]), WITHIN).toEqual([4]);
          expect(cutOff.host.log.at(-1)).toBe("suspend");
          proxy.heal();
          const losses = (): number => cutOff.host.log.filter((line) => line.startsWith("lose")).length;
          await expect.poll(losses, WITHIN).toBe(1);
          await expect.poll(() => sizes([other, cutOff]), { timeout: 40_000 }).toEqual([2, 2]);
        } finally {
          proxy.heal();
          await cutOff.close(false);
        }
      });
    });
  }, 120_000);
});
