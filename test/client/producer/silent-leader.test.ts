import { describe, expect, it } from "vitest";
import { ApiVersions, Metadata, Produce } from "../../../src/client/api.ts";
import { silence } from "../../support/fake-broker.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";

async function setUp(enableIdempotence = true) {
  const cluster = new FakeCluster(2);
  cluster.createTopic("t");
  cluster.moveLeader("t", 0, 1);
  const { platform } = cluster;
  const kafka = kafkaFor(cluster, { requestTimeoutMs: 30_000 });
  const producer = kafka.producer({ lingerMs: 0, enableIdempotence });
  await platform.run(producer.send({ topic: "t", value: "before" }));
  /** It takes connections and bytes, and answers nobody, as a process that was stopped. */
  let isStanding = true;
  for (const api of [ApiVersions, Metadata, Produce])
    cluster.broker(1).handle<never, never>(api as never, (() => (isStanding ? silence : undefined)) as never);
  const goOn = (): void => {
    isStanding = false;
  };
  return { cluster, platform, producer, goOn };
}

const RECORDS = ["a", "b", "c"].map((value) => ({ topic: "t", value }));

describe("records whose leader stands still", () => {
  it.each([
    // After 5 s of silence. The first that is asked may be the silent one, which takes a second more.
    [1000, true, 6500],
    [1000, false, 6500],
    // The first look was too early.
    [7000, true, 8500],
  ])(
    "go to the next one, elected after %i ms (idempotent: %s), within %i ms",
    async (electedMs, enableIdempotence, withinMs) => {
      const { cluster, platform, producer } = await setUp(enableIdempotence);
      const sent = Promise.all(RECORDS.map((record) => producer.send(record)));
      await platform.clock.advance(electedMs);
      cluster.moveLeader("t", 0, 2);
      const metadata = await platform.run(sent, withinMs - electedMs);
      expect(metadata.map(({ offset }) => offset)).toEqual([1n, 2n, 3n]);
      expect(cluster.log("t").values()).toEqual(["before", "a", "b", "c"]);
      // What the former leader says of them later changes nothing.
      await platform.clock.advance(60_000);
      expect(await platform.run(producer.send({ topic: "t", value: "after" }))).toMatchObject({ offset: 4n });
      await platform.run(producer.close());
    },
  );

  it("are waited for where nobody else leads", async () => {
    const { cluster, platform, producer, goOn } = await setUp();
    const sent = Promise.all(RECORDS.map((record) => producer.send(record)));
    const asked = cluster.broker(2).of(Metadata).length;
    await platform.clock.advance(20_000);
    // As often as retryBackoffMaxMs allows.
    expect(cluster.broker(2).of(Metadata).length - asked).toBeLessThan(25);
    expect(cluster.broker(1).of(Produce)).toHaveLength(2);
    goOn();
    await platform.run(sent, 60_000);
    expect(cluster.log("t").values()).toEqual(["before", "a", "b", "c"]);
  });
});
