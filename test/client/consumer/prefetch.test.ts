import { describe, expect, it } from "vitest";
import { Fetch } from "../../../src/client/api.ts";
import type { FetchedRecords } from "../../../src/client/consumer/fetch-state.ts";
import { p, setUpFetcher } from "./fetcher-support.ts";

const SIZE = 10_000;
const LARGE = "x".repeat(SIZE);

/** Sizes of what is taken and not done, and of what lies ready, as far as the fetcher tells. */
const memoryOf = ({ client }: ReturnType<typeof setUpFetcher>): number =>
  client.observability.snapshot().consumer.bytesBuffered;

describe("what is fetched ahead", () => {
  it("is bounded over all brokers, however much there is and however slow the reader", async () => {
    const limit = 8 * SIZE;
    const parts = setUpFetcher({
      brokers: 3,
      partitions: 12,
      config: { fetchMaxBytes: limit, maxPartitionFetchBytes: 4 * SIZE },
    });
    const { fetcher, append, platform, next, values } = parts;
    for (let i = 0; i < 20; i++)
      for (let partition = 0; partition < 12; partition++) append([LARGE], partition);
    fetcher.assign(Array.from({ length: 12 }, (_, partition) => ({ ...p(partition), from: 0n })));
    let read = 0;
    let most = 0;
    while (read < 240) {
      await platform.clock.advance(300);
      most = Math.max(most, memoryOf(parts));
      read += (await platform.run(next().then(values))).length;
    }
    expect(read).toBe(240);
    expect(most).toBeGreaterThan(limit);
    // A broker's first batch is sent whole, whatever the limit.
    expect(most).toBeLessThanOrEqual(2 * limit + 3 * SIZE);
  });

  it("of paused partitions is given up for others rather than keep them from being read", async () => {
    const parts = setUpFetcher({
      partitions: 4,
      config: { fetchMaxBytes: 3 * SIZE, maxPartitionFetchBytes: SIZE },
    });
    const { fetcher, append, platform, next, values } = parts;
    for (let i = 0; i < 6; i++) for (const partition of [0, 1, 2, 3]) append([`${LARGE}${i}`], partition);
    fetcher.assign([0, 1, 2, 3].map((partition) => ({ ...p(partition), from: 0n })));
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(2000);
    fetcher.pause([p(0), p(1), p(2)]);
    // Whoever has records of them in hand knows by their cursors that nobody has sent reading elsewhere.
    const cursors = fetcher.states.map(({ cursor }) => cursor);
    const last = (value: string): string => value.slice(-1);
    const read: string[] = [];
    while (read.length < 6) read.push(...(await platform.run(next().then(values))).map(last));
    expect(read).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(fetcher.states.map(({ cursor }) => cursor)).toEqual(cursors);
    fetcher.resume([p(0), p(1), p(2)]);
    const rest: string[] = [];
    while (rest.length < 18) rest.push(...(await platform.run(next().then(values))).map(last));
    expect(rest.sort()).toEqual("012345".split("").flatMap((each) => [each, each, each]));
  });

  it("that was handed out of a paused partition is not taken from under its reader", async () => {
    const parts = setUpFetcher({
      partitions: 2,
      config: { fetchMaxBytes: SIZE, maxPartitionFetchBytes: SIZE },
    });
    const { fetcher, append, platform, next, values } = parts;
    for (let i = 0; i < 4; i++)
      for (const partition of [0, 1]) append([`${LARGE}${partition}${i}`], partition);
    fetcher.assign([0, 1].map((partition) => ({ ...p(partition), from: 0n })));
    const held: FetchedRecords = await platform.run(next(({ partition }) => partition === 0));
    fetcher.pause([p(0)]);
    const isOther = ({ partition }: { readonly partition: number }): boolean => partition === 1;
    const read: string[] = [];
    while (read.length < 4) read.push(...(await platform.run(next(isOther).then(values))));
    expect(read.map((value) => value.slice(-2))).toEqual(["10", "11", "12", "13"]);
    expect((await values(held)).map((value) => value.slice(-2))).toEqual(["00"]);
    fetcher.resume([p(0)]);
    while (read.length < 7) read.push(...(await platform.run(next().then(values))));
    expect(read.slice(4).map((value) => value.slice(-2))).toEqual(["01", "02", "03"]);
  });

  it("may be a batch that is larger than every limit", async () => {
    const { fetcher, append, read } = setUpFetcher({
      config: { fetchMaxBytes: 10, maxPartitionFetchBytes: 5 },
    });
    for (let i = 0; i < 3; i++) append([LARGE]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(3)).toEqual([LARGE, LARGE, LARGE]);
  });

  it("comes in shares that the brokers have equally", async () => {
    const { fetcher, append, cluster, read } = setUpFetcher({
      brokers: 3,
      partitions: 3,
      config: { fetchMaxBytes: 300_000 },
    });
    for (const partition of [0, 1, 2]) append(["a"], partition);
    fetcher.assign([0, 1, 2].map((partition) => ({ ...p(partition), from: 0n })));
    expect(await read(3)).toHaveLength(3);
    for (const nodeId of [1, 2, 3]) {
      expect(cluster.broker(nodeId).of(Fetch)[0]?.body.maxBytes).toBe(100_000);
    }
  });
});

describe("a request without a session", () => {
  it("names those first that have had nothing for the longest time", async () => {
    const { fetcher, append, cluster, read } = setUpFetcher({
      partitions: 3,
      config: { maxPartitionFetchBytes: 10 },
    });
    cluster.sessions(1).slots = 0;
    for (let i = 0; i < 4; i++) append([`a${i}`], 0);
    fetcher.assign([0, 1, 2].map((partition) => ({ ...p(partition), from: 0n })));
    expect(await read(4)).toHaveLength(4);
    const orders = cluster
      .broker(1)
      .of(Fetch)
      .map(({ body }) => body.topics[0]?.partitions.map(({ partition }) => partition));
    expect(orders.slice(0, 3)).toEqual([
      [0, 1, 2],
      [1, 2, 0],
      [1, 2, 0],
    ]);
  });
});
