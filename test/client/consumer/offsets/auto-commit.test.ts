import { describe, expect, it } from "vitest";
import { AutoCommit, type AutoCommitOptions } from "../../../../src/client/consumer/offsets/auto-commit.ts";
import { BrokerError } from "../../../../src/client/errors.ts";
import type { OffsetToCommit } from "../../../../src/client/offset-to-commit.ts";
import { Deadline } from "../../../../src/client/retry.ts";
import { FakeClock, settle } from "../../../support/fake-clock.ts";
import { at } from "./support.ts";

const passing = () => new BrokerError(14);
const lasting = () => new BrokerError(29);

interface Attempt {
  readonly offsets: readonly OffsetToCommit[];
  readonly atMs: number;
  readonly end: (error?: Error) => Promise<void>;
}

function setUp(options: Partial<AutoCommitOptions> = {}) {
  const clock = new FakeClock();
  const startMs = clock.monotonicMs();
  const attempts: Attempt[] = [];
  const errors: unknown[] = [];
  const processed: { dirty: OffsetToCommit[] } = { dirty: [at(1n)] };
  const autoCommit = new AutoCommit({
    clock,
    intervalMs: 5000,
    timeoutMs: 60_000,
    retryBackoff: { initialMs: 100, maxMs: 1000 },
    dirty: () => processed.dirty,
    commit: (offsets) =>
      new Promise((resolve, reject) => {
        attempts.push({
          offsets,
          atMs: clock.monotonicMs() - startMs,
          end: (error) => {
            if (error === undefined) resolve();
            else reject(error);
            return settle();
          },
        });
      }),
    onError: (error) => errors.push(error),
    ...options,
  });
  const last = () => attempts.at(-1) as Attempt;
  const times = () => attempts.map(({ atMs }) => atMs);
  return {
    clock,
    attempts,
    errors,
    processed,
    autoCommit,
    last,
    times,
    deadline: (ms: number) => new Deadline(clock, ms),
  };
}

describe("committing by itself", () => {
  it("commits what is processed every interval, and nothing where nothing is", async () => {
    const { clock, autoCommit, attempts, processed, last, times } = setUp();
    autoCommit.start();
    autoCommit.start();
    await clock.advance(4999);
    expect(attempts).toEqual([]);
    await clock.advance(1);
    expect(last().offsets).toEqual([at(1n)]);
    await last().end();
    processed.dirty = [];
    await clock.advance(12_000);
    processed.dirty = [at(2n)];
    await clock.advance(3000);
    expect(last().offsets).toEqual([at(2n)]);
    expect(times()).toEqual([5000, 20_000]);
  });

  it("commits what is newer beside a commit that has to wait, as often as the interval says", async () => {
    const { clock, autoCommit, attempts, processed, last, times } = setUp();
    autoCommit.start();
    await clock.advance(5000);
    processed.dirty = [at(1n), at(7n, 1)];
    await clock.advance(5000);
    expect(last().offsets).toEqual([at(7n, 1)]);
    processed.dirty = [at(3n), at(7n, 1)];
    await clock.advance(5000);
    expect(last().offsets).toEqual([at(3n)]);
    for (const { end } of attempts) await end();
    await clock.advance(5000);
    // The model of what is processed does not hear of commits.
    expect(last().offsets).toEqual([at(3n), at(7n, 1)]);
    expect(times()).toEqual([5000, 10_000, 15_000, 20_000]);
  });

  it("renews a commit that has to wait no more than once a second", async () => {
    const { clock, autoCommit, processed, times } = setUp({ intervalMs: 10 });
    autoCommit.start();
    await clock.advance(10);
    processed.dirty = [at(2n)];
    await clock.advance(999);
    expect(times()).toEqual([10]);
    await clock.advance(1);
    expect(times()).toEqual([10, 1010]);
  });

  it("takes no notice of the failure of a commit while a newer one is on its way", async () => {
    const { clock, autoCommit, attempts, processed, last, times } = setUp();
    autoCommit.start();
    await clock.advance(5000);
    processed.dirty = [at(2n)];
    await clock.advance(5000);
    await attempts[0]?.end(passing());
    await clock.advance(1000);
    expect(times()).toEqual([5000, 10_000]);
    await last().end(passing());
    await clock.advance(100);
    expect(times()).toEqual([5000, 10_000, 11_100]);
  });

  it("counts the interval from the end of a slow commit, and does not repeat what is under way", async () => {
    const { clock, autoCommit, last, times } = setUp();
    autoCommit.start();
    await clock.advance(5000);
    await clock.advance(7000);
    await last().end();
    await clock.advance(5000);
    expect(times()).toEqual([5000, 17_000]);
  });

  it("tries again soon with what is processed by then, where a failure may pass", async () => {
    const { clock, autoCommit, processed, last, times, errors } = setUp();
    autoCommit.start();
    await clock.advance(5000);
    await last().end(passing());
    processed.dirty = [at(2n)];
    await clock.advance(100);
    expect(last().offsets).toEqual([at(2n)]);
    await last().end(passing());
    await clock.advance(200);
    await last().end(passing());
    await clock.advance(400);
    await last().end();
    await clock.advance(5000);
    expect(times()).toEqual([5000, 5100, 5300, 5700, 10_700]);
    expect(errors).toHaveLength(1);
  });

  it("waits for the next interval where a failure lasts", async () => {
    const { clock, autoCommit, last, times, errors } = setUp();
    autoCommit.start();
    await clock.advance(5000);
    await last().end(lasting());
    await clock.advance(5000);
    await last().end(passing());
    await clock.advance(200);
    await last().end();
    await clock.advance(5000);
    await last().end(passing());
    expect(times()).toEqual([5000, 10_000, 10_200, 15_200]);
    // One of each kind, and again after a success.
    expect(errors).toMatchObject([
      { code: "TOPIC_AUTHORIZATION_FAILED" },
      { code: "COORDINATOR_LOAD_IN_PROGRESS" },
      { code: "COORDINATOR_LOAD_IN_PROGRESS" },
    ]);
  });

  it("never waits longer for another attempt than for the next interval", async () => {
    const { clock, autoCommit, last, times } = setUp({ intervalMs: 50 });
    autoCommit.start();
    await clock.advance(50);
    await last().end(passing());
    await clock.advance(50);
    expect(times()).toEqual([50, 100]);
  });

  it("does not keep a process alive, and commits nothing once it is stopped", async () => {
    const { clock, autoCommit, attempts, last } = setUp();
    autoCommit.start();
    expect([clock.timers, clock.foregroundTimers]).toEqual([1, 0]);
    await clock.advance(5000);
    autoCommit.stop();
    await last().end(passing());
    await clock.advance(60_000);
    expect(attempts).toHaveLength(1);
    expect(clock.timers).toBe(0);
    autoCommit.start();
    await clock.advance(5000);
    expect(attempts).toHaveLength(2);
  });

  it("may have an interval of 0", async () => {
    const { clock, autoCommit, attempts, processed, last } = setUp({ intervalMs: 0 });
    processed.dirty = [];
    autoCommit.start();
    await clock.advance(50);
    expect(attempts).toEqual([]);
    processed.dirty = [at(1n)];
    await clock.advance(1);
    await last().end();
    expect(attempts).toHaveLength(1);
  });
});

describe("committing when told to", () => {
  it("commits at once, and goes on with a whole interval", async () => {
    const { clock, autoCommit, last, times, deadline } = setUp();
    autoCommit.start();
    await clock.advance(3000);
    const done = autoCommit.commitNow(deadline(1000));
    await settle();
    await last().end();
    expect(await done).toBe(true);
    await clock.advance(5000);
    expect(times()).toEqual([3000, 8000]);
  });

  it("commits after what is under way, with what is processed by then", async () => {
    const { clock, autoCommit, processed, last, attempts, deadline } = setUp();
    autoCommit.start();
    await clock.advance(5000);
    const done = autoCommit.commitNow(deadline(1000));
    processed.dirty = [at(2n)];
    await settle();
    expect(attempts).toHaveLength(1);
    await last().end(passing());
    expect(last().offsets).toEqual([at(2n)]);
    await last().end();
    expect(await done).toBe(true);
  });

  it("does so once for several who want the same at once", async () => {
    const { autoCommit, last, attempts, deadline } = setUp();
    const both = Promise.all([autoCommit.commitNow(deadline(1000)), autoCommit.commitNow(deadline(1000))]);
    await settle();
    await last().end();
    expect(await both).toEqual([true, true]);
    expect(attempts).toHaveLength(1);
  });

  it("does not wait for an older commit before it sends what is newer", async () => {
    const { clock, autoCommit, attempts, processed, last, deadline } = setUp();
    autoCommit.start();
    await clock.advance(5000);
    processed.dirty = [at(2n)];
    const done = autoCommit.commitNow(deadline(1000));
    await settle();
    expect(last().offsets).toEqual([at(2n)]);
    for (const { end } of attempts) await end();
    expect(await done).toBe(true);
  });

  it("has nothing to do where nothing is processed", async () => {
    const { autoCommit, processed, attempts, deadline } = setUp();
    processed.dirty = [];
    expect(await autoCommit.commitNow(deadline(1000))).toBe(true);
    expect(attempts).toEqual([]);
  });

  it("tells of a failure and does not reject", async () => {
    const { autoCommit, last, errors, deadline } = setUp();
    const done = autoCommit.commitNow(deadline(1000));
    await settle();
    await last().end(lasting());
    expect(await done).toBe(false);
    expect(errors).toMatchObject([{ code: "TOPIC_AUTHORIZATION_FAILED" }]);
  });

  it("gives up at its deadline while another commit goes on", async () => {
    const { clock, autoCommit, attempts, deadline } = setUp();
    autoCommit.start();
    await clock.advance(5000);
    const done = autoCommit.commitNow(deadline(1000));
    await clock.advance(1000);
    expect(await done).toBe(false);
    expect(attempts).toHaveLength(1);
  });
});
