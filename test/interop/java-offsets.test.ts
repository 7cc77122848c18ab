import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { describeKafka, sharedBroker } from "../support/kafka.ts";
import { withCommitter } from "../support/offset-committer.ts";
import { type JavaOffset, offsetsByJava } from "./java.ts";
import { kafkaForSuite } from "./topics.ts";

describeKafka("offsets of a group, and Kafka's own admin client", ["broker", "java"], () => {
  const suite = kafkaForSuite();

  it("are the same on both sides, whoever has committed them", async () => {
    const { bootstrap, createTopic } = suite();
    const topic = await createTopic({ numPartitions: 3 });
    const groupId = `interop-${randomUUID()}`;
    const ours: JavaOffset[] = [
      { topic, partition: 0, offset: 5n, leaderEpoch: 0, metadata: "größer als \u{1f41f}" },
      { topic, partition: 2, offset: 2n ** 62n, leaderEpoch: -1, metadata: "" },
    ];
    const theirs: JavaOffset[] = [
      { topic, partition: 0, offset: 3n, leaderEpoch: -1, metadata: "" },
      { topic, partition: 1, offset: 9n, leaderEpoch: 0, metadata: "von Java: \u{1f40b}" },
    ];
    await withCommitter(sharedBroker().bootstrapServers, { groupId }, async ({ commit, committed }) => {
      await commit(ours);
      const seen = await offsetsByJava(bootstrap, groupId, theirs);
      expect(seen.toSorted((a, b) => a.partition - b.partition)).toEqual(ours);
      expect(await committed(topic, [0, 1, 2])).toEqual([
        { offset: 3n, leaderEpoch: null, metadata: "" },
        { offset: 9n, leaderEpoch: 0, metadata: "von Java: \u{1f40b}" },
        { offset: 2n ** 62n, leaderEpoch: null, metadata: "" },
      ]);
    });
  });
});
