/** The way to a coordinator that is silent, while it is looked for elsewhere. */

import { expect, it } from "vitest";
import { FindCoordinator, Heartbeat } from "../../../../src/client/api.ts";
import { CoordinatorSearch } from "../../../../src/client/consumer/group/coordinator-search.ts";
import { GroupCoordinator } from "../../../../src/client/consumer/group/group-coordinator.ts";
import { Coordinators } from "../../../../src/client/coordinators.ts";
import { Deadline } from "../../../../src/client/retry.ts";
import { silence } from "../../../support/fake-broker.ts";
import { FakeCluster } from "../../../support/fake-cluster.ts";
import { clusterFor } from "../../../support/fake-kafka.ts";

function setUp() {
  const fake = new FakeCluster(3);
  const { clock } = fake.platform;
  const cluster = clusterFor(fake);
  const place = { nodeId: 1, host: "b1", port: 9092 };
  for (const broker of fake.brokers) {
    broker.handle(FindCoordinator, ({ body }) => ({
      coordinators: body.coordinatorKeys.map((key) => ({ key, ...place, errorCode: 0 })),
    }));
    broker.handle(Heartbeat, () => ({ errorCode: 0 }));
  }
  const coordinator = new GroupCoordinator(cluster, new Coordinators(cluster, 30_000), "g", 30_000);
  coordinator.searchBy((parts) => new CoordinatorSearch(parts));
  return {
    fake,
    clock,
    cluster,
    coordinator,
    platform: fake.platform,
    move: (nodeId: number): void => void Object.assign(place, { nodeId, host: `b${nodeId}` }),
    ask: (timeoutMs = 30_000) =>
      coordinator.ask(
        Heartbeat,
        { groupId: "g", memberId: "m", generationId: 1 },
        { deadline: new Deadline(clock, timeoutMs), timeoutMs },
      ),
    searches: (): number => fake.brokers.reduce((sum, each) => sum + each.of(FindCoordinator).length, 0) - 1,
  };
}

it("asks the others once a second while it is silent, and ends the wait when there is another", async () => {
  const { fake, clock, cluster, platform, move, ask, searches } = setUp();
  await platform.run(cluster.refresh([]));
  await platform.run(ask());
  const first = fake.broker(1).of(FindCoordinator).length;
  fake.broker(1).handle(Heartbeat, () => silence);
  const asked = platform.failure(ask());
  await clock.advance(3500);
  expect(searches()).toBeGreaterThanOrEqual(3);
  expect(searches()).toBeLessThanOrEqual(4);
  // The silent one is asked last, which is never.
  expect(fake.broker(1).of(FindCoordinator)).toHaveLength(first);
  move(2);
  await clock.advance(600);
  expect(await asked).toMatchObject({ code: "ABORTED", retriable: true });
  expect((await platform.run(ask())).nodeId).toBe(2);
});

it("asks over new connections where those that there are have died with the first", async () => {
  const { fake, clock, platform, move, ask } = setUp();
  await platform.run(ask());
  const dead = new Set(fake.brokers.flatMap(({ requests }) => requests.map(({ peer }) => peer)));
  for (const broker of fake.brokers) {
    broker.handle(Heartbeat, ({ peer }) => (dead.has(peer) ? silence : undefined));
    broker.handle(FindCoordinator, ({ peer }) => (dead.has(peer) ? silence : undefined));
  }
  move(3);
  const asked = platform.failure(ask());
  await clock.advance(5000);
  expect(await asked).toMatchObject({ retriable: true });
  expect((await platform.run(ask())).nodeId).toBe(3);
});

it("goes on with the same one where the others know no other", async () => {
  const { fake, clock, platform, ask, searches } = setUp();
  let isSilent = true;
  fake.broker(1).handle(Heartbeat, () => (isSilent ? silence : undefined));
  const asked = platform.failure(ask(2000));
  await clock.advance(2000);
  expect(await asked).toMatchObject({ code: "REQUEST_TIMED_OUT" });
  isSilent = false;
  expect((await platform.run(ask(2000))).nodeId).toBe(1);
  const before = searches();
  await clock.advance(60_000);
  expect(searches()).toBe(before);
});

it("leaves no timer and no connection when it is closed in the middle of it", async () => {
  const { fake, clock, cluster, platform, ask, coordinator } = setUp();
  for (const broker of fake.brokers) broker.handle(Heartbeat, () => silence);
  const asked = platform.failure(ask());
  await clock.advance(1000);
  for (const broker of fake.brokers) broker.handle(FindCoordinator, () => silence);
  await clock.advance(1000);
  coordinator.close(new Error("closed"));
  expect(await asked).toMatchObject({ message: "closed" });
  cluster.close();
  await clock.advance(10);
  expect(clock.timers).toBe(0);
});
