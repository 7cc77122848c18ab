import { expect, it } from "vitest";
import { all, describeQuick, inGroup, sizes, states, WITHIN } from "../integration/groups/support.ts";
import { partitionsOf } from "../support/group-host.ts";
import { createTopic } from "../support/topics.ts";
import { JavaMember } from "./java-member.ts";

const CONSUMER = { "group.protocol": "consumer" };
const CLASSIC = {
  "group.protocol": "classic",
  "session.timeout.ms": "6000",
  "heartbeat.interval.ms": "250",
};

describeQuick("members of a consumer group beside Java's", ["java"], (cluster) => {
  it("share the partitions with them", async () => {
    const { bootstrapServers } = cluster();
    await inGroup(bootstrapServers, async ({ groupId, client, member }) => {
      const topic = await createTopic(client, 6);
      const subscription = { topics: [topic], pattern: null };
      const whole = partitionsOf(topic, 6);
      const java = await JavaMember.start(bootstrapServers, groupId, topic, CONSUMER);
      try {
        await expect.poll(() => java.held, WITHIN).toEqual(whole);
        const members = [member({ subscription }), member({ subscription })];
        await expect.poll(() => [java.held?.length, ...sizes(members)], WITHIN).toEqual([2, 2, 2]);
        expect([...(java.held ?? []), ...all(members)].sort()).toEqual(whole);
        // What one of ours gives up goes to Java's, and the other way round.
        await members[0]?.close();
        await expect.poll(() => [java.held?.length, members[1]?.held.length], WITHIN).toEqual([3, 3]);
        await java.close();
        await expect.poll(() => members[1]?.held, WITHIN).toEqual(whole);
      } finally {
        await java.close();
      }
    });
  });

  it.each(["range", "cooperative-sticky"])(
    "take over a living group of the classic protocol (%s), and give it back",
    async (assignor) => {
      const { bootstrapServers } = cluster();
      const strategy = `org.apache.kafka.clients.consumer.${
        assignor === "range" ? "RangeAssignor" : "CooperativeStickyAssignor"
      }`;
      const classic = { ...CLASSIC, "partition.assignment.strategy": strategy };
      await inGroup(bootstrapServers, async ({ groupId, client, member }) => {
        const topic = await createTopic(client, 4);
        const subscription = { topics: [topic], pattern: null };
        const whole = partitionsOf(topic, 4);
        const first = await JavaMember.start(bootstrapServers, groupId, topic, classic);
        let second: JavaMember | null = null;
        try {
          await expect.poll(() => first.held, WITHIN).toEqual(whole);
          const ours = member({ subscription });
          await expect.poll(() => [first.held?.length, ours.held.length], WITHIN).toEqual([2, 2]);
          expect([...(first.held ?? []), ...ours.held].sort()).toEqual(whole);
          await first.close();
          await expect.poll(() => ours.held, WITHIN).toEqual(whole);
          // And back.
          second = await JavaMember.start(bootstrapServers, groupId, topic, classic);
          await expect.poll(() => [second?.held?.length, ours.held.length], WITHIN).toEqual([2, 2]);
          expect(states([ours])).toEqual(["stable"]);
          await ours.close();
          await expect.poll(() => second?.held, WITHIN).toEqual(whole);
        } finally {
          await first.close();
          await second?.close();
        }
      });
    },
    60_000,
  );
});
