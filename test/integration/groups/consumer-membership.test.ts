import { describe, expect, it } from "vitest";
import type { Assignor } from "../../../src/group/assignor.ts";
import { builtInAssignor } from "../../../src/group/assignors/assignors.ts";
import { partitionsOf, type TestMember } from "../../support/group-host.ts";
import { clusterFor, describeKafka, describeOnEachKafka } from "../../support/kafka.ts";
import { createTopic } from "../../support/topics.ts";
import { all, describeQuick, failureOf, inGroup, QUICK_GROUPS, sizes, states, WITHIN } from "./support.ts";

describeOnEachKafka(
  "members of the consumer protocol",
  (kafka) => {
    it("share the partitions as they join and leave", async () => {
      await inGroup(kafka().bootstrapServers, async ({ client, member }) => {
        const topic = await createTopic(client, 4);
        const subscription = { topics: [topic], pattern: null };
        const whole = partitionsOf(topic, 4);
        const first = member({ subscription });
        await expect.poll(() => first.held, WITHIN).toEqual(whole);
        const second = member({ subscription });
        await expect.poll(() => sizes([first, second]), WITHIN).toEqual([2, 2]);
        expect(all([first, second])).toEqual(whole);
        await first.close();
        await expect.poll(() => second.held, WITHIN).toEqual(whole);
      });
    });

    it.each([null, "one"])(
      "that have counted themselves out are members again at once (%s)",
      async (name) => {
        await inGroup(kafka().bootstrapServers, async ({ client, member }) => {
          const topic = await createTopic(client, 2);
          const subscription = { topics: [topic], pattern: null };
          // Two of these are less than the brokers take between two heartbeats, so that they still know the member.
          const counting = member({ subscription, groupInstanceId: name, sessionTimeoutMs: 300 });
          const partitions = partitionsOf(topic, 2).join(" ");
          await expect
            .poll(() => counting.host.log.filter((line) => /^(assign|lose) /.test(line)).slice(0, 3), WITHIN)
            .toEqual([`assign ${partitions}`, `lose ${partitions}`, `assign ${partitions}`]);
          expect(counting.host.failures).toEqual([]);
        });
      },
    );
  },
  "4.0.0",
  ["4.0.1/1"],
);

describeQuick("members of the consumer protocol, who are quick", [], (cluster) => {
  const group = (work: Parameters<typeof inGroup>[1]): Promise<void> =>
    inGroup(cluster().bootstrapServers, work);

  it("share the partitions as they join, leave and are killed", async () => {
    await group(async ({ client, member }) => {
      const topic = await createTopic(client, 6);
      const subscription = { topics: [topic], pattern: null };
      const whole = partitionsOf(topic, 6);
      const [first, second, third] = [
        member({ subscription }),
        member({ subscription }),
        member({ subscription }),
      ];
      const members = [first, second, third];
      await expect.poll(() => sizes(members), WITHIN).toEqual([2, 2, 2]);
      await expect.poll(() => states(members), WITHIN).toEqual(["stable", "stable", "stable"]);
      expect(all(members)).toEqual(whole);
      await first.close();
      await expect.poll(() => sizes([second, third]), WITHIN).toEqual([3, 3]);
      second.kill();
      // The coordinator finds out by the end of the session.
      await expect.poll(() => third.held, WITHIN).toEqual(whole);
    });
  });

  it("have what an assignor of the broker's makes of it", async () => {
    await group(async ({ client, member }) => {
      const topics = [await createTopic(client, 4), await createTopic(client, 4)].sort();
      const subscription = { topics, pattern: null };
      const members = [1, 2].map(() => member({ subscription, groupRemoteAssignor: "range" }));
      // The same partitions of both topics, and such as stand together.
      const ranges = [0, 2].map((from) =>
        topics.flatMap((topic) => [`${topic}-${from}`, `${topic}-${from + 1}`]).sort(),
      );
      const held = (): string[] => members.map((each) => each.held.join()).sort();
      await expect.poll(held, WITHIN).toEqual(ranges.map((range) => range.join()).sort());
    });
  });

  it("are told that the broker has no such assignor", async () => {
    await group(async ({ client, member }) => {
      const subscription = { topics: [await createTopic(client, 1)], pattern: null };
      const refused = member({ subscription, groupRemoteAssignor: "sticky" });
      expect(await failureOf(refused)).toMatchObject({
        code: "UNSUPPORTED_ASSIGNOR",
        message: expect.stringContaining('no assignor "sticky". Set groupRemoteAssignor to one of'),
      });
    });
  });

  it("come back to their partitions under their own name, and nobody else notices", async () => {
    await group(async ({ client, member }) => {
      const subscription = { topics: [await createTopic(client, 4)], pattern: null };
      const other = member({ subscription, groupInstanceId: "other" });
      const first = member({ subscription, groupInstanceId: "one" });
      await expect.poll(() => sizes([other, first]), WITHIN).toEqual([2, 2]);
      await expect.poll(() => states([other, first]), WITHIN).toEqual(["stable", "stable"]);
      const { held } = first;
      const told = [...other.host.log];
      await first.close(true);
      const again = member({ subscription, groupInstanceId: "one" });
      await expect.poll(() => again.held, WITHIN).toEqual(held);
      expect(other.host.log).toEqual(told);
    });
  });

  it("cannot have a name that is another's", async () => {
    await group(async ({ client, member }) => {
      const subscription = { topics: [await createTopic(client, 2)], pattern: null };
      const first = member({ subscription, groupInstanceId: "one" });
      await expect.poll(() => sizes([first]), WITHIN).toEqual([2]);
      const second = member({ subscription, groupInstanceId: "one" });
      expect(await failureOf(second)).toMatchObject({
        code: "UNRELEASED_INSTANCE_ID",
        message: expect.stringContaining('another member has groupInstanceId "one"'),
      });
      expect(first.state).toBe("stable");
    });
  });

  it("read what a pattern matches, also topics that are made later", async () => {
    await group(async ({ groupId, client, member }) => {
      const make = (name: string, numPartitions: number): Promise<unknown> =>
        client.admin().createTopics([{ topic: `${groupId}.${name}`, numPartitions }]);
      await make("a", 2);
      const subscription = { topics: [], pattern: `^${groupId}\\..*` };
      const members = [member({ subscription }), member({ subscription })];
      await expect.poll(() => all(members), WITHIN).toEqual(partitionsOf(`${groupId}.a`, 2));
      await make("b", 2);
      await expect
        .poll(() => all(members), WITHIN)
        .toEqual([...partitionsOf(`${groupId}.a`, 2), ...partitionsOf(`${groupId}.b`, 2)]);
      // From the pattern to a name.
      members[0]?.membership.subscribe({ topics: [`${groupId}.a`], pattern: null });
      await expect
        .poll(() => members[0]?.held.every((partition) => partition.startsWith(`${groupId}.a-`)), WITHIN)
        .toBe(true);
      await expect.poll(() => all(members).length, WITHIN).toBe(4);
    });
  });

  it("are told that a pattern is none", async () => {
    await group(async ({ member }) => {
      const refused = member({ subscription: { topics: [], pattern: "(" } });
      expect(await failureOf(refused)).toMatchObject({
        code: "INVALID_REGULAR_EXPRESSION",
        message: expect.stringContaining("missing closing )"),
      });
    });
  });

  it("have a topic once it is made", async () => {
    await group(async ({ groupId, client, member }) => {
      const topic = `${groupId}-later`;
      const first = member({ subscription: { topics: [topic], pattern: null } });
      await expect.poll(() => first.state, WITHIN).toBe("stable");
      expect(first.held).toEqual([]);
      await client.admin().createTopics([{ topic, numPartitions: 2 }]);
      await expect.poll(() => first.held, WITHIN).toEqual(partitionsOf(topic, 2));
    });
  });

  it("keep a partition until their application is done with it, for longer than a session", async () => {
    await group(async ({ client, member }) => {
      const topic = await createTopic(client, 2);
      const subscription = { topics: [topic], pattern: null };
      const first = member({ subscription });
      await expect.poll(() => sizes([first]), WITHIN).toEqual([2]);
      let finish = (): void => {};
      first.host.busy = new Promise((resolve) => {
        finish = resolve;
      });
      const second = member({ subscription });
      await expect.poll(() => states([first, second]), WITHIN).toEqual(["reconciling", "stable"]);
      const beganAtMs = performance.now();
      await expect.poll(() => performance.now() - beganAtMs > 6000, WITHIN).toBe(true);
      expect(sizes([first, second])).toEqual([2, 0]);
      expect(first.host.log.filter((line) => line.startsWith("lose"))).toEqual([]);
      finish();
      await expect.poll(() => sizes([first, second]), WITHIN).toEqual([1, 1]);
    });
  });

  it("lose their partitions while the application does not ask for records, and come back when it does", async () => {
    await group(async ({ client, member }) => {
      const topic = await createTopic(client, 2);
      const subscription = { topics: [topic], pattern: null };
      const first = member({ subscription });
      const second = member({ subscription, groupInstanceId: "one" });
      const members = [first, second];
      await expect.poll(() => sizes(members), WITHIN).toEqual([1, 1]);
      const { memberId } = first.membership.metadata;
      first.membership.pollExpired();
      expect(first.state).toBe("stale");
      expect(first.membership.metadata).toMatchObject({ memberId: "", generationId: -1 });
      await expect.poll(() => sizes(members), WITHIN).toEqual([0, 2]);
      first.membership.polled();
      await expect.poll(() => sizes(members), WITHIN).toEqual([1, 1]);
      expect(first.membership.metadata.memberId).toBe(memberId);
      // The partitions of a static member wait for it.
      second.membership.pollExpired();
      await expect.poll(() => second.held, WITHIN).toEqual([]);
      second.membership.polled();
      await expect.poll(() => sizes(members), WITHIN).toEqual([1, 1]);
      expect(second.host.log.filter((line) => line.startsWith("lose"))).toHaveLength(1);
    });
  });

  it.each(["range", "cooperative-sticky"])(
    "take over a group of the classic protocol while it lives (%s), and give it back",
    async (name) => {
      await group(async ({ client, member }) => {
        const topic = await createTopic(client, 6);
        const subscription = { topics: [topic], pattern: null };
        const whole = partitionsOf(topic, 6);
        const classic = (): TestMember =>
          member({ subscription, assignors: [builtInAssignor(name) as Assignor] });
        const first = classic();
        const second = classic();
        await expect.poll(() => sizes([first, second]), WITHIN).toEqual([3, 3]);
        const third = member({ subscription });
        await expect.poll(() => sizes([first, second, third]), WITHIN).toEqual([2, 2, 2]);
        await first.close();
        const fourth = member({ subscription });
        await expect.poll(() => sizes([second, third, fourth]), WITHIN).toEqual([2, 2, 2]);
        await second.close();
        await expect.poll(() => sizes([third, fourth]), WITHIN).toEqual([3, 3]);
        expect(all([third, fourth])).toEqual(whole);
        // And back, with one that joins before the last of the others leaves.
        const fifth = classic();
        await expect.poll(() => sizes([third, fourth, fifth]), WITHIN).toEqual([2, 2, 2]);
        await third.close();
        await fourth.close();
        await expect.poll(() => fifth.held, WITHIN).toEqual(whole);
        await expect.poll(() => fifth.state, WITHIN).toBe("stable");
        const sixth = classic();
        await expect.poll(() => sizes([fifth, sixth]), WITHIN).toEqual([3, 3]);
        // With the last member of the consumer protocol the broker raises the generation, of which it tells those that
        // stay by ILLEGAL_GENERATION: the fifth loses what it has for a moment, as Java's would.
        const lost = [first, second, third, fourth].flatMap(({ host }) =>
          host.log.filter((line) => line.startsWith("lose")),
        );
        expect(lost).toEqual([]);
      });
    },
    60_000,
  );

  it("join again after a removal, under the same id", async () => {
    await group(async ({ groupId, client, inside, member }) => {
      const topic = await createTopic(client, 2);
      const first = member({ subscription: { topics: [topic], pattern: null } });
      await expect.poll(() => sizes([first]), WITHIN).toEqual([2]);
      const { memberId } = first.membership.metadata;
      await first.removeBy(inside, groupId);
      await expect
        .poll(() => first.host.log.filter((line) => line !== "assign"), WITHIN)
        .toEqual([
          `assign ${partitionsOf(topic, 2).join(" ")}`,
          `lose ${partitionsOf(topic, 2).join(" ")}`,
          `assign ${partitionsOf(topic, 2).join(" ")}`,
        ]);
      expect(first.membership.metadata.memberId).toBe(memberId);
    });
  });
});

describe("a group whose brokers have another protocol only", () => {
  describeKafka("Kafka 3.9.1 with v0", "cluster", () => {
    const cluster = clusterFor({ kafkaVersion: "3.9.1", properties: QUICK_GROUPS });

    it("takes members, but no patterns", async () => {
      await inGroup(cluster().bootstrapServers, async ({ client, member }) => {
        const topic = await createTopic(client, 4);
        const subscription = { topics: [topic], pattern: null };
        const members = [member({ subscription }), member({ subscription, groupInstanceId: "one" })];
        await expect.poll(() => sizes(members), WITHIN).toEqual([2, 2]);
        const refused = member({ subscription: { topics: [], pattern: "^a" } });
        expect(await failureOf(refused)).toMatchObject({
          code: "UNSUPPORTED_VERSION",
          message: expect.stringContaining("subscribe to a RegExp, which the client resolves"),
        });
      });
    });
  });

  describeKafka("Kafka 4.4.0 without consumer among its protocols", "cluster", () => {
    const properties = { "group.coordinator.rebalance.protocols": "classic" };
    const cluster = clusterFor({ kafkaVersion: "4.4.0", properties });

    it("says what to do", async () => {
      await inGroup(cluster().bootstrapServers, async ({ client, member }) => {
        const subscription = { topics: [await createTopic(client, 1)], pattern: null };
        expect(await failureOf(member({ subscription }))).toMatchObject({
          code: "UNSUPPORTED_VERSION",
          message: expect.stringContaining('set groupProtocol: "classic"'),
        });
      });
    });
  });
});
