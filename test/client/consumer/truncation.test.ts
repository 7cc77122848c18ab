import { describe, expect, it } from "vitest";
import { Fetch, ListOffsets, OffsetForLeaderEpoch } from "../../../src/client/api.ts";
import type { ConsumerConfig } from "../../../src/client/config/consumer-config.ts";
import { judgeLog } from "../../../src/client/consumer/truncation.ts";
import { parseVersions } from "../../../src/protocol/versions.ts";
import { later } from "../../support/fake-broker.ts";
import { p, setUpFetcher } from "./fetcher-support.ts";
import { numbered } from "./support.ts";

const CLUSTER_AUTHORIZATION_FAILED = 31;

/** Two brokers; t-0 is led by the first, with offsets 0 to 5 in epoch 0, one record to an answer. */
function setUp(config: ConsumerConfig = {}) {
  const parts = setUpFetcher({ brokers: 2, config: { maxPartitionFetchBytes: 10, ...config } });
  for (const value of numbered(6)) parts.append([value]);
  /** The second becomes the leader, which never had the records from `offset` on. */
  const electUnclean = (offset: bigint): void => {
    parts.cluster.log("t").truncate(offset);
    parts.cluster.moveLeader("t", 0, 2);
  };
  return { ...parts, electUnclean };
}

it("where a log is what was read, and where not", () => {
  expect(judgeLog(10n, { leaderEpoch: 3, endOffset: 10n })).toEqual({ kind: "whole", leaderEpoch: 3 });
  expect(judgeLog(10n, { leaderEpoch: 2, endOffset: 12n })).toEqual({ kind: "whole", leaderEpoch: 2 });
  expect(judgeLog(10n, { leaderEpoch: 2, endOffset: 7n })).toEqual({
    kind: "truncated",
    divergentOffset: 7n,
    leaderEpoch: 2,
  });
  expect(judgeLog(10n, { leaderEpoch: -1, endOffset: -1n })).toEqual({ kind: "unknown" });
});

describe("after an election", () => {
  it("the new leader is asked before anything is fetched from it, and reading goes on where its log is whole", async () => {
    const { cluster, fetcher, read, append } = setUp();
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(6)).toEqual(numbered(6));
    cluster.moveLeader("t", 0, 2);
    append(["next"]);
    expect(await read(1)).toEqual(["next"]);
    const second = cluster.broker(2);
    const [question] = second.of(OffsetForLeaderEpoch);
    expect(question?.body).toMatchObject({
      replicaId: -1,
      topics: [{ topic: "t", partitions: [{ partition: 0, currentLeaderEpoch: 1, leaderEpoch: 0 }] }],
    });
    expect(second.requests.findIndex(({ api }) => api === "Fetch")).toBeGreaterThan(
      second.requests.findIndex(({ api }) => api === "OffsetForLeaderEpoch"),
    );
    expect(second.of(OffsetForLeaderEpoch)).toHaveLength(1);
    expect(fetcher.state(p(0))?.positionEpoch).toBe(1);
  });

  it("of a leader without the last records, reading goes on where the log is cut off", async () => {
    const { fetcher, read, append, electUnclean, logger } = setUp();
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(6)).toEqual(numbered(6));
    electUnclean(4n);
    append(["other-4", "other-5", "other-6"]);
    // By offset alone it would go on at other-6.
    expect(await read(3)).toEqual(["other-4", "other-5", "other-6"]);
    expect(logger.lines.filter((line) => line.includes("was truncated"))).toEqual([
      "warn The log of t-0 was truncated, and reading stood at offset 6: it goes on at 4",
    ]);
  });

  it("that is an error where autoOffsetReset is none, until reading is sent elsewhere", async () => {
    const { fetcher, read, append, electUnclean, platform } = setUp({ autoOffsetReset: "none" });
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(6)).toEqual(numbered(6));
    electUnclean(4n);
    append(["other-4", "other-5", "other-6"]);
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await platform.failure(fetcher.next())).toMatchObject({
        name: "LogTruncationError",
        code: "LOG_TRUNCATION",
        topic: "t",
        partition: 0,
        offset: 6n,
        divergentOffset: 4n,
        message: expect.stringContaining("seek to 4"),
      });
    }
    fetcher.seek(p(0), 4n);
    expect(await read(3)).toEqual(["other-4", "other-5", "other-6"]);
  });

  it("what was fetched ahead and is gone is not handed out; what was handed out and is there is not lost", async () => {
    const { client, fetcher, append, electUnclean, platform, next, values, read } = setUp();
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await platform.run(next().then(values))).toEqual(["v-0"]);
    expect(await platform.run(next().then(values))).toEqual(["v-1"]);
    // By now 2 and 3 are here.
    await platform.clock.advance(20);
    electUnclean(3n);
    append(["other-3", "other-4"]);
    await platform.run(client.refresh(["t"]));
    fetcher.resume([]);
    expect(fetcher.take()).toBeNull();
    expect(await read(3)).toEqual(["v-2", "other-3", "other-4"]);
  });

  it("a leader that knows nothing of the epoch makes reading start over, or is an error", async () => {
    for (const autoOffsetReset of ["earliest", "none"] as const) {
      const { cluster, fetcher, read, platform } = setUp({ autoOffsetReset });
      fetcher.assign([{ ...p(0), from: 0n }]);
      expect(await read(6)).toEqual(numbered(6));
      cluster.broker(2).handle(OffsetForLeaderEpoch, () => ({
        topics: [{ topic: "t", partitions: [{ partition: 0, leaderEpoch: -1, endOffset: -1n }] }],
      }));
      cluster.moveLeader("t", 0, 2);
      if (autoOffsetReset === "earliest") {
        expect((await read(1))[0]).toBe("v-0");
      } else {
        expect(await platform.failure(fetcher.next())).toMatchObject({
          code: "LOG_TRUNCATION",
          offset: 6n,
          divergentOffset: null,
        });
      }
    }
  });
});

describe("a committed offset", () => {
  it("comes with the epoch of the record before it, by which a cut log is noticed", async () => {
    const { cluster, fetcher, append, electUnclean, read } = setUp();
    electUnclean(2n);
    append(["other-2", "other-3", "other-4", "other-5"]);
    fetcher.add([{ ...p(0), from: { offset: 5n, leaderEpoch: 0 } }]);
    expect((await read(1))[0]).toBe("other-2");
    expect(cluster.broker(2).of(OffsetForLeaderEpoch)).toHaveLength(1);
  });

  it("without an epoch is taken as it is", async () => {
    const { cluster, fetcher, read } = setUp();
    fetcher.add([{ ...p(0), from: { offset: 5n, leaderEpoch: -1 } }]);
    expect((await read(1))[0]).toBe("v-5");
    expect(cluster.broker(1).of(OffsetForLeaderEpoch)).toEqual([]);
  });
});

describe("the leader's answer", () => {
  it("that comes after a seek is dropped", async () => {
    const { cluster, fetcher, electUnclean, read, platform, append } = setUp();
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(6)).toEqual(numbered(6));
    cluster.broker(2).script(OffsetForLeaderEpoch, later(300, undefined));
    electUnclean(4n);
    append(["other-4"]);
    const waiting = fetcher.next();
    while (cluster.broker(2).of(OffsetForLeaderEpoch).length === 0) await platform.clock.advance(50);
    fetcher.seek(p(0), 1n);
    const fetched = await platform.run(waiting);
    expect(fetched?.batches[0]?.baseOffset).toBe(1n);
  });

  it("is asked for again while leaders move, by the epoch that is known then", async () => {
    const { cluster, fetcher, read, append } = setUp();
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(6)).toEqual(numbered(6));
    cluster.moveLeader("t", 0, 2);
    cluster.broker(2).handle(OffsetForLeaderEpoch, () => {
      // It loses the partition before it answers.
      if (cluster.topics.get("t")?.partitions[0]?.leader === 2) cluster.moveLeader("t", 0, 1);
      return undefined;
    });
    append(["next"]);
    expect(await read(1)).toEqual(["next"]);
    const [question] = cluster.broker(1).of(OffsetForLeaderEpoch);
    expect(question?.body.topics[0]?.partitions[0]?.currentLeaderEpoch).toBe(2);
  });

  it.each([
    ["may not be asked for", undefined],
    ["cannot be asked for", "0"],
  ])("that %s is done without", async (_, versions) => {
    const { cluster, fetcher, read, append } = setUp();
    const second = cluster.broker(2);
    if (versions === undefined) {
      const partitions = [{ partition: 0, errorCode: CLUSTER_AUTHORIZATION_FAILED }];
      second.handle(OffsetForLeaderEpoch, () => ({ topics: [{ topic: "t", partitions }] }));
    } else {
      second.versions.set(OffsetForLeaderEpoch.apiKey, parseVersions(versions));
    }
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(6)).toEqual(numbered(6));
    cluster.moveLeader("t", 0, 2);
    append(["next"]);
    expect(await read(1)).toEqual(["next"]);
  });
});

describe("epochs in a fetch", () => {
  it("are those of the leader and of the record read last", async () => {
    const { cluster, fetcher, read, platform } = setUp();
    fetcher.assign([{ ...p(0), from: "earliest" }]);
    expect(await read(6)).toEqual(numbered(6));
    await platform.clock.advance(20);
    const last = cluster.broker(1).of(Fetch).at(-1)?.body.topics[0]?.partitions[0];
    expect(last).toMatchObject({ fetchOffset: 6n, currentLeaderEpoch: 0, lastFetchedEpoch: 0 });
    expect(cluster.broker(1).of(ListOffsets)[0]?.body.topics[0]?.partitions[0]?.currentLeaderEpoch).toBe(0);
  });

  it("show a leader that its log is another, which is then asked where", async () => {
    const { cluster, fetcher, read, append, platform } = setUp();
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(6)).toEqual(numbered(6));
    // The same leader in the same epoch, which has lost the end of its log.
    cluster.log("t").truncate(2n);
    append(["other-2"]);
    const next = read(1);
    await platform.clock.advance(1000);
    append(["other-3"]);
    expect(await next).toEqual(["other-3"]);
    expect(cluster.broker(1).of(OffsetForLeaderEpoch)).toHaveLength(1);
  });
});
