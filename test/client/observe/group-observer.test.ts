import { beforeEach, describe, expect, it } from "vitest";
import { CLIENT_EVENT_NAMES, type ClientEvent } from "../../../src/client/observe/events.ts";
import { GroupObserver } from "../../../src/client/observe/group-observer.ts";
import { Observability } from "../../../src/client/observe/observability.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";
import { FakePlatform } from "../../support/fake-platform.ts";

describe("what is noticed of a membership", () => {
  let platform: FakePlatform;
  let observability: Observability;
  let observer: GroupObserver;
  let events: ClientEvent[];
  let held: number;

  const place = {
    clientId: "test",
    groupId: "billing",
    groupInstanceId: null,
    protocol: "classic",
    memberId: "member 1",
    generationId: 7,
  };

  beforeEach(() => {
    platform = new FakePlatform();
    observability = new Observability({ platform, clientId: "test", logger: new FakeLogger() });
    held = 5;
    observer = new GroupObserver(observability, platform.clock, {
      groupId: "billing",
      groupInstanceId: null,
      protocol: "classic",
      patienceMs: 300_000,
      standing: () => ({ memberId: "member 1", generationId: 7, state: "stable", partitions: held }),
      inTheWay: () => "the coordinator is loading",
    });
    events = [];
    for (const name of CLIENT_EVENT_NAMES) {
      observability.events.source(name).add((event) => void events.push(event as ClientEvent), false);
    }
  });

  it("is a rebalance from its first sign to its end", async () => {
    observer.rebalancing("the member is new");
    await platform.clock.advance(1000);
    observer.revoked(3);
    observer.rebalancing("partitions were given up");
    await platform.clock.advance(500);
    observer.lost(1);
    observer.joined({ assignor: "range", isLeader: true });
    held = 2;
    observer.assigned(1);
    expect(events).toEqual([
      { type: "group:rebalancing", ...place, reason: "the member is new" },
      { type: "group:rebalancing", ...place, reason: "partitions were given up" },
      { type: "group:joined", ...place, assignor: "range", isLeader: true },
      {
        type: "group:assigned",
        ...place,
        assigned: 1,
        revoked: 3,
        lost: 1,
        partitions: 2,
        rebalanceMs: 1500,
      },
    ]);
  });

  it("is counted, and each rebalance by itself", async () => {
    for (const lost of [1, 0]) {
      observer.rebalancing("again");
      await platform.clock.advance(100);
      observer.revoked(2);
      observer.lost(lost);
      observer.assigned(4);
    }
    expect(observability.snapshot().consumer).toMatchObject({
      rebalances: 2,
      rebalanceTimeMs: 200,
      partitionsAssigned: 8,
      partitionsRevoked: 4,
      partitionsLost: 1,
    });
    expect(events.at(-1)).toMatchObject({ type: "group:assigned", lost: 0, rebalanceMs: 100 });
  });

  it("is a wait while it goes on, which says what stands in the way", async () => {
    observer.rebalancing("the member is new");
    await platform.clock.advance(20);
    expect(observability.waits.list()).toMatchObject([
      {
        waitingFor: 'group "billing" to be rebalanced',
        ageMs: 20,
        deadlineInMs: null,
        inTheWay: "the coordinator is loading",
      },
    ]);
    observer.assigned(0);
    expect(observability.waits.list()).toEqual([]);
    observer.rebalancing("the member has to go");
    observer.left("the consumer was closed");
    expect(observability.waits.list()).toEqual([]);
    expect(events.at(-1)).toEqual({ type: "group:left", ...place, reason: "the consumer was closed" });
  });

  it("is in the metrics until it ends", () => {
    const { clientId: _, ...standing } = place;
    expect(observability.snapshot().consumer.groups).toEqual([
      { ...standing, state: "stable", partitions: 5 },
    ]);
    observer.rebalancing("the member is new");
    observer.close();
    expect(observability.snapshot().consumer.groups).toEqual([]);
    expect(observability.waits.list()).toEqual([]);
  });
});
