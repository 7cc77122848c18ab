import { describe, expect, it } from "vitest";
import { formatPartition, type TopicPartition } from "../../../../src/client/consumer/assignment.ts";
import { Cursor, PartitionState } from "../../../../src/client/consumer/fetch-state.ts";
import type { Fetcher } from "../../../../src/client/consumer/fetcher.ts";
import { GroupHost } from "../../../../src/client/consumer/group/group-host.ts";
import { Reading } from "../../../../src/client/consumer/reading.ts";
import type { RebalanceListener } from "../../../../src/client/consumer/rebalance-listener.ts";
import { Deadline } from "../../../../src/client/retry.ts";
import { FakeClock, settle } from "../../../support/fake-clock.ts";
import { FakeLogger } from "../../../support/fake-kafka.ts";

/** Partitions that are read, without anything that is fetched. */
class Partitions {
  readonly #states = new Map<string, PartitionState>();

  get states(): readonly PartitionState[] {
    return [...this.#states.values()];
  }

  state(partition: TopicPartition): PartitionState | undefined {
    return this.#states.get(formatPartition(partition));
  }

  add(partitions: readonly TopicPartition[], { held = false } = {}): void {
    for (const each of partitions) {
      const state = new PartitionState(each, new Cursor(undefined, "latest"), false, held);
      this.#states.set(formatPartition(each), state);
    }
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) this.#states.delete(formatPartition(each));
  }

  hold(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) {
      const state = this.state(each);
      if (state !== undefined) state.isHeld = true;
    }
  }

  wake(): void {}
}

const MAX_POLL_INTERVAL_MS = 10_000;
const place = { offset: 0n, leaderEpoch: 0 };
const [a, b] = [0, 1].map((partition) => ({ topic: "t", partition })) as [TopicPartition, TopicPartition];

function setUp(
  listening: RebalanceListener = {},
  commitsOf: (partitions: readonly TopicPartition[]) => Promise<void> | null = () => null,
) {
  const clock = new FakeClock();
  const logger = new FakeLogger();
  const done: string[] = [];
  const partitions = new Partitions();
  const reading = new Reading<unknown, unknown>(partitions as unknown as Fetcher, () => {
    throw new Error("nothing is read here");
  });
  const names = (all: readonly TopicPartition[]): string => all.map(formatPartition).join(" ");
  const listener: RebalanceListener = {
    onPartitionsAssigned: (all) => {
      done.push(`assigned ${names(all)}`);
      return listening.onPartitionsAssigned?.(all);
    },
    onPartitionsRevoked: (all) => {
      done.push(`revoked ${names(all)}`);
      return listening.onPartitionsRevoked?.(all);
    },
    onPartitionsLost: (all) => {
      done.push(`lost ${names(all)}`);
      return listening.onPartitionsLost?.(all);
    },
  };
  const host = new GroupHost({
    clock,
    logger,
    maxPollIntervalMs: MAX_POLL_INTERVAL_MS,
    reading,
    listener: () => listener,
    commit: async () => void done.push("commit"),
    commitsOf,
    findStart: async (all) => void done.push(`find ${names(all)}`),
    onFailed: () => {},
  });
  const stateOf = (partition: TopicPartition): PartitionState =>
    partitions.state(partition) as PartitionState;
  return { clock, done, host, listener, logger, partitions, reading, stateOf };
}

describe("partitions that are revoked", () => {
  it("are handed out no more at once, and given up when the application is done with them", async () => {
    const { done, host, partitions, reading, stateOf } = setUp();
    await host.assign([a, b]);
    reading.hands.give(stateOf(a), place);
    done.length = 0;
    const revoked = host.revoke([a]);
    expect([stateOf(a).isHeld, partitions.states.length]).toEqual([true, 2]);
    await settle();
    expect(done).toEqual([]);
    reading.hands.done(stateOf(a));
    await revoked;
    expect(done).toEqual(["commit", "revoked t-0"]);
    expect(host.assignment()).toEqual([b]);
  });

  it("are not waited for while others are in hand", async () => {
    const { done, host, reading, stateOf } = setUp();
    await host.assign([a, b]);
    reading.hands.give(stateOf(a), place);
    await host.revoke([b]);
    expect(done.at(-1)).toBe("revoked t-1");
  });

  it("are held until the commits have ended that the application has asked for, and those it asked for meanwhile", async () => {
    const commits = [later(), later()];
    let begun = 0;
    const asked: string[] = [];
    const { host, partitions } = setUp({}, (all) => {
      asked.push(all.map(formatPartition).join(" "));
      return commits[begun++]?.promise ?? null;
    });
    await host.assign([a, b]);
    const revoked = host.revoke([a]);
    for (const commit of commits) {
      await settle();
      expect(partitions.states.length).toBe(2);
      commit.resolve();
    }
    await revoked;
    expect(host.assignment()).toEqual([b]);
    expect(asked).toEqual(["t-0", "t-0", "t-0"]);
  });

  it("are neither committed nor revoked once they are lost", async () => {
    const { done, host, reading, stateOf } = setUp();
    await host.assign([a]);
    reading.hands.give(stateOf(a), place);
    done.length = 0;
    const revoked = host.revoke([a]);
    await host.lose([a]);
    await revoked;
    expect(done).toEqual(["lost t-0"]);
    expect(host.assignment()).toEqual([]);
  });
});

describe("decisions of the group", () => {
  it("are carried out one after another", async () => {
    const gate = later();
    const { done, host } = setUp({ onPartitionsAssigned: () => gate.promise });
    const assigned = host.assign([a]);
    const revoked = host.revoke([a]);
    await settle();
    expect(done).toEqual(["assigned t-0"]);
    gate.resolve();
    await Promise.all([assigned, revoked]);
    expect(done).toEqual(["assigned t-0", "find t-0", "commit", "revoked t-0"]);
  });

  it("go on after a listener that throws, which whoever reads is told", async () => {
    const { host, logger, reading } = setUp({
      onPartitionsAssigned: () => {
        throw new Error("no room");
      },
    });
    await host.assign([a]);
    expect(host.assignment()).toEqual([a]);
    expect(() => reading.take()).toThrow("no room");
    expect(logger.lines.join()).toContain("onPartitionsAssigned(t-0) failed: no room");
  });

  it("go on after a listener that does not end within maxPollIntervalMs", async () => {
    const { clock, host, reading } = setUp({ onPartitionsRevoked: () => new Promise<never>(() => {}) });
    await host.assign([a]);
    const revoked = host.revoke([a]);
    await clock.advance(MAX_POLL_INTERVAL_MS);
    await revoked;
    expect(host.assignment()).toEqual([]);
    expect(() => reading.take()).toThrow("has not ended within maxPollIntervalMs");
  });
});

describe("leaving", () => {
  it("gives up everything, and takes nothing any more", async () => {
    const { clock, done, host } = setUp();
    await host.assign([a]);
    const left = host.leave(new Deadline(clock, 1000));
    const late = host.assign([b]);
    await Promise.all([left, late]);
    expect(done.slice(-2)).toEqual(["commit", "revoked t-0"]);
    expect(host.assignment()).toEqual([]);
  });

  it("waits for what is in hand no longer than it has time", async () => {
    const { clock, host, logger, reading, stateOf } = setUp();
    await host.assign([a]);
    reading.hands.give(stateOf(a), place);
    const left = host.leave(new Deadline(clock, 1000));
    await clock.advance(999);
    expect(host.assignment()).toEqual([a]);
    await clock.advance(1);
    await left;
    expect(host.assignment()).toEqual([]);
    expect(logger.lines.join()).toContain("before the application is done");
  });

  it("does not wait for what was released", async () => {
    const { clock, done, host, reading, stateOf } = setUp();
    await host.assign([a]);
    reading.hands.give(stateOf(a), place);
    reading.hands.release();
    await host.leave(new Deadline(clock, 1000));
    expect(done.slice(-2)).toEqual(["commit", "revoked t-0"]);
  });
});

function later(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settled) => {
    resolve = settled;
  });
  return { promise, resolve };
}
