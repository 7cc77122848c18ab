import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { clusterFor, describeKafka } from "../../support/kafka.ts";
import { createTopic, readAll } from "../../support/topics.ts";

describeKafka("a follower that stands still [Kafka 4.4.0]", "cluster", () => {
  // The controller takes a silent broker for dead after 9 s: longer than a silent connection is trusted.
  const cluster = clusterFor({ brokers: 3 });

  it("makes the leader wait, and the client with it: nothing is sent twice, no connection ended", async () => {
    await using kafka = new Kafka({ bootstrapServers: cluster().bootstrapServers });
    const topic = await createTopic(kafka, 1);
    await using producer = kafka.producer({ acks: "all" });
    await producer.send({ topic, value: "before" });
    const leader = await leaderOf(kafka, topic);
    const follower = [1, 2, 3].find((nodeId) => nodeId !== leader) as number;
    const closed: string[] = [];
    const probes: number[] = [];
    kafka.on("connection:closed", ({ nodeId, purpose, cause }) => {
      if (nodeId !== leader) return;
      if (purpose === "probe") probes.push(nodeId);
      else closed.push(`${purpose}: ${cause.message}`);
    });
    let sent = 0;
    kafka.on("batch:sent", () => void sent++);
    cluster().pauseBroker(follower);
    const startMs = performance.now();
    try {
      const { offset } = await producer.send({ topic, value: "after" });
      expect(offset).toBe(2n);
    } finally {
      cluster().resumeBroker(follower);
    }
    // Else this has shown nothing.
    expect(performance.now() - startMs).toBeGreaterThan(5500);
    expect(probes.length).toBeGreaterThan(0);
    expect(sent).toBe(1);
    expect(closed).toEqual([]);
    expect(await readAll(kafka, topic, 3)).toHaveLength(3);
  }, 60_000);
});

async function leaderOf(kafka: Kafka, topic: string): Promise<number> {
  let leader: number | null = null;
  const off = kafka.on("batch:sent", (batch) => {
    leader = batch.nodeId;
  });
  await using producer = kafka.producer();
  await producer.send({ topic, value: "who leads?" });
  off();
  if (leader === null) throw new Error("no batch was sent");
  return leader;
}
