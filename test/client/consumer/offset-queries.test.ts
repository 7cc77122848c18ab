import { describe, expect, it } from "vitest";
import { ListOffsets } from "../../../src/client/api.ts";
import { beginningOffsets, endOffsets, offsetsForTimes } from "../../../src/client/consumer/offset-lookup.ts";
import { parseDuration } from "../../../src/client/consumer/offset-reset.ts";
import { Deadline } from "../../../src/client/retry.ts";
import { later, silence } from "../../support/fake-broker.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { clusterFor } from "../../support/fake-kafka.ts";
import { batchOf } from "../../support/fake-log.ts";
import { p, setUpFetcher } from "./fetcher-support.ts";
import { numbered } from "./support.ts";

const LEADER_NOT_AVAILABLE = 5;
const TOPIC_AUTHORIZATION_FAILED = 29;

/** Topics t and u with four partitions each over two brokers; partition n of either holds n records. */
function setUp(timeoutMs = 10_000, requestTimeoutMs = 4000) {
  const cluster = new FakeCluster(2);
  for (const topic of ["t", "u"]) {
    cluster.createTopic(topic, 4);
    for (let partition = 1; partition < 4; partition++) {
      cluster.append(topic, partition, batchOf(numbered(partition), 0n, 1000));
    }
  }
  const client = clusterFor(cluster);
  const { platform } = cluster;
  const options = () => ({
    deadline: new Deadline(platform.clock, timeoutMs),
    requestTimeoutMs,
    isolationLevel: "read_uncommitted" as const,
  });
  return { cluster, client, platform, options };
}

const ALL = ["t", "u"].flatMap((topic) => [0, 1, 2, 3].map((partition) => p(partition, topic)));

describe("offsets of many partitions", () => {
  it("are asked for with one request to each leader, and come in the order of the question", async () => {
    const { cluster, client, platform, options } = setUp();
    await platform.run(client.refresh(["t", "u"]));
    const shuffled = ALL.toReversed();
    expect(await platform.run(endOffsets(client, shuffled, options()))).toEqual(
      shuffled.map(({ topic, partition }) => ({ topic, partition, offset: BigInt(partition) })),
    );
    for (const nodeId of [1, 2]) expect(cluster.broker(nodeId).of(ListOffsets)).toHaveLength(1);
    cluster.log("t", 3).startOffset = 2n;
    const first = await platform.run(beginningOffsets(client, [p(3), p(3), p(1)], options()));
    expect(first.map(({ offset }) => offset)).toEqual([2n, 2n, 0n]);
    expect(await platform.run(endOffsets(client, [], options()))).toEqual([]);
  });

  it("for times are null where no record is as late", async () => {
    const { client, platform, options } = setUp();
    const wanted = [
      { ...p(3), timestamp: 1001 },
      { ...p(2), timestamp: 5 },
      { ...p(2, "u"), timestamp: 2000 },
    ];
    expect(await platform.run(offsetsForTimes(client, wanted, options()))).toMatchObject([
      { ...p(3), offset: 1n },
      { ...p(2), offset: 0n },
      { ...p(2, "u"), offset: null, timestamp: null, leaderEpoch: null },
    ]);
    const twice = [
      { ...p(3), timestamp: 1 },
      { ...p(3), timestamp: 2 },
    ];
    await expect(offsetsForTimes(client, twice, options())).rejects.toThrow("t-3 is asked for twice");
  });

  it("are asked for again where leaders move, and only those", async () => {
    const { cluster, client, platform, options } = setUp();
    await platform.run(client.refresh(["t", "u"]));
    cluster.moveLeader("t", 0, 2);
    const found = await platform.run(endOffsets(client, ALL, options()));
    expect(found.map(({ offset }) => offset)).toEqual([0n, 1n, 2n, 3n, 0n, 1n, 2n, 3n]);
    const asked = cluster
      .broker(2)
      .of(ListOffsets)
      .map(({ body }) =>
        body.topics.flatMap(({ name, partitions }) =>
          partitions.map(({ partitionIndex }) => `${name}-${partitionIndex}`),
        ),
      );
    expect(asked).toEqual([["t-1", "t-3", "u-1", "u-3"], ["t-0"]]);
  });

  it("are an error on time that says what was in the way, whatever the other brokers said", async () => {
    const { cluster, client, platform, options } = setUp(5000);
    cluster.broker(2).handle(ListOffsets, () => silence);
    const startMs = platform.clock.monotonicMs();
    expect(await platform.failure(endOffsets(client, ALL, options()))).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringMatching(
        /The end offset of [tu]-[13] was not found within 5000 ms: .*ListOffsets/,
      ),
    });
    expect(platform.clock.monotonicMs() - startMs).toBeLessThanOrEqual(5000);
  });

  it("are an error at once where waiting cannot help", async () => {
    const { cluster, client, platform, options } = setUp();
    const partitions = [{ partitionIndex: 1, errorCode: TOPIC_AUTHORIZATION_FAILED }];
    cluster.broker(2).handle(ListOffsets, () => ({ topics: [{ name: "t", partitions }] }));
    expect(await platform.failure(endOffsets(client, [p(1)], options()), 100)).toMatchObject({
      code: "TOPIC_AUTHORIZATION_FAILED",
      topic: "t",
      partition: 1,
    });
    expect(await platform.failure(endOffsets(client, [p(9)], options()), 100)).toMatchObject({
      code: "INVALID_CONFIG",
      message: expect.stringContaining("partition 9 is asked for"),
    });
  });

  it("are no longer waited for once the signal is aborted", async () => {
    const { cluster, client, platform, options } = setUp();
    cluster.broker(1).handle(ListOffsets, () => ({
      topics: [{ name: "t", partitions: [{ partitionIndex: 0, errorCode: LEADER_NOT_AVAILABLE }] }],
    }));
    const abort = new AbortController();
    const asked = endOffsets(client, [p(0)], { ...options(), signal: abort.signal });
    const failure = platform.failure(asked);
    await platform.clock.advance(500);
    abort.abort(new Error("enough"));
    expect(await failure).toMatchObject({ message: "enough" });
  });
});

describe("starts of many partitions", () => {
  it("are looked up with one request, and each begins when its own is known", async () => {
    const { cluster, fetcher, append, read } = setUpFetcher({ brokers: 2, partitions: 6 });
    for (let partition = 0; partition < 6; partition++) append([`p${partition}`], partition);
    cluster.broker(2).script(ListOffsets, later(3000, undefined));
    fetcher.assign([0, 1, 2, 3, 4, 5].map((partition) => ({ ...p(partition), from: "earliest" as const })));
    expect((await read(3)).sort()).toEqual(["p0", "p2", "p4"]);
    expect((await read(3)).sort()).toEqual(["p1", "p3", "p5"]);
    expect(cluster.broker(1).of(ListOffsets)).toHaveLength(1);
    expect(cluster.broker(2).of(ListOffsets)).toHaveLength(1);
  });

  it("may be so long ago, and are the end where no record is as late", async () => {
    const { cluster, fetcher, platform, read } = setUpFetcher({
      partitions: 2,
      config: { autoOffsetReset: "by_duration:PT10S" },
    });
    const now = platform.clock.wallMs();
    const old = batchOf(["old"], 0n, now - 60_000);
    for (const partition of [0, 1]) cluster.append("t", partition, old);
    cluster.append("t", 0, batchOf(["recent"], 0n, now - 5000));
    fetcher.assign([p(0), { ...p(1), from: { durationMs: 1000 } }]);
    expect(await read(1)).toEqual(["recent"]);
    await platform.clock.advance(100);
    expect(fetcher.state(p(1))?.position).toBe(1n);
  });
});

it.each([
  ["PT0S", 0],
  ["PT1H", 3_600_000],
  ["P1D", 86_400_000],
  ["P2DT3H4M5.678S", 183_845_678],
  ["pt1m", 60_000],
  ["PT1,5S", 1500],
  ["P", null],
  ["PT", null],
  ["P1DT", null],
  ["P1Y", null],
  ["P1W", null],
  ["1H", null],
  ["PT-1H", null],
  ["PT1H ", null],
  ["P999999999999D", null],
])("the duration %s is %s ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
