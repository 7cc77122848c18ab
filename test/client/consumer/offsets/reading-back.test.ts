import { describe, expect, it } from "vitest";
import { OffsetFetch } from "../../../../src/client/api.ts";
import { hangUp } from "../../../support/fake-broker.ts";
import { at, FakeMember, setUp } from "./support.ts";

const COORDINATOR_LOAD_IN_PROGRESS = 14;
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;
const UNKNOWN_MEMBER_ID = 25;
const TOPIC_AUTHORIZATION_FAILED = 29;
const GROUP_AUTHORIZATION_FAILED = 30;
const STALE_MEMBER_EPOCH = 113;

const partition = (index: number, topic = "t") => ({ topic, partition: index });

describe("reading committed offsets", () => {
  it.each(Array.from({ length: 10 }, (_, i) => i + 1))("speaks version %i", async (version) => {
    const { platform, commit, committed, fake } = await setUp();
    fake.broker(1).versions.set(OffsetFetch.apiKey, { lowest: 1, highest: version });
    await platform.run(commit([at(5n, 0, { leaderEpoch: 3, metadata: "here" }), at(0n, 2)]));
    const found = await platform.run(committed([partition(0), partition(1), partition(2)]));
    expect(found).toEqual(
      new Map([
        ["t-0", { ...partition(0), offset: 5n, leaderEpoch: version < 5 ? null : 3, metadata: "here" }],
        ["t-1", null],
        ["t-2", { ...partition(2), offset: 0n, leaderEpoch: null, metadata: "" }],
      ]),
    );
    const [asked] = fake.broker(1).of(OffsetFetch);
    expect(asked?.version).toBe(version);
    expect(asked?.body.requireStable).toBe(version >= 7);
  });

  it("asks nobody about nothing", async () => {
    const { platform, committed, fake } = await setUp();
    expect(await platform.run(committed([]))).toEqual(new Map());
    expect(fake.broker(1).of(OffsetFetch)).toEqual([]);
  });

  it("waits for the end of a transaction, and asks only for what is missing", async () => {
    const { platform, commit, committed, offsets, fake } = await setUp();
    await platform.run(commit([at(1n), at(2n, 1)]));
    offsets.pending.add("t-1");
    const found = committed([partition(0), partition(1)]);
    await platform.clock.advance(2000);
    offsets.pending.clear();
    offsets.stored.set("t-1", { offset: 9n, leaderEpoch: -1, metadata: "" });
    const given = await platform.run(found);
    expect([given.get("t-0")?.offset, given.get("t-1")?.offset]).toEqual([1n, 9n]);
    const asked = fake.broker(1).of(OffsetFetch);
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.at(-1)?.body.groups[0]?.topics).toMatchObject([{ partitionIndexes: [1] }]);
  });

  it.each([COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR])(
    "asks again after %i, in every version",
    async (errorCode) => {
      for (const highest of [1, 2, 7, 8, 10]) {
        const { platform, commit, committed, offsets, fake } = await setUp();
        fake.broker(1).versions.set(OffsetFetch.apiKey, { lowest: 1, highest });
        await platform.run(commit([at(1n)]));
        offsets.groupError = errorCode;
        const found = committed([partition(0)]);
        await platform.clock.advance(300);
        offsets.groupError = 0;
        expect((await platform.run(found)).get("t-0")?.offset).toBe(1n);
      }
    },
  );

  it("finds the coordinator anew when it has moved or cannot be reached", async () => {
    const { platform, commit, committed, offsets, fake } = await setUp({ brokers: 3 });
    await platform.run(commit([at(1n)]));
    offsets.coordinator = 2;
    expect((await platform.run(committed([partition(0)]))).get("t-0")?.offset).toBe(1n);
    fake.broker(2).handle(OffsetFetch, () => {
      offsets.coordinator = 3;
      return hangUp();
    });
    expect((await platform.run(committed([partition(0)]))).get("t-0")?.offset).toBe(1n);
    expect(fake.broker(3).of(OffsetFetch)).toHaveLength(1);
  });

  it("asks by name for topics that it does not know, of which nothing is committed", async () => {
    const { platform, commit, committed, fake } = await setUp();
    await platform.run(commit([at(1n)]));
    const found = await platform.run(committed([partition(0), partition(0, "nowhere")]));
    expect([found.get("t-0")?.offset, found.get("nowhere-0")]).toEqual([1n, null]);
    expect(fake.broker(1).of(OffsetFetch)[0]?.version).toBe(9);
  });

  it("finds nothing committed for a topic that was deleted or made anew meanwhile", async () => {
    const { platform, commit, committed, offsets, fake } = await setUp();
    await platform.run(commit([at(1n)]));
    fake.topics.delete("t");
    offsets.stored.clear();
    expect(await platform.run(committed([partition(0)]))).toEqual(new Map([["t-0", null]]));
    fake.createTopic("t");
    expect(await platform.run(committed([partition(0)]))).toEqual(new Map([["t-0", null]]));
  });

  it("says what does not pass at once", async () => {
    const { platform, committed, offsets } = await setUp();
    offsets.refused.set("t-1", TOPIC_AUTHORIZATION_FAILED);
    expect(await platform.failure(committed([partition(0), partition(1)]))).toMatchObject({
      code: "TOPIC_AUTHORIZATION_FAILED",
      topic: "t",
      partition: 1,
      api: "OffsetFetch",
    });
    offsets.groupError = GROUP_AUTHORIZATION_FAILED;
    expect(await platform.failure(committed([partition(0)]))).toMatchObject({
      code: "GROUP_AUTHORIZATION_FAILED",
    });
    expect(await platform.failure(committed([partition(-1)]))).toMatchObject({ name: "ConfigError" });
    expect(await platform.failure(committed([partition(0, "")]))).toMatchObject({ name: "ConfigError" });
  });

  it("says at its deadline what stood in the way", async () => {
    const { platform, committed, offsets } = await setUp();
    offsets.pending.add("t-0");
    expect(await platform.failure(committed([partition(0)], 3000))).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringMatching(/group "g".*3000 ms.*UNSTABLE_OFFSET_COMMIT/),
    });
    expect(platform.clock.foregroundTimers).toBe(0);
  });

  it("tells who asks in groups of KIP-848 only, and follows the member's epoch", async () => {
    const classic = await setUp({ member: new FakeMember() });
    await classic.platform.run(classic.committed([partition(0)]));
    expect(classic.fake.broker(1).of(OffsetFetch)[0]?.body.groups[0]).toMatchObject({
      memberId: null,
      memberEpoch: -1,
    });
    const member = new FakeMember();
    member.isWaiting = true;
    const { platform, committed, offsets, fake } = await setUp({ member, protocol: "consumer" });
    offsets.groupError = STALE_MEMBER_EPOCH;
    const found = committed([partition(0)]);
    await platform.clock.advance(200);
    member.generationId = 8;
    offsets.groupError = 0;
    await platform.run(found);
    expect(fake.broker(1).of(OffsetFetch).at(-1)?.body.groups[0]).toMatchObject({
      memberId: "m",
      memberEpoch: 8,
    });
    offsets.groupError = UNKNOWN_MEMBER_ID;
    member.isWaiting = false;
    const lost = committed([partition(0)]);
    await platform.clock.advance(50);
    expect(member.refused.at(-1)).toEqual([UNKNOWN_MEMBER_ID, 8]);
    offsets.groupError = 0;
    await platform.run(lost);
    // Anybody may ask.
    expect(fake.broker(1).of(OffsetFetch).at(-1)?.body.groups[0]).toMatchObject({
      memberId: null,
      memberEpoch: -1,
    });
  });
});
