import { describe, expect, it } from "vitest";
import { Fetch } from "../../../src/client/api.ts";
import { p, setUpFetcher } from "./fetcher-support.ts";
import { numbered } from "./support.ts";

const OFFSET_OUT_OF_RANGE = 1;
const NOT_LEADER_OR_FOLLOWER = 6;
const OFFSET_NOT_AVAILABLE = 78;

/** t-0 is led by the first broker, and the second, in our rack, has it too. */
function setUp(options: Parameters<typeof setUpFetcher>[0] = {}) {
  const parts = setUpFetcher({ brokers: 2, ...options, config: { clientRack: "near", ...options.config } });
  parts.cluster.racks.set(1, "far").set(2, "near");
  const [partition] = parts.cluster.topics.get("t")?.partitions ?? [];
  if (partition !== undefined) partition.followers = [2];
  const [leader, follower] = [parts.cluster.broker(1), parts.cluster.broker(2)];
  /** Offsets that the broker was asked for, since its last call. */
  const fetches = (nodeId: number): number => parts.cluster.broker(nodeId).of(Fetch).length;
  return { ...parts, leader, follower, fetches };
}

describe("a replica in the client's rack", () => {
  it("is read from once the leader has pointed to it", async () => {
    const { append, fetcher, read, platform, leader, follower, fetches } = setUp();
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
    expect(fetches(1)).toBe(1);
    append(["b"]);
    expect(await read(1)).toEqual(["b"]);
    await platform.clock.advance(1000);
    expect(fetches(1)).toBe(1);
    expect(fetches(2)).toBeGreaterThan(5);
    expect(leader.of(Fetch)[0]?.body.rackId).toBe("near");
    // It may lag behind the leader, whose epochs it need not have.
    expect(
      follower
        .of(Fetch)
        .every(({ body }) => body.topics.every(({ partitions }) => partitions[0]?.lastFetchedEpoch === -1)),
    ).toBe(true);
    expect(fetcher.state(p(0))?.endOffset).toBe(2n);
  });

  it("is not asked for without clientRack", async () => {
    const { append, fetcher, read, leader, fetches } = setUp({ config: { clientRack: "" } });
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
    expect(fetches(2)).toBe(0);
    expect(leader.of(Fetch)[0]?.body.rackId).toBe("");
  });

  it("is asked about again once in a while: another may be nearer by then", async () => {
    const { append, fetcher, read, platform, fetches, cluster } = setUp({ metadataMaxAgeMs: 5000 });
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
    await platform.clock.advance(4000);
    expect(fetches(1)).toBe(1);
    cluster.racks.set(2, "far too");
    await platform.clock.advance(2000);
    const before = fetches(2);
    expect(fetches(1)).toBeGreaterThan(1);
    append(["b"]);
    expect(await read(1)).toEqual(["b"]);
    expect(fetches(2)).toBe(before);
  });

  it.each([
    ["is out of range", OFFSET_OUT_OF_RANGE],
    ["is not there yet", OFFSET_NOT_AVAILABLE],
    ["is not its any more", NOT_LEADER_OR_FOLLOWER],
  ])("for which the offset %s is left for the leader, which is believed", async (_, errorCode) => {
    const { cluster, append, fetcher, read, platform, follower, fetches } = setUp({
      config: { autoOffsetReset: "none" },
    });
    append(numbered(3));
    fetcher.assign([{ ...p(0), from: 1n }]);
    expect(await read(2)).toEqual(["v-1", "v-2"]);
    const { topicId = "" } = cluster.topics.get("t") ?? {};
    follower.handle(Fetch, () => ({
      responses: [{ topicId, partitions: [{ partitionIndex: 0, errorCode, records: null }] }],
    }));
    append(["next"]);
    expect(await read(1)).toEqual(["next"]);
    const before = fetches(2);
    // The leader would point to it again at once.
    append(["and the next"]);
    expect(await read(1)).toEqual(["and the next"]);
    expect(fetches(2)).toBe(before);
    await platform.clock.advance(12_000);
    expect(fetches(2)).toBeGreaterThan(before);
    append(["last"]);
    expect(await read(1)).toEqual(["last"]);
  });

  it("that is gone is left for the leader", async () => {
    const { cluster, append, fetcher, read, follower } = setUp();
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
    follower.stop();
    append(["b"]);
    expect(await read(1)).toEqual(["b"]);
    cluster.alive.delete(2);
    append(["c"]);
    expect(await read(1)).toEqual(["c"]);
  });

  it("is left when the metadata no longer has it", async () => {
    const { cluster, client, append, fetcher, read, platform, fetches } = setUp();
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
    const [partition] = cluster.topics.get("t")?.partitions ?? [];
    if (partition !== undefined) partition.followers = [];
    await platform.run(client.refresh(["t"]));
    append(["b"]);
    await read(1);
    const before = fetches(2);
    append(["c"]);
    expect(await read(1)).toEqual(["c"]);
    expect(fetches(2)).toBe(before);
  });

  it("that becomes the leader is read on", async () => {
    const { cluster, append, fetcher, read } = setUp();
    append(["a"]);
    fetcher.assign([{ ...p(0), from: 0n }]);
    expect(await read(1)).toEqual(["a"]);
    cluster.moveLeader("t", 0, 2);
    append(["b"]);
    expect(await read(1)).toEqual(["b"]);
  });
});
