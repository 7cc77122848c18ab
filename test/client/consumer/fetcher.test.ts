import { describe, expect, it } from "vitest";
import { Fetch, ListOffsets } from "../../../src/client/api.ts";
import { later } from "../../support/fake-broker.ts";
import { p, setUpFetcher } from "./fetcher-support.ts";
import { numbered, textOf } from "./support.ts";

describe("partitions beside those that are read", () => {
  it("are read with them, and nothing of the others is asked for again", async () => {
    const { fetcher, append, read, cluster } = setUpFetcher({ partitions: 2 });
    append(["a"], 0);
    append(["b", "c"], 1);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
    fetcher.add([{ ...p(1), from: 1n }]);
    expect(await read(1)).toEqual(["c"]);
    const asked = cluster
      .broker(1)
      .of(Fetch)
      .flatMap(({ body }) => body.topics[0]?.partitions ?? [])
      .map(({ partition, fetchOffset }) => `${partition}@${fetchOffset}`);
    expect(asked).toEqual(["0@0", "0@1", "1@1", "1@2"]);
    expect(fetcher.states.map(({ name }) => name)).toEqual(["t-0", "t-1"]);
    expect(fetcher.state(p(1))?.position).toBe(2n);
    expect(fetcher.state(p(2))).toBeUndefined();
  });

  it("are dropped with what was fetched of them, and with answers that are under way", async () => {
    const { fetcher, append, platform, cluster, read } = setUpFetcher({ partitions: 3 });
    for (const partition of [0, 1, 2]) append([`p${partition}`], partition);
    cluster.broker(1).script(Fetch, later(50, undefined));
    fetcher.assign([0, 1, 2].map((partition) => ({ ...p(partition), from: 0n })));
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(10);
    fetcher.remove([p(0)]);
    await platform.clock.advance(100);
    fetcher.remove([p(1), p(7)]);
    expect(await read(1)).toEqual(["p2"]);
    expect(fetcher.take()).toBeNull();
    expect(fetcher.states).toHaveLength(1);
  });

  it("that come back start where they are told, whatever was under way for them", async () => {
    const { fetcher, append, platform, cluster, read } = setUpFetcher();
    append(numbered(4));
    cluster.broker(1).script(Fetch, later(50, undefined));
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(10);
    fetcher.remove([p(0)]);
    fetcher.add([{ ...p(0), from: 3n }]);
    expect(await read(1)).toEqual(["v-3"]);
    // A session says only once what does not change; the newcomer knows it all the same.
    expect(fetcher.state(p(0))).toMatchObject({ endOffset: 4n, logStartOffset: 0n });
  });
});

describe("held partitions", () => {
  it("are neither fetched nor looked up before they are started", async () => {
    const { fetcher, append, platform, cluster, read } = setUpFetcher({ partitions: 2 });
    append(["a"], 0);
    append(["b", "c"], 1);
    fetcher.add([p(0), { ...p(1), from: "latest" }], { held: true });
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(1000);
    expect(cluster.broker(1).requests).toEqual([]);
    fetcher.start(p(0), { offset: 0n, leaderEpoch: 0 });
    expect(await read(1)).toEqual(["a"]);
    fetcher.start(p(1), 1n);
    expect(await read(1)).toEqual(["c"]);
    expect(cluster.broker(1).of(ListOffsets)).toEqual([]);
  });

  it("keep what was fetched of them, and hand it out when they are let go", async () => {
    const { fetcher, append, platform, next, values } = setUpFetcher();
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(20);
    fetcher.hold([p(0)]);
    expect(fetcher.take()).toBeNull();
    const waiting = fetcher.ready();
    fetcher.letGo([p(0)]);
    await platform.run(waiting);
    expect(await platform.run(next().then(values))).toEqual(["a"]);
  });
});

describe("paused partitions", () => {
  it("keep what they hold, are not asked for, and let others be read", async () => {
    const { fetcher, append, platform, read, cluster } = setUpFetcher({ partitions: 2 });
    append(["a"], 0);
    append(["b"], 1);
    fetcher.assign([0, 1].map((partition) => ({ ...p(partition), from: 0n })));
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(20);
    fetcher.pause([p(0)]);
    expect(fetcher.paused()).toEqual([p(0)]);
    expect(await read(1)).toEqual(["b"]);
    append(["a2"], 0);
    append(["b2"], 1);
    expect(await read(1)).toEqual(["b2"]);
    expect(fetcher.take()).toBeNull();
    fetcher.resume([p(0)]);
    expect(fetcher.paused()).toEqual([]);
    const before = cluster.broker(1).of(Fetch).length;
    expect(fetcher.take()?.batches).toHaveLength(1);
    expect(cluster.broker(1).of(Fetch)).toHaveLength(before);
    expect(await read(1)).toEqual(["a2"]);
  });

  it("still find out where they start", async () => {
    const { fetcher, append, platform } = setUpFetcher();
    append(["a", "b"]);
    fetcher.assign([{ ...p(0), from: "latest" }]);
    fetcher.pause([p(0)]);
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(100);
    expect(fetcher.state(p(0))?.position).toBe(2n);
  });
});

describe("seeking", () => {
  it("drops what was fetched, in the middle of a batch too", async () => {
    const { fetcher, append, platform, next, values, readerOf, read } = setUpFetcher();
    append(numbered(6));
    fetcher.assign([{ ...p(0), from: 0n }]);
    const fetched = await platform.run(next());
    const reader = readerOf(fetched);
    expect(await reader.nextBatch()).toBe(true);
    expect(textOf(reader.record() as never)).toBe("v-0");
    fetcher.seek(p(0), 4n);
    expect(reader.record()).toBeNull();
    expect(await reader.nextBatch()).toBe(false);
    expect(fetcher.state(p(0))?.position).toBe(4n);
    fetcher.done(fetched);
    expect(await platform.run(next().then(values))).toEqual(["v-4", "v-5"]);
    fetcher.seek(p(0), "earliest");
    expect(fetcher.state(p(0))?.position).toBeNull();
    expect(await read(6)).toEqual(numbered(6));
  });

  it("ends a decompression that is under way without a record", async () => {
    const { fetcher, append, platform, next, readerOf } = setUpFetcher();
    append(numbered(3));
    fetcher.assign([{ ...p(0), from: 0n }]);
    const reader = readerOf(await platform.run(next()));
    const opening = reader.nextBatch();
    fetcher.seek(p(0), 2n);
    // It was decompressed at once; had it taken its time, the answer would be false.
    await opening;
    expect(reader.record()).toBeNull();
    expect(fetcher.state(p(0))?.position).toBe(2n);
  });

  it("forgets an error that was not heard yet", async () => {
    const { fetcher, append, platform, read, cluster } = setUpFetcher({
      config: { autoOffsetReset: "none" },
    });
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 50n }]);
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(20);
    fetcher.seek(p(0), 0n);
    expect(await read(1)).toEqual(["a"]);
    expect(() => fetcher.seek(p(4), 0n)).toThrow("t-4 is not assigned to this consumer");
    expect(cluster.broker(1).of(ListOffsets)).toEqual([]);
  });
});

describe("rewinding", () => {
  it("fetches again what was not read, and is no seek", async () => {
    const { fetcher, append, platform, next, readerOf, read } = setUpFetcher({
      config: { maxPartitionFetchBytes: 10 },
    });
    append(numbered(3));
    append(["w"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    const fetched = await platform.run(next());
    const reader = readerOf(fetched);
    await reader.nextBatch();
    expect(textOf(reader.record() as never)).toBe("v-0");
    await platform.clock.advance(20);
    const cursor = fetcher.state(p(0))?.cursor;
    fetcher.rewind(fetched);
    expect(reader.record()).toBeNull();
    expect(await reader.nextBatch()).toBe(false);
    expect(fetcher.state(p(0))?.cursor).toBe(cursor);
    expect(fetcher.state(p(0))?.position).toBe(1n);
    expect(await read(3)).toEqual(["v-1", "v-2", "w"]);
  });
});

describe("taking", () => {
  it("goes from partition to partition, and leaves none out that always has something", async () => {
    const { fetcher, append, platform, next, values } = setUpFetcher({
      partitions: 3,
      config: { maxPartitionFetchBytes: 10 },
    });
    for (let i = 0; i < 6; i++) for (const partition of [0, 1, 2]) append([`${partition}`], partition);
    fetcher.assign([0, 1, 2].map((partition) => ({ ...p(partition), from: 0n })));
    const order: string[] = [];
    while (order.length < 18) order.push(...(await platform.run(next().then(values))));
    for (let i = 0; i < 18; i += 3) expect(order.slice(i, i + 3).sort()).toEqual(["0", "1", "2"]);
  });

  it("takes what is accepted, and waiting for more does not end for what is not", async () => {
    const { fetcher, append, platform, next, values } = setUpFetcher({ partitions: 2 });
    append(["a"], 0);
    fetcher.assign([0, 1].map((partition) => ({ ...p(partition), from: 0n })));
    expect(fetcher.take()).toBeNull();
    await platform.clock.advance(20);
    const isSecond = ({ partition }: { readonly partition: number }): boolean => partition === 1;
    expect(fetcher.take(isSecond)).toBeNull();
    let isReady = false;
    const waiting = fetcher.ready().then(() => {
      isReady = true;
    });
    await platform.clock.advance(1000);
    expect(isReady).toBe(false);
    append(["b"], 1);
    await platform.run(waiting);
    expect(await platform.run(next(isSecond).then(values))).toEqual(["b"]);
    expect(await platform.run(next().then(values))).toEqual(["a"]);
  });

  it("waits no longer once it is woken or its signal is aborted", async () => {
    const { fetcher, platform } = setUpFetcher();
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(fetcher.take()).toBeNull();
    const woken = fetcher.ready();
    fetcher.wake();
    await platform.run(woken, 0);
    // What came while nobody waited counts too.
    await platform.run(fetcher.ready(), 0);
    expect(fetcher.take()).toBeNull();
    const abort = new AbortController();
    const waiting = fetcher.ready(abort.signal);
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(fetcher.ready(abort.signal)).rejects.toThrow("enough");
  });

  it("may be told twice that something was read", async () => {
    const { fetcher, append, platform, next, values, read } = setUpFetcher();
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    const fetched = await platform.run(next());
    expect(await values(fetched)).toEqual(["a"]);
    fetcher.done(fetched);
    fetcher.assign([{ ...p(0), from: 0n }]);
    fetcher.done(fetched);
    expect(await read(1)).toEqual(["a"]);
  });
});

describe("a slow reader of one partition", () => {
  it("does not keep others of the same broker from being fetched", async () => {
    const { fetcher, append, platform, next, values } = setUpFetcher({
      partitions: 2,
      config: { maxPartitionFetchBytes: 10 },
    });
    for (const value of numbered(5)) append([value], 0);
    fetcher.assign([0, 1].map((partition) => ({ ...p(partition), from: 0n })));
    const slow = await platform.run(next());
    await platform.clock.advance(1000);
    append(["b"], 1);
    expect(await platform.run(next(({ partition }) => partition === 1).then(values), 200)).toEqual(["b"]);
    expect(await values(slow)).toEqual(["v-0"]);
    for (const value of numbered(5).slice(1)) {
      expect(await platform.run(next().then(values))).toEqual([value]);
    }
  });
});
