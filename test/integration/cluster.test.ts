import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { withInternals } from "../support/internals.ts";
import { describeOnEachKafka } from "../support/kafka.ts";
import { createTopic } from "../support/topics.ts";

describeOnEachKafka("the cluster", (kafka) => {
  it("tells who coordinates, for many groups and transactional ids at once", async () => {
    await withInternals(kafka().bootstrapServers, async ({ internals, coordinators, deadline }) => {
      const groups = Array.from({ length: 20 }, () => `group-${randomUUID()}`);
      const found = await Promise.all([
        ...groups.map((group) => coordinators.find("group", group, { deadline })),
        coordinators.find("transaction", `transaction-${randomUUID()}`, { deadline }),
      ]);
      for (const nodeId of found) expect(internals.metadata.brokers.has(nodeId)).toBe(true);
      const [group = "", first = -1] = [groups[0], found[0]];
      coordinators.forget("group", group, first);
      expect(await coordinators.find("group", group, { deadline })).toBe(first);
    });
  });
});

describeOnEachKafka(
  "the cluster, by topic ids",
  (kafka) => {
    it("tells a topic by its id, and no more once it was deleted", async () => {
      await using client = new Kafka({ bootstrapServers: kafka().bootstrapServers });
      const topic = await createTopic(client, 3);
      await withInternals(kafka().bootstrapServers, async ({ internals, deadline }) => {
        const { topicId } = await internals.topic(topic, { deadline });
        expect(topicId).not.toBeNull();
        await withInternals(kafka().bootstrapServers, async ({ internals: other }) => {
          const found = await other.topicById(topicId ?? "", { deadline });
          expect([found.name, found.partitions.length]).toEqual([topic, 3]);
          await client.admin().deleteTopics([topic]);
          await expect
            .poll(async () => {
              await other.refresh([topic]);
              return other.cachedTopic(topic);
            })
            .toBeUndefined();
        });
      });
    });
  },
  "3.9.1",
);
