import { describe, expect, it } from "vitest";
import { Fetch } from "../../../src/client/api.ts";
import { hangUp } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import { batchOf } from "../../support/fake-log.ts";
import { p, setUpFetcher } from "./fetcher-support.ts";
import { numbered } from "./support.ts";

const PARTITIONS = 20;

/** Twenty partitions that are read to their end. */
async function reading(options: Parameters<typeof setUpFetcher>[0] = {}) {
  const parts = setUpFetcher({ partitions: PARTITIONS, ...options });
  const all = Array.from({ length: PARTITIONS }, (_, partition) => ({ ...p(partition), from: 0n }));
  for (const { partition } of all) parts.append([`first-${partition}`], partition);
  parts.fetcher.assign(all);
  expect((await parts.read(PARTITIONS)).length).toBe(PARTITIONS);
  const broker = parts.cluster.broker(1);
  /** How many partitions each request since the last call named. */
  let seen = 0;
  const named = (): number[] => {
    const counts = broker
      .of(Fetch)
      .map(({ body }) => body.topics.flatMap((topic) => topic.partitions).length);
    const since = counts.slice(seen);
    seen = counts.length;
    return since;
  };
  named();
  return { ...parts, broker, named };
}

describe("within a session", () => {
  it("a fetch names what has changed and nothing else", async () => {
    const { append, read, named, platform, fetcher } = await reading();
    await platform.clock.advance(1000);
    const idle = named();
    expect(idle.length).toBeGreaterThan(5);
    expect(Math.max(...idle.slice(1))).toBe(0);
    append(["x"], 7);
    expect(await read(1)).toEqual(["x"]);
    await platform.clock.advance(20);
    expect(named()).toEqual([1]);
    expect(fetcher.state(p(7))).toMatchObject({ position: 2n, endOffset: 2n });
  });

  it("what is told of a partition without records is heeded", async () => {
    const { cluster, fetcher, platform } = await reading();
    cluster.log("t", 3).startOffset = 1n;
    await platform.clock.advance(500);
    expect(fetcher.state(p(3))?.logStartOffset).toBe(1n);
  });
});

describe("a session", () => {
  it("that the broker has dropped is begun anew at once, and nothing is missed or read twice", async () => {
    const { cluster, append, read, named, platform } = await reading();
    await platform.clock.advance(300);
    named();
    cluster.sessions(1).forgetAll();
    append(["x"], 3);
    expect(await read(1)).toEqual(["x"]);
    append(["y"], 4);
    expect(await read(1)).toEqual(["y"]);
    expect(named()).toContain(PARTITIONS);
    expect(cluster.sessions(1).count).toBe(1);
  });

  it("is replaced after a connection was lost, and the broker keeps one", async () => {
    const { cluster, append, read, broker } = await reading();
    broker.script(Fetch, hangUp());
    for (const value of numbered(3)) {
      append([value], 5);
      expect(await read(1)).toEqual([value]);
    }
    expect(cluster.sessions(1).count).toBe(1);
  });

  it("is not to be had from a broker without room, which is read all the same", async () => {
    const { cluster, append, read, fetcher, platform } = setUpFetcher();
    cluster.sessions(1).slots = 0;
    fetcher.assign([{ ...p(0), from: 0n }]);
    for (const value of numbered(3)) {
      append([value]);
      expect(await read(1)).toEqual([value]);
    }
    await platform.clock.advance(300);
    const requests = cluster.broker(1).of(Fetch);
    expect(requests.every(({ body }) => body.sessionId === 0 && body.sessionEpoch === 0)).toBe(true);
    expect(requests.every(({ body }) => body.topics.length === 1)).toBe(true);
  });

  it("ends when the fetcher is closed", async () => {
    const { cluster, fetcher, client } = await reading();
    expect(cluster.sessions(1).count).toBe(1);
    fetcher.close(new Error("closed"));
    await settle();
    expect(cluster.sessions(1).count).toBe(0);
    client.close();
  });

  it("is taken over by the next assignment", async () => {
    const { cluster, fetcher, read } = await reading();
    fetcher.assign([{ ...p(2), from: 0n }]);
    expect(await read(1)).toEqual(["first-2"]);
    expect(cluster.sessions(1).count).toBe(1);
  });

  it("that loses count is begun anew", async () => {
    const INVALID_FETCH_SESSION_EPOCH = 71;
    const { append, read, broker, cluster } = await reading();
    broker.script(Fetch, { errorCode: INVALID_FETCH_SESSION_EPOCH });
    append(["x"], 3);
    append(["y"], 4);
    expect((await read(2)).sort()).toEqual(["x", "y"]);
    expect(cluster.sessions(1).count).toBe(1);
  });

  it("is not begun again and again at a broker that refuses every one", async () => {
    const UNKNOWN_SERVER_ERROR = -1;
    const { cluster, fetcher, platform } = setUpFetcher({ defaultApiTimeoutMs: 3000 });
    cluster.broker(1).handle(Fetch, () => ({ errorCode: UNKNOWN_SERVER_ERROR }));
    fetcher.assign([{ ...p(0), from: 0n }]);
    await expect(platform.run(fetcher.next())).rejects.toMatchObject({ code: "UNKNOWN_SERVER_ERROR" });
    await platform.clock.advance(2000);
    expect(cluster.broker(1).of(Fetch).length).toBeLessThan(10);
  });
});

describe("a topic that is deleted and made anew", () => {
  it.each([
    ["earliest", "new-0"],
    ["none", "UNKNOWN_TOPIC_ID"],
  ] as const)(
    "is another one, in which the old offset means nothing (%s)",
    async (autoOffsetReset, outcome) => {
      const { cluster, append, read, fetcher, platform, logger } = setUpFetcher({
        config: { autoOffsetReset },
      });
      append(numbered(3, "old"));
      fetcher.assign([{ ...p(0), from: 0n }]);
      expect(await read(3)).toEqual(numbered(3, "old"));
      cluster.topics.delete("t");
      cluster.createTopic("t");
      // More than the position: it would go on in the middle of it by offset alone.
      for (let i = 0; i < 5; i++) cluster.append("t", 0, batchOf([`new-${i}`]));
      if (autoOffsetReset === "earliest") {
        expect((await read(5))[0]).toBe(outcome);
        expect(logger.lines.some((line) => line.startsWith("warn") && line.includes("t-0"))).toBe(true);
        return;
      }
      const failure = platform.failure(fetcher.next());
      expect(await failure).toMatchObject({
        code: outcome,
        message: expect.stringContaining("deleted and made anew"),
      });
      fetcher.seek(p(0), 4n);
      expect(await read(1)).toEqual(["new-4"]);
    },
  );

  it.each([
    ["earliest", "new-0"],
    [2n, "new-2"],
  ] as const)(
    "is read from %s on, though what was known of the topic was older than it",
    async (from, first) => {
      const { cluster, append, read, fetcher } = setUpFetcher({ config: { autoOffsetReset: "latest" } });
      append(["old"]);
      fetcher.assign([{ ...p(0), from: "earliest" }]);
      expect(await read(1)).toEqual(["old"]);
      cluster.topics.delete("t");
      cluster.createTopic("t");
      for (let i = 0; i < 3; i++) cluster.append("t", 0, batchOf([`new-${i}`]));
      // Nobody has told the client yet.
      fetcher.assign([{ ...p(0), from }]);
      expect((await read(1))[0]).toBe(first);
    },
  );

  it("may be unknown to its leader for a while after it was made", async () => {
    const UNKNOWN_TOPIC_ID = 100;
    const { cluster, append, read, fetcher } = setUpFetcher();
    append(["a"]);
    const { topicId = "" } = cluster.topics.get("t") ?? {};
    const unknown = {
      responses: [
        { topicId, partitions: [{ partitionIndex: 0, errorCode: UNKNOWN_TOPIC_ID, records: null }] },
      ],
    };
    cluster.broker(1).script(Fetch, unknown, unknown);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
  });
});
