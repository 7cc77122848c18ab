import { describe, expect, it } from "vitest";
import { FindCoordinator } from "../../src/client/api.ts";
import { Coordinators } from "../../src/client/coordinators.ts";
import { Deadline } from "../../src/client/retry.ts";
import { hangUp, silence } from "../support/fake-broker.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { clusterFor } from "../support/fake-kafka.ts";

const COORDINATOR_NOT_AVAILABLE = 15;
const GROUP_AUTHORIZATION_FAILED = 30;

function setUp(brokers = 2) {
  const fake = new FakeCluster(brokers);
  const { platform } = fake;
  const cluster = clusterFor(fake);
  const coordinators = new Coordinators(cluster, 30_000);
  const find = (key: string, timeoutMs = 5000, type: "group" | "transaction" | "share" = "group") =>
    coordinators.find(type, key, { deadline: new Deadline(platform.clock, timeoutMs) });
  for (const broker of fake.brokers) {
    broker.handle(FindCoordinator, ({ body, version }) => {
      const coordinator = { nodeId: 2, host: "b2", port: 9092 };
      return version < 4
        ? coordinator
        : { coordinators: body.coordinatorKeys.map((key) => ({ key, ...coordinator })) };
    });
  }
  const asked = () => fake.brokers.flatMap((broker) => broker.of(FindCoordinator)).map(({ body }) => body);
  return { fake, platform, cluster, coordinators, find, asked };
}

describe("finding coordinators", () => {
  it("asks for many at once (KIP-699), and for each once", async () => {
    const { platform, find, asked } = setUp();
    const found = platform.run(
      Promise.all([find("a"), find("b"), find("a"), find("t", 5000, "transaction")]),
    );
    expect(await found).toEqual([2, 2, 2, 2]);
    expect(asked().map(({ keyType, coordinatorKeys }) => [keyType, coordinatorKeys])).toEqual([
      [0, ["a", "b"]],
      [1, ["t"]],
    ]);
    await find("b");
    expect(asked()).toHaveLength(2);
  });

  it("asks for one after another where brokers take one at a time", async () => {
    const { fake, platform, find, asked } = setUp();
    for (const broker of fake.brokers) broker.versions.set(FindCoordinator.apiKey, { lowest: 0, highest: 3 });
    expect(await platform.run(Promise.all([find("a"), find("b")]))).toEqual([2, 2]);
    expect(asked().map(({ key }) => key)).toEqual(["a", "b"]);
  });

  it("makes a broker known that metadata has not told of", async () => {
    const { fake, platform, cluster, find } = setUp();
    fake.alive.delete(2);
    await platform.run(cluster.refresh([]));
    await platform.run(find("a"));
    expect(cluster.metadata.brokers.get(2)?.host).toBe("b2");
  });

  it("asks again once one was found wrong, by whoever found that first", async () => {
    const { fake, platform, coordinators, find, asked } = setUp();
    await platform.run(find("a"));
    coordinators.forget("group", "a", 7);
    coordinators.forget("transaction", "a", 2);
    expect(await find("a")).toBe(2);
    expect(asked()).toHaveLength(1);
    coordinators.forget("group", "a", 2);
    const moved = { key: "a", nodeId: 1, host: "b1", port: 9092 };
    for (const broker of fake.brokers) broker.handle(FindCoordinator, () => ({ coordinators: [moved] }));
    expect(await platform.run(find("a"))).toBe(1);
    coordinators.forget("group", "a", 2);
    expect(await find("a")).toBe(1);
  });

  it("goes on while there is none, and while brokers cannot be reached", async () => {
    const { fake, platform, find } = setUp(1);
    const none = { key: "a", nodeId: -1, errorCode: COORDINATOR_NOT_AVAILABLE };
    fake.broker(1).script(FindCoordinator, { coordinators: [none] }, hangUp(), { coordinators: [none] });
    expect(await platform.run(find("a"))).toBe(2);
  });

  it("says at the deadline what stood in the way", async () => {
    const { fake, platform, find } = setUp(1);
    const none = { key: "a", nodeId: -1, errorCode: COORDINATOR_NOT_AVAILABLE, errorMessage: "not yet" };
    fake.broker(1).handle(FindCoordinator, () => ({ coordinators: [none] }));
    expect(await platform.failure(find("a"), 5000)).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringMatching(
        /^The coordinator of group "a" was not found within 5000 ms: .*COORDINATOR_NOT_AVAILABLE.*not yet/,
      ),
    });
    fake.broker(1).handle(FindCoordinator, () => silence);
    expect(await platform.failure(find("a"), 5000)).toMatchObject({ code: "TIMEOUT" });
  });

  it("tells at once what no waiting helps, to the one whom it concerns", async () => {
    const { fake, platform, find } = setUp(1);
    fake.broker(1).handle(FindCoordinator, () => ({
      coordinators: [
        { key: "a", nodeId: -1, errorCode: GROUP_AUTHORIZATION_FAILED },
        { key: "b", nodeId: 1, host: "b1", port: 9092 },
      ],
    }));
    const [refused, found] = await Promise.all([platform.failure(find("a"), 0), platform.run(find("b"))]);
    expect(refused).toMatchObject({ code: "GROUP_AUTHORIZATION_FAILED", broker: "b1:9092" });
    expect(found).toBe(1);
  });

  it("counts an answer that leaves the question out as a failure that may go away", async () => {
    const { fake, platform, find } = setUp(1);
    fake.broker(1).script(FindCoordinator, { coordinators: [] });
    expect(await platform.run(find("a"))).toBe(2);
  });
});
