import { describe, expect, it } from "vitest";
import { Metadata } from "../../../src/client/api.ts";
import { hangUp } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";
import { FakeLog } from "../../support/fake-log.ts";

function grow(cluster: FakeCluster): void {
  cluster.topics.get("t")?.partitions.push({ leader: 1, leaderEpoch: 0, log: new FakeLog() });
}

describe("a partition that is not known", () => {
  it("is looked for before a record that names it is refused", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t", 2);
    const { platform } = cluster;
    const producer = kafkaFor(cluster).producer({ lingerMs: 0 });
    await platform.run(producer.send({ topic: "t", partition: 0, value: "first" }));
    const beyond = producer.send({ topic: "t", partition: 2, value: "beyond" });
    await expect(platform.run(beyond)).rejects.toMatchObject({
      code: "INVALID_CONFIG",
      message: 'Topic "t" has 2 partitions (0 to 1), and the record names partition 2',
    });
    grow(cluster);
    const { partition, offset } = await platform.run(
      producer.send({ topic: "t", partition: 2, value: "in it" }),
    );
    expect({ partition, offset }).toEqual({ partition: 2, offset: 0n });
  });

  it("is looked for until a broker can be asked, and records behind keep their place", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("t", 1);
    const { platform } = cluster;
    const producer = kafkaFor(cluster).producer({ lingerMs: 0 });
    await platform.run(producer.send({ topic: "t", partition: 0, value: "first" }));
    grow(cluster);
    cluster.broker(1).script(Metadata, hangUp(), hangUp());
    const sent = [1, 0, 1].map((partition, i) => producer.send({ topic: "t", partition, value: `${i}` }));
    await settle();
    await platform.run(Promise.all(sent));
    expect(cluster.log("t", 0).values()).toEqual(["first", "1"]);
    expect(cluster.log("t", 1).values()).toEqual(["0", "2"]);
  });
});
