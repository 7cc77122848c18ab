import { describe, expect, it } from "vitest";
import { OffsetCommit, OffsetFetch } from "../../../../src/client/api.ts";
import { hangUp, later, silence, when } from "../../../support/fake-broker.ts";
import { settle } from "../../../support/fake-clock.ts";
import { at, FakeMember, setUp } from "./support.ts";

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;
const TOPIC_AUTHORIZATION_FAILED = 29;
const STALE_MEMBER_EPOCH = 113;

describe("committing offsets", () => {
  it("stores them with leader epoch and metadata, of several for one partition the last", async () => {
    const { platform, commit, offsets, asked } = await setUp();
    await platform.run(
      commit([
        at(1n),
        at(5n, 0, { leaderEpoch: 3, metadata: "here" }),
        at(9n, 2),
        at(2n, 1, { leaderEpoch: -1 }),
      ]),
    );
    expect(Object.fromEntries(offsets.stored)).toEqual({
      "t-0": { offset: 5n, leaderEpoch: 3, metadata: "here" },
      "t-1": { offset: 2n, leaderEpoch: -1, metadata: "" },
      "t-2": { offset: 9n, leaderEpoch: -1, metadata: "" },
    });
    expect(asked()).toHaveLength(1);
    expect(asked()[0]?.body).toMatchObject({ groupId: "g", memberId: "", generationIdOrMemberEpoch: -1 });
  });

  it("asks nobody where there is nothing to commit", async () => {
    const { platform, commit, asked } = await setUp();
    await platform.run(commit([]));
    expect(asked()).toEqual([]);
  });

  it.each(Array.from({ length: 9 }, (_, i) => i + 2))("speaks version %i", async (version) => {
    const member = new FakeMember();
    if (version >= 7) member.groupInstanceId = "static";
    const { platform, commit, offsets, asked, fake } = await setUp({ member });
    fake.broker(1).versions.set(OffsetCommit.apiKey, { lowest: 2, highest: version });
    await platform.run(commit([at(5n, 0, { leaderEpoch: 3, metadata: "here" })]));
    expect(offsets.stored.get("t-0")).toEqual({
      offset: 5n,
      leaderEpoch: version < 6 ? -1 : 3,
      metadata: "here",
    });
    expect(asked()[0]).toMatchObject({
      version,
      body: { memberId: "m", generationIdOrMemberEpoch: 7, groupInstanceId: member.groupInstanceId },
    });
  });

  it("names topics by name where an id is not known", async () => {
    const { platform, commit, offsets, asked, fake } = await setUp();
    fake.createTopic("late");
    await platform.run(commit([at(1n), { topic: "late", partition: 0, offset: 2n }]));
    expect([...offsets.history]).toEqual(["t-0=1", "late-0=2"]);
    expect(asked()[0]?.version).toBe(9);
  });

  it("goes out together where it is asked for together, and one request at a time", async () => {
    const { platform, commit, offsets, asked, fake } = await setUp();
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let first = true;
    fake.broker(1).handle(OffsetCommit, ({ body, version }) => {
      if (!first) return undefined;
      first = false;
      return when(gate, offsets.take(1, body, version));
    });
    const together = Promise.all([commit([at(1n)]), commit([at(2n, 1)])]);
    await settle();
    const behind = Promise.all([commit([at(3n)]), commit([at(4n)]), commit([at(5n, 2)])]);
    await settle();
    expect(asked()).toHaveLength(1);
    open();
    await platform.run(Promise.all([together, behind]));
    expect(offsets.history).toEqual(["t-0=1", "t-1=2", "t-0=4", "t-2=5"]);
    expect(asked()).toHaveLength(2);
  });

  it("takes the last that was asked for as the newest, though it is a smaller number", async () => {
    const { platform, commit, offsets } = await setUp();
    await platform.run(Promise.all([commit([at(9n)]), commit([at(3n)])]));
    expect(offsets.history).toEqual(["t-0=3"]);
  });

  it("finds the coordinator anew when it has moved", async () => {
    const { platform, commit, offsets, fake } = await setUp({ brokers: 2 });
    await platform.run(commit([at(1n)]));
    offsets.coordinator = 2;
    await platform.run(commit([at(2n)]));
    expect(offsets.history).toEqual(["t-0=1", "t-0=2"]);
    expect(fake.broker(2).of(OffsetCommit)).toHaveLength(1);
  });

  it("sends a newer offset after a slow answer of a coordinator that is none any more", async () => {
    const { platform, commit, offsets, fake } = await setUp({ brokers: 2 });
    fake.broker(1).handle(OffsetCommit, ({ body, version }) => {
      offsets.coordinator = 2;
      return later(900, offsets.take(1, body, version));
    });
    const slow = commit([at(10n), at(1n, 1)]);
    await platform.clock.advance(500);
    const newer = commit([at(20n)]);
    await platform.run(Promise.all([slow, newer]));
    expect(offsets.history).toEqual(["t-0=20", "t-1=1"]);
  });

  it("tries again what can pass, and sends the newest by then", async () => {
    const { platform, commit, offsets, asked } = await setUp();
    offsets.groupError = COORDINATOR_LOAD_IN_PROGRESS;
    const first = commit([at(1n), at(7n, 1)]);
    await platform.clock.advance(250);
    const second = commit([at(2n)]);
    await platform.clock.advance(20);
    offsets.groupError = 0;
    await platform.run(Promise.all([first, second]));
    expect(offsets.history).toEqual(["t-0=2", "t-1=7"]);
    const sent = asked().map(({ body }) => body.topics[0]?.partitions[0]?.committedOffset);
    expect(sent).toEqual([1n, 1n, 2n]);
  });

  it("does not hold other partitions back for one whose topic is not known yet", async () => {
    const { platform, commit, offsets } = await setUp();
    offsets.refused.set("t-3", UNKNOWN_TOPIC_OR_PARTITION);
    const waits = commit([at(1n, 3)]);
    await platform.run(commit([at(2n)]), 50);
    offsets.refused.clear();
    await platform.run(waits);
    expect(offsets.history).toEqual(["t-0=2", "t-3=1"]);
  });

  it.each([
    ["to all", 1000, 2500],
    ["to the coordinator alone", 5000, 7000],
  ])("gives a topic up that stays unknown %s", async (to, leastMs, mostMs) => {
    const { platform, commit, offsets, fake } = await setUp();
    if (to === "to all") fake.topics.delete("t");
    else offsets.refused.set("t-0", UNKNOWN_TOPIC_OR_PARTITION);
    const startMs = platform.clock.monotonicMs();
    const failure = await platform.failure(commit([at(1n)], 60_000));
    expect(failure).toMatchObject({
      name: "CommitError",
      code: expect.stringMatching(/^UNKNOWN_TOPIC/),
      failures: [{ topic: "t", partition: 0, offset: 1n, mayBeCommitted: false }],
    });
    const tookMs = platform.clock.monotonicMs() - startMs;
    expect(tookMs).toBeGreaterThanOrEqual(leastMs);
    expect(tookMs).toBeLessThan(mostMs);
    expect(offsets.history).toEqual([]);
  });

  it("keeps an offset of a former topic out of one that was made anew under its name", async () => {
    const { platform, commit, offsets, fake } = await setUp();
    fake.topics.delete("t");
    fake.createTopic("t", 4);
    const failure = await platform.failure(commit([at(1n)]));
    expect(failure).toMatchObject({
      code: "UNKNOWN_TOPIC_ID",
      message: expect.stringContaining("made anew"),
    });
    expect(offsets.history).toEqual([]);
    await platform.run(commit([at(2n)]));
    expect(offsets.history).toEqual(["t-0=2"]);
  });

  it("tells which partitions failed, and stores the others", async () => {
    const { platform, commit, offsets } = await setUp();
    offsets.refused.set("t-1", TOPIC_AUTHORIZATION_FAILED);
    const both = commit([at(1n), at(2n, 1)]);
    const other = commit([at(3n, 2)]);
    const failure = await platform.failure(both);
    expect(failure).toMatchObject({
      code: "TOPIC_AUTHORIZATION_FAILED",
      retriable: false,
      failures: [
        {
          topic: "t",
          partition: 1,
          offset: 2n,
          mayBeCommitted: false,
          error: { broker: "b1:9092", api: "OffsetCommit", topic: "t", partition: 1 },
        },
      ],
    });
    await platform.run(other);
    expect(offsets.history).toEqual(["t-0=1", "t-2=3"]);
  });

  it("stores what came before an offset whose metadata is too large", async () => {
    const { platform, commit, offsets } = await setUp();
    const fine = commit([at(1n)]);
    const bad = commit([at(2n, 0, { metadata: "x".repeat(5000) })]);
    const failure = await platform.failure(bad);
    expect(failure).toMatchObject({ code: "OFFSET_METADATA_TOO_LARGE", mayBeCommitted: false });
    await platform.run(fine);
    expect(offsets.history).toEqual(["t-0=1"]);
  });

  it("says after a lost answer that the offset may be committed", async () => {
    const { platform, commit, fake } = await setUp();
    fake.broker(1).handle(OffsetCommit, () => hangUp());
    const failure = await platform.failure(commit([at(1n)], 2000));
    expect(failure).toMatchObject({
      code: "TIMEOUT",
      retriable: true,
      mayBeCommitted: true,
      message: expect.stringMatching(/group "g".*t-0 at 1.*2000 ms; last problem: .*may be committed/),
    });
  });

  it("says that it certainly is not where no coordinator was found", async () => {
    const { platform, commit, fake } = await setUp();
    fake.broker(1).stop();
    const failure = await platform.failure(commit([at(1n)], 2000));
    expect(failure).toMatchObject({ code: "TIMEOUT", mayBeCommitted: false });
  });

  it("is not undone by a request without an answer that the broker reads late", async () => {
    const { platform, commit, offsets, asked, fake } = await setUp();
    const held: (() => void)[] = [];
    let requests = 0;
    fake.broker(1).handle(OffsetCommit, ({ body, version }) => {
      requests++;
      if (requests === 1) {
        held.push(() => void offsets.take(1, body, version));
        return silence;
      }
      if (requests > 2) return undefined;
      // The second is stored and answered; then the broker reads the first.
      const answer = offsets.take(1, body, version);
      for (const read of held) read();
      return answer;
    });
    const slow = commit([at(10n)]);
    await platform.clock.advance(1000);
    const newer = commit([at(20n)]);
    await platform.run(Promise.all([slow, newer]));
    expect(offsets.history).toEqual(["t-0=20", "t-0=10", "t-0=20"]);
    expect(asked()).toHaveLength(3);
    expect(offsets.stored.get("t-0")?.offset).toBe(20n);
  });

  it("ends with its deadline while another goes on, whose older offset does not undo it", async () => {
    const { platform, commit, offsets, fake } = await setUp();
    let answers = false;
    fake.broker(1).handle(OffsetCommit, ({ body, version }) => {
      if (answers) return undefined;
      offsets.take(1, body, version);
      return hangUp();
    });
    const patient = commit([at(10n)], 60_000);
    const hurried = commit([at(20n)], 1000);
    expect(await platform.failure(hurried)).toMatchObject({ code: "TIMEOUT", mayBeCommitted: true });
    answers = true;
    await platform.run(patient);
    expect(new Set(offsets.history)).toEqual(new Set(["t-0=20"]));
  });

  it("leaves the connection alone that others use when it is in a hurry", async () => {
    const { platform, commit, committed, fake, offsets } = await setUp();
    await platform.run(commit([at(1n)]));
    fake.broker(1).handle(OffsetCommit, ({ body, version }) => later(500, offsets.take(1, body, version)));
    let isSlow = true;
    fake.broker(1).handle(OffsetFetch, () => {
      if (!isSlow) return undefined;
      isSlow = false;
      return later(300, undefined);
    });
    expect(await platform.failure(commit([at(2n)], 100))).toMatchObject({
      code: "TIMEOUT",
      mayBeCommitted: true,
    });
    expect(await platform.failure(committed([{ topic: "t", partition: 0 }], 100))).toMatchObject({
      code: "TIMEOUT",
    });
    await platform.run(commit([at(3n)]));
    expect(offsets.history).toEqual(["t-0=1", "t-0=2", "t-0=3"]);
    const peers = new Set(
      fake
        .broker(1)
        .of(OffsetCommit)
        .map(({ peer }) => peer),
    );
    expect(peers.size).toBe(1);
  });

  it("can be aborted, with the signal's reason", async () => {
    const { platform, commit, offsets } = await setUp();
    offsets.groupError = COORDINATOR_LOAD_IN_PROGRESS;
    const abort = new AbortController();
    const aborted = commit([at(1n)], 20_000, abort.signal);
    await platform.clock.advance(500);
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await platform.failure(aborted)).toBe(reason);
    offsets.groupError = 0;
    await platform.clock.advance(5000);
    expect(offsets.history).toEqual([]);
    expect(platform.clock.foregroundTimers).toBe(0);
  });

  it("ends when the committer is closed", async () => {
    const { platform, commit, committer, committed, fake } = await setUp();
    fake.broker(1).handle(OffsetCommit, () => silence);
    const ended = commit([at(1n)]);
    await platform.clock.advance(10);
    const reason = new Error("closed");
    committer.close(reason);
    expect(await platform.failure(ended)).toMatchObject({ mayBeCommitted: true, cause: reason });
    expect(await platform.failure(commit([at(1n)]))).toBe(reason);
    expect(await platform.failure(committed([{ topic: "t", partition: 0 }]))).toBe(reason);
  });

  it.each([
    [[{ topic: "", partition: 0, offset: 1n }], "needs a topic"],
    [[{ topic: "t", partition: -1, offset: 1n }], "partition -1 is not a number from 0 up"],
    [[{ topic: "t", partition: 0, offset: 1 }], "1 is not a bigint from 0n up"],
    [[{ topic: "t", partition: 0, offset: -1n }], "-1 is not a bigint from 0n up"],
    [[{ topic: "t", partition: 0, offset: 1n, leaderEpoch: 1.5 }], "leaderEpoch 1.5"],
    [[{ topic: "t", partition: 0, offset: 1n, metadata: 5 }], "metadata is of type number"],
    [[null], "null is not a { topic, partition, offset }"],
    ["t", "takes a list"],
  ])("refuses what cannot be right: %#", async (given, message) => {
    const { platform, commit, asked } = await setUp();
    expect(await platform.failure(commit(given as never))).toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining(message),
    });
    expect(asked()).toEqual([]);
  });
});

describe("committing offsets as a member", () => {
  it("tells a membership that its generation is over, and commits nothing more of it", async () => {
    for (const errorCode of [ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID]) {
      const member = new FakeMember();
      const { platform, commit, offsets, asked } = await setUp({ member });
      offsets.groupError = errorCode;
      const failure = await platform.failure(commit([at(1n)]));
      expect(failure).toMatchObject({ name: "CommitError", retriable: false, mayBeCommitted: false });
      expect(member.refused).toEqual([[errorCode, 7]]);
      expect(asked()).toHaveLength(1);
    }
  });

  it("commits under the new generation what the member still holds when it has moved meanwhile", async () => {
    const member = new FakeMember();
    const holds = new Map<number, object>([0, 1, 2].map((partition) => [partition, {}]));
    const { platform, commit, offsets, fake, asked } = await setUp({
      member,
      holdOn: ({ partition }) => holds.get(partition),
    });
    let first = true;
    fake.broker(1).handle(OffsetCommit, async ({ body }) => {
      if (!first) return undefined;
      first = false;
      offsets.groupError = ILLEGAL_GENERATION;
      const answer = offsets.take(1, body, 9);
      offsets.groupError = 0;
      member.generationId = 8;
      holds.delete(1);
      // Given up and got again: somebody else may have read it between.
      holds.set(2, {});
      return later(100, answer);
    });
    fake.broker(1).versions.set(OffsetCommit.apiKey, { lowest: 2, highest: 9 });
    const failure = await platform.failure(commit([at(1n), at(2n, 1), at(3n, 2), at(4n, 3)]));
    expect(failure).toMatchObject({
      code: "NOT_ASSIGNED",
      message: expect.stringContaining("was given up"),
      failures: [{ partition: 1 }, { partition: 2 }, { partition: 3 }],
    });
    expect(offsets.history).toEqual(["t-0=1"]);
    expect(asked().map(({ body }) => body.generationIdOrMemberEpoch)).toEqual([7, 8]);
    expect(member.refused).toEqual([]);
  });

  it("waits while its membership is about to find out more of a refusal", async () => {
    const member = new FakeMember();
    member.isWaiting = true;
    const { platform, commit, offsets, asked } = await setUp({ member });
    offsets.groupError = ILLEGAL_GENERATION;
    const committed = commit([at(1n)]);
    await platform.clock.advance(250);
    offsets.groupError = 0;
    member.generationId = 8;
    await platform.run(committed);
    expect(new Set(member.refused.map(([errorCode]) => errorCode))).toEqual(new Set([ILLEGAL_GENERATION]));
    expect(asked().at(-1)?.body.generationIdOrMemberEpoch).toBe(8);

    offsets.groupError = ILLEGAL_GENERATION;
    const lost = commit([at(2n)]);
    await platform.clock.advance(250);
    member.generationId = -1;
    expect(await platform.failure(lost)).toMatchObject({ code: "NOT_ASSIGNED" });
    expect(offsets.history).toEqual(["t-0=1"]);
  });

  it("waits for the end of a rebalance in which the generation is right already", async () => {
    const member = new FakeMember();
    const { platform, commit, offsets } = await setUp({ member });
    offsets.groupError = REBALANCE_IN_PROGRESS;
    const committed = commit([at(1n)]);
    await platform.clock.advance(1000);
    offsets.groupError = 0;
    await platform.run(committed);
    expect(offsets.history).toEqual(["t-0=1"]);
    expect(member.refused).toEqual([]);
  });

  it("waits for the next epoch in a group of KIP-848", async () => {
    const member = new FakeMember();
    member.isWaiting = true;
    const { platform, commit, offsets, asked } = await setUp({ member, protocol: "consumer" });
    offsets.groupError = STALE_MEMBER_EPOCH;
    const committed = commit([at(1n)]);
    await platform.clock.advance(300);
    offsets.groupError = 0;
    member.generationId = 9;
    await platform.run(committed);
    expect(asked().at(-1)?.body.generationIdOrMemberEpoch).toBe(9);
    expect(member.refused[0]).toEqual([STALE_MEMBER_EPOCH, 7]);
  });

  it("sends nothing while the consumer is no member", async () => {
    const member = new FakeMember();
    member.generationId = -1;
    member.memberId = "";
    const { platform, commit, asked } = await setUp({ member });
    const failure = await platform.failure(commit([at(1n)]));
    expect(failure).toMatchObject({
      code: "NOT_ASSIGNED",
      message: expect.stringContaining("no member of group"),
    });
    expect(asked()).toEqual([]);
  });

  it("says what to do where the group has members and the consumer is none", async () => {
    const { platform, commit, offsets } = await setUp();
    offsets.groupError = UNKNOWN_MEMBER_ID;
    const failure = await platform.failure(commit([at(1n)]));
    expect(failure).toMatchObject({ message: expect.stringContaining("use another groupId") });
  });
});
