/**
 * Brokers that stand still, restart one after another, or come back at other addresses, while records are sent and
 * read: no call fails that may be repeated, nothing that was acknowledged is lost, each partition keeps its order.
 */

import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { leavesNothingBehind } from "../../support/aftermath.ts";
import { keepCalling } from "../../support/calls.ts";
import { describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { Load } from "../../support/load.ts";
import { proxiedClusterFor } from "../../support/proxied-cluster.ts";
import { inSoak } from "../../support/soak.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

for (const kafkaVersion of inSoak(["4.4.0", "4.1.1", "4.0.1", "3.9.1"], ["4.4.0"])) {
  describeKafka(`brokers in trouble [Kafka ${kafkaVersion}]`, "cluster", () => {
    const proxied = proxiedClusterFor({ kafkaVersion, brokers: 3, properties: QUICK_FENCING });
    leavesNothingBehind(proxied);

    it("one stands still for 10 s", async () => {
      await using kafka = new Kafka({ bootstrapServers: proxied().bootstrapServers, logger: silent });
      const load = await Load.start(kafka);
      await load.progress();
      const { cluster } = proxied();
      cluster.pauseBroker(2);
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      cluster.resumeBroker(2);
      await load.progress();
      await load.stop();
      expect(load.failures).toEqual([]);
      load.expectNothingLost();
    }, 90_000);

    it("they are restarted one after another", async () => {
      await using kafka = new Kafka({ bootstrapServers: proxied().bootstrapServers, logger: silent });
      const load = await Load.start(kafka);
      const control = keepCalling(kafka, 60_000);
      // Asked through a client of its own each time: one that sends has no reason to ask where all goes well.
      const inSync = async (): Promise<number[]> => {
        await using fresh = new Kafka({ bootstrapServers: proxied().bootstrapServers, logger: silent });
        const partitions = await fresh.consumer().partitionsFor(load.topic);
        return partitions.map(({ inSyncReplicas }) => inSyncReplicas.length);
      };
      await load.progress();
      for (const { nodeId } of proxied().cluster.brokers) {
        await proxied().cluster.stopBroker(nodeId);
        await load.progress();
        await proxied().cluster.startBroker(nodeId);
        await expect.poll(inSync, { timeout: 30_000, interval: 250 }).toEqual([3, 3, 3, 3, 3, 3]);
        await load.progress();
      }
      await load.stop();
      await control.stop();
      expect(load.failures).toEqual([]);
      load.expectNothingLost();
    }, 180_000);

    it("all of them come back at other ports", async () => {
      await using kafka = new Kafka({ bootstrapServers: [proxied().entrance.address], logger: silent });
      const load = await Load.start(kafka);
      await load.progress();
      await proxied().moveBrokers();
      await load.progress();
      await load.stop();
      expect(load.failures).toEqual([]);
      load.expectNothingLost();
    }, 180_000);
  });
}
