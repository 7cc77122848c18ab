import { expect, it } from "vitest";
import { partitionsOf } from "../../support/group-host.ts";
import { clusterFor, describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { createTopic } from "../../support/topics.ts";
import { all, inGroup, QUICK_GROUPS, sizes, states } from "../groups/support.ts";

const WITHIN = { timeout: 40_000, interval: 50 };

describeKafka("members of a consumer group whose coordinator is killed", "cluster", () => {
  const cluster = clusterFor({
    kafkaVersion: "4.4.0",
    brokers: 3,
    properties: { ...QUICK_GROUPS, ...QUICK_FENCING, "group.consumer.session.timeout.ms": "20000" },
  });

  it("go on with the next one, and keep what they have", async () => {
    await inGroup(cluster().bootstrapServers, async ({ groupId, client, inside, member }) => {
      const topic = await createTopic(client, 6);
      const subscription = { topics: [topic], pattern: null };
      const members = [1, 2, 3].map(() => member({ subscription }));
      await expect.poll(() => sizes(members), WITHIN).toEqual([2, 2, 2]);
      await expect.poll(() => states(members), WITHIN).toEqual(["stable", "stable", "stable"]);
      const epochs = members.map(({ membership }) => membership.metadata.generationId);
      const held = members.map((each) => each.held);
      const { coordinators, deadline } = inside;
      const former = await coordinators.find("group", groupId, { deadline });
      await cluster().killBroker(former);
      // Another one coordinates, and a member that joins there is the proof that it does.
      const fourth = member({ subscription });
      await expect.poll(() => fourth.state, WITHIN).toBe("stable");
      await expect.poll(() => sizes([...members, fourth]).sort(), WITHIN).toEqual([1, 1, 2, 2]);
      expect(all([...members, fourth])).toEqual(partitionsOf(topic, 6));
      for (const [i, each] of members.entries()) {
        expect(each.host.log.filter((line) => line.startsWith("lose"))).toEqual([]);
        expect(held[i]).toEqual(expect.arrayContaining(each.held));
        expect(each.membership.metadata.generationId).toBeGreaterThan(epochs[i] as number);
      }
      await cluster().startBroker(former);
      await fourth.close();
      await expect.poll(() => sizes(members), WITHIN).toEqual([2, 2, 2]);
    });
  }, 120_000);
});
