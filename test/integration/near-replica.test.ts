import { type ClientEvents, Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { clusterFor, describeKafka, QUICK_FENCING } from "../support/kafka.ts";
import { createTopic, text } from "../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const RACKS = ["rack-1", "rack-2", "rack-3"];

describeKafka("a consumer in the rack of a follower", "cluster", () => {
  const cluster = clusterFor({
    brokers: 3,
    racks: RACKS,
    properties: {
      ...QUICK_FENCING,
      "replica.selector.class": "org.apache.kafka.common.replica.RackAwareReplicaSelector",
    },
  });

  it("reads from the follower, and from the leader while that is away", { timeout: 60_000 }, async () => {
    await using kafka = new Kafka({ bootstrapServers: cluster().bootstrapServers, logger: silent });
    const topic = await createTopic(kafka, 1, { "min.insync.replicas": "1" });
    await using producer = kafka.producer();
    const probe = kafka.consumer();
    const [info] = await probe.partitionsFor(topic);
    await probe.close();
    const leader = info?.leader ?? -1;
    const follower = [1, 2, 3].find((nodeId) => nodeId !== leader) ?? -1;
    const fetches: ClientEvents["fetch:done"][] = [];
    kafka.on("fetch:done", (event) => fetches.push(event));
    /** Brokers whose answers had records, since the last call. */
    const servers = (): (number | null)[] => {
      const withRecords = fetches.filter(({ partitionsWithRecords }) => partitionsWithRecords > 0);
      fetches.length = 0;
      return [...new Set(withRecords.map(({ nodeId }) => nodeId))];
    };
    await using consumer = kafka.consumer({ clientRack: RACKS[follower - 1] ?? "", fetchMaxWaitMs: 100 });
    consumer.assign([{ topic, partition: 0, from: "earliest" }]);
    const records = consumer[Symbol.asyncIterator]();
    const readBack = async (value: string): Promise<void> => {
      await producer.send({ topic, value });
      expect(text((await records.next()).value?.value ?? null)).toBe(value);
    };
    for (let i = 0; i < 5; i++) await readBack(`near-${i}`);
    expect(servers()).toContain(follower);
    await readBack("near");
    expect(servers()).toEqual([follower]);
    await cluster().killBroker(follower);
    for (let i = 0; i < 5; i++) await readBack(`alone-${i}`);
    expect(servers()).not.toContain(follower);
    await records.return();
  });
});
